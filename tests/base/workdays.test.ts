/** Working days, beside the notices of the State Council. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, addWorkdays, countWorkdays, createCalendar, isLegalDate } from '#base/workdays'
import { readShared } from '../sources.ts'

const calendar = createCalendar()
interface Notices {
  weekday_off: string[]
  weekend_work: string[]
}
const notices = readShared<Notices>('data/cn-workdays-2019-2026.json')
const day = fc
  .integer({ min: Date.UTC(2019, 0, 1) / 86_400_000, max: Date.UTC(2026, 5, 30) / 86_400_000 })
  .map(n => new Date(n * 86_400_000).toISOString().slice(0, 10))

describe('a date', () => {
  it.each(['2024-02-29', '2026-12-31'])('%s is one', text => expect(isLegalDate(text)).toBe(true))
  it.each(['2025-02-29', '2026-13-01', '2026-1-1', '20260101', '', '明天'])('%s is none', text =>
    expect(isLegalDate(text)).toBe(false),
  )

  it('that is none is refused', () => expect(() => addDays('2025-02-30', 1)).toThrow(/2025-02-30/))
})

describe('the calendar', () => {
  it('works on weekends that are worked, and not on holidays in the week', () => {
    expect(calendar.isWorkday('2025-09-28')).toBe(true)
    expect(calendar.isWorkday('2025-10-11')).toBe(true)
    expect(calendar.isWorkday('2025-10-01')).toBe(false)
    expect(calendar.isWorkday('2025-10-09')).toBe(true)
    expect(calendar.isWorkday('2025-10-12')).toBe(false)
  })

  it.runIf(notices)('agrees with the notices on every day of 2019 to 2026', () => {
    const { weekday_off: off = [], weekend_work: worked = [] } = notices ?? {}
    const wrong: string[] = []
    for (let date = '2019-01-01'; date <= '2026-12-31'; date = addDays(date, 1)) {
      const weekend = [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay())
      const expected = worked.includes(date) || (!weekend && !off.includes(date))
      if (calendar.isWorkday(date) !== expected) wrong.push(date)
    }
    expect(wrong).toEqual([])
  })

  it('takes in a later notice, which overrules what was there', () => {
    const changed = createCalendar([{ source: '试', off: ['2027-02-08'], worked: ['2025-10-12'] }])
    expect(changed.isWorkday('2025-10-12')).toBe(true)
    expect(changed.isWorkday('2027-02-08')).toBe(false)
    expect([calendar.knownUntil, changed.knownUntil]).toEqual(['2026-12-31', '2027-12-31'])
  })
})

describe('counting', () => {
  it('leaves out the day from which it counts', () => {
    expect(addWorkdays('2025-03-03', 1, calendar)).toBe('2025-03-04')
    expect(countWorkdays('2025-03-03', '2025-03-03', calendar)).toBe(0)
    expect(countWorkdays('2025-03-03', '2025-03-10', calendar)).toBe(5)
  })

  it('there and back gives the same, and ends on a working day', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 60 }), (from, days) => {
        const to = addWorkdays(from, days, calendar)
        expect(calendar.isWorkday(to)).toBe(true)
        expect(countWorkdays(from, to, calendar)).toBe(days)
      }),
    )
  })
})
