/** Plain text read as headings, lists, paragraphs and links; times as people say them. */
import { describe, expect, test } from 'vitest'
import { parseBlocks, parseSpans } from '../../web/chat/src/blocks.ts'
import { formatDate, formatTime, isPause } from '../../web/chat/src/times.ts'

describe('the text of a message', () => {
  test('has headings, lists and paragraphs', () => {
    expect(parseBlocks('一段\n\n【标题】\n· 甲\n· 乙\n又一段\n· 丙')).toEqual([
      { kind: 'paragraph', text: '一段' },
      { kind: 'heading', text: '标题' },
      { kind: 'list', items: ['甲', '乙'] },
      { kind: 'paragraph', text: '又一段' },
      { kind: 'list', items: ['丙'] },
    ])
  })

  test('has no heading within a line, and none at all when it is empty', () => {
    expect(parseBlocks('见【附件】说明')).toEqual([{ kind: 'paragraph', text: '见【附件】说明' }])
    expect(parseBlocks(' \n')).toEqual([])
  })

  test('has links that end where Chinese or punctuation begins', () => {
    expect(parseSpans('见https://a.gov.cn/x?y=1查看，或 http://b.cn. 完')).toEqual([
      { text: '见' },
      { text: 'https://a.gov.cn/x?y=1', url: 'https://a.gov.cn/x?y=1' },
      { text: '查看，或 ' },
      { text: 'http://b.cn', url: 'http://b.cn' },
      { text: '. 完' },
    ])
    expect(parseSpans('javascript:alert(1) data:x')).toEqual([{ text: 'javascript:alert(1) data:x' }])
  })
})

describe('a time', () => {
  const at = (text: string) => new Date(text).getTime()
  const now = at('2026-11-23T10:00:00')

  test.each([
    ['2026-11-23T09:05:00', '今天 09:05'],
    ['2026-11-22T23:59:00', '昨天 23:59'],
    ['2026-11-20T08:00:00', '11月20日 星期五 08:00'],
    ['2026-11-01T08:00:00', '11月1日 08:00'],
    ['2025-12-31T08:00:00', '2025年12月31日 08:00'],
  ])('%s is %s', (time, said) => {
    expect(formatTime(at(time), now)).toBe(said)
  })

  test('stands between messages that are more than five minutes apart', () => {
    expect(isPause(undefined, now)).toBe(true)
    expect(isPause(now - 299_000, now)).toBe(false)
    expect(isPause(now - 301_000, now)).toBe(true)
  })

  test('of a law is a date in words', () => {
    expect(formatDate('2019-03-24')).toBe('2019年3月24日')
    expect(formatDate('不详')).toBe('不详')
  })
})
