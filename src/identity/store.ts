/** Every query on who uses which conversations, on the codes that link them, and on what is kept of a person. */
import { type Queries, type Store, statement, type Write, write } from '#storage'

const insertCode = statement((db, p: { hash: string; conversation: number; expires_at: number }) =>
  db
    .insertInto('link_codes')
    .values({ hash: p.hash, conversation: p.conversation, expires_at: p.expires_at }),
)
const findCode = statement((db, p: { hash: string; now: number }) =>
  db
    .selectFrom('link_codes as l')
    .innerJoin('conversations as c', 'c.seq', 'l.conversation')
    .select(['c.seq', 'c.id', 'c.language', 'c.person'])
    .where('l.hash', '=', p.hash)
    .where('l.expires_at', '>', p.now),
)
const takeCode = statement((db, p: { hash: string }) =>
  db.deleteFrom('link_codes').where('hash', '=', p.hash),
)
const deleteCodes = statement((db, p: { conversation: number }) =>
  db.deleteFrom('link_codes').where('conversation', '=', p.conversation),
)
const deleteExpired = statement((db, p: { now: number }) =>
  db.deleteFrom('link_codes').where('expires_at', '<=', p.now),
)

const insertAct = statement((db, p: { conversation: number; act: string; at: number }) =>
  db.insertInto('link_acts').values({ conversation: p.conversation, act: p.act, at: p.at }),
)
const countActs = statement((db, p: { conversation: number; act: string; since: number }) =>
  db
    .selectFrom('link_acts')
    .select(e => e.fn.countAll<number>().as('count'))
    .where('conversation', '=', p.conversation)
    .where('act', '=', p.act)
    .where('at', '>', p.since),
)
const deleteActs = statement((db, p: { conversation: number }) =>
  db.deleteFrom('link_acts').where('conversation', '=', p.conversation),
)
const deleteOldActs = statement((db, p: { before: number }) =>
  db.deleteFrom('link_acts').where('at', '<', p.before),
)

const findPerson = statement((db, p: { seq: number }) =>
  db.selectFrom('conversations').select('person').where('seq', '=', p.seq),
)
// Whoever became somebody else's in the meantime is not taken along.
const join = statement((db, p: { seq: number; person: string; before: string | null }) =>
  db
    .updateTable('conversations')
    .set({ person: p.person })
    .where('seq', '=', p.seq)
    .where(
      e => e.fn.coalesce('person', e.val('')),
      '=',
      e => e.fn.coalesce(e.val(p.before), e.val('')),
    ),
)
const merge = statement((db, p: { person: string; before: string }) =>
  db.updateTable('conversations').set({ person: p.person }).where('person', '=', p.before),
)
const part = statement((db, p: { seq: number }) =>
  db.updateTable('conversations').set({ person: null }).where('seq', '=', p.seq),
)
/** Whoever is left alone is nobody in particular again. */
const partLast = statement((db, p: { person: string }) =>
  db
    .updateTable('conversations')
    .set({ person: null })
    .where('person', '=', p.person)
    .where(
      e =>
        e
          .selectFrom('conversations as all')
          .select(a => a.fn.countAll<number>().as('count'))
          .where('all.person', '=', p.person),
      '=',
      1,
    ),
)

/** The conversations of one person: the one given, and those linked with it. */
const ofPerson = (db: Queries, seq: number) =>
  db
    .selectFrom('conversations as c')
    .where(e =>
      e.or([
        e('c.seq', '=', seq),
        e(
          'c.person',
          '=',
          e.selectFrom('conversations as own').select('own.person').where('own.seq', '=', seq),
        ),
      ]),
    )

const listOfPerson = statement((db, p: { seq: number }) =>
  ofPerson(db, p.seq)
    .select(e => [
      'c.seq',
      'c.id',
      'c.last_day',
      'c.forms',
      e
        .selectFrom('inbound')
        .select(m => m.fn.countAll<number>().as('n'))
        .whereRef('inbound.conversation', '=', 'c.seq')
        .as('written'),
      e
        .selectFrom('deliveries')
        .select(m => m.fn.countAll<number>().as('n'))
        .whereRef('deliveries.conversation', '=', 'c.seq')
        .as('said'),
      e
        .selectFrom('inbound')
        .select(m => m.fn.countAll<number>().as('n'))
        .whereRef('inbound.conversation', '=', 'c.seq')
        .where('inbound.wish_at', 'is not', null)
        .where('inbound.told_at', 'is', null)
        .as('wishes'),
    ])
    .orderBy('c.seq'),
)
const listLeft = statement((db, p: { seq: number }) =>
  db
    .selectFrom('left_messages')
    .select(['number', 'state'])
    .where('conversation', 'in', ofPerson(db, p.seq).select('c.seq'))
    .orderBy('created_at'),
)

// What deletion needs besides what every old conversation's needs.

/** The guard of a turn that deletes: of all that computed it, one finds the message still waiting. */
const takeRequest = statement((db, p: { seq: number }) =>
  db.deleteFrom('inbound').where('seq', '=', p.seq).where('state', '=', 'received'),
)
/** Two of one person that delete at once wait for each other here, in the order of the numbers. */
const hold = statement((db, p: { seq: number }) =>
  db
    .updateTable('conversations')
    .set(e => ({ owner: e.ref('owner') }))
    .where('seq', '=', p.seq),
)
const setAside = statement((db, p: { seq: number; id: string }) =>
  db.updateTable('conversations').set({ id: p.id }).where('seq', '=', p.seq),
)
const listWaiting = statement((db, p: { conversation: number }) =>
  db
    .selectFrom('inbound')
    .select(['seq', 'native_id', 'body', 'process', 'received_at'])
    .where('conversation', '=', p.conversation)
    .where('state', '=', 'received'),
)
const rehome = statement((db, p: { seq: number; id: string; body: Uint8Array; process: string }) =>
  db
    .updateTable('inbound')
    .set(e => ({
      conversation: e
        .selectFrom('conversations')
        .select('conversations.seq')
        .where('id', '=', p.id)
        .$asScalar(),
      body: p.body,
      process: p.process,
    }))
    .where('seq', '=', p.seq)
    .where('state', '=', 'received'),
)
/** Of an open message to the officials its number stays, so that whoever looks for it is told why it is gone. */
const withdrawLeft = statement((db, p: { conversation: number; body: Uint8Array }) =>
  db
    .updateTable('left_messages')
    .set({ state: 'withdrawn', conversation: 0, body: p.body })
    .where('conversation', '=', p.conversation)
    .where('state', '=', 'open'),
)
const deleteWithdrawn = statement((db, p: { before: number }) =>
  db.deleteFrom('left_messages').where('state', '=', 'withdrawn').where('created_at', '<', p.before),
)

/** A conversation that can be linked by a code. */
export interface LinkedRow {
  seq: number
  /** `<account>|<chat>` */
  id: string
  language: string
  person: string | null
}

/** One conversation of a person, with how much is kept of it. */
export interface KeptRow {
  seq: number
  /** `<account>|<chat>` */
  id: string
  last_day: number
  /** Forms that are not finished, sealed. */
  forms: Uint8Array | null
  written: number | null
  said: number | null
  /** How many questions wait to be answered later. */
  wishes: number | null
}

export type LinkAct = 'made' | 'missed'

export function createIdentityStore(store: Store) {
  return {
    insertCode: (hash: string, conversation: number, expires_at: number): Write[] => [
      write(deleteCodes, { conversation }),
      write(insertCode, { hash, conversation, expires_at }),
    ],
    findCode: (hash: string, now: number): Promise<LinkedRow | undefined> =>
      store.first(findCode, { hash, now }),
    /** A code serves once: whoever comes second finds none. */
    takeCode: (hash: string): Write => write(takeCode, { hash }, 1),
    insertAct: (conversation: number, act: LinkAct, at: number): Write =>
      write(insertAct, { conversation, act, at }),
    async countActs(conversation: number, act: LinkAct, since: number): Promise<number> {
      return Number((await store.first(countActs, { conversation, act, since }))?.count ?? 0)
    },
    findPerson: async (seq: number) => (await store.first(findPerson, { seq }))?.person ?? null,
    /** Makes a conversation a person's, with all that are linked with it already. */
    join: (seq: number, person: string, before: string | null): Write[] => [
      write(join, { seq, person, before }, 1),
      ...(before === null || before === person ? [] : [write(merge, { person, before })]),
    ],
    part: (seq: number, person: string): Write[] => [write(part, { seq }, 1), write(partLast, { person })],
    listOfPerson: (seq: number): Promise<KeptRow[]> => store.all(listOfPerson, { seq }),
    listLeft: (seq: number) => store.all(listLeft, { seq }),
    takeRequest: (seq: number): Write => write(takeRequest, { seq }, 1),
    hold: (seq: number): Write => write(hold, { seq }, 1),
    setAside: (seq: number): Write => write(setAside, { seq, id: `deleted|${seq}` }, 1),
    listWaiting: (conversation: number) => store.all(listWaiting, { conversation }),
    rehome: (row: { seq: number; id: string; body: Uint8Array; process: string }): Write =>
      write(rehome, row, 1),
    withdrawLeft: (conversation: number): Write =>
      write(withdrawLeft, { conversation, body: Buffer.alloc(0) }),
    /** What hangs on a conversation that is deleted. */
    forget: (conversation: number): Write[] => [
      write(deleteCodes, { conversation }),
      write(deleteActs, { conversation }),
    ],
    /** Deletes what has had its time. */
    sweep: ({ now, acts, withdrawn }: { now: number; acts: number; withdrawn: number }) =>
      store.commit([
        write(deleteExpired, { now }),
        write(deleteOldActs, { before: acts }),
        write(deleteWithdrawn, { before: withdrawn }),
      ]),
  }
}

export type IdentityStore = ReturnType<typeof createIdentityStore>
