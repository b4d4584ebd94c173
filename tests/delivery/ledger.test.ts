import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { keyNameOf } from '#delivery'
import { createVault, openSqlite } from '#storage'
import { until } from '../base/until.ts'
import { databases, type TestDatabase, temporaryFolder } from '../storage/databases.ts'
import { createFakeChannel } from './fake-channel.ts'
import { createTestMaster, openPost, type Post, type PostOptions } from './post.ts'

describe.each(databases)('the ledger on $name', ({ make }) => {
  let database: TestDatabase
  let dead: Post
  let living: Post
  let others: Post[]
  const master = createTestMaster()

  async function openProcess(id: string, rest: Partial<PostOptions> = {}): Promise<Post> {
    const post = await openPost({ database, master, id, ...rest })
    others.push(post)
    return post
  }

  beforeEach(async () => {
    database = await make()
    dead = await openPost({ database, master, id: 'dead' })
    living = await openPost({ database, master, id: 'living' })
    others = []
  })
  afterEach(async () => {
    for (const one of [dead, living, ...others]) await one.close()
    await database.remove()
  })

  const taken = (n: number, at = living) => until(`${n} are taken`, () => at.channel.taken.length >= n)
  const settled = (expected: string[]) =>
    until(`the states are ${expected}`, async () => String(await living.states()) === String(expected))

  it('carries in order what a dead process had committed and not sent', async () => {
    await dead.commit('a', ['1', '2', '3'])
    const found = await living.ledger.recover(new Set(['living']))
    expect(found).toEqual({ carried: 3, unknown: 0 })
    await taken(3)
    expect(living.channel.taken).toEqual(['1', '2', '3'])
    await settled(['sent', 'sent', 'sent'])
  })

  it('lists an attempt of a dead process as unknown and does not repeat it', async () => {
    const never = Promise.withResolvers<void>()
    dead.channel.misbehave('a', never.promise)
    await dead.say('a', ['1', '2'])
    await settled(['attempting', 'queued'])
    expect(await living.ledger.recover(new Set(['living']))).toEqual({ carried: 1, unknown: 1 })
    await taken(1)
    expect(living.channel.taken).toEqual(['2'])
    await settled(['unknown', 'sent'])
    never.resolve()
  })

  it('takes the true outcome from a process that was thought dead', async () => {
    const late = Promise.withResolvers<void>()
    dead.channel.misbehave('a', late.promise)
    await dead.say('a', ['1'])
    await settled(['attempting'])
    await living.ledger.recover(new Set(['living']))
    await settled(['unknown'])
    late.resolve()
    await settled(['sent'])
  })

  it('does not touch what a living process is at work on', async () => {
    const hanging = Promise.withResolvers<void>()
    dead.channel.misbehave('a', hanging.promise)
    await dead.say('a', ['1', '2'])
    await settled(['attempting', 'queued'])
    expect(await living.ledger.recover(new Set(['living', 'dead']))).toEqual({ carried: 0, unknown: 0 })
    expect(living.channel.attempts).toEqual([])
    hanging.resolve()
    await settled(['sent', 'sent'])
  })

  it('counts as sent what a command left for a channel that pulls, and wakes the channel once', async () => {
    const pulling = () => createFakeChannel({ pulls: true })
    const product = await openProcess('product', { channel: pulling() })
    await dead.commit('a', ['1', '2'])
    expect(await product.ledger.recover(new Set(['product']))).toEqual({ carried: 2, unknown: 0 })
    expect(product.channel.taken).toEqual(['1', '2'])
    expect(await product.states()).toEqual(['sent', 'sent'])
    const next = await openProcess('next', { channel: pulling() })
    expect(await next.ledger.recover(new Set(['next']))).toEqual({ carried: 0, unknown: 0 })
    expect(next.channel.taken).toEqual([])
  })

  it('does not take over what belongs to a channel that it does not have', async () => {
    const other = await openProcess('elsewhere', { channel: createFakeChannel({}, 'other') })
    await other.commit('a', ['1'])
    expect(await living.ledger.recover(new Set(['living']))).toEqual({ carried: 0, unknown: 0 })
    expect(await living.states()).toEqual(['queued'])
  })

  it('lets one of two processes that recover at the same moment have each row', async () => {
    const third = await openProcess('third')
    const chats = ['a', 'b', 'c', 'd', 'e']
    for (const chat of chats) await dead.commit(chat, [`${chat}1`, `${chat}2`])
    const alive = new Set(['living', 'third'])
    await Promise.all([living.ledger.recover(alive), third.ledger.recover(alive)])
    // Whose row comes after one that the other has taken looks again a little later.
    await until('all are taken', async () => {
      await Promise.all([living.clock.advance(100), third.clock.advance(100)])
      return living.channel.taken.length + third.channel.taken.length >= 10
    })
    const all = [...living.channel.taken, ...third.channel.taken]
    expect(all.sort()).toEqual(chats.flatMap(chat => [`${chat}1`, `${chat}2`]))
  })

  it('never lets a process send a row that another has taken over', async () => {
    const first = Promise.withResolvers<void>()
    dead.channel.misbehave('a', first.promise)
    await dead.say('a', ['1', '2', '3'])
    await settled(['attempting', 'queued', 'queued'])
    await living.ledger.recover(new Set(['living']))
    await taken(2)
    first.resolve()
    await dead.ledger.stop()
    expect(dead.channel.attempts).toEqual(['1'])
    expect(living.channel.attempts).toEqual(['2', '3'])
  })

  it('tells what was said in answer to a message, and what was said without being asked', async () => {
    await living.say('a', ['notice'], { inReplyTo: { seq: 7, nativeId: 'q', last: false } })
    await living.say('a', ['answer'], { inReplyTo: { seq: 7, nativeId: 'q', last: true } })
    await living.say('a', ['news'])
    await taken(3)
    const vault = createVault(living.store, () => [master])
    const key = await vault.find(keyNameOf({ account: living.channel.account, chat: 'a' }))
    const texts = (said: { document: object }[]) => said.map(m => JSON.stringify(m.document))
    if (!key) throw new Error('no key')
    expect(texts(await dead.ledger.repliesTo([7], key))).toEqual([
      expect.stringContaining('notice'),
      expect.stringContaining('answer'),
    ])
    expect(texts(await dead.ledger.unasked('a'.charCodeAt(0), key))).toEqual([
      expect.stringContaining('news'),
    ])
    expect(await dead.ledger.repliesTo([], key)).toEqual([])
  })

  it('keeps the order of a chat when two living processes speak in it', async () => {
    const slow = Promise.withResolvers<void>()
    dead.channel.misbehave('a', slow.promise)
    await dead.say('a', ['1'])
    await settled(['attempting'])
    await living.say('a', ['2'])
    await until('the second is sent or waits', async () => {
      const { sleepers } = living.clock
      return living.channel.attempts.length > 0 || sleepers() > 0
    })
    slow.resolve()
    expect(living.channel.attempts).toEqual([])
  })
})

describe('the ledger while another program holds the database', () => {
  it('sends what could not be claimed as soon as the database is free', async () => {
    const folder = temporaryFolder()
    const file = `${folder.path}/test.sqlite`
    const database = { open: () => openSqlite(file), remove: async () => folder.remove() }
    const post = await openPost({ database, master: createTestMaster() })
    onTestFinished(async () => {
      await post.close()
      folder.remove()
    })
    await post.store.query(
      () => ({ compile: () => ({ sql: 'pragma busy_timeout = 1', parameters: [] }) }) as never,
    )
    const late = Promise.withResolvers<void>()
    post.channel.misbehave('a', late.promise)
    await post.say('a', ['1', '2'])
    await until('an attempt is under way', () => post.channel.attempts.length === 1)
    const holder = new DatabaseSync(file)
    holder.exec('begin exclusive')
    late.resolve()
    await until('the first was taken', () => post.channel.taken.length === 1)
    for (let i = 0; i < 5; i++) await post.clock.advance(60_000)
    holder.exec('rollback')
    holder.close()
    for (let i = 0; i < 5; i++) await post.clock.advance(60_000)
    expect(await post.states()).toEqual(['sent', 'sent'])
  })
})
