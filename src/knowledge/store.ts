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
/** How many changes there are behind a number, and the highest: other than before when anything was committed since. */
const findMark = statement((db, p: { after: number }) =>
  db
    .selectFrom('entry_changes')
    .select(e => [e.fn.max('seq').as('seq'), e.fn.countAll().as('changes')])
    .where('seq', '>', p.after),
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
const findLast = statement((db, p: { entry: string }) =>
  db
    .selectFrom('entry_versions')
    .select(e => e.fn.max('version').as('version'))
    .where('entry', '=', p.entry),
)
/** Everything about all versions but what they say. */
const listHeads = statement(db =>
  db
    .selectFrom('entry_versions')
    .select(['entry', 'version', 'state', 'hash', 'author', 'reviewer'])
    .orderBy('entry')
    .orderBy('version'),
)

export type HeadRow = Pick<VersionRow, 'entry' | 'version' | 'state' | 'hash' | 'author' | 'reviewer'>

export interface ContentRow {
  entry: string
  version: number
  content: string
}

export interface Mark {
  seq: number
  changes: number
}

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
    findMark: async (after: number): Promise<Mark> => {
      const row = await store.first(findMark, { after })
      return { seq: Number(row?.seq ?? after), changes: Number(row?.changes ?? 0) }
    },
    listServed: (today: string): Promise<ServedRow[]> => store.all(listServed, { today }),
    getVersion: (entry: string, version: number): Promise<VersionRow | undefined> =>
      store.first(getVersion, { entry, version }),
    listVersions: (entry: string): Promise<VersionRow[]> => store.all(listVersions, { entry }),
    listInState: (state: VersionState): Promise<VersionRow[]> => store.all(listInState, { state }),
    /** The number of the last version, whatever became of it; 0 when there is none. */
    findLast: async (entry: string) => Number((await store.first(findLast, { entry }))?.version ?? 0),
    listHeads: (): Promise<HeadRow[]> => store.all(listHeads, {}),
    /** What these versions say. */
    async listContents(rows: readonly ServedRow[]): Promise<ContentRow[]> {
      if (rows.length === 0) return []
      const wanted = new Map(rows.map(row => [row.entry, row.version]))
      const found = await store.query(db =>
        db
          .selectFrom('entry_versions')
          .select(['entry', 'version', 'content'])
          .where('entry', 'in', [...wanted.keys()])
          .where('state', '=', 'published'),
      )
      return found.filter(row => wanted.get(row.entry) === row.version)
    },
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type KnowledgeStore = ReturnType<typeof createKnowledgeStore>
