/** Personal data is found and masked; numbers that mean something else are left alone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findPersonal, isCardNumber, isIdNumber, isMobile, maskPersonal } from '#base/personal'

const mark = '［已隐去］'
// From GB 11643-1999 annex A, and numbers made up to fit the checksums.
const idNumber = '11010519491231002X'
const idDigits = '440524188001010014'
const card = '6222021234567890128'
const mobile = '13800138000'

const fullWidth = (text: string) => text.replace(/[!-~]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0))

describe('an ID number', () => {
  it.each([idNumber, idNumber.toLowerCase(), idDigits])('%s is one', text => {
    expect(isIdNumber(text)).toBe(true)
  })

  it.each([
    ['a wrong check character', '110105194912310021'],
    ['month 13', '110105194913310029'],
    ['day 32', '110105194912320020'],
    ['fifteen digits', '110105491231002'],
    ['letters within', '1101051949123100AX'],
    ['nothing', ''],
  ])('with %s is none', (_, text) => {
    expect(isIdNumber(text)).toBe(false)
  })

  it('is no longer one when any one digit is changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 16 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digit = (Number(idNumber[at]) + by) % 10
        expect(isIdNumber(idNumber.slice(0, at) + digit + idNumber.slice(at + 1))).toBe(false)
      }),
    )
  })
})

describe('a card number', () => {
  it.each([card, '4111111111111111', '6225880137706868'])('%s is one', text => {
    expect(isCardNumber(text)).toBe(true)
  })

  it.each(['4111111111111112', '411111111111111', '62220212345678901281', 'x'])('%s is none', text => {
    expect(isCardNumber(text)).toBe(false)
  })
})

describe('a mobile number', () => {
  it.each([mobile, '19912345678', '17000000000'])('%s is one', text => {
    expect(isMobile(text)).toBe(true)
  })

  it.each(['12345678901', '1380013800', '138001380000', '02012345678'])('%s is none', text => {
    expect(isMobile(text)).toBe(false)
  })
})

describe('masking', () => {
  it.each([
    ['an ID number', `我的身份证是${idNumber}。`, `我的身份证是${mark}。`],
    ['an ID number with a small x', `${idNumber.toLowerCase()}`, mark],
    ['an ID number in groups', '110105 19491231 002X', mark],
    ['an ID number with hyphens', '110105-19491231-002X', mark],
    ['a mobile number in words', '打我电话一三八零零幺三八零零零', `打我电话${mark}`],
    ['a mobile number with dots', '138.0013.8000', mark],
    ['an ID number in full-width digits', fullWidth(idNumber), mark],
    ['a card number', `卡号${card}谢谢`, `卡号${mark}谢谢`],
    ['a card number in fours', '4111 1111 1111 1111', mark],
    ['a card number with hyphens', '4111-1111-1111-1111', mark],
    ['a mobile number', `打我电话${mobile}`, `打我电话${mark}`],
    ['a mobile number in groups', '138 0013 8000', mark],
    ['a mobile number with hyphens', '138-0013-8000', mark],
    ['a mobile number in full-width digits', fullWidth(mobile), mark],
    ['two mobile numbers side by side', `${mobile} 13900139000`, `${mark} ${mark}`],
    ['a mobile and an ID number side by side', `${mobile} ${idNumber}`, `${mark} ${mark}`],
    ['an e-mail address', '请发到 zhang.san+a@mail.example.com。', `请发到 ${mark}。`],
    ['several things', `${mobile}，${idNumber}，a@b.cn`, `${mark}，${mark}，${mark}`],
  ])('hides %s', (_, text, masked) => {
    expect(maskPersonal(text)).toBe(masked)
  })

  it.each([
    ['the country code', `+86 ${mobile}`],
    ['the country code without a blank', `+86${mobile}`],
    ['a date before it', `2026-11-23 ${mobile}`],
    ['a year after it', `${mobile} 2026年`],
    ['an extension', `${mobile}-8001`],
    ['a postcode before it', `100000 ${mobile}`],
    ['a name that begins with x', `${mobile} Xiao`],
    ['the number of a list before it', `1.${mobile}`],
  ])('hides a mobile number with %s', (_, text) => {
    expect(maskPersonal(text)).not.toMatch(/1380013800/)
  })

  it.each([
    ['a number after it', `${idDigits} 1`],
    ['a number before it', `2 ${idNumber}`],
    ['a full stop before it', `2.${idNumber}`],
  ])('hides an ID number with %s', (_, text) => {
    expect(maskPersonal(text)).toContain(mark)
  })

  it.each([
    ['an e-mail address in full-width letters', fullWidth('zhang@example.com')],
    ['a mobile number with full-width hyphens', '138－0013－8000'],
    ['a mobile number with full-width blanks', '138\u30000013\u30008000'],
  ])('hides %s, since it is found', (_, text) => {
    expect(findPersonal(text)).not.toEqual([])
    expect(findPersonal(maskPersonal(text))).toEqual([])
  })

  it.each([
    ['the number of a decree', '国令第711号'],
    ['the number of a document', '人社部发〔2019〕12号'],
    ['a hotline', '请拨打12333或12345'],
    ['a service number', '010-84201114'],
    ['a date', '2026-11-23'],
    ['dates from and to', '2026-01-01 2026-12-31'],
    ['a date in Chinese', '2026年11月23日'],
    ['an amount', '¥12,345,678,901.00元'],
    ['a decimal', '3.14159265358979'],
    ['a unified social credit code', '91110108MA01ABCD2E'],
    ['a request number', '20261123-A3K7'],
    ['a link with a number', 'https://www.gov.cn/zhengce/content/201904/15/content_5382991.htm'],
    ['an article', '《失业保险条例》第14条（2019-03-24起施行）'],
    ['an at sign alone', '@所有人 3@5'],
  ])('leaves %s alone', (_, text) => {
    expect(findPersonal(text)).toEqual([])
    expect(maskPersonal(text)).toBe(text)
  })

  const fragments = fc.constantFrom(
    ...[
      idNumber,
      idDigits,
      card,
      mobile,
      'a@b.cn',
      '＠',
      '.',
      '-',
      ' ',
      'x',
      '，',
      '身份证',
      '1',
      '2026',
      '３',
    ],
  )
  const mixed = fc.oneof(
    fc.array(fragments).map(parts => parts.join('')),
    fc.string({ unit: 'binary' }),
  )

  it('changes nothing the second time', () => {
    fc.assert(fc.property(mixed, text => maskPersonal(maskPersonal(text)) === maskPersonal(text)))
  })

  it('hides every number that stands between words', () => {
    const numbers = fc.constantFrom(idNumber, idDigits, card, mobile, 'zhang.san@example.com')
    const words = fc.constantFrom('，', '。', '我的号码是', '谢谢', '\n', '：')
    fc.assert(
      fc.property(fc.array(fc.tuple(words, numbers)), words, (pairs, end) => {
        const masked = maskPersonal(pairs.flat().join('') + end)
        expect(findPersonal(masked)).toEqual([])
        expect(masked.split(mark)).toHaveLength(pairs.length + 1)
      }),
    )
  })
})

describe('finding', () => {
  it('names each kind once', () => {
    expect(findPersonal(`${mobile}，${mobile}，${idNumber}，${card}，a@b.cn`).sort()).toEqual([
      'card',
      'email',
      'id-number',
      'mobile',
    ])
  })

  it('gives the same answer however often it is asked', () => {
    for (let i = 0; i < 3; i++) expect(findPersonal('a@b.cn')).toEqual(['email'])
  })
})

describe('a number that is not all there, or not in figures,', () => {
  it.each(['手机壹叁捌零零壹叁捌零零零', '打一三八零零一三八零零零'])('is found: %s', text => {
    expect(findPersonal(text)).toEqual(['mobile'])
    expect(maskPersonal(text)).toContain(mark)
  })

  it('is one of an identity without its last four', () => {
    expect(findPersonal('身份证前面是37060219550708')).toEqual(['id-number'])
    expect(findPersonal('编号37060219551308')).toEqual([])
  })
})
