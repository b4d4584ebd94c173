import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import { type CacheOptions, createCache, type Store, sweepCache } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { databases, type TestDatabase } from './databases.ts'

const url = process.env.TEST_CACHE_URL
const kinds = [
  ...databases.map(({ name, make }) => ({ name, make, url: undefined as string | undefined })),
  ...(url && databases[0]
    ? [{ name: 'Valkey', make: databases[0].make, url: url as string | undefined }]
    : []),
]

describe.each(kinds)('the cache in $name', ({ make, url }) => {
  let database: TestDatabase
  let store: Store
  let clock: TestClock
  let options: CacheOptions
  beforeEach(async () => {
    database = await make()
    store = await database.open()
    clock = createTestClock(Date.now())
    options = { store, clock, log: silentLog, ...(url && { url }) }
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  it('keeps a value under its namespace and forgets it when told', async () => {
    const [tokens, nonces] = [await createCache(options, 'tokens'), await createCache(options, 'nonces')]
    await tokens.set('a', { token: 'x' }, 60_000)
    expect(await tokens.get('a')).toEqual({ token: 'x' })
    expect(await nonces.get('a')).toBeUndefined()
    expect(await tokens.delete('a')).toBe(true)
    expect(await tokens.get('a')).toBeUndefined()
    await Promise.all([tokens.disconnect(), nonces.disconnect()])
  })

  it('overwrites a value', async () => {
    const cache = await createCache(options, 'over')
    await cache.set('a', 1)
    await cache.set('a', 2)
    expect(await cache.get('a')).toBe(2)
    await cache.disconnect()
  })

  it.runIf(!url)('does not give a value whose time is over, and sweeps it away', async () => {
    const cache = await createCache(options, 'short')
    await cache.set('a', 1, 60_000)
    clock.advance(60_001)
    expect(await cache.get('a')).toBeUndefined()
    await sweepCache(store, clock.now())
    expect(await store.query(db => db.selectFrom('cache').select('key'))).toEqual([])
  })

  it.runIf(!url)('clears its own namespace only', async () => {
    const [tokens, nonces] = [await createCache(options, 'tokens'), await createCache(options, 'nonces')]
    await Promise.all([tokens.set('a', 1), nonces.set('a', 2)])
    await tokens.clear()
    expect(await tokens.get('a')).toBeUndefined()
    expect(await nonces.get('a')).toBe(2)
  })
})
