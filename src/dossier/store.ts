/** Every query on cases, their events and numbers, on reminders, and on the calendar's notices. */
import { sql } from 'kysely'
import { type Store, statement, type Write, write } from '#storage'
import type { RequestEvent } from './trail.ts'

export interface CaseRow {
  ref: string
  kind: string
  state: string
  version: number
  due_on: string
  ended_on: string | null
  once: string | null
  body: Uint8Array
  created_at: number
}
type ChangedRow = Omit<CaseRow, 'kind' | 'once' | 'created_at'>
export interface EventRow extends RequestEvent {
  changes: Uint8Array | null
  salt: Uint8Array | null
}
/** What the annual report counts: one row a request. */
export interface CountedRow {
  ref: string
  channel: string
  received_on: string
  applicant: string
  body: Uint8Array
  closed_on: string | null
  disposition: string | null
  created_at: number
}
export interface ReviewRow {
  ref: string
  position: number
  kind: string
  result: string
  on_date: string
}
export interface NoticeRow {
  year: number
  content: string
  source: string
  hash: string
  staff: string
  loaded_at: number
}
export interface ReminderRow {
  ref: string
  kind: string
  due_on: string
  told_at: number
}

const insertCase = statement((db, p: CaseRow) =>
  db
    .insertInto('cases')
    .values({
      ref: p.ref,
      kind: p.kind,
      state: p.state,
      version: p.version,
      due_on: p.due_on,
      ended_on: p.ended_on,
      once: p.once,
      body: p.body,
      created_at: p.created_at,
    })
    .onConflict(c => c.doNothing()),
)
const updateCase = statement((db, p: ChangedRow & { before: number }) =>
  db
    .updateTable('cases')
    .set({ state: p.state, version: p.version, due_on: p.due_on, ended_on: p.ended_on, body: p.body })
    .where('ref', '=', p.ref)
    .where('version', '=', p.before),
)
const findCase = statement((db, p: { ref: string }) =>
  db.selectFrom('cases').selectAll().where('ref', '=', p.ref),
)
const findOnce = statement((db, p: { once: string }) =>
  db.selectFrom('cases').select('ref').where('once', '=', p.once),
)
const listVersions = statement((db, p: { after: string; limit: number }) =>
  db.selectFrom('cases').select(['ref', 'version']).where('ref', '>', p.after).orderBy('ref').limit(p.limit),
)
const listOpen = statement((db, p: { after: string; limit: number }) =>
  db
    .selectFrom('cases')
    .selectAll()
    .where('ended_on', 'is', null)
    .where('ref', '>', p.after)
    .orderBy('ref')
    .limit(p.limit),
)
/** Taken over from a register, still open, and not yet worked on here. */
const listUntouched = statement((db, p: { after: string; limit: number }) =>
  db
    .selectFrom('requests')
    .leftJoin('cases', 'cases.ref', 'requests.ref')
    .select(['requests.ref', 'requests.body', 'requests.created_at'])
    .where('requests.closed_on', 'is', null)
    .where('cases.ref', 'is', null)
    .where('requests.ref', '>', p.after)
    .orderBy('requests.ref')
    .limit(p.limit),
)

/** What was filed in a conversation, by the name of the filing. */
const listFiled = statement((db, p: { from: string; to: string }) =>
  db
    .selectFrom('cases')
    .select(['ref', 'state'])
    .where('once', '>=', p.from)
    .where('once', '<', p.to)
    .orderBy('ref'),
)
/** Ended by this day, and still readable; no review goes on, and none is younger. */
const listEnded = statement((db, p: { by: string; after: string; limit: number }) =>
  db
    .selectFrom('requests')
    .select(['ref', 'closed_on as ended_on'])
    .where('closed_on', '<=', p.by)
    .where('ref', '>', p.after)
    .where(sql<boolean>`exists (select 1 from data_keys where id = 'request|' || ref)`)
    // A review that went on into another year stands there twice: pending, and with its result.
    .where(
      sql<boolean>`not exists (select 1 from request_reviews r where r.ref = requests.ref and (r.on_date > ${p.by}
        or (r.result = 'pending' and not exists (select 1 from request_reviews later
            where later.ref = r.ref and later.kind = r.kind and later.position > r.position))))`,
    )
    // What was assisted or merged is not counted, and stands among the cases alone.
    .union(
      db
        .selectFrom('cases')
        .select(['ref', 'ended_on'])
        .where('ended_on', '<=', p.by)
        .where('ref', '>', p.after)
        .where(sql<boolean>`exists (select 1 from data_keys where id = 'request|' || ref)`)
        .where(sql<boolean>`not exists (select 1 from requests q where q.ref = cases.ref)`),
    )
    .orderBy('ref')
    .limit(p.limit),
)
const emptyCounted = statement((db, p: { ref: string; body: Uint8Array }) =>
  db
    .updateTable('requests')
    .set({ body: p.body })
    .where('ref', '=', p.ref)
    .where(sql<boolean>`length(body) > 0`),
)
const emptyCase = statement((db, p: { ref: string; body: Uint8Array; version: number }) =>
  db
    .updateTable('cases')
    .set({ body: p.body })
    .where('ref', '=', p.ref)
    .where('version', '=', p.version)
    .where(sql<boolean>`length(body) > 0`),
)
const insertAttachment = statement((db, p: { ref: string; number: number; body: Uint8Array }) =>
  db
    .insertInto('request_attachments')
    .values({ ref: p.ref, number: p.number, body: p.body })
    .onConflict(c => c.doNothing()),
)
const findAttachment = statement((db, p: { ref: string; number: number }) =>
  db.selectFrom('request_attachments').select('body').where('ref', '=', p.ref).where('number', '=', p.number),
)
const deleteAttachments = statement((db, p: { ref: string }) =>
  db.deleteFrom('request_attachments').where('ref', '=', p.ref),
)
const emptyEvents = statement((db, p: { ref: string }) =>
  db.updateTable('request_events').set({ changes: null, salt: null }).where('ref', '=', p.ref),
)
const deleteReminders = statement((db, p: { ref: string }) =>
  db.deleteFrom('request_reminders').where('ref', '=', p.ref),
)
/** Letters that went to the applicant by mail lie in a chat of the request's own. */
const deleteLetters = statement((db, p: { chat: string }) =>
  db.deleteFrom('deliveries').where('chat', '=', p.chat),
)
const deleteLetterKey = statement((db, p: { pattern: string }) =>
  db.deleteFrom('data_keys').where('id', 'like', p.pattern),
)

/** Every request there is: taken over, worked on here, or both. */
const listRefs = statement((db, p: { after: string; limit: number }) =>
  db
    .selectFrom('requests')
    .select('ref')
    .where('ref', '>', p.after)
    .union(db.selectFrom('cases').select('ref').where('ref', '>', p.after))
    .orderBy('ref')
    .limit(p.limit),
)

const insertCounted = statement((db, p: CountedRow) =>
  db
    .insertInto('requests')
    .values({
      ref: p.ref,
      channel: p.channel,
      received_on: p.received_on,
      applicant: p.applicant,
      body: p.body,
      closed_on: p.closed_on,
      disposition: p.disposition,
      created_at: p.created_at,
    })
    .onConflict(c => c.doNothing()),
)
const updateCounted = statement((db, p: Pick<CountedRow, 'ref' | 'body' | 'closed_on' | 'disposition'>) =>
  db
    .updateTable('requests')
    .set({ body: p.body, closed_on: p.closed_on, disposition: p.disposition })
    .where('ref', '=', p.ref),
)
const deleteCounted = statement((db, p: { ref: string }) =>
  db.deleteFrom('requests').where('ref', '=', p.ref),
)
const findCounted = statement((db, p: { ref: string }) =>
  db.selectFrom('requests').select(['ref', 'body', 'closed_on', 'created_at']).where('ref', '=', p.ref),
)
const insertReview = statement((db, p: ReviewRow) =>
  db.insertInto('request_reviews').values({
    ref: p.ref,
    position: p.position,
    kind: p.kind,
    result: p.result,
    on_date: p.on_date,
  }),
)
const updateReview = statement((db, p: ReviewRow) =>
  db
    .updateTable('request_reviews')
    .set({ result: p.result, on_date: p.on_date })
    .where('ref', '=', p.ref)
    .where('position', '=', p.position),
)

const insertEvent = statement((db, p: EventRow) =>
  db
    .insertInto('request_events')
    .values({
      ref: p.ref,
      seq: p.seq,
      at: p.at,
      staff: p.staff,
      verb: p.verb,
      changes: p.changes,
      salt: p.salt,
      digest: p.digest,
      previous: p.previous,
      hash: p.hash,
    })
    .onConflict(c => c.doNothing()),
)
const findLastEvent = statement((db, p: { ref: string }) =>
  db.selectFrom('request_events').select('hash').where('ref', '=', p.ref).orderBy('seq', 'desc').limit(1),
)
const listEvents = statement((db, p: { ref: string; seq: number; limit: number }) =>
  db
    .selectFrom('request_events')
    .selectAll()
    .where(e => e.or([e('ref', '>', p.ref), e.and([e('ref', '=', p.ref), e('seq', '>', p.seq)])]))
    .orderBy('ref')
    .orderBy('seq')
    .limit(p.limit),
)

const findNumber = statement((db, p: { series: string }) =>
  db.selectFrom('request_numbers').select('last').where('series', '=', p.series),
)
const beginNumbers = statement((db, p: { series: string; last: number }) =>
  db
    .insertInto('request_numbers')
    .values({ series: p.series, last: p.last })
    .onConflict(c => c.doNothing()),
)
const takeNumbers = statement((db, p: { series: string; last: number; before: number }) =>
  db
    .updateTable('request_numbers')
    .set({ last: p.last })
    .where('series', '=', p.series)
    .where('last', '=', p.before),
)

const insertNotice = statement((db, p: NoticeRow) =>
  db
    .insertInto('calendar_notices')
    .values({
      year: p.year,
      content: p.content,
      source: p.source,
      hash: p.hash,
      staff: p.staff,
      loaded_at: p.loaded_at,
    })
    .onConflict(c => c.doNothing()),
)
const listNotices = statement(db =>
  db.selectFrom('calendar_notices').select(['seq', 'year', 'content', 'source', 'hash']).orderBy('seq'),
)
const insertReminder = statement((db, p: ReminderRow) =>
  db
    .insertInto('request_reminders')
    .values({ ref: p.ref, kind: p.kind, due_on: p.due_on, told_at: p.told_at })
    .onConflict(c => c.doNothing()),
)
const findReminder = statement((db, p: Omit<ReminderRow, 'told_at'>) =>
  db
    .selectFrom('request_reminders')
    .select('told_at')
    .where('ref', '=', p.ref)
    .where('kind', '=', p.kind)
    .where('due_on', '=', p.due_on),
)

/** Whoever writes second touches nothing, which undoes the whole unit: each expects its one row. */
export function createDossierStore(store: Store) {
  return {
    insertCase: (row: CaseRow): Write => write(insertCase, row, 1),
    updateCase: (row: ChangedRow & { before: number }): Write => write(updateCase, row, 1),
    findCase: (ref: string) => store.first(findCase, { ref }),
    findOnce: async (once: string) => (await store.first(findOnce, { once }))?.ref,
    listVersions: (after: string, limit: number) => store.all(listVersions, { after, limit }),
    listOpen: (after: string, limit: number): Promise<CaseRow[]> => store.all(listOpen, { after, limit }),
    listUntouched: (after: string, limit: number) => store.all(listUntouched, { after, limit }),
    /** By the number of the conversation, which stands before the name of each filing. */
    listFiled: (conversation: number) =>
      store.all(listFiled, { from: `${conversation}:`, to: `${conversation};` }),
    listEnded: async (
      by: string,
      after: string,
      limit: number,
    ): Promise<{ ref: string; endedOn: string }[]> => {
      const rows = await store.all(listEnded, { by, after, limit })
      return rows.map(({ ref, ended_on }) => ({ ref, endedOn: ended_on ?? by }))
    },
    /** What is left of a request where its key goes: nothing personal, and all that the annual report counts. */
    empty: (ref: string, version: number): Write[] => {
      const body = new Uint8Array()
      return [
        write(emptyCounted, { ref, body }, ...(version > 0 ? [] : [1])),
        ...(version > 0 ? [write(emptyCase, { ref, body, version }, 1)] : []),
        write(emptyEvents, { ref }),
        write(deleteAttachments, { ref }),
        write(deleteReminders, { ref }),
        write(deleteLetters, { chat: `request/${ref}` }),
        write(deleteLetterKey, { pattern: `%|request/${ref}` }),
      ]
    },
    insertAttachment: (row: { ref: string; number: number; body: Uint8Array }): Write =>
      write(insertAttachment, row, 1),
    findAttachment: async (ref: string, number: number) =>
      (await store.first(findAttachment, { ref, number }))?.body,
    listRefs: (after: string, limit: number): Promise<{ ref: string }[]> =>
      store.all(listRefs, { after, limit }),
    insertCounted: (row: CountedRow): Write => write(insertCounted, row, 1),
    updateCounted: (row: Pick<CountedRow, 'ref' | 'body' | 'closed_on' | 'disposition'>): Write =>
      write(updateCounted, row, 1),
    deleteCounted: (ref: string): Write => write(deleteCounted, { ref }, 1),
    findCounted: (ref: string) => store.first(findCounted, { ref }),
    insertReview: (row: ReviewRow): Write => write(insertReview, row, 1),
    updateReview: (row: ReviewRow): Write => write(updateReview, row, 1),
    insertEvent: (row: EventRow): Write => write(insertEvent, row, 1),
    findLastEvent: async (ref: string) => (await store.first(findLastEvent, { ref }))?.hash,
    listEvents: (after: { ref: string; seq: number }, limit: number): Promise<EventRow[]> =>
      store.all(listEvents, { ...after, limit }),
    findNumber: async (series: string) => (await store.first(findNumber, { series }))?.last ?? 0,
    takeNumbers: (series: string, before: number, last: number): Write =>
      before === 0
        ? write(beginNumbers, { series, last }, 1)
        : write(takeNumbers, { series, last, before }, 1),
    insertNotice: (row: NoticeRow): Write => write(insertNotice, row, 1),
    listNotices: () => store.all(listNotices, {}),
    insertReminder: (row: ReminderRow): Write => write(insertReminder, row, 1),
    wasReminded: async (row: Omit<ReminderRow, 'told_at'>) =>
      (await store.first(findReminder, row)) !== undefined,
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type DossierStore = ReturnType<typeof createDossierStore>
