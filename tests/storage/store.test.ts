import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Conflict, type Store, statement, write } from '#storage'
import { databases, type TestDatabase } from './databases.ts'

const put = statement((db, p: { key: string; value: string }) =>
  db.insertInto('cache').values({ key: p.key, value: p.value, expires_at: null }),
)
const change = statement((db, p: { key: string; value: string; from: string }) =>
  db.updateTable('cache').set({ value: p.value }).where('key', '=', p.key).where('value', '=', p.from),
)
const get = statement((db, p: { key: string }) =>
  db.selectFrom('cache').select('value').where('key', '=', p.key),
)
const receive = statement((db, p: { id: string; body: Uint8Array }) =>
  db
    .insertInto('inbound')
    .values({
      conversation: 1,
      native_id: p.id,
      body: p.body,
      state: 'received',
      process: 'p',
      received_at: 1_900_000_000_000,
      done_at: null,
    })
    .onConflict(c => c.columns(['native_id', 'conversation']).doNothing())
    .returning('seq'),
)
const converse = statement(db =>
  db.insertInto('conversations').values({
    seq: 1,
    id: 'fake|a',
    owner: 'bot',
    language: 'zh-CN',
    forms: null,
    created_at: 0,
    last_day: 0,
  }),
)
const bodies = statement(db =>
  db.selectFrom('inbound').select(['seq', 'body', 'received_at', 'done_at']).orderBy('seq'),
)

describe.each(databases)('the store on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  beforeEach(async () => {
    database = await make()
    store = await database.open()
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  it('finds what a unit has written', async () => {
    await store.commit([write(put, { key: 'a', value: '1' }), write(put, { key: 'b', value: '2' })])
    expect(await store.first(get, { key: 'b' })).toEqual({ value: '2' })
    expect(await store.all(get, { key: 'none' })).toEqual([])
  })

  it('undoes a whole unit when one expectation fails', async () => {
    await store.commit([write(put, { key: 'a', value: '1' })])
    const unit = [
      write(put, { key: 'b', value: '2' }),
      write(change, { key: 'a', value: '3', from: 'other' }, 1),
    ]
    await expect(store.commit(unit)).rejects.toBeInstanceOf(Conflict)
    expect(await store.first(get, { key: 'b' })).toBeUndefined()
  })

  it('lets units of the same tick hold or fail each on its own', async () => {
    await store.commit([write(put, { key: 'taken', value: '1' })])
    const outcomes = await Promise.allSettled([
      store.commit([write(put, { key: 'x', value: '1' })]),
      store.commit([write(put, { key: 'taken', value: '2' })]),
      store.commit([write(change, { key: 'taken', value: '3', from: 'wrong' }, 1)]),
      store.commit([write(put, { key: 'y', value: '1' })]),
    ])
    expect(outcomes.map(o => o.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(await store.first(get, { key: 'y' })).toEqual({ value: '1' })
    expect(await store.first(get, { key: 'taken' })).toEqual({ value: '1' })
  })

  it('lets exactly one of many win a guarded change', async () => {
    await store.commit([write(put, { key: 'a', value: '0' })])
    const race = Array.from({ length: 20 }, (_, i) =>
      store.commit([write(change, { key: 'a', value: `winner ${i}`, from: '0' }, 1)]),
    )
    const won = (await Promise.allSettled(race)).filter(o => o.status === 'fulfilled')
    expect(won).toHaveLength(1)
  })

  it('gives the numbers of inserted rows, rising, and none for one that was there', async () => {
    await store.commit([write(converse, {})])
    const rows = await store.commit([
      write(receive, { id: '1', body: Buffer.from('a') }),
      write(receive, { id: '2', body: Buffer.from('b') }),
      write(receive, { id: '1', body: Buffer.from('c') }),
    ])
    const [first, second, again] = rows.map(r => r[0]?.seq as number | undefined)
    expect(second).toBeGreaterThan(first ?? Number.POSITIVE_INFINITY)
    expect(again).toBeUndefined()
  })

  it('keeps bytes, large numbers and nulls as they are', async () => {
    const body = Uint8Array.of(0, 255, 10, 128)
    await store.commit([write(converse, {}), write(receive, { id: '1', body })])
    const [row] = await store.all(bodies, {})
    expect(Buffer.from(row?.body ?? [])).toEqual(Buffer.from(body))
    expect(row).toMatchObject({ received_at: 1_900_000_000_000, done_at: null })
  })

  it('shows a second process what the first has committed', async () => {
    const other = await database.open()
    await store.commit([write(put, { key: 'a', value: '1' })])
    expect(await other.first(get, { key: 'a' })).toEqual({ value: '1' })
    await other.close()
  })

  it('has no pending migrations once open, also when several open it at the same moment', async () => {
    const fresh = await make()
    const stores = await Promise.all([fresh.open(), fresh.open(), fresh.open()])
    for (const one of stores) expect(await one.pendingMigrations()).toEqual([])
    await Promise.all(stores.map(one => one.close()))
    await fresh.remove()
  })

  it('answers a query whose shape is only known when it is asked', async () => {
    await store.commit([write(put, { key: 'a', value: '1' })])
    const rows = await store.query(db => db.selectFrom('cache').select('key').where('key', 'in', ['a', 'b']))
    expect(rows).toEqual([{ key: 'a' }])
  })
})
