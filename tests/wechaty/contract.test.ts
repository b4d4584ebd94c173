/** wechaty over the mock puppet: the contract of all channels, and what is its own. */
import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Attachment, ChannelFailure, paragraph } from '#channel'
import { createWechaty } from '../../bots/wechaty/index.ts'
import { settle } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { type Citizen, describeChannel, type Harness, type Heard } from '../bots/contract.ts'
import { openSmallHouse } from '../bots/small-house.ts'
import { type Backend, contact, createBackend, openStage, roomId, type Stage } from './stage.ts'

function heardOf(texts: string[]): Heard {
  const lines = texts.join('\n').split('\n')
  return {
    texts,
    choices: lines.flatMap(line => /^\d+\. (.*)$/.exec(line)?.[1] ?? []),
    citations: lines.flatMap(line => /^依据：(.*)$/.exec(line)?.[1] ?? []),
  }
}

const mentioned = { roomId, mentionIdList: ['self'] }

/** wechaty's MessageType of what a citizen can send. */
const typeOf: Record<Attachment, number> = {
  document: 1,
  voice: 2,
  picture: 6,
  location: 8,
  other: 14,
  video: 15,
}

async function makeHarness(): Promise<Harness> {
  const backends: Backend[] = []
  let choices: string[] = []
  const createChannel = () => {
    const backend = createBackend()
    backends.push(backend)
    return createWechaty({ puppet: backend.puppet, print: () => {}, random: () => 0.5 })
  }
  const house = await openSmallHouse({ createChannel })
  const ready = () => until('somebody is logged in', () => house.channel().health().state === 'on')
  await ready()

  const tell = (message: Parameters<Backend['tell']>[0]) => backends.at(-1)?.tell(message)
  const shownIn = (chat: string) =>
    backends.flatMap(backend => backend.said.filter(one => one.chat === chat).map(one => one.text))

  /** It paces itself by the clock: time goes on until the answer is there. */
  async function answered(nativeId: string): Promise<void> {
    let done = false
    house.answered(nativeId).then(() => {
      done = true
    })
    await until('it is answered', async () => {
      if (!done) await house.clock.advance(500)
      return done
    })
  }

  async function hear(chat: string, message: Parameters<Backend['tell']>[0]): Promise<Heard> {
    await ready()
    const before = shownIn(chat).length
    tell(message)
    await answered(message.id)
    return heardOf(shownIn(chat).slice(before))
  }

  const citizen: Citizen = {
    chat: 'zhang',
    async say(text, nativeId = randomUUID()) {
      const heard = await hear('zhang', { id: nativeId, talkerId: 'zhang', text })
      choices = heard.choices
      return heard
    },
    choose: label => citizen.say(String(choices.indexOf(label) + 1)),
    async repeat(_, nativeId) {
      backends.at(-1)?.repeat(nativeId)
      await settle()
    },
    shown: async () => shownIn('zhang'),
  }
  return {
    house,
    citizen,
    attach: kind =>
      hear('zhang', { id: randomUUID(), talkerId: 'zhang', type: typeOf[kind], text: '<msg></msg>' }),
    bare: true,
    async block() {
      const before = house.logLines.length
      tell({ id: randomUUID(), talkerId: 'zhang', type: 0, text: '消息已发出，但被对方拒收了。' })
      await until('it is heard', () => house.logLines.slice(before).join('').includes('wechaty.gone'))
    },
    group: {
      chat: roomId,
      say: (text, id = randomUUID()) =>
        hear(roomId, { id, talkerId: 'li', text: `@小助手\u2005${text}`, ...mentioned }),
    },
  }
}

describeChannel('wechaty', makeHarness)

async function hears(stage: Stage, many = 1): Promise<void> {
  await until('it is stored', () => stage.received.length >= many)
}

describe('wechaty hears', () => {
  it('friends, and everybody who addresses it in a room, without its name', async () => {
    const stage = await openStage()
    await stage.ready()
    stage.backend.tell({ id: 'm1', talkerId: 'zhang', text: '失业金怎么领' })
    stage.backend.tell({ id: 'm2', talkerId: 'li', text: '@小助手\u2005年假几天', ...mentioned })
    await hears(stage, 2)
    expect(stage.received).toEqual([
      { chat: 'zhang', nativeId: 'm1', text: '失业金怎么领' },
      { chat: roomId, nativeId: 'm2', text: '年假几天', group: true },
    ])
  })

  it('neither itself, nor strangers, nor talk among others, and counts them', async () => {
    const stage = await openStage()
    const { backend } = stage
    await stage.ready()
    backend.mocker.createContact(contact('stranger', { friend: false }))
    backend.mocker.createContact(contact('news', { type: 2 }))
    backend.tell({ id: 'm1', talkerId: 'stranger', text: '加我' })
    backend.tell({ id: 'm2', talkerId: 'news', text: '今日要闻' })
    backend.tell({ id: 'm3', talkerId: 'zhang', text: '吃了吗', roomId })
    backend.tell({ id: 'm4', talkerId: 'self', text: '我自己', listenerId: 'zhang' })
    backend.tell({ id: 'm5', talkerId: 'zhang', text: '你好' })
    await hears(stage)
    expect(stage.received.map(one => one.nativeId)).toEqual(['m5'])
    expect(stage.channel.report?.().figures).toMatchObject({ ignored: 4, unreadable: 0, lost: 0, waiting: 0 })
  })

  it('a stranger who has become a friend', async () => {
    const stage = await openStage()
    const { mocker, tell } = stage.backend
    await stage.ready()
    mocker.createContact(contact('wang', { friend: false }))
    tell({ id: 'm1', talkerId: 'wang', text: '加我' })
    await until('it is left aside', () => stage.channel.report?.().figures.ignored === 1)
    mocker.cacheContactPayload.set('wang', { ...mocker.contactPayload('wang'), friend: true })
    tell({ id: 'm2', talkerId: 'wang', text: '你好' })
    await hears(stage)
    expect(stage.received[0]?.nativeId).toBe('m2')
  })

  it('in the order of the messages, and offers each again until it is stored', async () => {
    const stage = await openStage()
    await stage.ready()
    let faults = 2
    stage.receive = async () => {
      if (faults-- > 0) throw new Error('the database is away')
      return 'accepted'
    }
    for (const id of ['a', 'b', 'c']) stage.backend.tell({ id, talkerId: 'zhang', text: id })
    await until('all are stored', async () => {
      await stage.clock.advance(1_000)
      return stage.received.length === 3
    })
    expect(stage.received.map(one => one.nativeId)).toEqual(['a', 'b', 'c'])
  })

  it('a message that the puppet cannot look up at once', async () => {
    const stage = await openStage()
    await stage.ready()
    stage.backend.repeat('late')
    await until('it waits', () => stage.clock.sleepers() > 1)
    stage.backend.tell({ id: 'late', talkerId: 'zhang', text: '来晚了' })
    await until('it is stored', async () => {
      await stage.clock.advance(500)
      return stage.received.length > 0
    })
    expect(stage.received[0]).toMatchObject({ nativeId: 'late', text: '来晚了' })
  })

  it('after a message that can never be looked up as well as before', async () => {
    const stage = await openStage()
    await stage.ready()
    stage.backend.repeat('never')
    stage.backend.tell({ id: 'next', talkerId: 'zhang', text: '下一条' })
    await until('the next is stored', async () => {
      await stage.clock.advance(1_000)
      return stage.received.length > 0
    })
    expect(stage.channel.report?.().figures).toMatchObject({ unreadable: 1 })
  })

  it('that a contact has deleted us, or a room has removed us', async () => {
    const stage = await openStage()
    await stage.ready()
    const notice = '张开启了朋友验证，你还不是他（她）朋友。'
    stage.backend.tell({ id: 'n1', talkerId: 'zhang', type: 0, text: notice })
    stage.backend.puppet.emit('room-leave', {
      roomId,
      removeeIdList: ['self'],
      removerId: 'li',
      timestamp: stage.clock.now(),
    })
    await until('both are told', () => stage.changes.length === 2)
    expect(stage.changes.map(one => [one.chat, one.change.kind]).sort()).toEqual([
      [roomId, 'unreachable'],
      ['zhang', 'unreachable'],
    ])
  })
})

describe('wechaty is ready', () => {
  it('by the login and not before, and shows the QR code until then', async () => {
    const backend = createBackend({ manual: true })
    const started = new Promise<void>(resolve => backend.puppet.once('start', () => resolve()))
    const stage = await openStage({ backend })
    await started
    await settle()
    expect(stage.channel.health().state).toBe('failing')
    backend.mocker.scan('https://login.weixin.qq.com/l/abc')
    expect(stage.printed).toHaveLength(1)
    expect(stage.printed[0]).toMatch(/▄[\s\S]*二维码的内容：https:\/\/login\.weixin\.qq\.com\/l\/abc/)
    expect(stage.channel.health().detail).toMatch(/扫码.*https:\/\/login\.weixin\.qq\.com\/l\/abc/)
    backend.mocker.scan('https://login.weixin.qq.com/l/abc')
    expect(stage.printed).toHaveLength(1)
    backend.mocker.scan('https://login.weixin.qq.com/l/def')
    expect(stage.printed).toHaveLength(2)
    await expect(stage.send([paragraph('好')])).rejects.toMatchObject({
      detail: { stage: 'before', retryable: true },
    })
    backend.mocker.login(backend.mocker.ContactMock.load('self'))
    expect(stage.channel.health().state).toBe('on')
  })

  it('and stays so when whoever shows the QR code fails', async () => {
    const print = () => {
      throw new Error('the terminal is gone')
    }
    const stage = await openStage({ print })
    await stage.ready()
    stage.backend.mocker.scan('again')
    expect(stage.logLines.join('')).toContain('the terminal is gone')
  })

  it('and is not where the puppet is not installed, and says so', async () => {
    const stage = await openStage({ puppet: 'wechaty-puppet-nowhere' })
    await until('it is told', () => stage.channel.health().detail?.includes('连不上 puppet') === true)
    expect(stage.channel.health()).toMatchObject({ state: 'failing' })
    await expect(stage.send([paragraph('好')])).rejects.toBeInstanceOf(ChannelFailure)
  })

  it('and is off before it is started', async () => {
    const { puppet } = createBackend()
    const channel = createWechaty({ puppet, print: () => {}, random: () => 0.5 })
    expect(channel.health().state).toBe('off')
  })
})

describe('wechaty reconnects', () => {
  it('a hundred times without heaping up listeners', async () => {
    const stage = await openStage()
    const { puppet } = stage.backend
    await stage.ready()
    type Inner = { __watchdog: { watchdog: EventEmitter } } & EventEmitter
    const emitter = puppet as unknown as Inner
    const count = () => ({
      ...Object.fromEntries(emitter.eventNames().map(name => [name, emitter.listenerCount(name)])),
      resets: emitter.__watchdog.watchdog.listenerCount('reset'),
    })
    const before = count()
    for (let i = 0; i < 100; i++) await puppet.reset()
    await stage.ready()
    expect(stage.logLines.filter(line => line.includes('wechaty.logged.in'))).toHaveLength(101)
    expect(count()).toEqual(before)
    stage.backend.tell({ id: 'm1', talkerId: 'zhang', text: '还在吗' })
    await hears(stage)
  })

  it('when it hears nothing for minutes, and nobody takes it for a logout', async () => {
    const stage = await openStage()
    await stage.ready()
    stage.backend.puppet.emit('heartbeat', { data: 'I live' })
    await until('it has started anew', async () => {
      await stage.clock.advance(10_000)
      return stage.channel.report?.().figures.reconnects === 1
    })
    await stage.clock.advance(60_000)
    await stage.ready()
    expect(stage.logLines.join('')).not.toContain('wechaty.breaker.tripped')
  })

  it('not while it works, where the puppet never answered a probe', async () => {
    const stage = await openStage()
    await stage.ready()
    for (let i = 0; i < 20; i++) await stage.clock.advance(60_000)
    expect(stage.channel.report?.().figures).toMatchObject({ reconnects: 0, logged_in: 1 })
  })
})
