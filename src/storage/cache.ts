/** What may be lost (platform tokens, replay nonces, sessions of the web): Keyv, in the database or in Valkey. */
import { Keyv, type KeyvStoreAdapter } from 'keyv'
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import type { Store } from './store.ts'
import { statement, write } from './store.ts'

const getValue = statement((db, p: { key: string; now: number }) =>
  db
    .selectFrom('cache')
    .select('value')
    .where('key', '=', p.key)
    .where(e => e.or([e('expires_at', 'is', null), e('expires_at', '>', p.now)])),
)
const setValue = statement((db, p: { key: string; value: string; expires_at: number | null }) =>
  db
    .insertInto('cache')
    .values({ key: p.key, value: p.value, expires_at: p.expires_at })
    .onConflict(c => c.column('key').doUpdateSet({ value: p.value, expires_at: p.expires_at })),
)
const deleteValue = statement((db, p: { key: string }) =>
  db.deleteFrom('cache').where('key', '=', p.key).returning('key'),
)
const listValues = statement((db, p: { from: string; to: string }) =>
  db.selectFrom('cache').select(['key', 'value']).where('key', '>=', p.from).where('key', '<', p.to),
)
const expireValues = statement((db, p: { now: number }) =>
  db.deleteFrom('cache').where('expires_at', '<=', p.now),
)

/** Keyv's store over our own database. A clock of its own keeps the expiry testable. */
function databaseAdapter(store: Store, clock: Clock, namespace: string): KeyvStoreAdapter {
  return {
    opts: {},
    get: async (key: string) => (await store.first(getValue, { key, now: clock.now() }))?.value as never,
    set: async (key: string, value: string, ttl?: number) => {
      await store.commit([write(setValue, { key, value, expires_at: ttl ? clock.now() + ttl : null })])
      return true
    },
    delete: async (key: string) => (await store.commit([write(deleteValue, { key })]))[0]?.length === 1,
    clear: async () => {},
    // Keyv clears a namespace by going through it.
    async *iterator() {
      for (const row of await store.all(listValues, { from: `${namespace}:`, to: `${namespace};` }))
        yield [row.key, row.value]
    },
    on() {
      return this
    },
  } as unknown as KeyvStoreAdapter
}

export interface CacheOptions {
  store: Store
  clock: Clock
  log: Log
  /** `redis://…`; absent: the database. */
  url?: string
}

/** Loaded only where it is used: the client alone takes as much memory as the embedded database. */
async function connectValkey(url: string): Promise<KeyvStoreAdapter> {
  const { default: KeyvValkey } = await import('@keyv/valkey')
  return new KeyvValkey(url) as unknown as KeyvStoreAdapter
}

/** A cache under a name of its own. A failed read looks like a miss and is logged. */
export async function createCache(options: CacheOptions, namespace: string): Promise<Keyv> {
  const adapter = options.url
    ? await connectValkey(options.url)
    : databaseAdapter(options.store, options.clock, namespace)
  const keyv = new Keyv({ store: adapter, namespace })
  keyv.on('error', error => options.log.error('cache.failed', error, { namespace }))
  return keyv
}

/** Removes what has run out from the database's cache; a recurring job calls it. */
export async function sweepCache(store: Store, now: number): Promise<void> {
  await store.commit([write(expireValues, { now })])
}
