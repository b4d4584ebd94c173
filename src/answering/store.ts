/** Every query on what became of answers: the verdict on them, questions without one, who was told what. */
import { type Store, statement, type Write, write } from '#storage'

export const verdicts = ['good', 'bad'] as const
export type Verdict = (typeof verdicts)[number]

export const clusterStates = ['gathered', 'answered', 'dismissed'] as const
export type ClusterState = (typeof clusterStates)[number]

const rate = statement(
  (db, p: { conversation: number; entry: string; verdict: string; reason: string | null }) =>
    db
      .updateTable('inbound')
      .set({ verdict: p.verdict, verdict_reason: p.reason })
      .where('seq', '=', e =>
        e
          .selectFrom('inbound as told')
          .select(m => m.fn.max('told.seq').as('seq'))
          .where('told.conversation', '=', p.conversation)
          .where('told.entry', '=', p.entry),
      ),
)

const wish = statement((db, p: { conversation: number; now: number }) =>
  db
    .updateTable('inbound')
    .set({ wish_at: p.now })
    .where('seq', '=', e =>
      e
        .selectFrom('inbound as asked')
        .select(m => m.fn.max('asked.seq').as('seq'))
        .where('asked.conversation', '=', p.conversation)
        .where('asked.outcome', 'in', ['refused', 'handover', 'offered']),
    ),
)

const questionColumns = ['i.seq', 'i.conversation', 'i.body', 'i.candidates', 'i.entry', 'c.id'] as const

/** Questions without a good answer that are in no cluster yet, oldest first. */
const listLoose = statement((db, p: { limit: number }) =>
  db
    .selectFrom('inbound as i')
    .innerJoin('conversations as c', 'c.seq', 'i.conversation')
    .select(questionColumns)
    .where('i.cluster', 'is', null)
    .where(e => e.or([e('i.outcome', 'in', ['refused', 'handover']), e('i.verdict', '=', 'bad')]))
    .orderBy('i.seq')
    .limit(p.limit),
)

const insertCluster = statement(
  (db, p: { label: Uint8Array; owner: string | null; due_on: string; created_at: number }) =>
    db
      .insertInto('clusters')
      .values({
        label: p.label,
        state: 'gathered',
        owner: p.owner,
        due_on: p.due_on,
        entry: null,
        created_at: p.created_at,
      })
      .returning('seq'),
)
const putInCluster = statement((db, p: { seq: number; cluster: number }) =>
  db.updateTable('inbound').set({ cluster: p.cluster }).where('seq', '=', p.seq).where('cluster', 'is', null),
)
const listClusters = statement((db, p: { state: string }) =>
  db
    .selectFrom('clusters as c')
    .select(e => [
      'c.seq',
      'c.label',
      'c.state',
      'c.owner',
      'c.due_on',
      'c.entry',
      'c.created_at',
      e
        .selectFrom('inbound')
        .select(m => m.fn.countAll<number>().as('n'))
        .whereRef('inbound.cluster', '=', 'c.seq')
        .as('asked'),
      e
        .selectFrom('inbound')
        .select(m => m.fn.count<number>('inbound.wish_at').as('n'))
        .whereRef('inbound.cluster', '=', 'c.seq')
        .where('inbound.told_at', 'is', null)
        .as('waiting'),
    ])
    .where('c.state', '=', p.state)
    .orderBy('c.seq'),
)
const assign = statement((db, p: { seq: number; owner: string; due_on: string }) =>
  db
    .updateTable('clusters')
    .set({ owner: p.owner, due_on: p.due_on })
    .where('seq', '=', p.seq)
    .where('state', '=', 'gathered'),
)
const settle = statement((db, p: { seq: number; state: string; entry: string | null }) =>
  db
    .updateTable('clusters')
    .set({ state: p.state, entry: p.entry })
    .where('seq', '=', p.seq)
    .where('state', '=', 'gathered'),
)
const listWaiting = statement((db, p: { cluster: number }) =>
  db
    .selectFrom('inbound as i')
    .innerJoin('conversations as c', 'c.seq', 'i.conversation')
    .select(questionColumns)
    .where('i.cluster', '=', p.cluster)
    .where('i.wish_at', 'is not', null)
    .where('i.told_at', 'is', null)
    .orderBy('i.seq'),
)
/** The answered clusters in which somebody waits: who wished late, or was not told because the telling broke off. */
const listOwed = statement(db =>
  db
    .selectFrom('inbound as i')
    .innerJoin('clusters as c', 'c.seq', 'i.cluster')
    .select(['c.seq', 'c.entry'])
    .distinct()
    .where('i.cluster', 'is not', null)
    .where('i.wish_at', 'is not', null)
    .where('i.told_at', 'is', null)
    .where('c.state', '=', 'answered'),
)
// What was told stands beside the question, so that a correction finds them too.
const markTold = statement((db, p: { seq: number; entry: string; version: number | null; now: number }) =>
  db
    .updateTable('inbound')
    .set({ told_at: p.now, entry: p.entry, version: p.version })
    .where('seq', '=', p.seq)
    .where('told_at', 'is', null),
)
const hasCluster = statement((db, p: { seq: number }) =>
  db.selectFrom('clusters').select('seq').where('seq', '=', p.seq),
)
const listAsked = statement((db, p: { cluster: number }) =>
  db
    .selectFrom('inbound as i')
    .innerJoin('conversations as c', 'c.seq', 'i.conversation')
    .select(questionColumns)
    .select(['i.outcome', 'i.verdict_reason', 'i.received_at', 'i.wish_at', 'i.told_at'])
    .where('i.cluster', '=', p.cluster)
    .orderBy('i.seq'),
)

/** The conversations that were told this version of an entry, and not yet its correction. */
const listMisled = statement((db, p: { entry: string; version: number }) =>
  db
    .selectFrom('conversations as c')
    .select(['c.seq as conversation', 'c.id'])
    .where('c.seq', 'in', e =>
      e
        .selectFrom('inbound as i')
        .select('i.conversation')
        .where('i.entry', '=', p.entry)
        .where('i.version', '=', p.version)
        .union(
          e
            .selectFrom('told_besides as b')
            .select('b.conversation')
            .where('b.entry', '=', p.entry)
            .where('b.version', '=', p.version),
        ),
    )
    .where('c.seq', 'not in', e =>
      e
        .selectFrom('corrections as k')
        .select('k.conversation')
        .where('k.entry', '=', p.entry)
        .where('k.version', '=', p.version),
    )
    .orderBy('c.seq'),
)
const insertCorrection = statement(
  (db, p: { entry: string; version: number; conversation: number; created_at: number }) =>
    db
      .insertInto('corrections')
      .values({ entry: p.entry, version: p.version, conversation: p.conversation, created_at: p.created_at })
      .onConflict(c => c.doNothing()),
)

export interface QuestionRow {
  seq: number
  conversation: number
  body: Uint8Array
  candidates: string | null
  entry: string | null
  /** `<account>|<chat>` */
  id: string
}

/** A question of a cluster with what became of it. */
export interface AskedRow extends QuestionRow {
  outcome: string | null
  verdict_reason: string | null
  received_at: number
  wish_at: number | null
  told_at: number | null
}

export interface ClusterRow {
  seq: number
  label: Uint8Array
  state: string
  owner: string | null
  due_on: string | null
  entry: string | null
  created_at: number
  /** How many asked, and how many of them wait to be told. */
  asked: number | null
  waiting: number | null
}

export function createAnswerStore(store: Store) {
  return {
    /** The verdict on the last telling of an entry in a conversation. */
    rate: (row: { conversation: number; entry: string; verdict: Verdict; reason: string | null }): Write =>
      write(rate, row),
    /** Whoever asked last without an answer wants to be told when there is one. */
    wish: (conversation: number, now: number): Write => write(wish, { conversation, now }),
    listLoose: (limit: number): Promise<QuestionRow[]> => store.all(listLoose, { limit }),
    insertCluster: (row: { label: Uint8Array; owner: string | null; due_on: string; created_at: number }) =>
      store.commit([write(insertCluster, row)]).then(([rows]) => Number(rows?.[0]?.seq)),
    putInCluster: (seq: number, cluster: number): Write => write(putInCluster, { seq, cluster }),
    listClusters: (state: ClusterState): Promise<ClusterRow[]> => store.all(listClusters, { state }),
    assign: (row: { seq: number; owner: string; due_on: string }): Write => write(assign, row, 1),
    /** Ends a cluster; exactly one of those who try does. */
    settle: (row: { seq: number; state: ClusterState; entry: string | null }): Write => write(settle, row, 1),
    listWaiting: (cluster: number): Promise<QuestionRow[]> => store.all(listWaiting, { cluster }),
    listOwed: (): Promise<{ seq: number; entry: string | null }[]> => store.all(listOwed, {}),
    markTold: (told: { seq: number; entry: string; version: number | null; now: number }): Write =>
      write(markTold, told, 1),
    hasCluster: async (seq: number) => (await store.first(hasCluster, { seq })) !== undefined,
    listAsked: (cluster: number): Promise<AskedRow[]> => store.all(listAsked, { cluster }),
    listMisled: (entry: string, version: number) => store.all(listMisled, { entry, version }),
    /** Once for each conversation: whoever comes second writes nothing. */
    insertCorrection: (row: { entry: string; version: number; conversation: number; created_at: number }) =>
      write(insertCorrection, row, 1),
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type AnswerStore = ReturnType<typeof createAnswerStore>
