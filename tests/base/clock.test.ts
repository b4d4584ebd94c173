/** The clock's promises: legal dates in Asia/Shanghai and waits that can be ended. */
import { describe, expect, it } from 'vitest'
import { formatLegalDate, systemClock } from '#base/clock'

describe('the legal date', () => {
  it.each([
    ['the last millisecond of a day in Shanghai', '2026-11-22T15:59:59.999Z', '2026-11-22'],
    ['the first millisecond of the next day', '2026-11-22T16:00:00.000Z', '2026-11-23'],
    ['noon in Shanghai, four in the morning in London', '2026-11-23T04:00:00Z', '2026-11-23'],
    ['the eve of a year', '2026-12-31T15:59:59.999Z', '2026-12-31'],
    ['New Year in Shanghai, still the old year in London', '2026-12-31T16:00:00Z', '2027-01-01'],
    ['the leap day', '2028-02-28T16:00:00Z', '2028-02-29'],
    ['the day after the leap day', '2028-02-29T16:00:00Z', '2028-03-01'],
  ])('at %s is right', (_, instant, date) => {
    expect(formatLegalDate(Date.parse(instant))).toBe(date)
  })

  it('does not depend on the time zone of the machine', () => {
    const zone = process.env.TZ
    process.env.TZ = 'America/Los_Angeles'
    try {
      expect(formatLegalDate(Date.parse('2026-11-22T16:00:00Z'))).toBe('2026-11-23')
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })
})

describe('the system clock', () => {
  it('does not begin a wait whose end has already been asked for', async () => {
    await expect(systemClock.sleep(3_600_000, AbortSignal.abort())).resolves.toBeUndefined()
  })

  it('ends a wait without an error when it is asked to', async () => {
    const over = new AbortController()
    const wait = systemClock.sleep(3_600_000, over.signal)
    over.abort()
    await expect(wait).resolves.toBeUndefined()
  })

  it('waits longer than 24.8 days without waking at once', async () => {
    const over = new AbortController()
    const warnings: string[] = []
    const listen = (warning: Error) => void warnings.push(warning.name)
    process.on('warning', listen)
    const wait = systemClock.sleep(40 * 24 * 3_600_000, over.signal)
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', listen)
    over.abort()
    await wait
    expect(warnings).toEqual([])
  })
})
