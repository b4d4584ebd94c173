import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bookmark, formatPlain, type Past, Refusal } from '#channel'
import { createTestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createFakeChannel, offline } from '../delivery/fake-channel.ts'
import { createTestMaster, start } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { type Branch, type BranchOptions, echo, openBranch, zh } from './branch.ts'

const wordsOf = (past: Past) =>
  past.kind === 'incoming' ? `> ${past.text}` : formatPlain(past.message.document)

describe.each(databases)('the gateway on $name', ({ make }) => {
  let database: TestDatabase
  let branch: Branch
  let others: Branch[]
  const master = createTestMaster()

  async function openAnother(options: Partial<BranchOptions>): Promise<Branch> {
    const other = await openBranch({ database, master, ...options })
    others.push(other)
    return other
  }

  beforeEach(async () => {
    database = await make()
    branch = await openBranch({ database, master })
    others = []
  })
  afterEach(async () => {
    for (const one of [branch, ...others]) await one.close()
    await database.remove()
  })

  it('has stored a message when it accepts it, before there is any answer', async () => {
    const thinking = Promise.withResolvers<void>()
    const slow = await openAnother({
      id: 'slow',
      answerer: {
        ...echo,
        answer: async (...asked) => {
          await thinking.promise
          return echo.answer(...asked)
        },
      },
    })
    expect(await slow.receive('a', 'm1', '年假几天')).toBe('accepted')
    expect(await slow.inbound()).toEqual(['received'])
    expect(slow.channel.attempts).toEqual([])
    thinking.resolve()
    await slow.replied(2)
    expect(slow.channel.taken).toEqual([zh.notice(180), '答：年假几天'])
    expect(await slow.inbound()).toEqual(['done'])
  })

  it('answers the same native id once, also when both copies arrive together', async () => {
    const receipts = await Promise.all([
      branch.receive('a', 'm1', '年假几天'),
      branch.receive('a', 'm1', '年假几天'),
      branch.receive('a', 'm1', '年假几天'),
    ])
    expect(receipts.sort()).toEqual(['accepted', 'duplicate', 'duplicate'])
    await branch.replied(2)
    expect(await branch.receive('a', 'm1', '年假几天')).toBe('duplicate')
    expect(await branch.receive('b', 'm1', '失业金')).toBe('accepted')
    await branch.replied(4)
    expect(branch.channel.taken).toHaveLength(4)
    expect(await branch.inbound()).toEqual(['done', 'done'])
  })

  it('answers the messages of a conversation in their order, whatever time each takes', async () => {
    const gates = new Map([['一', Promise.withResolvers<void>()]])
    const slow = await openAnother({
      id: 'slow',
      answerer: {
        ...echo,
        answer: async (text, language) => {
          await gates.get(text)?.promise
          return echo.answer(text, language)
        },
      },
    })
    for (const text of ['一', '二', '三']) await slow.receive('a', text, text)
    await slow.receive('b', 'x', '旁人')
    await slow.replied(2)
    expect(slow.channel.taken).toEqual([zh.notice(180), '答：旁人'])
    gates.get('一')?.resolve()
    await slow.replied(6)
    expect(slow.channel.taken.slice(2)).toEqual([zh.notice(180), '答：一', '答：二', '答：三'])
  })

  it('marks the last reply to a message', async () => {
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    expect(branch.channel.messages.map(m => [m.inReplyTo, m.last ?? false])).toEqual([
      ['m1', false],
      ['m1', true],
    ])
  })

  it('tells the replies to one message, and whether its turn is done', async () => {
    expect(await branch.host.repliesTo('a', 'm1')).toEqual({ done: false, messages: [] })
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    const { done, messages } = await branch.host.repliesTo('a', 'm1')
    expect(done).toBe(true)
    expect(messages.map(m => formatPlain(m.document))).toEqual([zh.notice(180), '答：年假几天'])
    expect(messages.map(m => m.id)).toEqual(branch.channel.messages.map(m => m.id))
    expect(await branch.host.repliesTo('a', 'other')).toEqual({ done: false, messages: [] })
  })

  it('tells the past of a conversation, with what the citizen tapped in words', async () => {
    await branch.receive('a', 'm1', '你好')
    await branch.replied(2)
    await branch.clock.advance(1000)
    await branch.host.receive({ chat: 'a', nativeId: 'm2', text: '', choice: 'example:1' })
    await branch.replied(3)
    const past = (await branch.host.history('a')).map(wordsOf)
    expect(past[0]).toBe('> 你好')
    expect(past[1]).toBe(zh.notice(180))
    expect(past.slice(3)).toEqual([`> ${zh.examples[1]}`, `答：${zh.examples[1]}`])
    expect(await branch.host.history('nobody')).toEqual([])
  })

  it('tells after a known message only what was said since', async () => {
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    const { id = '', createdAt = 0 } = branch.channel.messages.at(-1) ?? {}
    await branch.receive('a', 'm2', '失业金')
    await branch.replied(3)
    const saidAfter = async (after: Bookmark) =>
      (await branch.host.history('a', after)).filter(p => p.kind === 'outgoing').map(wordsOf)
    expect(await saidAfter({ id, createdAt })).toEqual(['答：失业金'])
    expect(await saidAfter({ id })).toEqual(['答：失业金'])
  })

  it('tells everything after a message that it does not have, or whose number is another’s now', async () => {
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    const { id = '', createdAt = 0 } = branch.channel.messages.at(-1) ?? {}
    const all = (await branch.host.history('a')).map(wordsOf)
    expect(all).toHaveLength(3)
    for (const after of [
      { id: '999', createdAt },
      { id: '999' },
      { id, createdAt: createdAt - 1 },
      { id, createdAt: createdAt + 1 },
    ])
      expect((await branch.host.history('a', after)).map(wordsOf)).toEqual(all)
  })

  it('takes a number for the choice last offered, also after a restart', async () => {
    await branch.receive('a', 'm1', '你好')
    await branch.replied(2)
    const next = await openAnother({ id: 'p2' })
    await next.receive('a', 'm2', '２')
    await next.replied(1)
    expect(next.channel.taken).toEqual([`答：${zh.examples[1]}`])
  })

  it('lets a form go on in another process, with a recap only when the first has ended', async () => {
    let living = ['p1', 'p2']
    const next = await openAnother({ id: 'p2', living: () => living })
    await branch.receive('a', 'm1', '人工')
    await branch.replied(2)
    await next.receive('a', 'm2', '1')
    await next.replied(1)
    expect(next.channel.taken[0]).toBe(
      `${zh.message.textPrompt}\n1. ${zh.labels.back}\n2. ${zh.labels.cancel}`,
    )
    living = ['p3']
    const third = await openAnother({ id: 'p3', living: () => living })
    await third.receive('a', 'm3', '我的失业保险断缴了')
    await third.replied(1)
    expect(third.channel.taken[0]).toContain(zh.form.recap(zh.message.title, zh.message.topicLabel))
  })

  it('gives a recap after a pause of more than half an hour', async () => {
    await branch.receive('a', 'm1', '人工')
    await branch.replied(2)
    await branch.clock.advance(29 * 60_000)
    await branch.receive('a', 'm2', '1')
    await branch.replied(3)
    expect(branch.channel.taken[2]).not.toContain(zh.form.recap(zh.message.title, zh.message.topicLabel))
    await branch.clock.advance(31 * 60_000)
    await branch.receive('a', 'm3', '我的失业保险断缴了')
    await branch.replied(4)
    expect(branch.channel.taken[3]).toContain(zh.form.recap(zh.message.title, zh.message.topicLabel))
  })

  it('keeps what was left for the staff once, with the turn that confirmed it', async () => {
    for (const [i, text] of ['人工', '1', '我的失业保险断缴了', '跳过', '确认提交'].entries())
      await branch.receive('a', `m${i}`, text)
    await branch.replied(6)
    const left = await branch.store.query(db => db.selectFrom('left_messages').select(['number', 'state']))
    expect(left).toEqual([{ number: expect.stringMatching(/^L20261123-[2-9A-Z]{5}$/), state: 'open' }])
    expect(branch.channel.taken.at(-1)).toContain(left[0]?.number)
  })

  it('refuses with a sentence once it stops, and has finished what it had accepted', async () => {
    await branch.receive('a', 'm1', '年假几天')
    await branch.gateway.stop()
    expect(await branch.inbound()).toEqual(['done'])
    const refused = await branch.receive('a', 'm2', '失业金').catch(error => error)
    expect(refused).toBeInstanceOf(Refusal)
    expect(refused.say).toBe(zh.stopping)
  })

  it('cleans control characters away and keeps the rest as it was typed', async () => {
    await branch.receive('a', 'm1', '\u0000\u202e失业金\u0007<b>怎么领</b>\ufeff\ud800')
    await branch.replied(2)
    expect(branch.channel.taken[1]).toBe('答：失业金<b>怎么领</b>\ufffd')
  })

  it('keeps of a message of ten thousand characters no more than shows that it is too long', async () => {
    await branch.receive('a', 'm1', '长'.repeat(10_000))
    await branch.replied(2)
    expect(branch.channel.taken[1]).toBe(zh.tooLong(2000))
    const [row] = await branch.host.history('a')
    expect(row && wordsOf(row).length).toBeLessThan(2100)
  })

  it('keeps apart conversations whose names hold the sign that parts them', async () => {
    await branch.receive('a|b', 'm1', '人工')
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(4)
    expect((await branch.host.history('a|b')).map(wordsOf)[0]).toBe('> 人工')
    expect((await branch.host.history('a')).map(wordsOf)[0]).toBe('> 年假几天')
  })

  it('sends what a process had promised before what it is asked next', async () => {
    const dead = () => ['dead', 'mute']
    const promised = await openAnother({ id: 'dead', living: dead })
    const never = new Promise<never>(() => {})
    const mute = await openAnother({ id: 'mute', living: dead, answerer: { ...echo, answer: () => never } })
    promised.channel.misbehave('a', offline())
    await promised.receive('a', 'm1', '年假几天')
    await until('the first attempt failed', () => promised.clock.sleepers() === 1)
    await mute.receive('a', 'm2', '失业金')
    await branch.gateway.recover()
    await until('all have left', async () => {
      await branch.clock.advance(2_000)
      return branch.channel.taken.length === 3
    })
    others = [promised]
    await mute.store.close()
    expect(branch.channel.taken).toEqual([zh.notice(180), '答：年假几天', '答：失业金'])
  })

  it('tells replies in the order of their numbers when the clocks of two processes differ', async () => {
    const behind = await openAnother({
      id: 'behind',
      clock: createTestClock(start - 50),
      living: () => ['p1', 'behind'],
    })
    await branch.receive('a', 'm1', '一')
    await branch.replied(2)
    await behind.receive('a', 'm2', '二')
    await behind.replied(1)
    const ids = (await branch.host.history('a')).flatMap(p =>
      p.kind === 'outgoing' ? [Number(p.message.id)] : [],
    )
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })

  it('serves two processes at once: each message answered once, in the order in which they were stored', async () => {
    if (!branch.store.shared) return
    const living = () => ['left', 'right']
    const channel = createFakeChannel({ pulls: true })
    const left = await openAnother({ id: 'left', living, channel })
    const right = await openAnother({ id: 'right', living, channel: createFakeChannel({ pulls: true }) })
    const texts = Array.from({ length: 12 }, (_, i) => `问题${i}`)
    await Promise.all(texts.map((text, i) => (i % 2 === 0 ? left : right).receive('a', text, text)))
    await until('all are answered', async () => {
      await Promise.all([left.clock.advance(2_000), right.clock.advance(2_000)])
      return (await left.inbound()).every(state => state === 'done')
    })
    const past = await left.host.history('a')
    const asked = past.flatMap(p => (p.kind === 'incoming' ? [p.nativeId] : []))
    expect([...asked].sort()).toEqual([...texts].sort())
    const said = await left.store.query(db =>
      db
        .selectFrom('deliveries as d')
        .innerJoin('inbound as i', 'i.seq', 'd.in_reply_to')
        .select('i.native_id')
        .orderBy('d.seq'),
    )
    expect(said.map(row => row.native_id)).toEqual([asked[0], ...asked])
  })
})
