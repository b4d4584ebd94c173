/** What a notice can hold: numbers, dates and counts among the program's own words. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findPersonal, mask } from '#base/personal'
import { formatPlain } from '#channel'
import { count, date, documentOf, line, ref } from '#notice'

describe('the number of a request', () => {
  it.each(['2026-00001', 'XXGK2026_0012', '依申请公开〔2026〕12号', '第12号（2026）', 'R20261123-ABCDE'])(
    'is shown: %s',
    number => expect(ref(number)).toBe(number),
  )

  it.each([
    '张三',
    '2026-张三',
    '13900001234',
    '11010519491231002X',
    'a@b.cn',
    '2026 年 1',
    'x'.repeat(41),
    '<b>',
  ])('is hidden where it may be something else: %s', text => expect(ref(text)).toBe(mask))

  it('never lets personal data through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => findPersonal(ref(text)).length === 0),
      { numRuns: 1_000 },
    )
  })
})

describe('a date and a count', () => {
  it('are nothing else', () => {
    expect(date('2026-12-01')).toBe('2026-12-01')
    for (const bad of ['张三', '2026-13-01', '2026-1-1', '2026-12-01 张三']) expect(() => date(bad)).toThrow()
    expect(count(3)).toBe('3')
    for (const bad of [1.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => count(bad)).toThrow()
  })
})

describe('a notice', () => {
  const notice = {
    key: 'due',
    subject: line`有 ${count(2)} 件申请即将到期`,
    lines: [line`申请 ${ref('2026-00001')} 应在 ${date('2026-12-01')} 前答复`],
    link: { label: line`打开`, path: line`/console/requests/${ref('2026-00001')}` },
    to: [],
  }

  it('is a document with its lines and a link under the public address', () => {
    expect(formatPlain(documentOf(notice, 'https://chat.example.gov.cn/'))).toBe(
      '【有 2 件申请即将到期】\n· 申请 2026-00001 应在 2026-12-01 前答复\n打开 https://chat.example.gov.cn/console/requests/2026-00001',
    )
  })

  it('has no link where the public address is not set, and no list without lines', () => {
    expect(documentOf({ ...notice, lines: [] }, undefined)).toHaveLength(1)
  })

  it('takes no text of somebody else’s', () => {
    const name: string = '张三'
    // @ts-expect-error a text is no fact
    line`申请人 ${name}`
    // @ts-expect-error a text is no line
    documentOf({ ...notice, subject: name }, undefined)
  })
})
