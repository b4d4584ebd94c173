import { describe, expect, it } from 'vitest'
import { codeLength, parseLinkCode } from '#identity'
import { createCode, hashCode } from '../../src/identity/code.ts'

describe('a link code', () => {
  it('has eight characters of which none is taken for another', () => {
    for (let i = 0; i < 200; i++) expect(createCode()).toMatch(/^[2-9A-HJKMNP-Z]{8}$/)
    expect(codeLength).toBe(8)
  })

  it('is kept as a hash that does not show it', () => {
    const code = createCode()
    expect(hashCode(code)).toBe(hashCode(code))
    expect(hashCode(code)).not.toContain(code)
    expect(hashCode(code)).not.toBe(hashCode(createCode()))
  })

  it.each([
    ['关联 ABCD2345', 'ABCD2345'],
    ['关联ABCD2345', 'ABCD2345'],
    ['关联：abcd-2345。', 'ABCD2345'],
    ['绑定 ＡＢＣＤ２３４５', 'ABCD2345'],
    ['link abcd 2345', 'ABCD2345'],
    ['关联 「ABCD2345」', 'ABCD2345'],
    ['/link ABCD', 'ABCD'],
  ])('is found in “%s”', (text, code) => {
    expect(parseLinkCode(text)).toBe(code)
  })

  it.each(['关联', '关联企业怎么认定', '关联交易 ABCD2345 怎么办', 'ABCD2345', '取消关联', 'linked list'])(
    'is not found in “%s”',
    text => {
      expect(parseLinkCode(text)).toBeUndefined()
    },
  )
})
