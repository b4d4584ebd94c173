/** Queries on the keys of the notices that were told. */
import { type Store, statement, type Write, write } from '#storage'

interface NoticeRow {
  key: string
  told_at: number
}

const insertNotice = statement((db, p: NoticeRow) =>
  db
    .insertInto('notices')
    .values({ key: p.key, told_at: p.told_at })
    .onConflict(c => c.doNothing()),
)
const findNotice = statement((db, p: { key: string }) =>
  db.selectFrom('notices').select('key').where('key', '=', p.key),
)

/** What was told to officials is nobody's conversation, and goes by its age; letters to requests go with the request. */
const sweepNotices = statement((db, p: { before: number }) =>
  db
    .deleteFrom('deliveries')
    .where('conversation', '<', 0)
    .where('chat', 'not like', 'request/%')
    .where('settled_at', '<', p.before),
)

export function createNoticeStore(store: Store) {
  return {
    /** Deletes what was told before a time (epoch milliseconds). */
    sweep: async (before: number) => void (await store.commit([write(sweepNotices, { before })])),
    /** Told once: a unit with a key that is there already is undone. */
    insert: (row: NoticeRow): Write => write(insertNotice, row, 1),
    has: async (key: string) => (await store.first(findNotice, { key })) !== undefined,
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type NoticeStore = ReturnType<typeof createNoticeStore>
