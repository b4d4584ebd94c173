import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../base/until.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import {
  blocked,
  brokenOff,
  createFakeChannel,
  type FakeChannel,
  offline,
  refusedForGood,
  tooMany,
} from './fake-channel.ts'
import { createTestMaster, openPost, type Post } from './post.ts'

describe.each(databases)('the courier on $name', ({ make }) => {
  let database: TestDatabase
  let post: Post
  let others: Post[]
  const master = createTestMaster()
  beforeEach(async () => {
    database = await make()
    post = await openPost({ database, master })
    others = []
  })
  afterEach(async () => {
    for (const one of [post, ...others]) await one.close()
    await database.remove()
  })

  const taken = (n: number, at = post) => until(`${n} are taken`, () => at.channel.taken.length >= n)
  const asleep = (n: number, at = post) => until(`${n} sleep`, () => at.clock.sleepers() === n)
  const settled = (expected: string[], at = post) =>
    until(`the states are ${expected}`, async () => String(await at.states()) === String(expected))

  async function withChannel(channel: FakeChannel): Promise<Post> {
    const other = await openPost({ database, master, channel })
    others.push(other)
    return other
  }

  it('delivers what is said in a chat in the order in which it was said', async () => {
    await post.say('a', ['1', '2', '3'])
    await post.say('a', ['4'])
    await taken(4)
    expect(post.channel.taken).toEqual(['1', '2', '3', '4'])
    await settled(['sent', 'sent', 'sent', 'sent'])
  })

  it('hands over what a channel needs to answer in the request itself', async () => {
    const inReplyTo = { seq: 7, nativeId: 'question-1', last: true }
    await post.say('a', ['answer'], { inReplyTo })
    await taken(1)
    const [message] = post.channel.messages
    expect(message).toMatchObject({ chat: 'a', inReplyTo: 'question-1', last: true, id: '1' })
  })

  it('waits as long as a 429 asks, tries again, and keeps the order', async () => {
    post.channel.misbehave('a', tooMany(30_000))
    await post.say('a', ['1', '2'])
    await asleep(1)
    expect(await post.states()).toEqual(['queued', 'queued'])
    await post.clock.advance(29_999)
    expect(post.channel.attempts).toEqual(['1'])
    await post.clock.advance(1)
    await taken(2)
    expect(post.channel.attempts).toEqual(['1', '1', '2'])
    await settled(['sent', 'sent'])
    expect((await post.rows()).map(row => row.attempts)).toEqual([2, 1])
  })

  it('holds the whole account while the platform asks for silence', async () => {
    post.channel.misbehave('a', tooMany(30_000))
    await post.say('a', ['a1'])
    await asleep(1)
    await post.say('b', ['b1'])
    await asleep(2)
    expect(post.channel.attempts).toEqual(['a1'])
    await post.clock.advance(30_000)
    await taken(2)
  })

  it('holds also those that had waited for their pace when the silence began', async () => {
    const paced = await withChannel(createFakeChannel({ pacing: { perChatMs: 0, overallMs: 1000 } }, 'paced'))
    paced.channel.misbehave('a', tooMany(30_000))
    await paced.say('a', ['a1'])
    await asleep(1, paced)
    await paced.say('b', ['b1'])
    await asleep(2, paced)
    await paced.clock.advance(1000)
    await asleep(2, paced)
    expect(paced.channel.attempts).toEqual(['a1'])
    await paced.clock.advance(31_000)
    await until('one is taken', () => paced.channel.taken.length >= 1)
    await paced.clock.advance(1000)
    await taken(2, paced)
  })

  it('goes on in other chats while one chat waits for another attempt', async () => {
    post.channel.misbehave('a', offline(), offline())
    await post.say('a', ['a1'])
    await asleep(1)
    await post.say('b', ['b1'])
    await taken(1)
    expect(post.channel.taken).toEqual(['b1'])
  })

  it('goes on in other chats also where the account has a pace', async () => {
    const paced = await withChannel(
      createFakeChannel({ pacing: { perChatMs: 1000, overallMs: 30 } }, 'paced'),
    )
    paced.channel.misbehave('a', offline())
    await paced.say('a', ['a1'])
    await asleep(1, paced)
    await paced.say('b', ['b1'])
    await asleep(2, paced)
    await paced.clock.advance(30)
    await taken(1, paced)
    expect(paced.channel.taken).toEqual(['b1'])
  })

  it('goes on in other chats while an attempt hangs', async () => {
    const hanging = Promise.withResolvers<void>()
    post.channel.misbehave('a', hanging.promise)
    await post.say('a', ['a1', 'a2'])
    await post.say('b', ['b1'])
    await taken(1)
    expect(post.channel.taken).toEqual(['b1'])
    await settled(['attempting', 'queued', 'sent'])
    hanging.resolve()
    await taken(3)
    expect(post.channel.taken).toEqual(['b1', 'a1', 'a2'])
  })

  it('keeps the pace of the channel within a chat', async () => {
    const paced = await withChannel(createFakeChannel({ pacing: { perChatMs: 1000, overallMs: 0 } }, 'paced'))
    await paced.say('a', ['1', '2'])
    await taken(1, paced)
    await asleep(1, paced)
    await paced.clock.advance(999)
    expect(paced.channel.attempts).toEqual(['1'])
    await paced.clock.advance(1)
    await taken(2, paced)
  })

  it('lists an attempt whose outcome is not known and never repeats it', async () => {
    post.channel.misbehave('a', brokenOff())
    await post.say('a', ['1', '2'])
    await taken(1)
    await settled(['unknown', 'sent'])
    await post.clock.advance(3_600_000)
    expect(post.channel.attempts).toEqual(['1', '2'])
    expect((await post.rows())[0]?.reason).toBe('reset by peer')
  })

  it('takes a fault of the channel itself for an outcome that is not known', async () => {
    post.channel.misbehave('a', new TypeError('undefined is not a function'))
    await post.say('a', ['1', '2'])
    await settled(['unknown', 'sent'])
    expect(post.channel.attempts).toEqual(['1', '2'])
  })

  it('gives up what the platform refuses for good, and goes on with the next', async () => {
    post.channel.misbehave('a', refusedForGood(), blocked())
    await post.say('a', ['1', '2', '3'])
    await settled(['failed', 'undeliverable', 'sent'])
    expect(post.channel.attempts).toEqual(['1', '2', '3'])
  })

  it('does not send what has become too late to be of use', async () => {
    post.channel.misbehave('a', tooMany(10_000))
    await post.say('a', ['1'])
    await post.say('a', ['2'], { expiresAt: post.clock.now() + 5_000 })
    await post.say('a', ['3'])
    await asleep(1)
    await post.clock.advance(10_000)
    await settled(['sent', 'expired', 'sent'])
    expect(post.channel.taken).toEqual(['1', '3'])
  })

  it('expires at once what cannot be tried again in time', async () => {
    post.channel.misbehave('a', tooMany(10_000))
    await post.say('a', ['1'], { expiresAt: post.clock.now() + 5_000 })
    await settled(['expired'])
    expect(post.clock.sleepers()).toBe(0)
  })

  it('leaves the rest queued when it stops, and finishes the attempt under way', async () => {
    const hanging = Promise.withResolvers<void>()
    post.channel.misbehave('a', hanging.promise)
    await post.say('a', ['1', '2', '3'])
    await until('an attempt is under way', () => post.channel.attempts.length === 1)
    const stopped = post.ledger.stop()
    hanging.resolve()
    await stopped
    expect(await post.states()).toEqual(['sent', 'queued', 'queued'])
    expect(post.channel.taken).toEqual(['1'])
  })

  it('leaves queued what waits for another attempt when it stops', async () => {
    post.channel.misbehave('a', tooMany(30_000))
    await post.say('a', ['1'])
    await asleep(1)
    await post.ledger.stop()
    expect(await post.states()).toEqual(['queued'])
  })

  it('counts what a channel that is read from afar is to say as sent once it is committed', async () => {
    const pulling = await withChannel(createFakeChannel({ pulls: true }, 'pulled'))
    pulling.channel.misbehave('a', offline())
    await pulling.commit('a', ['1'])
    expect(await pulling.states()).toEqual(['sent'])
    await pulling.say('b', ['2'])
    await taken(1, pulling)
    expect(await pulling.states()).toEqual(['sent', 'sent'])
    expect((await pulling.rows()).map(row => row.attempts)).toEqual([0, 0])
  })
})
