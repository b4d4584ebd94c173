/** Every query on the pages that are good once. */
import { type Store, statement, type Write, write } from '#storage'

const insert = statement(
  (db, p: { hash: string; form: string; conversation: number; channel: string; expires_at: number }) =>
    db.insertInto('form_tokens').values({
      hash: p.hash,
      form: p.form,
      conversation: p.conversation,
      channel: p.channel,
      expires_at: p.expires_at,
      used_at: null,
    }),
)

const find = statement((db, p: { hash: string; now: number }) =>
  db
    .selectFrom('form_tokens')
    .select(['form', 'conversation', 'channel'])
    .where('hash', '=', p.hash)
    .where('expires_at', '>', p.now)
    .where('used_at', 'is', null),
)

const use = statement((db, p: { hash: string; now: number }) =>
  db
    .updateTable('form_tokens')
    .set({ used_at: p.now })
    .where('hash', '=', p.hash)
    .where('used_at', 'is', null),
)

const sweep = statement((db, p: { before: number }) =>
  db.deleteFrom('form_tokens').where('expires_at', '<', p.before),
)

export function createFormStore(store: Store) {
  return {
    insert: (row: {
      hash: string
      form: string
      conversation: number
      channel: string
      expires_at: number
    }) => store.commit([write(insert, row)]),
    find: (hash: string, now: number) => store.first(find, { hash, now }),
    /** Once: a second use turns its unit into a Conflict. */
    use: (hash: string, now: number): Write => write(use, { hash, now }, 1),
    commit: (writes: readonly Write[]) => store.commit(writes),
    sweep: (before: number) => store.commit([write(sweep, { before })]),
  }
}

export type FormStore = ReturnType<typeof createFormStore>
