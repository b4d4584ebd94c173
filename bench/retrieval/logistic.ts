/** Logistic regression by Newton's method: small, exact, and the same each time. */

/** The coefficients; the first column of each row is 1 and is not held back. */
export function fitLogistic(rows: readonly number[][], right: readonly boolean[], holdBack = 0.1): number[] {
  const size = rows[0]?.length ?? 0
  let found = new Array<number>(size).fill(0)
  for (let step = 0; step < 25; step++) {
    const slope = found.map((value, i) => (i === 0 ? 0 : -holdBack * value))
    const curve = found.map((_, i) => found.map((_, j) => (i !== j ? 0 : i === 0 ? 1e-6 : holdBack)))
    for (const [n, row] of rows.entries()) addRow(row, right[n] ? 1 : 0, found, slope, curve)
    const change = solve(curve, slope)
    found = found.map((value, i) => value + (change[i] ?? 0))
  }
  return found
}

function addRow(
  row: readonly number[],
  truth: number,
  found: readonly number[],
  slope: number[],
  curve: number[][],
) {
  const told = 1 / (1 + Math.exp(-row.reduce((sum, value, i) => sum + value * (found[i] ?? 0), 0)))
  row.forEach((left, i) => {
    slope[i] = (slope[i] ?? 0) + (truth - told) * left
    const line = curve[i] as number[]
    row.forEach((value, j) => {
      line[j] = (line[j] ?? 0) + told * (1 - told) * left * value
    })
  })
}

/** Gauss and Jordan, with the largest pivot. */
function solve(matrix: readonly number[][], target: readonly number[]): number[] {
  const rows = matrix.map((line, i) => [...line, target[i] as number])
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, line) => (Math.abs(line[i] ?? 0) > Math.abs(best[i] ?? 0) ? line : best))
    rows.splice(rows.indexOf(pivot), 1)
    rows.splice(i, 0, pivot)
    for (const line of rows) {
      if (line === pivot) continue
      const factor = (line[i] as number) / (pivot[i] as number)
      line.forEach((value, j) => {
        line[j] = value - factor * (pivot[j] as number)
      })
    }
  }
  return rows.map((line, i) => (line[rows.length] as number) / (line[i] as number))
}
