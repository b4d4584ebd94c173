/** How strange a message is to our field, and what an entry does to it. */
import { describe, expect, it } from 'vitest'
import { createScopeSense } from '#guard'
import { strangeness } from '../../src/guard/scope.ts'

const { isStrange, isOurs } = createScopeSense()
const pension = { title: '养老金怎么计算？', questions: ['退休金怎么算', '养老保险每月领多少'] }
const houses = {
  title: '住房公积金贷款要什么条件？',
  questions: ['公积金能贷多少', '公积金买房怎么贷款', '二套房能用公积金吗'],
}

describe('the words of a message', () => {
  it.each([
    ['西红柿炒鸡蛋要放糖吗', '退休金是怎么算的'],
    ['打印机连不上电脑了', '老板拖欠工资去哪里告'],
    ['孩子上一年级要带户口本吗', '怀孕了公司能辞退我吗'],
  ])('%s are stranger than %s', (stranger, ours) => {
    expect(strangeness(stranger)).toBeGreaterThan(0)
    expect(strangeness(ours)).toBeLessThan(-3)
  })

  it('are no stranger with one place or number than with another', () => {
    expect(strangeness('济南的失业金领12个月')).toBe(strangeness('成都的失业金领9个月'))
  })

  it('say little where they are few', () => {
    expect(isOurs('工伤')).toBe(true)
    expect(isOurs('打印机')).toBe(false)
  })
})

describe('an entry', () => {
  const question = '买二手房能用公积金贷款吗'

  it('is no answer to a message whose words are strange, unless it lies very near', () => {
    expect(isStrange(question, pension, 0.6)).toBe(true)
    expect(isStrange('退休金和养老保险每月怎么算', pension, 0.6)).toBe(false)
  })

  it('of a field that was not learned is not kept back', () => {
    expect(isStrange(question, houses, 0.6)).toBe(false)
  })
})
