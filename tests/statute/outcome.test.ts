/** How requests end: what each outcome rests on, costs and leaves open. */
import { describe, expect, it } from 'vitest'
import { dispositions, feeByItems, feeByPages, isDisposition, outcomes, remedyOf } from '#statute'

const venue = { organ: '某某省人民政府', url: 'https://xzfy.example.gov.cn/' }
const withheld = [
  'partial',
  'denied_state_secret',
  'denied_other_law',
  'denied_safety_stability',
  'denied_third_party',
  'denied_internal_affairs',
  'denied_process',
  'denied_enforcement_file',
]

describe('the outcomes', () => {
  it('are twenty-one, each with what its reply must tell', () => {
    expect(dispositions).toHaveLength(21)
    for (const key of dispositions) expect(outcomes[key].requires.length).toBeGreaterThan(0)
    expect(isDisposition('granted')).toBe(true)
    expect(isDisposition('toString')).toBe(false)
  })
})

describe('the remedy', () => {
  it.each(dispositions)('of %s is what the law of the day has', disposition => {
    const now = remedyOf(disposition, '2024-01-01', venue)
    expect(now.reconsiderationFirst).toBe(withheld.includes(disposition))
    expect(now.suitPeriod).toBe(now.reconsiderationFirst ? '15日' : '6个月')
    expect(now.text).toContain(now.reconsiderationFirst ? '应当先申请行政复议' : '6个月内直接')
    const before = remedyOf(disposition, '2023-12-31', venue)
    expect(before).toMatchObject({
      reconsiderationFirst: false,
      suitPeriod: '6个月',
      reconsiderationDays: 60,
    })
  })

  it('names the organ and where to file online', () => {
    const { text, organ, url } = remedyOf('granted', '2026-03-02', venue)
    expect([organ, url]).toEqual([venue.organ, venue.url])
    for (const words of [venue.organ, venue.url, '60日']) expect(text).toContain(words)
    expect(remedyOf('granted', '2026-03-02', { organ: '本级人民政府', url: undefined }).url).toBeNull()
  })

  it.each(['2026-02-30', '2018-01-01'])('is refused for %s', on =>
    expect(() => remedyOf('granted', on, venue)).toThrow(on),
  )
})

describe('the fee', () => {
  it.each([
    [0, 0],
    [10, 0],
    [11, 100],
    [30, 2000],
    [31, 2200],
    [40, 4000],
    [41, 4300],
  ])('of %i items is %i yuan', (items, yuan) => expect(feeByItems(items)).toBe(yuan))

  it.each([
    [0, 0],
    [30, 0],
    [31, 10],
    [100, 700],
    [200, 2700],
    [201, 2740],
  ])('of %i pages is %i yuan', (pages, yuan) => expect(feeByPages(pages)).toBe(yuan))
})
