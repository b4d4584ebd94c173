/** Every query on requests for information. */
import { type Store, statement, type Write, write } from '#storage'
import type { Applicant, ReviewKind, ReviewResult } from './request.ts'

interface NewRequest {
  ref: string
  channel: string
  received_on: string
  applicant: string
  body: Uint8Array
  closed_on: string | null
  disposition: string | null
  created_at: number
}

const insertRequest = statement((db, p: NewRequest) =>
  db.insertInto('requests').values({
    ref: p.ref,
    channel: p.channel,
    received_on: p.received_on,
    applicant: p.applicant,
    body: p.body,
    closed_on: p.closed_on,
    disposition: p.disposition,
    created_at: p.created_at,
  }),
)
interface NewReview {
  ref: string
  position: number
  kind: string
  result: string
  on_date: string
}
const insertReview = statement((db, p: NewReview) =>
  db.insertInto('request_reviews').values({
    ref: p.ref,
    position: p.position,
    kind: p.kind,
    result: p.result,
    on_date: p.on_date,
  }),
)
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
const findFigures = statement((db, p: { year: number }) =>
  db.selectFrom('report_figures').select(['content', 'source']).where('year', '=', p.year),
)
const putFigures = statement((db, p: { year: number; content: string; source: string; now: number }) =>
  db
    .insertInto('report_figures')
    .values({ year: p.year, content: p.content, source: p.source, stored_at: p.now })
    .onConflict(c =>
      c.column('year').doUpdateSet({ content: p.content, source: p.source, stored_at: p.now }),
    ),
)

export interface ApplicantCount {
  applicant: Applicant
  count: number
}
export interface ReviewCount {
  kind: ReviewKind
  result: ReviewResult
  count: number
}

const numbered = <T extends { count: unknown }>(rows: readonly T[]) =>
  rows.map(row => ({ ...row, count: Number(row.count) }))

export function createDisclosureStore(store: Store) {
  return {
    insertRequest: (row: NewRequest): Write => write(insertRequest, row, 1),
    insertReview: (row: NewReview): Write => write(insertReview, row, 1),
    /** Those of these that are there. */
    listBodies: (refs: string[]): Promise<{ ref: string; body: Uint8Array }[]> =>
      store.query(db => db.selectFrom('requests').select(['ref', 'body']).where('ref', 'in', refs)),
    countReceived: async (from: string, to: string) =>
      numbered(await store.all(countReceived, { from, to })) as ApplicantCount[],
    countOpen: async (on: string) => numbered(await store.all(countOpen, { on })) as ApplicantCount[],
    countClosed: async (from: string, to: string) =>
      numbered(await store.all(countClosed, { from, to })) as (ApplicantCount & { disposition: string })[],
    countReviews: async (from: string, to: string) =>
      numbered(await store.all(countReviews, { from, to })) as ReviewCount[],
    findFigures: (year: number) => store.first(findFigures, { year }),
    putFigures: (row: { year: number; content: string; source: string; now: number }): Write =>
      write(putFigures, row),
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type DisclosureStore = ReturnType<typeof createDisclosureStore>
