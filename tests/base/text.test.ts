/** What people type is made safe without losing a word of it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText, cutText, hasChinese, hasWords, lengthOf } from '#base/text'

const anyText = fc.string({ unit: 'binary' })
/** UTF-16 as it may really arrive: halves of pairs too. */
const brokenText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })))
  .map(units => String.fromCharCode(...units))

describe('cleaning a text', () => {
  it.each([
    ['NUL and other controls', '失业\u0000金\u0007怎么\u001b领', '失业金怎么领'],
    ['C1 controls', 'a\u0080b\u009fc', 'abc'],
    ['direction overrides', 'abc\u202etxt.exe\u202c', 'abctxt.exe'],
    ['direction isolates', '\u2066左\u2069右', '左右'],
    ['direction marks', '左\u200e右\u200f', '左右'],
    ['the byte-order mark', '\ufeff你好', '你好'],
    ['blanks around it', '  \n你好\t ', '你好'],
  ])('removes %s', (_, raw, clean) => {
    expect(cleanText(raw)).toBe(clean)
  })

  it('keeps line feeds and tabs inside, and unifies line ends', () => {
    expect(cleanText('一\r\n二\r三\n四\t五')).toBe('一\n二\n三\n四\t五')
  })

  it('keeps emoji, joined ones too', () => {
    expect(cleanText('👩‍👩‍👧 谢谢 👍🏽')).toBe('👩‍👩‍👧 谢谢 👍🏽')
  })

  it('keeps HTML as the text that it is', () => {
    expect(cleanText('<b>失业金</b>')).toBe('<b>失业金</b>')
  })

  it('may leave nothing', () => {
    expect(cleanText('\u0000\u202e \r\n')).toBe('')
  })

  it('puts a mark in the place of half a surrogate pair', () => {
    expect(cleanText('a\ud800b')).toBe('a\ufffdb')
  })

  it('removes every character that Unicode calls a direction control', () => {
    expect(cleanText('a\u061cb')).toBe('ab')
  })

  it('gives well-formed text without controls, whatever arrives', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, brokenText), raw => {
        const clean = cleanText(raw)
        expect(clean.isWellFormed()).toBe(true)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is asserted
        expect(clean).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        expect(clean).toBe(clean.trim())
      }),
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(fc.property(fc.oneof(anyText, brokenText), raw => cleanText(cleanText(raw)) === cleanText(raw)))
  })
})

describe('counting and cutting', () => {
  it('counts characters as a person does, not code units', () => {
    expect(lengthOf('失业金')).toBe(3)
    expect(lengthOf('𠮷野家')).toBe(3)
    expect(lengthOf('')).toBe(0)
  })

  it('cuts with an ellipsis only where something is left out', () => {
    expect(cutText('一二三', 3)).toBe('一二三')
    expect(cutText('一二三四', 3)).toBe('一二…')
    expect(cutText('𠮷𠮷𠮷', 3)).toBe('𠮷𠮷𠮷')
  })

  it('never makes more than was asked for and never cuts a pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const cut = cutText(text, max)
        expect(lengthOf(cut)).toBeLessThanOrEqual(max)
        expect(cut.isWellFormed()).toBe(true)
        if (lengthOf(text) <= max) expect(cut).toBe(text)
      }),
    )
  })
})

describe('telling words', () => {
  it.each(['你好', 'hi', '12333', '①', 'é', 'こんにちは'])('finds words in %s', text => {
    expect(hasWords(text)).toBe(true)
  })

  it.each(['', '👍👍', '？！。', ' \n', '~~~'])('finds none in %j', text => {
    expect(hasWords(text)).toBe(false)
  })

  it('tells Chinese from other scripts', () => {
    expect(hasChinese('how 失业金')).toBe(true)
    expect(hasChinese('𠮷')).toBe(true)
    expect(hasChinese('how much')).toBe(false)
    expect(hasChinese('。，')).toBe(false)
  })
})
