/** The statutory clock, beside worked cases and properties that hold for all. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, addWorkdays, countWorkdays, createCalendar } from '#base/workdays'
import { type Course, computeDeadline, opinionBy, publishBy, supplementNoticeBy } from '#statute'
import { readShared } from '../sources.ts'

const calendar = createCalendar()
const dueOn = (course: Course) => computeDeadline(course, calendar).dueOn

interface Vector extends Course {
  name: string
  due: string
}
interface Vectors {
  vectors: Vector[]
  'supplementNoticeBy(7wd)': Record<string, string>
  'proactiveDisclosureBy(20wd)': Record<string, string>
  'thirdPartyOpinionBy(15wd)': Record<string, string>
}
const shared = readShared<Vectors>('data/deadline-vectors.json')

describe('the reply is due', () => {
  it.each<[string, Course, string]>([
    ['in twenty working days', { received: '2025-03-03' }, '2025-03-31'],
    ['after a long holiday with worked weekends', { received: '2025-09-15' }, '2025-10-17'],
    ['anew from the supplement', { received: '2025-03-03', supplement: '2025-03-18' }, '2025-04-16'],
    ['later by an extension', { received: '2025-03-03', extension: 20 }, '2025-04-28'],
    [
      'later by a consultation',
      { received: '2025-03-03', consults: [['2025-03-10', '2025-03-24']] },
      '2025-04-15',
    ],
    [
      'later by what two consultations cover together',
      {
        received: '2025-03-03',
        consults: [
          ['2025-03-10', '2025-03-24'],
          ['2025-03-17', '2025-03-31'],
        ],
      },
      '2025-04-22',
    ],
    [
      'no later by a consultation after it',
      { received: '2025-03-03', consults: [['2025-04-07', '2025-04-20']] },
      '2025-03-31',
    ],
    [
      'no later by a consultation that a supplement made past',
      { received: '2025-03-03', supplement: '2025-03-18', consults: [['2025-03-05', '2025-03-14']] },
      '2025-04-16',
    ],
  ])('%s', (_, course, due) => expect(dueOn(course)).toBe(due))

  it.runIf(shared)('as the worked cases have it', () => {
    for (const { name, due, ...course } of shared?.vectors ?? [])
      expect([name, dueOn(course)]).toEqual([name, due])
    const others = [
      [shared?.['supplementNoticeBy(7wd)'], supplementNoticeBy],
      [shared?.['proactiveDisclosureBy(20wd)'], publishBy],
      [shared?.['thirdPartyOpinionBy(15wd)'], opinionBy],
    ] as const
    for (const [days, by] of others)
      for (const [from, to] of Object.entries(days ?? {})) expect(by(from, calendar)).toBe(to)
  })

  it('on another day where another notice holds, as in May 2019', () => {
    const before = createCalendar([
      {
        source: '2018-12-06',
        off: [],
        worked: ['2019-05-02', '2019-05-03'],
      },
      { source: '2018-12-06', off: ['2019-04-28', '2019-05-05'], worked: [] },
    ])
    expect(dueOn({ received: '2019-04-03' })).toBe('2019-05-05')
    expect(computeDeadline({ received: '2019-04-03' }, before).dueOn).toBe('2019-05-03')
  })
})

const day = fc
  .integer({ min: Date.UTC(2019, 4, 15) / 86_400_000, max: Date.UTC(2026, 5, 30) / 86_400_000 })
  .map(n => new Date(n * 86_400_000).toISOString().slice(0, 10))
const courses = fc
  .record({
    received: day,
    supplement: fc.option(fc.nat(60), { nil: undefined }),
    consults: fc.array(fc.tuple(fc.nat(60), fc.nat(40)), { maxLength: 3 }),
    extension: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ received, supplement, consults, extension }): Course => {
    return {
      received,
      supplement: supplement === undefined ? undefined : addDays(received, supplement),
      consults: consults.map(([after, long]) => [addDays(received, after), addDays(received, after + long)]),
      extension,
    }
  })

describe('whatever happens to a request', () => {
  it('as many working days count as the law gives, and none of a consultation', () => {
    fc.assert(
      fc.property(courses, course => {
        const { dueOn: due, workingDays, paused } = computeDeadline(course, calendar)
        expect(workingDays).toHaveLength(20 + (course.extension ?? 0))
        expect(workingDays.at(-1)).toBe(due)
        const base = course.supplement ?? course.received
        expect(countWorkdays(base, due, calendar)).toBe(workingDays.length + paused.length)
        expect(addWorkdays(base, workingDays.length + paused.length, calendar)).toBe(due)
        expect(workingDays.some(date => paused.includes(date))).toBe(false)
      }),
    )
  })

  it('a further consultation never makes it due earlier, nor does an extension', () => {
    fc.assert(
      fc.property(courses, fc.nat(30), (course, after) => {
        const sent = addDays(course.received, after)
        const more = { ...course, consults: [...(course.consults ?? []), [sent, addDays(sent, 9)] as const] }
        expect(dueOn(more) >= dueOn(course)).toBe(true)
        expect(dueOn({ ...course, extension: 20 }) >= dueOn(course)).toBe(true)
      }),
    )
  })

  it('the due date says how it came about', () => {
    const { explanation } = computeDeadline(
      {
        received: '2025-03-03',
        supplement: '2025-03-18',
        extension: 20,
        consults: [['2025-03-24', '2025-04-08']],
      },
      calendar,
    )
    for (const words of ['2025年3月3日', '第三十条', '延长20个工作日', '第三十三条第三款', '2025年5月30日'])
      expect(explanation).toContain(words)
    expect(computeDeadline({ received: '2026-12-20' }, calendar).explanation).toContain('2027年的放假通知')
  })
})

describe('what cannot be is refused with the rule', () => {
  it.each<[string, Course, RegExp]>([
    ['a day that there is not', { received: '2025-02-30' }, /2025-02-30/],
    ['a supplement before the request', { received: '2025-03-03', supplement: '2025-03-01' }, /补正/],
    [
      'a consultation before it',
      { received: '2025-03-03', consults: [['2025-03-01', '2025-03-09']] },
      /征求/,
    ],
    [
      'one that ends before it begins',
      { received: '2025-03-03', consults: [['2025-03-09', '2025-03-08']] },
      /结束/,
    ],
    ['an extension of more than twenty days', { received: '2025-03-03', extension: 21 }, /第三十三条/],
    ['an extension that is no number', { received: '2025-03-03', extension: Number.NaN }, /第三十三条/],
  ])('%s', (_, course, words) => expect(() => dueOn(course)).toThrow(words))
})
