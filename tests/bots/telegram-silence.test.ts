/** A rate limit of Telegram on its whole way: who waits for it, and who does not. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { paragraph } from '#channel'
import { until } from '../base/until.ts'
import type { Fault } from '../emulators/telegram/index.ts'
import { conditions } from './small-house.ts'
import { openTelegramHouse } from './telegram-chat.ts'

const tooMany = (retryAfter: number): Fault => ({ kind: 'too-many', retryAfter })

async function open() {
  const telegram = await openTelegramHouse({ way: 'webhook', chat: 5 })
  onTestFinished(() => telegram.house.close())
  const { emulator, house } = telegram
  const texts = (chat: number) => emulator.shown(chat).map(one => one.text)
  return {
    faults: emulator.faults,
    clock: house.clock,
    texts,
    asks: (chat: number, text = conditions) => void emulator.say(chat, text),
    struck: (count: number) =>
      until('the limit has struck', () => emulator.faults.struck.get('too-many') === count),
    answers: (chat: number) =>
      until(`chat ${chat} is answered`, () => texts(chat).some(text => text.includes('缴费满一年'))),
    /** Whatever can be sent now is sent. */
    settles: () => house.clock.advance(0),
    push: (chat: number, ...lines: string[]) => house.push(String(chat), lines.map(paragraph)),
    states: (chat: number) => house.deliveryStates(String(chat)),
  }
}

describe('a silence', () => {
  it('that is one chat’s holds nobody else, and that chat until it is over', async () => {
    const { faults, clock, texts, asks, struck, answers, settles, states } = await open()
    faults.next('sendMessage', tooMany(7_200))
    asks(5)
    await struck(1)
    asks(6)
    await answers(6)
    asks(5, '产假有多少天')
    await until('it waits behind', async () => (await states(5)).length > 2)
    await clock.advance(7_199_000)
    await settles()
    expect(texts(5)).toEqual([])
    await clock.advance(1_000)
    await answers(5)
    expect(faults.struck.get('too-many')).toBe(1)
  })

  it('that breaks into a long message is kept before the next one', async () => {
    const { faults, clock, texts, asks, push, struck, answers, settles, states } = await open()
    asks(5)
    await answers(5)
    const before = texts(5).length
    faults.next('sendMessage', { kind: 'slow', until: 0 }, tooMany(600))
    await push(5, '一'.repeat(3_000), '二'.repeat(3_000))
    await struck(1)
    await until('nobody can say', async () => (await states(5)).includes('unknown'))
    await push(5, '三')
    await clock.advance(599_000)
    await settles()
    expect(texts(5).slice(before)).toEqual(['一'.repeat(3_000)])
    await clock.advance(1_000)
    await until('the next is shown', () => texts(5).at(-1) === '三')
  })

  it('that is the bot’s holds everybody, and loses nobody', async () => {
    const { faults, clock, texts, asks, struck, answers, settles } = await open()
    faults.next('sendMessage', tooMany(40))
    asks(5)
    await struck(1)
    asks(6)
    await settles()
    expect([...texts(5), ...texts(6)]).toEqual([])
    await clock.advance(40_000)
    await answers(5)
    await answers(6)
  })

  it('of hours that two chats are told of becomes the bot’s', async () => {
    const { faults, clock, texts, asks, struck, answers, settles } = await open()
    faults.next('sendMessage', tooMany(7_200), tooMany(7_200))
    asks(5)
    await struck(1)
    asks(6)
    await struck(2)
    asks(7)
    await settles()
    expect(texts(7)).toEqual([])
    await clock.advance(7_200_000)
    for (const chat of [5, 6, 7]) await answers(chat)
  })
})
