/** wechaty: how slowly it sends, when it sends nothing, and what it says of a send that went wrong. */
import { describe, expect, it } from 'vitest'
import { type ChannelFailure, type Document, paragraph } from '#channel'
import { settle } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { start } from '../bots/small-house.ts'
import { type Backend, openStage, type Stage, type StageOptions } from './stage.ts'

const hour = 3_600_000
const day = 24 * hour
const text: Document = [paragraph('好的。')]
/** An account that has been in use for long. */
const used = () => new Map<string, unknown>([['wechaty.since', start - 30 * day]])

async function openReady(options: StageOptions = {}): Promise<Stage> {
  const stage = await openStage(options)
  await stage.ready()
  return stage
}

const failureOf = (sending: Promise<unknown>) =>
  sending.then(
    () => undefined,
    error => (error as ChannelFailure).detail,
  )

/** Lets time go on until it is sent or has failed; how long that took. */
async function timeOf(stage: Stage, sending: Promise<unknown>, stepMs = 100): Promise<number> {
  const from = stage.clock.now()
  let over = false
  sending
    .catch(() => {})
    .finally(() => {
      over = true
    })
  await settle()
  while (!over) await stage.clock.advance(stepMs)
  await sending
  return stage.clock.now() - from
}

/** Whatever the puppet is asked to send fails so. */
function failWith(backend: Backend, error: unknown): void {
  backend.puppet.messageSendText = async () => {
    throw error
  }
}

describe('wechaty paces itself:', () => {
  it('a second within one chat, and at random three to eight between chats', async () => {
    const stage = await openReady({ random: () => 0.5 })
    expect(await timeOf(stage, stage.send(text, 'zhang'))).toBe(0)
    expect(await timeOf(stage, stage.send(text, 'zhang'))).toBe(1_000)
    expect(await timeOf(stage, stage.send(text, 'li'))).toBe(5_500)
    expect(stage.backend.said.map(one => one.chat)).toEqual(['zhang', 'zhang', 'li'])
  })

  it('twenty a minute, the rest of a long message included', async () => {
    const stage = await openReady({ cache: used() })
    const long = Array.from({ length: 25 }, (_, i) => paragraph(`${i}`.padEnd(1_900, '。')))
    const times: number[] = []
    stage.backend.puppet.on('message', () => void times.push(stage.clock.now()))
    await timeOf(stage, stage.send(long))
    expect(times).toHaveLength(25)
    for (const [i, time] of times.slice(20).entries())
      expect(time - (times[i] ?? 0)).toBeGreaterThanOrEqual(60_000)
  })

  it('and lets no more than one wait: the next is told when to come again', async () => {
    const stage = await openReady()
    await stage.send(text, 'zhang')
    const waiting = stage.send(text, 'li')
    const second = stage.send(text, 'zhang')
    expect(await failureOf(stage.send(text, 'zhang'))).toEqual({
      stage: 'before',
      retryable: true,
      retryAfterMs: 8_000,
    })
    await timeOf(stage, Promise.all([waiting, second]))
  })

  it('nothing from ten at night to seven in the morning', async () => {
    const stage = await openReady()
    await stage.clock.advance(13 * hour)
    expect(await failureOf(stage.send(text))).toEqual({
      stage: 'before',
      retryable: true,
      retryAfterMs: 9 * hour,
    })
    await stage.clock.advance(4 * hour)
    expect(await failureOf(stage.send(text))).toMatchObject({ retryAfterMs: 5 * hour })
    expect(stage.backend.said).toEqual([])
  })

  it.each([
    ['a quarter in the first week', 75, new Map<string, unknown>()],
    ['three hundred a day later on', 300, used()],
  ])('%s', async (_, most, cache) => {
    cache.set('wechaty.sent', { day: Math.floor((start + 8 * hour) / day), count: most - 1 })
    const stage = await openReady({ cache })
    await stage.send(text)
    expect(stage.channel.health().detail).toContain(`${most} 条`)
    await stage.clock.advance(hour)
    // From ten in the morning to seven the next.
    expect(await failureOf(stage.send(text))).toMatchObject({ stage: 'before', retryAfterMs: 21 * hour })
    await stage.clock.advance(22 * hour)
    await stage.ready()
    await stage.send(text)
  })
})

describe('wechaty stops for twelve hours', () => {
  it('when WeChat says that it is too fast, and says why and how long', async () => {
    const stage = await openReady()
    failWith(stage.backend, new Error('发送消息过于频繁，可稍后再试'))
    expect(await failureOf(stage.send(text))).toEqual({
      stage: 'refused',
      retryable: true,
      retryAfterMs: 12 * hour,
    })
    expect(stage.channel.health()).toMatchObject({ state: 'failing' })
    expect(stage.channel.health().detail).toContain('频繁，11-23 21:00 之前不再发送')
    expect(stage.logLines.join('')).toContain('"msg":"wechaty.breaker.tripped"')
    await stage.clock.advance(hour)
    expect(await failureOf(stage.send(text, 'li'))).toEqual({
      stage: 'before',
      retryable: true,
      retryAfterMs: 11 * hour,
    })
  })

  it.each([
    [
      'an error of the puppet',
      (b: Backend) => b.puppet.emit('error', { data: '当前登录环境异常' }),
      '环境异常',
    ],
    [
      'a notice in a chat',
      (b: Backend) => b.tell({ id: 'n', talkerId: 'zhang', type: 0, text: '操作过于频繁' }),
      '频繁',
    ],
    ['a logout', (b: Backend) => b.puppet.emit('logout', { contactId: 'self', data: 'kicked' }), '退出登录'],
  ])('at %s', async (_, happen, words) => {
    const stage = await openReady()
    happen(stage.backend)
    await until('it has stopped', () => stage.channel.health().detail?.includes(words) === true)
    expect(await failureOf(stage.send(text))).toMatchObject({ stage: 'before', retryAfterMs: 12 * hour })
    expect(stage.backend.said).toEqual([])
  })

  it('but not because a citizen writes of it', async () => {
    const stage = await openReady()
    stage.backend.tell({ id: 'm1', talkerId: 'zhang', text: '提示我登录环境异常，操作频繁怎么办' })
    await until('it is stored', () => stage.received.length === 1)
    expect(stage.channel.health().state).toBe('on')
  })

  it('and a new process keeps to it', async () => {
    const cache = new Map<string, unknown>()
    const first = await openReady({ cache })
    first.backend.puppet.emit('error', { data: '操作过于频繁' })
    const second = await openStage({ cache, startAt: start + hour })
    expect(await failureOf(second.send(text))).toMatchObject({ stage: 'before', retryAfterMs: 11 * hour })
    await second.clock.advance(11 * hour)
    await second.ready()
  })

  it('and still hears', async () => {
    const stage = await openReady()
    stage.backend.puppet.emit('error', { data: '操作过于频繁' })
    stage.backend.tell({ id: 'm1', talkerId: 'zhang', text: '你好' })
    await until('it is stored', () => stage.received.length === 1)
  })
})

describe('a send', () => {
  it('that the puppet does not answer has an outcome that nobody knows', async () => {
    const stage = await openReady()
    stage.backend.puppet.messageSendText = () => new Promise(() => {})
    const sending = stage.send(text)
    const failure = failureOf(sending)
    await settle()
    await stage.clock.advance(60_000)
    expect(await failure).toEqual({ stage: 'after', retryable: false })
  })

  it('that breaks off for an unknown reason is not repeated', async () => {
    const stage = await openReady()
    failWith(stage.backend, new Error('14 UNAVAILABLE: Connection dropped'))
    expect(await failureOf(stage.send(text))).toEqual({ stage: 'after', retryable: false })
  })

  it('that did not leave comes again', async () => {
    const stage = await openReady()
    failWith(stage.backend, new Error('not logged in'))
    expect(await failureOf(stage.send(text))).toMatchObject({ stage: 'before', retryable: true })
  })

  it('to somebody who is no friend any more is over, and the chat is written down as lost', async () => {
    const stage = await openReady()
    failWith(stage.backend, new Error('消息已发出，但被对方拒收了'))
    expect(await failureOf(stage.send(text))).toMatchObject({ stage: 'refused', unreachable: true })
    expect(stage.changes).toMatchObject([{ chat: 'zhang', change: { kind: 'unreachable' } }])
  })

  it('of which only the beginning was shown is not repeated', async () => {
    const stage = await openReady()
    const say = stage.backend.puppet.messageSendText.bind(stage.backend.puppet)
    let said = 0
    stage.backend.puppet.messageSendText = async (chat: string, words: string) => {
      if (said++ > 0) throw new Error('not logged in')
      return say(chat, words)
    }
    const sending = stage.send([paragraph('一'.repeat(1_500)), paragraph('二'.repeat(1_500))])
    const failure = failureOf(sending)
    await timeOf(
      stage,
      sending.catch(() => {}),
    )
    expect(await failure).toEqual({ stage: 'after', retryable: false })
  })

  it('carries pictures and files, and says their names where the puppet cannot', async () => {
    const stage = await openReady()
    const picture: Document = [{ kind: 'picture', data: 'iVBORw0KGgo=', alternative: '办事地图' }]
    await stage.send(picture)
    stage.backend.puppet.messageSendFile = async () => {
      throw new Error('Wechaty Puppet Unsupported API Error')
    }
    await timeOf(stage, stage.send(picture))
    expect(stage.backend.said.map(one => one.text)).toEqual(['办事地图.png', '［图片］办事地图'])
  })

  it('that waits for its turn when the process stops has not left', async () => {
    const stage = await openReady()
    await stage.send(text, 'zhang')
    const failure = failureOf(stage.send(text, 'li'))
    await settle()
    await stage.channel.stop()
    expect(await failure).toMatchObject({ stage: 'before', retryable: true })
  })
})
