import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPacer } from '../../src/delivery/pacing.ts'

const asks = fc.array(
  fc.record({ chat: fc.constantFrom('a', 'b', 'c'), wait: fc.integer({ min: 0, max: 300 }) }),
  { maxLength: 60 },
)

function reserveAll(
  pacing: { perChatMs: number; overallMs: number },
  list: { chat: string; wait: number }[],
) {
  const pacer = createPacer(pacing)
  let now = 1_000_000
  return list.map(({ chat, wait }) => {
    now += wait
    return { chat, now, at: pacer.reserve(chat, Math.max(now, pacer.freeAt(chat))) }
  })
}

describe('the pace of a channel', () => {
  it('lets everything go at once where none is stated', () => {
    fc.assert(
      fc.property(asks, list => {
        for (const { at, now } of reserveAll({ perChatMs: 0, overallMs: 0 }, list)) expect(at).toBe(now)
      }),
    )
  })

  it('keeps the stated distance within a chat', () => {
    fc.assert(
      fc.property(asks, list => {
        const slots = reserveAll({ perChatMs: 1000, overallMs: 30 }, list)
        for (const chat of ['a', 'b', 'c']) {
          const times = slots.filter(s => s.chat === chat).map(s => s.at)
          times.forEach((at, i) => {
            if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(1000)
          })
        }
      }),
    )
  })

  it('keeps the stated distance over all chats, and never reserves the past', () => {
    fc.assert(
      fc.property(asks, list => {
        const slots = reserveAll({ perChatMs: 0, overallMs: 50 }, list)
        slots.forEach(({ at, now }, i) => {
          expect(at).toBeGreaterThanOrEqual(now)
          if (i > 0) expect(at - (slots[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(50)
        })
      }),
    )
  })

  it('does not make one chat wait for the distance within another', () => {
    for (const overallMs of [0, 10]) {
      const pacer = createPacer({ perChatMs: 1000, overallMs })
      expect(pacer.reserve('a', 0)).toBe(0)
      expect(pacer.freeAt('a')).toBe(1000)
      expect(pacer.freeAt('b')).toBe(0)
      expect(pacer.reserve('b', 0)).toBe(overallMs)
    }
  })

  it('is silent in all chats as long as the platform asked, with a pace and without one', () => {
    for (const pacing of [
      { perChatMs: 0, overallMs: 0 },
      { perChatMs: 1000, overallMs: 30 },
    ]) {
      const pacer = createPacer(pacing)
      pacer.reserve('a', 0)
      pacer.hold(5000)
      pacer.hold(2000)
      expect(pacer.reserve('a', 100)).toBeGreaterThanOrEqual(5000)
      expect(pacer.reserve('b', 100)).toBeGreaterThanOrEqual(5000)
      expect(pacer.isHeld(4999)).toBe(true)
      expect(pacer.isHeld(5000)).toBe(false)
      expect(pacer.reserve('c', 9000)).toBe(9000)
    }
  })
})
