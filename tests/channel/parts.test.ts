import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choices, type Document, divide, fitsOne, formatPlain, list, paragraph } from '#channel'

const budget = { unit: 'bytes', max: 2048 } as const
const dot = { kind: 'picture', data: 'AAAA', alternative: '图' } as const

const block = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 900 }).map(paragraph),
  fc.array(fc.string({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 30 }).map(list),
  fc.constant(dot),
  fc.constant(choices([{ id: 'a', label: '选项一' }], '请选择')),
)
const squeeze = (text: string) => text.replace(/[\s·]/g, '')

describe('a document in parts', () => {
  it('is itself where it fits', () => {
    const document = [paragraph('短')]
    expect(divide(document, budget)).toEqual([document])
  })

  it('loses nothing, and each part fits one message', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 8 }), blocks => {
        const parts = divide(blocks, budget)
        for (const part of parts) expect(fitsOne(part, budget)).toBe(true)
        expect(squeeze(parts.map(formatPlain).join(''))).toBe(squeeze(formatPlain(blocks)))
      }),
    )
  })

  it('keeps choices together, since their numbers are typed back', () => {
    const options = Array.from({ length: 9 }, (_, i) => ({ id: `${i}`, label: `选项${i}` }))
    const document: Document = [paragraph('很长。'.repeat(230)), choices(options)]
    const parts = divide(document, budget)
    expect(parts.filter(part => part.some(one => one.kind === 'choices'))).toHaveLength(1)
    expect(formatPlain(parts.at(-1) ?? [])).toContain('9. 选项8')
  })

  it('lets a picture stand alone', () => {
    expect(divide([paragraph('前'), dot, paragraph('后')], budget)).toEqual([
      [paragraph('前')],
      [dot],
      [paragraph('后')],
    ])
  })
})
