/** Every query of the annual report: what the register counts, figures and texts by hand, and what was frozen. */

import type { ApplicantKind, ReviewKind, ReviewResult } from '#statute'
import { type Store, statement, type Write, write } from '#storage'

const countReceived = statement((db, p: { from: string; to: string }) =>
  db
    .selectFrom('requests')
    .select(e => ['applicant', e.fn.countAll<number>().as('count')])
    .where('received_on', '>=', p.from)
    .where('received_on', '<=', p.to)
    .groupBy('applicant'),
)
/** Received before this day and still open at its beginning. */
const countOpen = statement((db, p: { on: string }) =>
  db
    .selectFrom('requests')
    .select(e => ['applicant', e.fn.countAll<number>().as('count')])
    .where('received_on', '<', p.on)
    .where(e => e.or([e('closed_on', 'is', null), e('closed_on', '>=', p.on)]))
    .groupBy('applicant'),
)
const countClosed = statement((db, p: { from: string; to: string }) =>
  db
    .selectFrom('requests')
    .select(e => ['applicant', 'disposition', e.fn.countAll<number>().as('count')])
    .where('closed_on', '>=', p.from)
    .where('closed_on', '<=', p.to)
    .groupBy(['applicant', 'disposition']),
)
const countReviews = statement((db, p: { from: string; to: string }) =>
  db
    .selectFrom('request_reviews')
    .select(e => ['kind', 'result', e.fn.countAll<number>().as('count')])
    .where('on_date', '>=', p.from)
    .where('on_date', '<=', p.to)
    .groupBy(['kind', 'result']),
)
/** How many working days are counted by their ends: received and closed, in a year. */
const listSpans = statement((db, p: { from: string; to: string; after: string; limit: number }) =>
  db
    .selectFrom('requests')
    .select(['ref', 'received_on', 'closed_on'])
    .where('closed_on', '>=', p.from)
    .where('closed_on', '<=', p.to)
    .where('ref', '>', p.after)
    .orderBy('ref')
    .limit(p.limit),
)

const findFigures = statement((db, p: { year: number }) =>
  db.selectFrom('report_figures').select(['content', 'fees', 'source']).where('year', '=', p.year),
)
const putFigures = statement((db, p: FiguresRow) =>
  db
    .insertInto('report_figures')
    .values({ year: p.year, content: p.content, fees: p.fees, source: p.source, stored_at: p.now })
    .onConflict(c =>
      c.column('year').doUpdateSet({ content: p.content, fees: p.fees, source: p.source, stored_at: p.now }),
    ),
)
const listTexts = statement((db, p: { year: number }) =>
  db.selectFrom('report_texts').select(['section', 'text']).where('year', '=', p.year),
)
const putText = statement((db, p: TextRow) =>
  db
    .insertInto('report_texts')
    .values({ year: p.year, section: p.section, text: p.text, staff: p.staff, at: p.at })
    .onConflict(c => c.columns(['year', 'section']).doUpdateSet({ text: p.text, staff: p.staff, at: p.at })),
)
const listFrozen = statement((db, p: { year: number }) =>
  db.selectFrom('reports').selectAll().where('year', '=', p.year).orderBy('seq'),
)
const insertFrozen = statement((db, p: FrozenRow) =>
  db
    .insertInto('reports')
    .values({
      year: p.year,
      seq: p.seq,
      content: p.content,
      hash: p.hash,
      mark: p.mark,
      staff: p.staff,
      reason: p.reason,
      at: p.at,
    })
    .onConflict(c => c.doNothing()),
)
const insertReminder = statement((db, p: { year: number; step: number; now: number }) =>
  db
    .insertInto('report_reminders')
    .values({ year: p.year, step: p.step, told_at: p.now })
    .onConflict(c => c.doNothing()),
)

const findReminder = statement((db, p: { year: number; step: number }) =>
  db.selectFrom('report_reminders').select('told_at').where('year', '=', p.year).where('step', '=', p.step),
)

interface FiguresRow {
  year: number
  /** JSON: table 2 as it was given. */
  content: string
  /** Information-processing fees collected, in yuan, as a decimal; null: not said. */
  fees: string | null
  source: string
  now: number
}
interface TextRow {
  year: number
  section: string
  text: string
  staff: string
  at: number
}
export interface FrozenRow {
  year: number
  /** From 1; a report that is replaced stays. */
  seq: number
  content: string
  hash: string
  mark: string
  staff: string
  reason: string | null
  at: number
}

export interface ApplicantCount {
  applicant: ApplicantKind
  count: number
}
export interface ReviewCount {
  kind: ReviewKind
  result: ReviewResult
  count: number
}

const numbered = <T extends { count: unknown }>(rows: readonly T[]) =>
  rows.map(row => ({ ...row, count: Number(row.count) }))

export function createAnnualStore(store: Store) {
  return {
    countReceived: async (from: string, to: string) =>
      numbered(await store.all(countReceived, { from, to })) as ApplicantCount[],
    countOpen: async (on: string) => numbered(await store.all(countOpen, { on })) as ApplicantCount[],
    countClosed: async (from: string, to: string) =>
      numbered(await store.all(countClosed, { from, to })) as (ApplicantCount & { disposition: string })[],
    countReviews: async (from: string, to: string) =>
      numbered(await store.all(countReviews, { from, to })) as ReviewCount[],
    listSpans: (page: { from: string; to: string; after: string; limit: number }) =>
      store.all(listSpans, page),
    findFigures: (year: number) => store.first(findFigures, { year }),
    putFigures: (row: FiguresRow): Write => write(putFigures, row),
    listTexts: (year: number) => store.all(listTexts, { year }),
    putText: (row: TextRow): Write => write(putText, row),
    listFrozen: (year: number): Promise<FrozenRow[]> => store.all(listFrozen, { year }),
    /** Whoever freezes second writes nothing. */
    insertFrozen: (row: FrozenRow): Write => write(insertFrozen, row, 1),
    insertReminder: (year: number, step: number, now: number): Write =>
      write(insertReminder, { year, step, now }, 1),
    wasReminded: async (year: number, step: number) =>
      (await store.first(findReminder, { year, step })) !== undefined,
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type AnnualStore = ReturnType<typeof createAnnualStore>
