/**
 * Latent semantic analysis: texts as vectors of a few hundred numbers, learned from which characters and pairs of
 * characters come in the same passages. No neural network, no model to be fetched; deterministic.
 */
import { createVocabulary } from '../../src/retrieval/normalise.ts'

/** Numbers row by row. */
interface Matrix {
  rows: number
  columns: number
  values: Float64Array
}

/** For each passage its terms and how much each counts. */
type Passages = readonly { terms: number[]; weights: number[] }[]

export type Encode = (text: string) => number[]

/** Rounds of orthogonal iteration; the cosines hardly change after the fifth. */
const rounds = 6

/** Learns from passages; gives what makes a vector of any text, of `size` numbers and one for texts without any of them. */
export function trainLatent(texts: readonly string[], size: number): Encode {
  const vocabulary = createVocabulary()
  const read = texts.map(text => countsOf(vocabulary.learn(text)))
  const rarity = rarityOf(read, vocabulary.size)
  const passages = read.map(counts => weigh(counts, rarity))
  let basis = orthonormal(randomMatrix(passages.length, size))
  for (let round = 0; round < rounds; round++)
    basis = orthonormal(times(passages, transposedTimes(passages, basis, vocabulary.size)))
  const terms = transposedTimes(passages, basis, vocabulary.size)
  const lower = cholesky(gramOf(terms))
  return text => {
    const { terms: found, weights } = weigh(countsOf(vocabulary.read(text)), rarity)
    const vector = new Float64Array(size)
    found.forEach((term, i) => {
      for (let c = 0; c < size; c++) add(vector, c, (weights[i] as number) * at(terms, term, c))
    })
    solveRow(vector, 0, lower)
    return [...vector, vector.every(value => value === 0) ? 1 : 0]
  }
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

function weigh(counts: ReadonlyMap<number, number>, rarity: Float64Array): Passages[number] {
  const terms = [...counts.keys()].filter(term => (rarity[term] as number) > 0)
  const weights = terms.map(term => (1 + Math.log(counts.get(term) as number)) * (rarity[term] as number))
  const length = Math.hypot(...weights)
  return { terms, weights: weights.map(weight => weight / length) }
}

const at = ({ values, columns }: Matrix, row: number, column: number) =>
  values[row * columns + column] as number

function add(values: Float64Array, place: number, value: number): void {
  values[place] = (values[place] as number) + value
}

const emptyMatrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: new Float64Array(rows * columns),
})

function randomMatrix(rows: number, columns: number): Matrix {
  let state = 1
  const draw = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff - 0.5
  }
  return { rows, columns, values: new Float64Array(rows * columns).map(draw) }
}

/** Passages × terms times terms × columns. */
function times(passages: Passages, terms: Matrix): Matrix {
  const { columns, values } = terms
  const product = emptyMatrix(passages.length, columns)
  for (const [row, passage] of passages.entries())
    for (const [i, term] of passage.terms.entries()) {
      const weight = passage.weights[i] as number
      for (let c = 0; c < columns; c++)
        add(product.values, row * columns + c, weight * (values[term * columns + c] as number))
    }
  return product
}

/** Terms × passages times passages × columns. */
function transposedTimes(passages: Passages, basis: Matrix, size: number): Matrix {
  const { columns, values } = basis
  const product = emptyMatrix(size, columns)
  for (const [row, passage] of passages.entries())
    for (const [i, term] of passage.terms.entries()) {
      const weight = passage.weights[i] as number
      for (let c = 0; c < columns; c++)
        add(product.values, term * columns + c, weight * (values[row * columns + c] as number))
    }
  return product
}

/** The same columns' space, with columns of length 1 at right angles. */
function orthonormal(matrix: Matrix): Matrix {
  const lower = cholesky(gramOf(matrix))
  for (let row = 0; row < matrix.rows; row++) solveRow(matrix.values, row * matrix.columns, lower)
  return matrix
}

/** The products of each two columns; the half below the diagonal. */
function gramOf({ rows, columns, values }: Matrix): Matrix {
  const gram = emptyMatrix(columns, columns)
  for (let row = 0; row < rows; row++) {
    const from = row * columns
    for (let i = 0; i < columns; i++) {
      const left = values[from + i] as number
      if (left === 0) continue
      for (let j = 0; j <= i; j++) add(gram.values, i * columns + j, left * (values[from + j] as number))
    }
  }
  return gram
}

function cholesky(gram: Matrix): Matrix {
  const { columns } = gram
  const lower = emptyMatrix(columns, columns)
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(gram, i, j)
      for (let k = 0; k < j; k++) sum -= at(lower, i, k) * at(lower, j, k)
      lower.values[i * columns + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(lower, j, j)
    }
  }
  return lower
}

/** Puts the solution of `lower · x = row` in the place of the row. */
function solveRow(values: Float64Array, from: number, lower: Matrix): void {
  for (let i = 0; i < lower.columns; i++) {
    let sum = values[from + i] as number
    for (let k = 0; k < i; k++) sum -= at(lower, i, k) * (values[from + k] as number)
    values[from + i] = sum / at(lower, i, i)
  }
}
