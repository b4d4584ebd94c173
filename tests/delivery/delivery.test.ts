import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChannelFailure, type ChannelFailureDetail } from '#base/errors'
import { backoffMs, judge } from '../../src/delivery/delivery.ts'

const attempts = fc.integer({ min: 1, max: 40 })
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const now = fc.integer({ min: 1_700_000_000_000, max: 2_500_000_000_000 })
const moments = fc.record({ now, attempts, random })
const details: fc.Arbitrary<ChannelFailureDetail> = fc
  .record({
    stage: fc.constantFrom('before' as const, 'refused' as const, 'after' as const),
    retryable: fc.boolean(),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 7_200_000 }), { nil: undefined }),
    unreachable: fc.boolean(),
  })
  .map(({ retryAfterMs, ...rest }) => (retryAfterMs === undefined ? rest : { ...rest, retryAfterMs }))
const failureOf = (detail: ChannelFailureDetail) => new ChannelFailure('why', detail)
const noEnd = { expiresAt: null }

describe('the wait before another attempt', () => {
  it('lies in the upper half of a ceiling that doubles from two seconds to ten minutes', () => {
    fc.assert(
      fc.property(attempts, random, (n, r) => {
        const ceiling = Math.min(600_000, 2_000 * 2 ** (n - 1))
        expect(backoffMs(n, r)).toBeGreaterThanOrEqual(ceiling / 2)
        expect(backoffMs(n, r)).toBeLessThanOrEqual(ceiling)
      }),
    )
  })

  it('never gets shorter with another attempt under the same chance', () => {
    fc.assert(
      fc.property(attempts, random, (n, r) => {
        expect(backoffMs(n + 1, r)).toBeGreaterThanOrEqual(backoffMs(n, r))
      }),
    )
  })

  it('differs among those that failed together', () => {
    const waits = Array.from({ length: 50 }, (_, i) => backoffMs(5, i / 50))
    expect(new Set(waits).size).toBe(50)
  })
})

describe('the verdict on a failed attempt', () => {
  it('is never another attempt before the platform wants one', () => {
    fc.assert(
      fc.property(details, moments, (detail, moment) => {
        const verdict = judge(failureOf(detail), noEnd, moment)
        if (verdict.state !== 'queued') return
        expect(verdict.nextAt).toBeGreaterThanOrEqual(moment.now + (detail.retryAfterMs ?? 0))
        expect(verdict.nextAt).toBeGreaterThan(moment.now)
      }),
    )
  })

  it('is never another attempt once bytes have left and the outcome is not known', () => {
    fc.assert(
      fc.property(details, moments, (detail, moment) => {
        const { state } = judge(failureOf({ ...detail, stage: 'after', unreachable: false }), noEnd, moment)
        expect(state).toBe('unknown')
      }),
    )
  })

  it('is undeliverable when the recipient is gone, whatever else the platform says', () => {
    fc.assert(
      fc.property(details, moments, (detail, moment) => {
        expect(judge(failureOf({ ...detail, unreachable: true }), noEnd, moment).state).toBe('undeliverable')
      }),
    )
  })

  it('is failed for good when trying again cannot help, and after the twelfth attempt', () => {
    const moment = { now: 0, attempts: 1, random: 0 }
    expect(judge(failureOf({ stage: 'refused', retryable: false }), noEnd, moment).state).toBe('failed')
    const retryable = failureOf({ stage: 'before', retryable: true })
    expect(judge(retryable, noEnd, { ...moment, attempts: 11 }).state).toBe('queued')
    expect(judge(retryable, noEnd, { ...moment, attempts: 12 }).state).toBe('failed')
  })

  it('is expired when the next attempt would come too late, and only then', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 0, max: 1_200_000 }), (moment, left) => {
        const tried = { ...moment, attempts: Math.min(moment.attempts, 11) }
        const expiresAt = tried.now + left
        const { state } = judge(failureOf({ stage: 'before', retryable: true }), { expiresAt }, tried)
        const late = backoffMs(tried.attempts, tried.random) > left
        expect(state).toBe(late ? 'expired' : 'queued')
      }),
    )
  })

  it('always says why', () => {
    fc.assert(
      fc.property(details, moments, (detail, moment) => {
        expect(judge(failureOf(detail), noEnd, moment).reason).toBe('why')
      }),
    )
  })
})
