/**
 * Word vectors learned from which words stand near which (positive pointwise mutual information, reduced), and texts as
 * the sum of their words, common ones counting less (smooth inverse frequency). The words are those of jieba.
 */
import { type Encode, unitOf } from './latent.ts'
import { add, principalBasis, type SparseRow } from './sparse.ts'

/** So far away a word is still near, less with each step. */
const reach = 5
/** Rarer words have no vector. */
const leastCount = 3
/** Common neighbours are counted as if they were less common. */
const smoothing = 0.75
/** Of all words: what is more common than this counts less. */
const common = 1e-3

export function trainWords(texts: readonly string[], size: number, cut: (text: string) => string[]): Encode {
  const read = texts.map(cut)
  const counts = new Map<string, number>()
  for (const word of read.flat()) counts.set(word, (counts.get(word) ?? 0) + 1)
  const known = [...counts].filter(([, count]) => count >= leastCount).map(([word]) => word)
  const numbers = new Map(known.map((word, number) => [word, number]))
  const near = known.map(() => new Map<number, number>())
  for (const words of read)
    countNeighbours(
      words.map(word => numbers.get(word)),
      near,
    )
  const basis = principalBasis(informationOf(near), known.length, size)
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const vectors = known.map((word, number) => {
    const weight = common / (common + (counts.get(word) as number) / total)
    return unitOf(basis.values.slice(number * size, (number + 1) * size)).map(value => value * weight)
  })
  return text => {
    const sum = new Float64Array(size)
    for (const word of cut(text))
      vectors[numbers.get(word) ?? -1]?.forEach((value, c) => void add(sum, c, value))
    return unitOf(sum)
  }
}

function countNeighbours(words: readonly (number | undefined)[], near: readonly Map<number, number>[]): void {
  for (const [at, word] of words.entries())
    for (let step = -reach; step <= reach; step++) {
      const other = words[at + step]
      const row = step === 0 || word === undefined ? undefined : near[word]
      if (row && other !== undefined) row.set(other, (row.get(other) ?? 0) + 1 / Math.abs(step))
    }
}

/** How much more often than by chance words stand near each other; what is rarer than that counts as chance. */
function informationOf(near: readonly Map<number, number>[]): SparseRow[] {
  const sums = near.map(row => [...row.values()].reduce((sum, count) => sum + count, 0))
  const smooth = sums.map(sum => sum ** smoothing)
  const all = smooth.reduce((sum, count) => sum + count, 0)
  return near.map((row, word) => {
    const told = [...row]
      .map(([other, count]) => {
        const chance = ((sums[word] as number) * (smooth[other] as number)) / all
        return [other, Math.log(count / chance)] as const
      })
      .filter(([, information]) => information > 0)
    return { terms: told.map(([other]) => other), weights: told.map(([, information]) => information) }
  })
}
