/** What is typed by its sound is mended where the mended fits, and left alone where it fits as it is. */
import { describe, expect, it } from 'vitest'
import { createHomophones, simplify } from '#retrieval'

const written = Array.from({ length: 60 }, () => [
  '工伤认定多久',
  '失业金怎么领取',
  '公司不签劳动合同',
  '年假有几天',
]).flat()
const homophones = createHomophones(written)

describe('a text typed by its sound', () => {
  it.each([
    ['工商认定多久', '工伤认定多久'],
    ['失业金怎吗领取', '失业金怎么领取'],
    ['年架有几天', '年假有几天'],
    ['劳动何同', '劳动合同'],
  ])('%s is mended', (typed, meant) => {
    expect(homophones.mend(typed)).toBe(meant)
  })

  it.each(['工伤认定多久', '天气预报', 'abc', ''])('%s is left as it is', typed => {
    expect(homophones.mend(typed)).toBeUndefined()
  })

  it('is mended by what was learned later, too', () => {
    const growing = createHomophones(written)
    expect(growing.mend('高温金贴发多少')).toBeUndefined()
    growing.learn(Array.from({ length: 60 }, () => '高温津贴发多少'))
    expect(growing.mend('高温金贴发多少')).toBe('高温津贴发多少')
    expect(growing.mend('年架有几天')).toBe('年假有几天')
  })
})

describe('traditional characters', () => {
  it('become simplified ones, words with several readings by their neighbours', () => {
    expect(simplify('失業保險金怎麼領取？頭髮、乾燥、發放、裡面')).toBe(
      '失业保险金怎么领取？头发、干燥、发放、里面',
    )
  })

  it('leave simplified text as it is', () => {
    expect(simplify('社保断缴了怎么办，abc 123')).toBe('社保断缴了怎么办，abc 123')
  })
})
