/** How a document looks on Telegram, and that nothing of it is lost, cut or refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, choices, type Document, formatPlain, heading, link, list, paragraph } from '#channel'
import { type Call, encode, targetOf } from '../../bots/telegram/encode.ts'
import { type Entity, join, type Passage, packPassages } from '../../bots/telegram/text.ts'

const passageOf = ({ fields }: Call): Passage => ({
  text: String(fields.text),
  entities: (fields.entities ?? []) as Entity[],
})
const texts = (document: Document) => encode(document).map(call => String(call.fields.text))
const rowsOf = (call: Call | undefined) =>
  (call?.fields.reply_markup as { inline_keyboard: { text: string; callback_data: string }[][] } | undefined)
    ?.inline_keyboard ?? []
const citation = {
  kind: 'citation',
  law: '失业保险条例',
  article: 14,
  title: null,
  url: 'https://www.gov.cn/a',
} as const

describe('a document', () => {
  it('is text with entities: bold headings, links under their words', () => {
    const [call] = encode([
      heading('办理条件'),
      paragraph('满一年。'),
      citation,
      link('表格', 'https://a.cn/b'),
    ])
    expect(call).toEqual({
      method: 'sendMessage',
      fields: {
        text: '办理条件\n满一年。\n依据：《失业保险条例》第14条\n表格',
        link_preview_options: { is_disabled: true },
        entities: [
          { type: 'bold', offset: 0, length: 4 },
          { type: 'text_link', offset: 13, length: 12, url: 'https://www.gov.cn/a' },
          { type: 'text_link', offset: 26, length: 2, url: 'https://a.cn/b' },
        ],
      },
    })
  })

  it('shows the address of a link that Telegram would drop', () => {
    expect(texts([link('打电话', 'tel:12333')])).toEqual(['打电话 tel:12333'])
    expect(texts([{ ...citation, url: '不是网址' }])).toEqual(['依据：《失业保险条例》第14条 不是网址'])
    expect(texts([{ ...citation, url: null }])).toEqual(['依据：《失业保险条例》第14条'])
  })

  it('says nothing where there is nothing to say', () => {
    expect(encode([])).toEqual([])
    expect(encode([paragraph(' \n\u200b ')])).toEqual([])
  })

  it('keeps what looks like markup as it is', () => {
    expect(texts([paragraph('<b>*_[x](y)</b>')])).toEqual(['<b>*_[x](y)</b>'])
  })
})

describe('choices', () => {
  it('are buttons, short ones beside each other', () => {
    const [call] = encode([
      paragraph('哪一个？'),
      choices(['是', '否', '取消'].map(id => ({ id, label: id }))),
    ])
    expect(call?.fields.text).toBe('哪一个？')
    expect(rowsOf(call).map(row => row.map(button => button.text))).toEqual([['是', '否', '取消']])
  })

  it('of middle length stand two in a row, of full length each alone', () => {
    const options = ['劳动合同', '失业保险', '领取失业保险金的条件和标准'].map(id => ({ id, label: id }))
    const [call] = encode([paragraph('哪一个？'), choices(options)])
    expect(rowsOf(call).map(row => row.length)).toEqual([2, 1])
  })

  it('that do not fit their button are numbered in the text in full', () => {
    const long = '领取失业保险金要符合哪些条件，具体的标准又是怎么规定的？'
    const [call] = encode([
      paragraph('您想问的是：'),
      choices([
        { id: 'a', label: long },
        { id: 'b', label: '都不是' },
      ]),
    ])
    expect(call?.fields.text).toBe(`您想问的是：\n1. ${long}\n2. 都不是`)
    expect(rowsOf(call).flat()).toEqual([
      { text: expect.stringMatching(/^1\. 领取失业保险金.*…$/), callback_data: 'a' },
      { text: '2. 都不是', callback_data: 'b' },
    ])
  })

  it('without a word before them get one', () => {
    expect(texts([choices([{ id: 'a', label: '好' }])])).toEqual(['请选择：'])
  })

  it('whose id is too long for a button can still be typed as a number', () => {
    const [call] = encode([choices([{ id: '长'.repeat(22), label: '好' }], '选一个')])
    expect(call?.fields.text).toBe('选一个\n1. 好')
    expect(rowsOf(call)).toEqual([])
  })

  it('stand under the last message of a long answer', () => {
    const long = Array.from({ length: 4 }, () => paragraph('字'.repeat(3_000)))
    const calls = encode([choices([{ id: 'a', label: '好' }]), ...long])
    expect(calls.map(call => rowsOf(call).length)).toEqual([0, 0, 0, 1])
  })
})

describe('pictures and files', () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]).toString('base64')
  const picture = (alternative: string): Block => ({ kind: 'picture', data: png, alternative })

  it('stand where they stood between the words, a picture with its words under it', () => {
    const file: Block = {
      kind: 'file',
      name: '申请表.pdf',
      type: 'application/pdf',
      data: 'JVBERg==',
      personal: false,
    }
    const calls = encode([paragraph('一'), picture('一张图'), paragraph('二'), file, paragraph('三')])
    expect(calls.map(call => call.method)).toEqual([
      'sendMessage',
      'sendPhoto',
      'sendMessage',
      'sendDocument',
      'sendMessage',
    ])
    expect(calls[1]).toMatchObject({ fields: { caption: '一张图' }, instead: { method: 'sendDocument' } })
    expect(calls[3]?.upload).toMatchObject({ name: '申请表.pdf', data: Buffer.from('%PDF') })
  })

  it('whose words are too long for a caption have them as a message', () => {
    const calls = encode([picture('字'.repeat(1_025))])
    expect(calls.map(call => call.method)).toEqual(['sendPhoto', 'sendMessage'])
    expect(calls[0]?.fields).toEqual({})
  })

  it('carry the buttons where they come last, in the picture’s stead too', () => {
    const [call] = encode([picture('图'), choices([{ id: 'a', label: '好' }])])
    expect(rowsOf(call)).toHaveLength(1)
    expect(rowsOf(call?.instead)).toHaveLength(1)
  })
})

describe('where it goes', () => {
  it.each([
    ['5', '12', { chatId: '5', fields: {} }],
    [
      '-100',
      '12',
      { chatId: '-100', fields: { reply_parameters: { message_id: 12, allow_sending_without_reply: true } } },
    ],
    [
      '-100',
      '12e1700000000',
      { chatId: '-100', fields: { reply_parameters: { message_id: 12, allow_sending_without_reply: true } } },
    ],
    ['-100/7', '7000000000000000001', { chatId: '-100', fields: { message_thread_id: 7 } }],
    ['@channel', undefined, { chatId: '@channel', fields: {} }],
  ])('%s in answer to %s', (chat, inReplyTo, target) => {
    expect(targetOf(chat, inReplyTo)).toEqual(target)
  })
})

const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer({ min: 1, max: 6_000 }).map(n => '依法办理。'.repeat(n / 5 + 1).slice(0, n)),
  fc.integer({ min: 1, max: 5_000 }).map(n => 'a'.repeat(n)),
  fc.constantFrom(
    '人社部发〔2019〕12号',
    'https://www.gov.cn/zhengce/content_5.htm',
    '👍🏽👨‍👩‍👧',
    '\ud83d',
    ' \n ',
  ),
)
const url = fc.constantFrom('https://www.gov.cn/a', 'tel:12333', '', 'x')
const block: fc.Arbitrary<Block> = fc.oneof(
  words.map(heading),
  words.map(paragraph),
  fc.array(words, { maxLength: 8 }).map(list),
  fc.tuple(words, url).map(([law, url]) => ({ ...citation, law, url: url || null })),
  fc.tuple(words, url).map(([label, url]) => link(label, url)),
  fc
    .array(
      words.map(label => ({ id: label.slice(0, 9), label })),
      { maxLength: 4 },
    )
    .map(options => choices(options)),
)
const documents = fc.array(block, { maxLength: 40 })

/** Joins parts as they were divided: by line feeds, or by nothing within a piece that had to be cut. */
function isWhole(parts: readonly string[], whole: string): boolean {
  let at = 0
  for (const part of parts) {
    const gap = whole.indexOf(part, at)
    if (gap < 0 || /[^\s\p{C}]/u.test(whole.slice(at, gap))) return false
    at = gap + part.length
  }
  return !/[^\s\p{C}]/u.test(whole.slice(at))
}

describe('any document', () => {
  it('is divided into messages that Telegram takes', () => {
    fc.assert(
      fc.property(documents, document => {
        for (const call of encode(document)) {
          const { text, entities } = passageOf(call)
          expect(text.length).toBeLessThanOrEqual(4096)
          expect(text.trim()).not.toBe('')
          expect(text.isWellFormed()).toBe(true)
          expect(entities.length).toBeLessThanOrEqual(100)
          for (const { offset, length } of entities) {
            expect(length).toBeGreaterThan(0)
            expect(offset + length).toBeLessThanOrEqual(text.length)
          }
          for (const button of rowsOf(call).flat()) {
            expect(button.text.trim()).not.toBe('')
            expect(Buffer.byteLength(button.callback_data)).toBeLessThanOrEqual(64)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  const piece = fc.tuple(words, fc.boolean()).map(([text, bold]): Passage => {
    const formed = text.toWellFormed()
    const entity: Entity = { type: 'bold', offset: 0, length: formed.length }
    return { text: formed, entities: bold && formed ? [entity] : [] }
  })
  const bold = ({ text, entities }: Passage) =>
    entities.map(e => text.slice(e.offset, e.offset + e.length)).join('')

  it('is whole again when its parts are joined, its entities too', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 150 }), pieces => {
        const whole = pieces
          .filter(({ text }) => /[^\s\p{C}]/u.test(text))
          .reduce(join, { text: '', entities: [] })
        const parts = packPassages(pieces)
        expect(
          isWhole(
            parts.map(part => part.text),
            whole.text,
          ),
        ).toBe(true)
        const ink = (text: string) => text.replace(/[\s\p{C}]/gu, '')
        expect(ink(parts.map(bold).join(''))).toBe(ink(bold(whole)))
      }),
      { numRuns: 300 },
    )
  })

  it('has no item, citation or link cut that fits a message', () => {
    fc.assert(
      fc.property(documents, document => {
        const shown = texts(document)
        for (const one of document)
          for (const line of one.kind === 'list' ? one.items.map(item => `· ${item.toWellFormed()}`) : [])
            if (line.length <= 4096) expect(shown.some(text => text.includes(line))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('takes no more messages than plain text would, but for the entities', () => {
    const long = Array.from({ length: 300 }, (_, i) => paragraph(`第${i}条：${'字'.repeat(50)}`))
    expect(texts(long)).toHaveLength(Math.ceil(formatPlain(long).length / 4096))
    expect(texts(Array.from({ length: 250 }, (_, i) => heading(`${i}`)))).toHaveLength(3)
  })
})
