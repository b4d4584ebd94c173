/** The information-processing fee (国办函〔2020〕109号): by items or by pages, each slice at its own rate, never both. */

/** A slice of a tariff: from this unit on, each costs so many yuan. */
export interface Slice {
  from: number
  yuan: number
}

const stepSize = 10
const stepYuan = 100

/** By items: all dispositions of one applicant in a calendar month, 1–10 free, 11–30 at 100, each ten more at 100 more. */
export function feeByItems(items: number): number {
  let yuan = 0
  for (let item = 11; item <= items; item++)
    yuan += item <= 30 ? stepYuan : stepYuan * (1 + Math.ceil((item - 30) / stepSize))
  return yuan
}

/** Pages 1–30 free. */
export const pageTariff: readonly Slice[] = [
  { from: 31, yuan: 10 },
  { from: 101, yuan: 20 },
  { from: 201, yuan: 40 },
]

/** By pages: what is supplied for one request. */
export function feeByPages(pages: number): number {
  return pageTariff.reduce((sum, { from, yuan }, i) => {
    const end = Math.min(pages, (pageTariff[i + 1]?.from ?? Number.POSITIVE_INFINITY) - 1)
    return sum + Math.max(0, end - from + 1) * yuan
  }, 0)
}

/** One request is charged by the one or the other, never by both. */
export const feeBases = { items: '按件', pages: '按量' } as const
export type FeeBasis = keyof typeof feeBases

/** The fee in yuan for so many items of the month, or pages of the request. */
export const feeOf = (basis: FeeBasis, units: number): number =>
  basis === 'items' ? feeByItems(units) : feeByPages(units)
