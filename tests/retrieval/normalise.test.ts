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
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => normalise(normalise(text)) === normalise(text)),
    )
  })
})

describe('the same question', () => {
  it('is recognised whatever the signs and blanks between ideographs', () => {
    expect(comparable('失业金 怎么领？')).toBe(comparable('“失业金”怎么领'))
  })

  it('keeps foreign words apart', () => {
    expect(comparable('social insurance')).not.toBe(comparable('socialinsurance'))
  })
})

describe('grains', () => {
  it('are single ideographs and whole words or numbers', () => {
    expect(grainsOf('拨打12333问 pension')).toEqual(['拨', '打', '12333', '问', 'pension'])
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

  it('tells pairs from grains', () => {
    const vocabulary = createVocabulary()
    expect(vocabulary.learn('失业').map(vocabulary.isPair)).toEqual([false, true, false])
  })
})
