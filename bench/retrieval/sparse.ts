/** Just enough of linear algebra: the directions in which the rows of a large sparse matrix vary most. */

/** Numbers row by row. */
export interface Matrix {
  rows: number
  columns: number
  values: Float64Array
}

/** A row of a sparse matrix: the columns that are not 0, and what stands there. */
export interface SparseRow {
  terms: readonly number[]
  weights: readonly number[]
}

/** Rounds of orthogonal iteration; the cosines hardly change after the fifth. */
const rounds = 6

/** The first `size` left singular vectors of these rows, turned among themselves: a row each. */
export function principalBasis(rows: readonly SparseRow[], width: number, size: number): Matrix {
  let basis = orthonormal(randomMatrix(rows.length, size))
  for (let round = 0; round < rounds; round++)
    basis = orthonormal(times(rows, transposedTimes(rows, basis, width)))
  return basis
}

export const at = ({ values, columns }: Matrix, row: number, column: number) =>
  values[row * columns + column] as number

export function add(values: Float64Array, place: number, value: number): void {
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

/** Rows × terms times terms × columns. */
function times(passages: readonly SparseRow[], terms: Matrix): Matrix {
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

/** Terms × rows times rows × columns. */
export function transposedTimes(passages: readonly SparseRow[], basis: Matrix, size: number): Matrix {
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
export function gramOf({ rows, columns, values }: Matrix): Matrix {
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

export function cholesky(gram: Matrix): Matrix {
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
export function solveRow(values: Float64Array, from: number, lower: Matrix): void {
  for (let i = 0; i < lower.columns; i++) {
    let sum = values[from + i] as number
    for (let k = 0; k < i; k++) sum -= at(lower, i, k) * (values[from + k] as number)
    values[from + i] = sum / at(lower, i, i)
  }
}
