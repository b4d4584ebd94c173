/** An entry is written as it is read, and sources are read as people write them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, type FieldPath, formatEntry, lineOfField, parseEntry } from '#knowledge'
import { parseSources, writeSources } from '../../src/knowledge/entry.ts'
import { entryOf } from './entries.ts'

const again = (entry: Entry) =>
  parseEntry(formatEntry(entry), (line, problem) =>
    expect.unreachable(`${line}: ${problem}\n${formatEntry(entry)}`),
  )

describe('an entry', () => {
  const text = fc
    .oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.constantFrom(
        '- 一',
        '#甲',
        '一: 二',
        '"',
        "'",
        '[a]',
        'a #b',
        'null',
        '~',
        '12333',
        'a:',
        '? a',
        '一\n二',
      ),
    )
    .map(raw => raw.replace(/\r/g, '').trim())
    .filter(raw => raw !== '')
  const source = fc.record({
    law: text.map(raw => raw.replace(/[《》]|^中华人民共和国/g, '').trim() || '甲'),
    article: fc.option(fc.integer({ min: 1, max: 200 })),
    title: fc.option(text),
    url: fc.option(fc.webUrl()),
  })
  const entry = fc
    .record({
      title: text,
      questions: fc.array(text),
      not: fc.array(text),
      sources: fc.array(source),
      answer: text,
    })
    .map(fields =>
      entryOf('a-1', fields.title, { ...fields, owner: '失业处', expires: '2027-01-01', related: ['b'] }),
    )

  it('is read as it was written, whatever its words are', () => {
    fc.assert(fc.property(entry, one => void expect(again(one)).toEqual(one)))
  })

  it('is written as people write it in the folder', () => {
    const sources = [{ law: '失业保险条例', article: 14, title: null, url: null }]
    const one = entryOf('a', '失业金怎么领？', {
      questions: ['失业金'],
      sources,
      owner: '失业处',
      answer: '可以领。',
    })
    expect(formatEntry(one)).toBe(
      '---\nid: a\ntitle: 失业金怎么领？\nquestions:\n  - 失业金\nsources:\n  - law: 失业保险条例\n    article: 14\nowner: 失业处\n---\n可以领。\n',
    )
  })
})

describe('the line of a field', () => {
  const text =
    '\ufeff---\r\nid: a\r\nrelated: [b,\r\n  c]\r\nsources:\r\n  - law: 甲\r\n    article: 1\r\n---\r\n好。'
  it.each<[FieldPath, number]>([
    [['id'], 2],
    [['related', 1], 4],
    [['sources'], 5],
    [['sources', 0, 'article'], 7],
    [['sources', 0, 'url'], 6],
    [['owner'], 1],
  ])('%j is %i', (at, line) => {
    expect(lineOfField(text, at)).toBe(line)
    expect(lineOfField('没有文件头', at)).toBe(1)
  })
})

describe('sources', () => {
  const read = (text: string) => {
    const problems: string[] = []
    const sources = parseSources(text, problem => void problems.push(problem))
    return { read: sources.map(({ law, article }) => `${law} ${article ?? ''}`.trim()), problems }
  }

  it.each([
    ['《社会保险法》第45条、《失业保险条例》第十四条', ['社会保险法 45', '失业保险条例 14']],
    ['《中华人民共和国社会保险法》第四十五条第一款第（二）项', ['社会保险法 45']],
    ['社会保险法第四十五条、第四十六条', ['社会保险法 45', '社会保险法 46']],
    [
      '根据《劳动合同法》第14、36条和第四十至四十二条规定。',
      ['14', '36', '40', '41', '42'].map(n => `劳动合同法 ${n}`),
    ],
    ['劳动合同法实施条例第27条\n劳动合同法第47条', ['劳动合同法实施条例 27', '劳动合同法 47']],
    ['《工资支付暂行规定》（劳部发〔1994〕489号）第十六条', ['工资支付暂行规定 16']],
    ['《社会保险法》第一百零二条', ['社会保险法 102']],
    ['《社会保险法》第４５条；《社会保险法》', ['社会保险法 45']],
    ['《失业保险条例》', ['失业保险条例']],
    ['', []],
  ])('are read from “%s”', (text, sources) => {
    expect(read(text)).toEqual({ read: sources, problems: [] })
  })

  it.each(['第45条', '见文件', '《社会保险法》第45条及有关文件'])('are asked for anew in “%s”', text => {
    expect(read(text).problems).toEqual([expect.stringContaining('请写成《社会保险法》第45条')])
  })

  it('are read as they were written, with name and address', () => {
    const sources = [
      { law: '社会保险法', article: 45, title: '社保法第四十五条', url: 'https://www.example.gov.cn/a?b=1' },
      { law: '失业保险条例', article: null, title: null, url: null },
    ]
    expect(parseSources(writeSources(sources), expect.unreachable)).toEqual(sources)
  })
})
