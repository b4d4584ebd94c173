/** Every query on the versions of entries and on what changed in them. */
import { type Store, statement, type Write, write } from '#storage'

export const versionStates = [
  'drafted',
  'submitted',
  'published',
  'rejected',
  'withdrawn',
  'recalled',
] as const
export type VersionState = (typeof versionStates)[number]

export interface VersionRow {
  entry: string
  version: number
  state: string
  content: string
  hash: string
  author: string
  reviewer: string | null
  note: string | null
  effective_from: string | null
  created_at: number
}

const insertVersion = statement((db, p: VersionRow) =>
  db
    .insertInto('entry_versions')
    .values({
      entry: p.entry,
      version: p.version,
      state: p.state,
      content: p.content,
      hash: p.hash,
      author: p.author,
      reviewer: p.reviewer,
      note: p.note,
      effective_from: p.effective_from,
      created_at: p.created_at,
    })
    .onConflict(c => c.doNothing()),
)

interface Moved {
  entry: string
  version: number
  from: string
  to: string
  reviewer: string | null
  note: string | null
  effective_from: string | null
}

const move = statement((db, p: Moved) =>
  db
    .updateTable('entry_versions')
    .set({ state: p.to, reviewer: p.reviewer, note: p.note, effective_from: p.effective_from })
    .where('entry', '=', p.entry)
    .where('version', '=', p.version)
    .where('state', '=', p.from),
)

/** Takes what is published of an entry up to a version out of use. */
const withdraw = statement((db, p: { entry: string; upTo: number }) =>
  db
    .updateTable('entry_versions')
    .set({ state: 'withdrawn' })
    .where('entry', '=', p.entry)
    .where('version', '<=', p.upTo)
    .where('state', '=', 'published'),
)

const insertChange = statement((db, p: { entry: string; at: number }) =>
  db.insertInto('entry_changes').values({ entry: p.entry, at: p.at }),
)
const listChanges = statement((db, p: { since: number }) =>
  db.selectFrom('entry_changes').select(['seq', 'entry']).where('at', '>=', p.since).orderBy('seq'),
)

/** Of each entry the version that is quoted on a day: the last that is published and in effect. */
const listServed = statement((db, p: { today: string }) =>
  db
    .selectFrom('entry_versions as v')
    .select(['v.entry', 'v.version', 'v.hash', 'v.author'])
    .where('v.state', '=', 'published')
    .where('v.version', '=', e =>
      e
        .selectFrom('entry_versions as w')
        .select(m => m.fn.max('w.version').as('version'))
        .whereRef('w.entry', '=', 'v.entry')
        .where('w.state', '=', 'published')
        .where(o => o.or([o('w.effective_from', 'is', null), o('w.effective_from', '<=', p.today)])),
    ),
)

const getVersion = statement((db, p: { entry: string; version: number }) =>
  db.selectFrom('entry_versions').selectAll().where('entry', '=', p.entry).where('version', '=', p.version),
)
const listVersions = statement((db, p: { entry: string }) =>
  db.selectFrom('entry_versions').selectAll().where('entry', '=', p.entry).orderBy('version'),
)
const listInState = statement((db, p: { state: string }) =>
  db.selectFrom('entry_versions').selectAll().where('state', '=', p.state).orderBy('created_at'),
)
/** The last version of every entry, whatever became of it. */
const listLast = statement(db =>
  db
    .selectFrom('entry_versions')
    .select(e => ['entry', e.fn.max('version').as('version')])
    .groupBy('entry'),
)

export interface ServedRow {
  entry: string
  version: number
  hash: string
  author: string
}

export function createKnowledgeStore(store: Store) {
  return {
    insertVersion: (row: VersionRow): Write => write(insertVersion, row, 1),
    /** From one state to another; exactly one of those who try does. */
    move: (change: Moved): Write => write(move, change, 1),
    withdraw: (entry: string, upTo: number): Write => write(withdraw, { entry, upTo }),
    insertChange: (entry: string, at: number): Write => write(insertChange, { entry, at }),
    listChanges: (since: number) => store.all(listChanges, { since }),
    listServed: (today: string): Promise<ServedRow[]> => store.all(listServed, { today }),
    getVersion: (entry: string, version: number): Promise<VersionRow | undefined> =>
      store.first(getVersion, { entry, version }),
    listVersions: (entry: string): Promise<VersionRow[]> => store.all(listVersions, { entry }),
    listInState: (state: VersionState): Promise<VersionRow[]> => store.all(listInState, { state }),
    listLast: async () => new Map((await store.all(listLast, {})).map(r => [r.entry, Number(r.version)])),
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type KnowledgeStore = ReturnType<typeof createKnowledgeStore>
