/** Every query on the ledger of deliveries. */
import { sql } from 'kysely'
import { type Queries, type Row, type Store, statement, type Write, write } from '#storage'
import type { DeliveryState } from './delivery.ts'

const deliveryColumns = [
  'seq',
  'conversation',
  'account',
  'chat',
  'in_reply_to',
  'body',
  'state',
  'attempts',
  'next_at',
  'expires_at',
  'process',
  'created_at',
] as const

const insert = statement(
  (
    db,
    p: {
      conversation: number
      account: string
      chat: string
      in_reply_to: number | null
      body: Uint8Array
      state: DeliveryState
      settled_at: number | null
      next_at: number
      expires_at: number | null
      process: string
      created_at: number
    },
  ) =>
    db
      .insertInto('deliveries')
      .values({
        conversation: p.conversation,
        account: p.account,
        chat: p.chat,
        in_reply_to: p.in_reply_to,
        body: p.body,
        state: p.state,
        settled_at: p.settled_at,
        attempts: 0,
        next_at: p.next_at,
        expires_at: p.expires_at,
        process: p.process,
        created_at: p.created_at,
      })
      .returning('seq'),
)

/** `first`: the earliest of those that are handed over together. */
interface Attempt {
  seq: number
  conversation: number
  process: string
  first: number
}

const attempt = statement((db, p: Attempt) =>
  db
    .updateTable('deliveries')
    .set(e => ({ state: 'attempting', attempts: e('attempts', '+', 1) }))
    .where('seq', '=', p.seq)
    .where('state', '=', 'queued')
    .where('process', '=', p.process)
    // What was said before it in the same chat comes first, whichever process carries it.
    .where(e =>
      e.not(
        e.exists(
          e
            .selectFrom('deliveries as d')
            .select('d.seq')
            .where('d.conversation', '=', p.conversation)
            .where('d.seq', '<', p.first)
            // Written out: with parameters in its place SQLite cannot tell that the partial index holds.
            .where(sql<boolean>`d.state in ('queued', 'attempting')`),
        ),
      ),
    ),
)

interface Granted {
  conversation: number
  left: number
  closes_at: number
}

// What was granted for longer, and is not used up, stays: a click on the menu grants less than a message.
const openWindow = statement((db, p: Granted) =>
  db
    .insertInto('reply_windows')
    .values({ conversation: p.conversation, left: p.left, closes_at: p.closes_at })
    .onConflict(c =>
      c.column('conversation').doUpdateSet({
        left: sql`case when reply_windows."left" > 0 and reply_windows.closes_at > excluded.closes_at
                  then reply_windows."left" else excluded."left" end`,
        closes_at: sql`case when reply_windows."left" > 0 and reply_windows.closes_at > excluded.closes_at
                  then reply_windows.closes_at else excluded.closes_at end`,
      }),
    ),
)

const spendWindow = statement((db, p: { conversation: number; now: number }) =>
  db
    .updateTable('reply_windows')
    .set(e => ({ left: e('left', '-', 1) }))
    .where('conversation', '=', p.conversation)
    .where('left', '>', 0)
    .where('closes_at', '>', p.now),
)

const closeWindow = statement((db, p: { conversation: number }) =>
  db.updateTable('reply_windows').set({ left: 0 }).where('conversation', '=', p.conversation),
)

const findWindow = statement((db, p: { conversation: number; now: number }) =>
  db
    .selectFrom('reply_windows')
    .select('left')
    .where('conversation', '=', p.conversation)
    .where('left', '>', 0)
    .where('closes_at', '>', p.now),
)

const deleteWindow = statement((db, p: { conversation: number }) =>
  db.deleteFrom('reply_windows').where('conversation', '=', p.conversation),
)

const isOpen = statement((db, p: { seq: number; process: string }) =>
  db
    .selectFrom('deliveries')
    .select('seq')
    .where('seq', '=', p.seq)
    .where('process', '=', p.process)
    .where('state', '=', 'queued'),
)

interface Settlement {
  seq: number
  process: string
  state: DeliveryState
  attempts: number
  next_at: number
  settled_at: number | null
  native_id: string | null
  reason: string | null
}

// A process that was thought dead may come back with the true outcome of an attempt that was listed as unknown.
const settle = statement((db, p: Settlement) =>
  db
    .updateTable('deliveries')
    .set({
      state: p.state,
      attempts: p.attempts,
      next_at: p.next_at,
      settled_at: p.settled_at,
      native_id: p.native_id,
      reason: p.reason,
    })
    .where('seq', '=', p.seq)
    .where('process', '=', p.process)
    .where('state', 'in', ['queued', 'attempting', 'unknown']),
)

/** Whose a row is from now on, and how it stands. */
interface TakenOver {
  to: string
  state: DeliveryState
  reason: string | null
  settled_at: number | null
}

const takeOver = statement((db, p: { seq: number; from: string } & TakenOver) =>
  db
    .updateTable('deliveries')
    .set({ process: p.to, state: p.state, reason: p.reason, settled_at: p.settled_at })
    .where('seq', '=', p.seq)
    .where('process', '=', p.from)
    .where('state', 'in', ['queued', 'attempting']),
)

// A recipient is gone: what nobody has begun to send has nobody to go to.
const giveUp = statement((db, p: { account: string; chat: string; reason: string; now: number }) =>
  db
    .updateTable('deliveries')
    .set({ state: 'undeliverable', reason: p.reason, settled_at: p.now })
    .where('account', '=', p.account)
    .where('chat', '=', p.chat)
    .where('state', 'in', ['queued', 'parked'])
    .returning('seq'),
)

const deleteQueued = statement((db, p: { seq: number }) =>
  db.deleteFrom('deliveries').where('seq', '=', p.seq).where('state', 'in', ['queued', 'parked']),
)

const renameChat = statement((db, p: { conversation: number; chat: string }) =>
  db.updateTable('deliveries').set({ chat: p.chat }).where('conversation', '=', p.conversation),
)

/** What waited until the citizen would write. */
const release = statement((db, p: { conversation: number; process: string }) =>
  db
    .updateTable('deliveries')
    .set({ state: 'queued', process: p.process, reason: null })
    .where('conversation', '=', p.conversation)
    .where(sql<boolean>`state = 'parked'`)
    .returning(deliveryColumns),
)

const unpark = statement((db, p: { seq: number; process: string }) =>
  db
    .updateTable('deliveries')
    .set({ state: 'queued' })
    .where('seq', '=', p.seq)
    .where('process', '=', p.process)
    .where('state', '=', 'parked'),
)

/** What was said in a conversation without being asked: broadcasts, an official's words. */
const listUnasked = statement((db, p: { conversation: number }) =>
  db
    .selectFrom('deliveries')
    .select(deliveryColumns)
    .where('conversation', '=', p.conversation)
    .where('in_reply_to', 'is', null),
)

const listQueued = statement((db, p: { conversation: number }) =>
  db
    .selectFrom('deliveries')
    .select(deliveryColumns)
    .where('conversation', '=', p.conversation)
    .where('state', 'in', ['queued', 'parked'])
    .orderBy('seq'),
)

const deleteUnasked = statement((db, p: { conversation: number }) =>
  db.deleteFrom('deliveries').where('conversation', '=', p.conversation).where('in_reply_to', 'is', null),
)

/** Replies go with the messages that they answer, which are deleted after them in the same unit. */
const deleteReplies = statement((db, p: { conversation: number }) =>
  db
    .deleteFrom('deliveries')
    .where('in_reply_to', 'in', e =>
      e.selectFrom('inbound').select('seq').where('conversation', '=', p.conversation),
    ),
)

/** A ledger row as it is kept; `body` is sealed. */
export interface DeliveryRow {
  seq: number
  conversation: number
  account: string
  chat: string
  in_reply_to: number | null
  body: Uint8Array
  state: DeliveryState
  attempts: number
  next_at: number
  expires_at: number | null
  process: string
  created_at: number
}

/** The state column holds nothing but what this folder wrote. */
function rowsOf(rows: Promise<(Omit<DeliveryRow, 'state'> & { state: string })[]>): Promise<DeliveryRow[]> {
  return rows as Promise<DeliveryRow[]>
}

/** PostgreSQL gives big integers of a write as text. */
function releasedOf(row: Row): DeliveryRow {
  const given = row as unknown as DeliveryRow
  const { expires_at, in_reply_to } = given
  return {
    ...given,
    seq: Number(given.seq),
    conversation: Number(given.conversation),
    attempts: Number(given.attempts),
    next_at: Number(given.next_at),
    created_at: Number(given.created_at),
    expires_at: expires_at === null ? null : Number(expires_at),
    in_reply_to: in_reply_to === null ? null : Number(in_reply_to),
  }
}

export function createDeliveryStore(store: Store) {
  return {
    insert: (row: Omit<DeliveryRow, 'seq' | 'attempts'> & { settled_at: number | null }): Write =>
      write(insert, row),
    seqOf: (rows: Row[] | undefined): number => Number(rows?.[0]?.seq),
    /** Writes down that these are handed over together; `spend`: one of what may still be sent in the conversation. */
    attempt(taken: readonly { seq: number; conversation: number }[], process: string, spend?: number) {
      const [first] = taken
      const writes = taken.map(({ seq, conversation }) =>
        write(attempt, { seq, conversation, process, first: first?.seq ?? seq }, 1),
      )
      if (spend !== undefined && first)
        writes.push(write(spendWindow, { conversation: first.conversation, now: spend }, 1))
      return store.commit(writes)
    },
    /** The writes that a citizen's message brings: how much may be sent from now on, and what waited for it. */
    hear: (conversation: number, process: string, granted?: { count: number; until: number }): Write[] => [
      write(release, { conversation, process }),
      ...(granted
        ? [write(openWindow, { conversation, left: granted.count, closes_at: granted.until })]
        : []),
    ],
    /** What `hear` released, from what its writes returned. */
    released: ([rows = []]: readonly Row[][]): DeliveryRow[] => rows.map(releasedOf),
    /** The citizen has written in the moment in which it was parked. */
    unpark: (seq: number, process: string) => store.commit([write(unpark, { seq, process })]),
    closeWindow: (conversation: number) => store.commit([write(closeWindow, { conversation })]),
    isWindowOpen: async (conversation: number, now: number) =>
      (await store.first(findWindow, { conversation, now })) !== undefined,
    /** Whether a row is still this process's to send. */
    isOpen: async (seq: number, process: string) =>
      (await store.first(isOpen, { seq, process })) !== undefined,
    settle: (settlement: Settlement) => store.commit([write(settle, settlement)]),
    takeOver: ({ seq, process }: DeliveryRow, now: TakenOver) =>
      store.commit([write(takeOver, { seq, from: process, ...now }, 1)]),
    listUnasked: (conversation: number) => rowsOf(store.all(listUnasked, { conversation })),
    async listReplies(inReplyTo: readonly number[]): Promise<DeliveryRow[]> {
      if (inReplyTo.length === 0) return []
      const query = (db: Queries) =>
        db
          .selectFrom('deliveries')
          .select(deliveryColumns)
          .where('in_reply_to', 'in', inReplyTo)
          .orderBy('seq')
      return rowsOf(store.query(query))
    },
    giveUp: (gone: { account: string; chat: string; reason: string; now: number }) =>
      store.commit([write(giveUp, gone)]).then(([rows = []]) => rows.length),
    deleteQueued: (seq: number): Write => write(deleteQueued, { seq }, 1),
    listQueued: (conversation: number) => rowsOf(store.all(listQueued, { conversation })),
    /** Puts several in the place of one that waits; gives their numbers. */
    async divide({ seq, attempts: _, ...row }: DeliveryRow, bodies: readonly Uint8Array[]) {
      const inserts = bodies.map(body => write(insert, { ...row, body, state: 'queued', settled_at: null }))
      const [, ...rows] = await store.commit([write(deleteQueued, { seq }, 1), ...inserts])
      return rows.map(([one]) => Number(one?.seq))
    },
    renameChat: (conversation: number, chat: string): Write => write(renameChat, { conversation, chat }),
    deleteOfChat: (conversation: number): Write[] => [
      write(deleteWindow, { conversation }),
      write(deleteReplies, { conversation }),
      write(deleteUnasked, { conversation }),
    ],
    /** Open rows of these accounts whose process is not among the living. */
    listOrphans: (accounts: string[], living: string[]) =>
      rowsOf(
        store.query(db =>
          db
            .selectFrom('deliveries')
            .select(deliveryColumns)
            .where('state', 'in', ['queued', 'attempting'])
            .where('account', 'in', accounts)
            .where('process', 'not in', living)
            .orderBy('seq')
            .limit(1000),
        ),
      ),
    /** Since when the oldest one waits that is not parked, by account; epoch milliseconds. */
    async oldestOpen(): Promise<{ account: string; since: number }[]> {
      const rows = await store.query(db =>
        db
          .selectFrom('deliveries')
          .select(e => ['account', e.fn.min('created_at').as('since')])
          .where(sql<boolean>`state in ('queued', 'attempting')`)
          .groupBy('account'),
      )
      return rows.map(row => ({ account: row.account, since: Number(row.since) }))
    },
    async countByState(): Promise<{ account: string; state: string; count: number }[]> {
      const rows = await store.query(db =>
        db
          .selectFrom('deliveries')
          .select(e => ['account', 'state', e.fn.countAll<number>().as('count')])
          .groupBy(['account', 'state']),
      )
      return rows.map(r => ({ ...r, count: Number(r.count) }))
    },
  }
}

export type DeliveryStore = ReturnType<typeof createDeliveryStore>
