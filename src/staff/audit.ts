/** The audit trail: who did what, each row bound to the one before it, so that nothing can be taken out unseen. Pure. */
import { createHash } from 'node:crypto'

/** What an official did; `detail` never holds personal data. */
export interface Act {
  by: string
  act: string
  subject: string
  detail?: Readonly<Record<string, string | number | boolean>>
}

export interface AuditRow {
  at: number
  staff: string
  act: string
  subject: string
  /** JSON. */
  detail: string
  previous: string
  hash: string
}

/** What stands before the first row. */
export const beginning = '0'.repeat(64)

function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const text = JSON.stringify([row.at, row.staff, row.act, row.subject, row.detail, row.previous])
  return createHash('sha256').update(text).digest('hex')
}

/** The row for an act at a time (epoch milliseconds), after the row with the hash `previous`. */
export function createAuditRow(
  { by, act, subject, detail = {} }: Act,
  at: number,
  previous: string,
): AuditRow {
  const row = { at, staff: by, act, subject, detail: JSON.stringify(detail), previous }
  return { ...row, hash: hashOf(row) }
}

/**
 * The number (from 1) of the first row that was changed, or before which one is missing; undefined when all is whole.
 * `previous`: the hash of the row before the first of these.
 */
export function findBreak(rows: readonly AuditRow[], previous = beginning): number | undefined {
  let before = previous
  for (const [index, row] of rows.entries()) {
    if (row.previous !== before || row.hash !== hashOf(row)) return index + 1
    before = row.hash
  }
  return undefined
}
