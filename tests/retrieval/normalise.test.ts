import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  comparable,
  createVocabulary,
  grainsOf,
  normalise,
  unknownGrain,
  unknownPair,
} from '../../src/retrieval/normalise.ts'

/** What people type, and what is hard in it: other widths, marks, ligatures, halves of characters. */
const typed = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(...'失业金々〇𠮷⼀aZ9 ，？！\n１Ａｶﾞか\u3099é①℃ßΣ한', 'e\u0301', '\ud800', '👍🏽'),
    maxLength: 12,
  }),
)

describe('normalising', () => {
  it('unifies width and case', () => {
    expect(normalise('ＡＢＣ１２３３３ Abc')).toBe('abc12333 abc')
  })

  it('turns signs, control characters and emoji into single blanks', () => {
    expect(normalise('失业金？？\u0000\u202e…怎么领😀！')).toBe('失业金 怎么领')
  })

  it('gives the empty text for a text without words', () => {
    expect(normalise('？！😀 \n\t')).toBe('')
  })

  it('changes nothing the second time, whatever was typed', () => {
    fc.assert(fc.property(typed, text => normalise(normalise(text)) === normalise(text)))
  })
})

describe('the same question', () => {
  it('is recognised whatever the signs and blanks between ideographs', () => {
    expect(comparable('失业金 怎么领？')).toBe(comparable('“失业金”怎么领'))
  })

  it('has the key that normalising gives, whatever was typed', () => {
    const keyOf = (text: string) => normalise(text).replace(/(?<=\p{Script=Han}) | (?=\p{Script=Han})/gu, '')
    fc.assert(fc.property(typed, text => comparable(text) === keyOf(text)))
  })

  it('keeps foreign words apart', () => {
    expect(comparable('social insurance')).not.toBe(comparable('socialinsurance'))
  })
})

describe('grains', () => {
  it('are single ideographs and whole words or numbers', () => {
    expect(grainsOf('拨打12333问 pension')).toEqual(['拨', '打', '12333', '问', 'pension'])
  })

  it('are those of the normalised text, whatever was typed', () => {
    const cut = (text: string) => normalise(text).match(/\p{Script=Han}|[^\p{Script=Han} ]+/gu) ?? []
    fc.assert(fc.property(typed, text => void expect(grainsOf(text)).toEqual(cut(text))))
  })

  it('keep ideographs beyond the basic plane whole', () => {
    expect(grainsOf('𠮷野')).toEqual(['𠮷', '野'])
  })
})

describe('a vocabulary', () => {
  it('numbers grains and pairs of neighbours', () => {
    const vocabulary = createVocabulary()
    expect(vocabulary.learn('失业金')).toHaveLength(5)
    expect(vocabulary.size).toBe(5)
  })

  it('reads a text that it has learned with the same numbers', () => {
    const vocabulary = createVocabulary()
    const learned = vocabulary.learn('失业金怎么领')
    expect(vocabulary.read('失业金怎么领')).toEqual(learned)
  })

  it('marks grains and pairs that it does not know, and learns nothing by reading', () => {
    const vocabulary = createVocabulary()
    const [first, , second] = vocabulary.learn('失业')
    expect(vocabulary.read('业失外')).toEqual([second, unknownPair, first, unknownPair, unknownGrain])
    expect(vocabulary.size).toBe(3)
  })

  it('gives each pair a number of its own, however many there are', () => {
    const vocabulary = createVocabulary()
    const all = Array.from({ length: 5_000 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('')
    const learned = vocabulary.learn(all)
    expect(new Set(learned).size).toBe(9_999)
    expect(vocabulary.size).toBe(9_999)
    expect(vocabulary.read(all)).toEqual(learned)
  })

  it('tells pairs from grains', () => {
    const vocabulary = createVocabulary()
    expect(vocabulary.learn('失业').map(vocabulary.isPair)).toEqual([false, true, false])
  })
})
