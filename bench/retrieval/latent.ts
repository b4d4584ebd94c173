/**
 * Latent semantic analysis: texts as vectors, learned from which characters and pairs of characters come in the same
 * passages. No neural network, no model to be fetched, the same each time.
 */
import { createVocabulary } from '../../src/retrieval/normalise.ts'
import {
  add,
  at,
  cholesky,
  gramOf,
  principalBasis,
  type SparseRow,
  solveRow,
  transposedTimes,
} from './sparse.ts'

/** A vector of length 1, or of zeros for a text of which nothing is known. */
type Encode = (text: string) => Float64Array

/** Learns from passages; gives what makes a vector of any text. */
export function trainLatent(texts: readonly string[], size: number): Encode {
  const vocabulary = createVocabulary()
  const read = texts.map(text => countsOf(vocabulary.learn(text)))
  const rarity = rarityOf(read, vocabulary.size)
  const passages = read.map(counts => weigh(counts, rarity))
  const terms = transposedTimes(passages, principalBasis(passages, vocabulary.size, size), vocabulary.size)
  const lower = cholesky(gramOf(terms))
  return text => {
    const { terms: found, weights } = weigh(countsOf(vocabulary.read(text)), rarity)
    const vector = new Float64Array(size)
    found.forEach((term, i) => {
      for (let c = 0; c < size; c++) add(vector, c, (weights[i] as number) * at(terms, term, c))
    })
    solveRow(vector, 0, lower)
    return unitOf(vector)
  }
}

function unitOf(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map(value => value / length)
}

function countsOf(terms: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const term of terms) if (term >= 0) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}

/** How much a term tells; nothing where it comes once only, or in most passages. */
function rarityOf(passages: readonly Map<number, number>[], size: number): Float64Array {
  const holders = new Float64Array(size)
  for (const passage of passages) for (const term of passage.keys()) add(holders, term, 1)
  return holders.map(count =>
    count < 2 || count * 2 > passages.length ? 0 : Math.log(passages.length / count),
  )
}

function weigh(counts: ReadonlyMap<number, number>, rarity: Float64Array): SparseRow {
  const terms = [...counts.keys()].filter(term => (rarity[term] as number) > 0)
  const weights = terms.map(term => (1 + Math.log(counts.get(term) as number)) * (rarity[term] as number))
  const length = Math.hypot(...weights)
  return { terms, weights: weights.map(weight => weight / length) }
}
