/** A document as plain text, and as parts within the budget of a channel. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Block,
  type CitationBlock,
  choices,
  type Document,
  formatCitation,
  formatPlain,
  heading,
  link,
  list,
  paragraph,
  splitPlain,
  type TextBudget,
} from '#channel'

const citation = (rest: Partial<CitationBlock> = {}): CitationBlock => ({
  kind: 'citation',
  law: '失业保险条例',
  article: 14,
  title: null,
  url: null,
  ...rest,
})

describe('a citation', () => {
  it.each([
    [citation(), '《失业保险条例》第14条'],
    [citation({ article: null }), '《失业保险条例》'],
    [citation({ inForce: '2019-03-24' }), '《失业保险条例》第14条（2019-03-24起施行）'],
  ])('is written as lawyers write it: %#', (block, text) => {
    expect(formatCitation(block)).toBe(text)
  })
})

describe('plain text', () => {
  it('shows every kind of block on lines of its own', () => {
    const document: Document = [
      heading('怎么领'),
      paragraph('先登记。'),
      list(['身份证', '户口本']),
      citation({ url: 'https://flk.npc.gov.cn/1' }),
      choices(
        [
          { id: 'a', label: '领多久' },
          { id: 'b', label: '领多少' },
        ],
        '还想问：',
      ),
      link('网上办事', 'https://www.gov.cn/'),
      { kind: 'picture', data: '', alternative: '办事大厅的地图' },
    ]
    expect(formatPlain(document).split('\n')).toEqual([
      '【怎么领】',
      '先登记。',
      '· 身份证',
      '· 户口本',
      '依据：《失业保险条例》第14条 https://flk.npc.gov.cn/1',
      '还想问：',
      '1. 领多久',
      '2. 领多少',
      '网上办事 https://www.gov.cn/',
      '［图片］办事大厅的地图',
    ])
  })

  it('of an empty document is empty', () => {
    expect(formatPlain([])).toBe('')
    expect(splitPlain([], { unit: 'utf16', max: 10 })).toEqual([])
  })
})

const sizeOf = (text: string, unit: TextBudget['unit']) =>
  unit === 'bytes' ? Buffer.byteLength(text) : text.length

const word = fc.string({
  unit: fc.constantFrom('失', '业', '金', 'a', '1', '。', '！', '𠮷', '👍', '，', '\n'),
  minLength: 1,
  maxLength: 60,
})
const line = word.map(text => text.replaceAll('\n', '；'))
const block: fc.Arbitrary<Block> = fc.oneof(
  line.map(heading),
  word.map(paragraph),
  fc.array(line, { minLength: 1, maxLength: 5 }).map(list),
  fc.record({ law: line, article: fc.option(fc.nat(200)), url: fc.option(fc.webUrl()) }).map(citation),
  fc
    .array(line, { minLength: 1, maxLength: 4 })
    .map(labels => choices(labels.map((label, i) => ({ id: `${i}`, label })))),
  fc.tuple(line, fc.webUrl()).map(([label, url]) => link(label, url)),
)
const document = fc.array(block, { maxLength: 8 })
const unit = fc.constantFrom('utf16' as const, 'bytes' as const)
const budget: fc.Arbitrary<TextBudget> = fc.record({ unit, max: fc.integer({ min: 8, max: 300 }) })

/** What may not be cut: each of these stands in one part, whole, if a part can hold it at all. */
const piecesOf = (document: Document) => document.flatMap(one => formatPlain([one]).split('\n'))
const linesOf = (one: Block) => (one.kind === 'paragraph' ? [one.text] : formatPlain([one]).split('\n'))
const fits = (text: string, { unit, max }: TextBudget) => sizeOf(text, unit) <= max

describe('parts within a budget', () => {
  it('keep within it, in code units and in bytes', () => {
    fc.assert(
      fc.property(document, budget, (document, budget) => {
        for (const part of splitPlain(document, budget))
          expect(sizeOf(part, budget.unit)).toBeLessThanOrEqual(budget.max)
      }),
    )
  })

  it('give the whole text back when they are joined', () => {
    fc.assert(
      fc.property(document, budget, (document, budget) => {
        fc.pre(document.flatMap(linesOf).every(piece => fits(piece, budget)))
        expect(splitPlain(document, budget).join('\n')).toBe(formatPlain(document))
      }),
    )
  })

  it('lose nothing but line feeds when a piece alone is too large', () => {
    fc.assert(
      fc.property(document, budget, (document, budget) => {
        const bare = (text: string) => text.replaceAll('\n', '')
        expect(bare(splitPlain(document, budget).join(''))).toBe(bare(formatPlain(document)))
      }),
    )
  })

  it('cut no citation, link, list item, heading or choice that a message can hold', () => {
    fc.assert(
      fc.property(document, budget, (document, budget) => {
        const parts = splitPlain(document, budget)
        for (const piece of document.flatMap(linesOf).filter(piece => fits(piece, budget)))
          expect(parts.some(part => part.includes(piece))).toBe(true)
      }),
    )
  })

  it('cut no surrogate pair', () => {
    fc.assert(
      fc.property(document, budget, (document, budget) => {
        for (const part of splitPlain(document, budget)) expect(part.isWellFormed()).toBe(true)
      }),
    )
  })

  it('are none of them empty', () => {
    fc.assert(
      fc.property(document, budget, (document, budget) => {
        for (const part of splitPlain(document, budget)) expect(part).not.toBe('')
      }),
    )
  })

  it('are one where all fits', () => {
    fc.assert(
      fc.property(document, unit, (document, unit) => {
        const parts = splitPlain(document, { unit, max: 1_000_000 })
        expect(parts).toEqual(piecesOf(document).length === 0 ? [] : [formatPlain(document)])
      }),
    )
  })

  it('fill a message before they begin the next', () => {
    const document = Array.from({ length: 10 }, () => paragraph('一二三四'))
    expect(splitPlain(document, { unit: 'utf16', max: 14 })).toHaveLength(4)
    expect(splitPlain(document, { unit: 'bytes', max: 38 })).toHaveLength(4)
  })

  it('break a paragraph that is too large between its sentences', () => {
    const text = '第一句说明条件。第二句说明材料！第三句说明地点；'
    const parts = splitPlain([paragraph(text)], { unit: 'utf16', max: 12 })
    expect(parts).toEqual(['第一句说明条件。', '第二句说明材料！', '第三句说明地点；'])
  })

  it.each([
    ['the 4096 code units of Telegram', { unit: 'utf16', max: 4096 } as const],
    ['the 2048 bytes of an Official Account', { unit: 'bytes', max: 2048 } as const],
  ])('hold a long answer within %s', (_, budget) => {
    const document = [
      ...Array.from({ length: 200 }, (_, i) => paragraph(`第${i}段，关于失业保险金的领取条件和办理流程。`)),
      citation({ url: 'https://flk.npc.gov.cn/1' }),
    ]
    const parts = splitPlain(document, budget)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.join('\n')).toBe(formatPlain(document))
  })

  it.each([
    ['the number of a document', '人社部发〔2019〕12号'],
    ['a link', 'https://www.gov.cn/zhengce/1.htm'],
  ])('do not cut %s in a sentence that is too large', (_, number) => {
    const text = `${'本通知所称失业人员'.repeat(3)}见${number}${'其他情形另行规定'.repeat(3)}`
    for (let max = 36; max < 44; max++) {
      const parts = splitPlain([paragraph(text)], { unit: 'utf16', max })
      expect(parts.some(part => part.includes(number))).toBe(true)
    }
  })
})
