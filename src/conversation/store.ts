/** Every query on conversations, the messages that arrived, and what was left for the staff. */
import { createIdentityStore } from '#identity'
import { type Row, type Store, statement, type Write, write } from '#storage'

const dayMs = 24 * 60 * 60_000

const insertConversation = statement((db, p: NewConversation) =>
  db
    .insertInto('conversations')
    .values({
      id: p.id,
      owner: 'bot',
      language: p.language,
      forms: null,
      created_at: p.now,
      last_day: p.day,
    })
    .returning('seq'),
)

interface NewInbound {
  native_id: string
  body: Uint8Array
  process: string
  now: number
}

const inboundValues = (p: NewInbound) => ({
  native_id: p.native_id,
  body: p.body,
  state: 'received',
  process: p.process,
  received_at: p.now,
  done_at: null,
})

const insertInbound = statement((db, p: NewInbound & { conversation: number }) =>
  db
    .insertInto('inbound')
    .values({ conversation: p.conversation, ...inboundValues(p) })
    .onConflict(c => c.columns(['native_id', 'conversation']).doNothing())
    .returning('seq'),
)

/** The first message of a conversation that is made in the same unit. */
const insertFirst = statement((db, p: NewInbound & { id: string }) =>
  db
    .insertInto('inbound')
    .values(e => ({
      conversation: e.selectFrom('conversations').select('seq').where('id', '=', p.id),
      ...inboundValues(p),
    }))
    .returning('seq'),
)

const renameConversation = statement((db, p: { seq: number; id: string }) =>
  db.updateTable('conversations').set({ id: p.id }).where('seq', '=', p.seq),
)

const findConversation = statement((db, p: { id: string }) =>
  db
    .selectFrom('conversations as c')
    .select(e => [
      'c.seq',
      'c.owner',
      'c.language',
      'c.forms',
      'c.last_day',
      e
        .selectFrom('inbound')
        .select(i => i.fn.max('inbound.seq').as('seq'))
        .whereRef('inbound.conversation', '=', 'c.seq')
        .where('inbound.state', '=', 'done')
        .as('latest'),
      e
        .selectFrom('inbound')
        .select(i => i.fn.min('inbound.seq').as('seq'))
        .whereRef('inbound.conversation', '=', 'c.seq')
        .where('inbound.state', '=', 'received')
        .as('earliest'),
    ])
    .where('c.id', '=', p.id),
)

const findPlace = statement((db, p: { seq: number }) =>
  db.selectFrom('conversations').select('id').where('seq', '=', p.seq),
)
const putSession = statement(
  (db, p: { seq: number; language: string; forms: Uint8Array | null; day: number }) =>
    db
      .updateTable('conversations')
      .set({ language: p.language, forms: p.forms, last_day: p.day })
      .where('seq', '=', p.seq),
)

// The one guard of a turn: of all that computed it, one finds the message still waiting.

const finish = statement((db, p: { seq: number } & DoneRow) =>
  db
    .updateTable('inbound')
    .set(e => ({
      state: 'done',
      done_at: p.now,
      body: e.fn.coalesce(e.val(p.body), e.ref('body')),
      outcome: p.outcome,
      entry: p.entry,
      version: p.version,
      confidence: p.confidence,
      candidates: p.candidates,
    }))
    .where('seq', '=', p.seq)
    .where('state', '=', 'received'),
)

const insertBesides = statement((db, p: { conversation: number; entry: string; version: number }) =>
  db
    .insertInto('told_besides')
    .values({ conversation: p.conversation, entry: p.entry, version: p.version })
    .onConflict(c => c.doNothing()),
)
const deleteBesides = statement((db, p: { seq: number }) =>
  db.deleteFrom('told_besides').where('conversation', '=', p.seq),
)

/** The last message of a conversation that was answered as a question. */
const findAnswered = statement((db, p: { conversation: number }) =>
  db
    .selectFrom('inbound')
    .select(['seq', 'body', 'entry', 'done_at'])
    .where('conversation', '=', p.conversation)
    .where('outcome', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(1),
)

const findInbound = statement((db, p: { conversation: number; native_id: string }) =>
  db
    .selectFrom('inbound')
    .select(['seq', 'state'])
    .where('conversation', '=', p.conversation)
    .where('native_id', '=', p.native_id),
)

const getInbound = statement((db, p: { seq: number }) =>
  db
    .selectFrom('inbound')
    .select(['seq', 'native_id', 'body', 'process', 'received_at'])
    .where('seq', '=', p.seq),
)

const listInbound = statement((db, p: { conversation: number; since: number }) =>
  db
    .selectFrom('inbound')
    .select(['seq', 'native_id', 'body', 'received_at'])
    .where('conversation', '=', p.conversation)
    .where('received_at', '>=', p.since)
    .orderBy('seq'),
)

const takeOver = statement((db, p: { seq: number; from: string; to: string }) =>
  db
    .updateTable('inbound')
    .set({ process: p.to })
    .where('seq', '=', p.seq)
    .where('process', '=', p.from)
    .where('state', '=', 'received'),
)

const insertLeft = statement(
  (db, p: { number: string; conversation: number; body: Uint8Array; now: number }) =>
    db
      .insertInto('left_messages')
      .values({
        number: p.number,
        conversation: p.conversation,
        body: p.body,
        state: 'open',
        created_at: p.now,
      })
      .onConflict(c => c.doNothing()),
)

/** What was left, oldest first, with whose it is. */
const listLeft = statement((db, p: { state: string }) =>
  db
    .selectFrom('left_messages as l')
    .innerJoin('conversations as c', 'c.seq', 'l.conversation')
    .select(['l.number', 'l.conversation', 'c.id', 'l.body', 'l.state', 'l.created_at'])
    .where('l.state', '=', p.state)
    .orderBy('l.created_at'),
)
const findLeft = statement((db, p: { number: string }) =>
  db.selectFrom('left_messages').select('state').where('number', '=', p.number),
)
const settleLeft = statement((db, p: { number: string }) =>
  db
    .updateTable('left_messages')
    .set({ state: 'answered' })
    .where('number', '=', p.number)
    .where('state', '=', 'open'),
)

const listStale = statement((db, p: { day: number }) =>
  db.selectFrom('conversations').select(['seq', 'id', 'last_day']).where('last_day', '<', p.day).limit(200),
)
const deleteConversation = statement((db, p: { seq: number; last_day: number }) =>
  db
    .deleteFrom('conversations')
    .where('seq', '=', p.seq)
    .where('last_day', '=', p.last_day)
    .where(e =>
      e.not(
        e.exists(
          e
            .selectFrom('inbound')
            .select('seq')
            .where('conversation', '=', p.seq)
            .where('state', '=', 'received'),
        ),
      ),
    ),
)
const deleteInbound = statement((db, p: { seq: number }) =>
  db.deleteFrom('inbound').where('conversation', '=', p.seq),
)
const deleteLeft = statement((db, p: { seq: number }) =>
  db.deleteFrom('left_messages').where('conversation', '=', p.seq),
)

export interface ConversationRow {
  seq: number
  owner: string
  language: string
  forms: Uint8Array | null
  last_day: number
  /** The number of the last message whose turn was taken. */
  latest: number | null
  /** The number of the earliest message whose turn is not taken. */
  earliest: number | null
}

export interface InboundRow {
  seq: number
  native_id: string
  body: Uint8Array
  process: string
  received_at: number
}

/** A conversation that begins; `day` is that of its last turn. */
export interface NewConversation {
  /** `<account>|<chat>` */
  id: string
  language: string
  now: number
  day: number
}

/** A session as it is kept: open forms hold what was filled in, so they are sealed. */
export interface SealedSession {
  language: string
  forms: Buffer | null
}

/** What is written of a message when its turn is over. */
export interface DoneRow {
  now: number
  /** In the place of what was sent, where that must not stay. */
  body: Uint8Array | null
  outcome: string | null
  entry: string | null
  version: number | null
  confidence: number | null
  candidates: string | null
}

export interface OrphanRow extends InboundRow {
  conversation: number
  /** `<account>|<chat>` */
  id: string
}

export interface StaleRow {
  seq: number
  id: string
  last_day: number
}

/** withdrawn: its citizen had their data deleted; nothing of it is left but the number. */
export const leftStates = ['open', 'answered', 'withdrawn'] as const
export type LeftState = (typeof leftStates)[number]

export interface LeftRow {
  number: string
  conversation: number
  /** `<account>|<chat>` */
  id: string
  body: Uint8Array
  state: string
  created_at: number
}

export const dayOf = (ms: number) => Math.floor(ms / dayMs)

export function createConversationStore(store: Store) {
  const identity = createIdentityStore(store)
  return {
    /** Whose conversations are whose, in the same database. */
    identity,
    /** Whether other machines may work on the same conversations. */
    shared: store.shared,
    insertConversation: (row: NewConversation): Write => write(insertConversation, row),
    renameConversation: (seq: number, id: string): Write => write(renameConversation, { seq, id }, 1),
    insertInbound: (conversation: number, row: NewInbound): Write =>
      write(insertInbound, { conversation, ...row }),
    insertFirst: (id: string, row: NewInbound): Write => write(insertFirst, { id, ...row }),
    /** The number of the inserted row; undefined when it was there before. */
    seqOf: (rows: Row[] | undefined): number | undefined => (rows?.[0] ? Number(rows[0].seq) : undefined),
    findConversation: (id: string): Promise<ConversationRow | undefined> =>
      store.first(findConversation, { id }),
    /** `<account>|<chat>` of a conversation by its number; undefined where it was deleted. */
    findPlace: async (seq: number) => (await store.first(findPlace, { seq }))?.id,
    putSession: (seq: number, sealed: SealedSession, day: number): Write =>
      write(putSession, { seq, ...sealed, day }, 1),
    finish: (seq: number, row: DoneRow): Write => write(finish, { seq, ...row }, 1),
    insertBesides: (conversation: number, told: { entry: string; version: number }): Write =>
      write(insertBesides, { conversation, ...told }),
    findAnswered: (conversation: number) => store.first(findAnswered, { conversation }),
    findInbound: (conversation: number, nativeId: string) =>
      store.first(findInbound, { conversation, native_id: nativeId }),
    getInbound: (seq: number): Promise<InboundRow | undefined> => store.first(getInbound, { seq }),
    listInbound: (conversation: number, since: number) => store.all(listInbound, { conversation, since }),
    takeOver: (row: InboundRow, to: string) =>
      store.commit([write(takeOver, { seq: row.seq, from: row.process, to }, 1)]),
    insertLeft: (row: { number: string; conversation: number; body: Uint8Array; now: number }): Write =>
      write(insertLeft, row, 1),
    listLeft: (state: LeftState): Promise<LeftRow[]> => store.all(listLeft, { state }),
    findLeft: (number: string) => store.first(findLeft, { number }),
    settleLeft: (number: string): Write => write(settleLeft, { number }, 1),
    /** Conversations whose last message came before the day of `before`. */
    listStale: (before: number): Promise<StaleRow[]> => store.all(listStale, { day: dayOf(before) }),
    /** Deletes a conversation unless somebody uses it in this moment. */
    erase: ({ seq, last_day }: Omit<StaleRow, 'id'>): Write[] => [
      ...identity.forget(seq),
      write(deleteConversation, { seq, last_day }, 1),
      write(deleteInbound, { seq }),
      write(deleteLeft, { seq }),
      write(deleteBesides, { seq }),
    ],
    commit: (writes: readonly Write[]) => store.commit(writes),
    /** Messages that wait for a process that is not among the living. */
    listOrphans: (living: string[]): Promise<OrphanRow[]> =>
      store.query(db =>
        db
          .selectFrom('inbound as i')
          .innerJoin('conversations as c', 'c.seq', 'i.conversation')
          .select(['i.seq', 'i.conversation', 'c.id', 'i.native_id', 'i.body', 'i.process', 'i.received_at'])
          .where('i.state', '=', 'received')
          .where('i.process', 'not in', living)
          .orderBy('i.seq')
          .limit(1000),
      ),
  }
}

export type ConversationStore = ReturnType<typeof createConversationStore>
