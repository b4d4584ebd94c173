import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Allowance, ChannelFailure, type ChannelTraits, formatPlain, type PassiveReply } from '#channel'
import { keyNameOf } from '#delivery'
import { createTestClock, settle, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { createFakeChannel, type FakeChannel } from './fake-channel.ts'
import { createTestMaster, openPost, type Post, start } from './post.ts'

const passive = { replyMs: 4_500, tries: 3 }
const budget = { unit: 'bytes', max: 2048 } as const
const message: Allowance = { count: 5, ms: 48 * 3_600_000 }
const click: Allowance = { count: 3, ms: 60_000 }
const master = createTestMaster()
const closed = () => new ChannelFailure('45015', { stage: 'refused', retryable: false, windowClosed: true })

type Replied = Extract<PassiveReply, { kind: 'reply' }>
const textOf = (reply: PassiveReply) =>
  reply.kind === 'reply' ? formatPlain(reply.documents.flat()) : reply.kind

describe.each(databases)('a platform that takes the answer in its own request, on $name,', ({ make }) => {
  let database: TestDatabase
  let clock: TestClock
  let channel: FakeChannel
  let post: Post
  const posts: Post[] = []

  async function open(traits: Partial<ChannelTraits> = {}, id = 'p1'): Promise<Post> {
    channel = createFakeChannel({ textBudget: budget, push: 'window', passive, ...traits })
    const opened = await openPost({ database, master, clock, channel, id })
    posts.push(opened)
    return opened
  }

  beforeEach(async () => {
    database = await make()
    clock = createTestClock(start)
    post = await open()
  })
  afterEach(async () => {
    // Whoever was given an answer and never said what became of it is not waited for any longer.
    await clock.advance(10_000)
    for (const one of posts.splice(0)) await one.close()
    await database.remove()
  })

  const placeOf = (chat: string) => ({ account: channel.account, chat })

  /** A message arrives and its request is open. */
  async function ask(nativeId: string, allowance: Allowance | undefined = message, chat = 'a') {
    const gone = new AbortController()
    const slot = post.ledger.expect(placeOf(chat), { nativeId, arrivedAt: clock.now(), signal: gone.signal })
    const rows = await post.store.commit(post.ledger.hear(chat.charCodeAt(0), allowance))
    await post.say(chat, [])
    const key = await post.key(keyNameOf(placeOf(chat)))
    const released = post.ledger.carryReleased(rows, key)
    return { reply: slot.reply, released, gone: () => gone.abort() }
  }

  /** The turn of a message says this. */
  async function answer(nativeId: string, texts: string[], label?: string): Promise<void> {
    const inReplyTo = { seq: 1, nativeId, last: true }
    await post.say('a', texts, { inReplyTo, ...(label !== undefined && { label }) })
    post.ledger.answered(placeOf('a'), nativeId)
    await settle()
  }

  const settled = async (reply: PassiveReply, outcome: 'sent' | 'unsent' | 'unknown' = 'sent') => {
    await (reply as Replied).settle(outcome)
    await until('it is settled', async () => !(await post.states()).includes('attempting'))
  }

  const states = (expected: string[]) =>
    until(`the states are ${expected}`, async () => String(await post.states()) === String(expected))

  it('gives an answer in time back there, and sends nothing besides', async () => {
    const { reply } = await ask('m1')
    await answer('m1', ['第一段', '第二段'], '您刚才问的“问”，答复如下：')
    const given = await reply
    expect(textOf(given)).toBe('第一段\n第二段')
    expect(await post.states()).toEqual(['attempting', 'attempting'])
    await settled(given)
    expect(await post.states()).toEqual(['sent', 'sent'])
    expect(channel.attempts).toEqual([])
  })

  it('gives each of two questions its own answer, whichever came while the other was open', async () => {
    const first = await ask('m1')
    const second = await ask('m2')
    await answer('m1', ['答一'])
    await settled(await first.reply)
    await answer('m2', ['答二'])
    expect([textOf(await first.reply), textOf(await second.reply)]).toEqual(['答一', '答二'])
    await settled(await second.reply)
    await states(['sent', 'sent'])
  })

  it('acknowledges a question that is answered late, and sends the answer by itself', async () => {
    const { reply } = await ask('m1')
    await clock.advance(4_500)
    await clock.advance(200)
    expect(textOf(await reply)).toBe('nothing')
    await answer('m1', ['晚到的答复'], '您刚才问的“问”，答复如下：')
    await states(['sent'])
    expect(channel.taken).toEqual(['晚到的答复'])
  })

  it('sends by itself no more than was granted, keeps the rest, and gives it first with the next message', async () => {
    const { reply } = await ask('m1')
    post.ledger.answered(placeOf('a'), 'm1')
    expect(textOf(await reply)).toBe('nothing')
    await post.say('a', ['一', '二', '三', '四', '五', '六'])
    await states([...Array(5).fill('sent'), 'parked'])
    const next = await ask('m2')
    expect(next.released).toBe(1)
    await answer('m2', ['答二'])
    expect(textOf(await next.reply)).toBe('六\n答二')
    await settled(await next.reply)
    expect(channel.taken).toEqual(['一', '二', '三', '四', '五'])
  })

  it('keeps what was granted for longer when a click grants less, and takes the click where nothing is left', async () => {
    post.ledger.answered(placeOf('a'), 'none')
    const first = await ask('m1')
    post.ledger.answered(placeOf('a'), 'm1')
    await first.reply
    const clicked = await ask('e1', click)
    post.ledger.answered(placeOf('a'), 'e1')
    await clicked.reply
    await post.say('a', ['一', '二', '三', '四', '五', '六'])
    await states([...Array(5).fill('sent'), 'parked'])
    const again = await ask('e2', click)
    post.ledger.answered(placeOf('a'), 'e2')
    await settled(await again.reply)
    await post.say('a', ['七', '八', '九', '十'])
    await states([...Array(9).fill('sent'), 'parked'])
  })

  it('sends nothing after the time that was granted', async () => {
    const { reply } = await ask('m1')
    post.ledger.answered(placeOf('a'), 'm1')
    await reply
    await clock.advance(message.ms)
    await post.say('a', ['太晚'])
    await states(['parked'])
    expect(channel.attempts).toEqual([])
  })

  it('believes the platform that the time is over', async () => {
    const { reply } = await ask('m1')
    post.ledger.answered(placeOf('a'), 'm1')
    await reply
    channel.misbehave('a', closed())
    await post.say('a', ['一', '二'])
    await states(['parked', 'parked'])
    expect(channel.attempts).toEqual(['一'])
  })

  it('gives back what the platform did not wait for when it asks again', async () => {
    const first = await ask('m1')
    await answer('m1', ['答复'])
    await settled(await first.reply, 'unsent')
    const second = await ask('m1')
    post.ledger.answered(placeOf('a'), 'm1')
    const given = await second.reply
    expect(['答复', 'nothing']).toContain(textOf(given))
    if (given.kind === 'reply') await settled(given)
    await states(['sent'])
  })

  it('lists as unknown what the platform left in the middle of, and never gives it again', async () => {
    const first = await ask('m1')
    await answer('m1', ['答复'])
    await settled(await first.reply, 'unknown')
    await states(['unknown'])
    const second = await ask('m1')
    post.ledger.answered(placeOf('a'), 'm1')
    expect(textOf(await second.reply)).toBe('nothing')
    expect(channel.attempts).toEqual([])
  })

  it('lists as unknown what a dead process was giving', async () => {
    const { reply } = await ask('m1')
    await answer('m1', ['答复'])
    expect(textOf(await reply)).toBe('答复')
    const next = await open({}, 'p2')
    await next.ledger.recover(new Set(['p2']))
    expect(await next.states()).toEqual(['unknown'])
  })

  it('does not answer a request that its platform has given up', async () => {
    const { reply, gone } = await ask('m1')
    gone()
    expect(textOf(await reply)).toBe('again')
  })

  it('lets go of all requests when it stops', async () => {
    const { reply } = await ask('m1')
    await post.ledger.stop()
    expect(textOf(await reply)).toBe('again')
  })

  describe('where nothing can be sent by itself', () => {
    beforeEach(async () => {
      post = await open({ push: 'never' }, 'p2')
    })

    it('has the platform ask again, and the last time asks the citizen to come back', async () => {
      const answers: string[] = []
      for (let i = 0; i < 3; i++) {
        const { reply } = await ask('m1', undefined)
        await clock.advance(4_500)
        await clock.advance(200)
        answers.push(textOf(await reply))
      }
      expect(answers).toEqual(['again', 'again', '正在为您查找答复，请稍后回复“继续”查看。'])
      await answer('m1', ['晚到的答复'], '您刚才问的“问”，答复如下：')
      await states(['parked'])
      const next = await ask('m2', undefined)
      await answer('m2', ['答二'], '您刚才问的“二”，答复如下：')
      expect(textOf(await next.reply)).toBe('您刚才问的“问”，答复如下：\n晚到的答复\n答二')
      await settled(await next.reply)
      await states(['sent', 'sent'])
    })

    it('answers the second or third time that it is asked', async () => {
      const first = await ask('m1', undefined)
      await clock.advance(4_500)
      await clock.advance(200)
      expect(textOf(await first.reply)).toBe('again')
      const second = await ask('m1', undefined)
      await answer('m1', ['答复'], '您刚才问的“问”，答复如下：')
      expect(textOf(await second.reply)).toBe('答复')
    })

    it('says that more is to come, and gives it with the next message', async () => {
      const long = (mark: string) => mark.repeat(600)
      const { reply } = await ask('m1', undefined)
      await answer('m1', [long('甲'), long('乙')])
      expect(textOf(await reply)).toBe(`${long('甲')}\n（还有内容没有显示，请回复“继续”查看）`)
      await settled(await reply)
      await states(['sent', 'parked'])
      const next = await ask('m2', undefined)
      post.ledger.answered(placeOf('a'), 'm2')
      expect(textOf(await next.reply)).toBe(long('乙'))
    })

    it('gives what was being parked while the citizen wrote once, and promises no more', async () => {
      for (let round = 0; round < 20; round++) {
        // Parked at once: no request is open. The next message comes while that is being written down.
        await post.say('a', [`晚到${round}`])
        for (let ticks = 0; ticks < round; ticks++) await Promise.resolve()
        const { reply } = await ask(`m${round}`, undefined)
        post.ledger.answered(placeOf('a'), `m${round}`)
        const given = await reply
        // Where it was parked only after the request had been answered, it comes with the next one.
        if (given.kind === 'reply') await settled(given)
        const again = await ask(`n${round}`, undefined)
        post.ledger.answered(placeOf('a'), `n${round}`)
        const next = await again.reply
        if (next.kind === 'reply') await settled(next)
        const said = [given, next].map(textOf).filter(text => text !== 'nothing')
        expect(said).toEqual([`晚到${round}`])
      }
    })

    it('divides what a command has entered without knowing the platform', async () => {
      await post.commit('a', ['很长的一句话。'.repeat(200)])
      const next = await open({ push: 'never' }, 'p3')
      await next.ledger.recover(new Set(['p3']))
      await until('it is parked', async () => (await next.states()).every(state => state === 'parked'))
      expect((await next.states()).length).toBeGreaterThan(1)
    })
  })
})
