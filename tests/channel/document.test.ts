/** A knowledge entry's body becomes a typed document, and what channels ask of a document is given. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  choices,
  choicesOf,
  citationsOf,
  type Document,
  formatPlain,
  heading,
  link,
  list,
  paragraph,
  parseBody,
} from '#channel'

describe('the body of an entry', () => {
  it('becomes a paragraph a line', () => {
    expect(parseBody('一句。\n又一句。')).toEqual([paragraph('一句。'), paragraph('又一句。')])
  })

  it('has its hyphens gathered into lists', () => {
    expect(parseBody('要带：\n- 身份证\n- 户口本\n然后去窗口。')).toEqual([
      paragraph('要带：'),
      list(['身份证', '户口本']),
      paragraph('然后去窗口。'),
    ])
  })

  it('has two lists where a line stands between them', () => {
    const kinds = parseBody('- 一\n中间\n- 二').map(block => block.kind)
    expect(kinds).toEqual(['list', 'paragraph', 'list'])
  })

  it('loses blank lines and blanks at the ends of lines, Windows ones too', () => {
    expect(parseBody('\n  一句。  \r\n\r\n- 项 \r\n')).toEqual([paragraph('一句。'), list(['项'])])
  })

  it('is empty when nothing is written', () => {
    expect(parseBody('')).toEqual([])
    expect(parseBody(' \n\n')).toEqual([])
  })

  it('takes a hyphen that begins a word as part of it', () => {
    expect(parseBody('-5度')).toEqual([paragraph('-5度')])
  })

  it('loses no word, whatever is written', () => {
    const words = fc.string({ unit: fc.constantFrom('失', '业', '1', ' ', '\n', '-', '- ', '。') })
    fc.assert(
      fc.property(words, body => {
        const bare = (text: string) => text.replace(/[\s·-]/g, '')
        expect(bare(formatPlain(parseBody(body)))).toBe(bare(body))
      }),
    )
  })
})

describe('a document', () => {
  const document: Document = [
    heading('材料'),
    paragraph('请带身份证。'),
    { kind: 'citation', law: '失业保险条例', article: 14, title: null, url: null },
    choices([{ id: 'a', label: '甲' }], '还想问：'),
    link('网上办事', 'https://www.gov.cn/'),
    choices([{ id: 'b', label: '乙' }]),
  ]

  it('gives its choices in order', () => {
    expect(choicesOf(document).map(choice => choice.id)).toEqual(['a', 'b'])
  })

  it('gives its citations', () => {
    expect(citationsOf(document).map(citation => citation.law)).toEqual(['失业保险条例'])
  })

  it('of nothing has neither', () => {
    expect([choicesOf([]), citationsOf([])]).toEqual([[], []])
  })
})
