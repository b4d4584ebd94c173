/** Every query on conversations, the messages that arrived, and what was left for the staff. */
import { type Row, type Store, statement, type Write, write } from '#storage'

const insertConversation = statement((db, p: { id: string; session: Uint8Array; now: number }) =>
  db.insertInto('conversations').values({
    id: p.id,
    owner: 'bot',
    session: p.session,
    version: 0,
    created_at: p.now,
    last_at: p.now,
  }),
)

const insertInbound = statement(
  (db, p: { conversation: string; native_id: string; body: Uint8Array; process: string; now: number }) =>
    db
      .insertInto('inbound')
      .values({
        conversation: p.conversation,
        native_id: p.native_id,
        body: p.body,
        state: 'received',
        process: p.process,
        received_at: p.now,
        done_at: null,
      })
      .onConflict(c => c.columns(['conversation', 'native_id']).doNothing())
      .returning('seq'),
)

const loadTurn = statement((db, p: { id: string }) =>
  db
    .selectFrom('conversations')
    .select(e => [
      'owner',
      'session',
      'version',
      e
        .selectFrom('inbound')
        .select(i => i.fn.min('seq').as('seq'))
        .where('conversation', '=', p.id)
        .where('state', '=', 'received')
        .as('earliest'),
    ])
    .where('id', '=', p.id),
)

const advance = statement((db, p: { id: string; session: Uint8Array; version: number; next: number; now: number }) =>
  db
    .updateTable('conversations')
    .set({ session: p.session, version: p.next, last_at: p.now })
    .where('id', '=', p.id)
    .where('version', '=', p.version),
)

const finish = statement((db, p: { seq: number; now: number }) =>
  db
    .updateTable('inbound')
    .set({ state: 'done', done_at: p.now })
    .where('seq', '=', p.seq)
    .where('state', '=', 'received'),
)

const findInbound = statement((db, p: { conversation: string; native_id: string }) =>
  db
    .selectFrom('inbound')
    .select(['seq', 'state'])
    .where('conversation', '=', p.conversation)
    .where('native_id', '=', p.native_id),
)

const listInbound = statement((db, p: { conversation: string; since: number }) =>
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
  (db, p: { number: string; conversation: string; body: Uint8Array; now: number }) =>
    db
      .insertInto('left_messages')
      .values({ number: p.number, conversation: p.conversation, body: p.body, state: 'open', created_at: p.now })
      .onConflict(c => c.doNothing()),
)

const listStale = statement((db, p: { before: number }) =>
  db.selectFrom('conversations').select('id').where('last_at', '<', p.before).orderBy('last_at').limit(200),
)
const touch = statement((db, p: { id: string; before: number }) =>
  db.deleteFrom('conversations').where('id', '=', p.id).where('last_at', '<', p.before),
)
const deleteInbound = statement((db, p: { id: string }) => db.deleteFrom('inbound').where('conversation', '=', p.id))
const deleteLeft = statement((db, p: { id: string }) => db.deleteFrom('left_messages').where('conversation', '=', p.id))

export interface LoadedTurn {
  owner: string
  session: Uint8Array
  version: number
  earliest: number | null
}

export interface OrphanRow {
  seq: number
  conversation: string
  native_id: string
  body: Uint8Array
  process: string
  received_at: number
}

export function createConversationStore(store: Store) {
  return {
    insertConversation: (id: string, session: Uint8Array, now: number): Write =>
      write(insertConversation, { id, session, now }, 1),
    insertInbound: (row: { conversation: string; native_id: string; body: Uint8Array; process: string; now: number }) =>
      write(insertInbound, row),
    /** The number of the inserted row; undefined when the message was there before. */
    seqOf: (rows: Row[] | undefined): number | undefined => (rows?.[0] ? Number(rows[0].seq) : undefined),
    loadTurn: (id: string): Promise<LoadedTurn | undefined> => store.first(loadTurn, { id }),
    advance: (id: string, session: Uint8Array, version: number, now: number): Write =>
      write(advance, { id, session, version, next: version + 1, now }, 1),
    finish: (seq: number, now: number): Write => write(finish, { seq, now }, 1),
    findInbound: (conversation: string, nativeId: string) =>
      store.first(findInbound, { conversation, native_id: nativeId }),
    listInbound: (conversation: string, since: number) => store.all(listInbound, { conversation, since }),
    takeOver: (row: OrphanRow, to: string) =>
      store.commit([write(takeOver, { seq: row.seq, from: row.process, to }, 1)]),
    insertLeft: (row: { number: string; conversation: string; body: Uint8Array; now: number }): Write =>
      write(insertLeft, row, 1),
    listStale: (before: number) => store.all(listStale, { before }),
    /** Deletes a conversation that nobody has used since; the rest of its unit goes with it. */
    eraseStale: (id: string, before: number): Write[] => [
      write(touch, { id, before }, 1),
      write(deleteInbound, { id }),
      write(deleteLeft, { id }),
    ],
    commit: (writes: readonly Write[]) => store.commit(writes),
    /** Messages that wait for a process that is not among the living. */
    listOrphans: (living: string[]): Promise<OrphanRow[]> =>
      store.query(db =>
        db
          .selectFrom('inbound')
          .select(['seq', 'conversation', 'native_id', 'body', 'process', 'received_at'])
          .where('state', '=', 'received')
          .where('process', 'not in', living)
          .orderBy('seq')
          .limit(1000),
      ),
    listLeft: () =>
      store.query(db =>
        db
          .selectFrom('left_messages')
          .select(['number', 'conversation', 'body', 'state', 'created_at'])
          .orderBy('created_at'),
      ),
  }
}

export type ConversationStore = ReturnType<typeof createConversationStore>
