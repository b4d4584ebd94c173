/** Which questions hang on the one before, and how many a message holds. */
import { describe, expect, it } from 'vitest'
import {
  isTopic,
  leansBack,
  maybeFollowUp,
  splitClauses,
  splitQuestions,
} from '../../src/answering/context.ts'

describe('a short question', () => {
  it.each(['那要多久？', '我呢？我是临时工', '跨省的呢', '不给怎么办', '农村户口也可以吗', '这个去哪办'])(
    'leans on the one before: %s',
    text => void expect(leansBack(text)).toBe(true),
  )

  it.each(['失业金怎么领', '产假有几天', '工伤认定要多久'])(
    'stands by itself: %s',
    text => void expect(leansBack(text)).toBe(false),
  )

  it('is short: a long one brings its own subject', () => {
    expect(maybeFollowUp('那我在厂里干了三年现在被老板辞退了应该怎么去申请失业金呢')).toBe(false)
  })
})

describe('a message', () => {
  it('with several questions is taken apart, numbered or not', () => {
    expect(splitQuestions('试用期最长多久？公司不签合同怎么办？')).toEqual([
      '试用期最长多久？',
      '公司不签合同怎么办？',
    ])
    expect(splitQuestions('1、失业金怎么领 2、能领几个月')).toEqual(['失业金怎么领', '能领几个月'])
    expect(splitQuestions('年假有几天\n没休完怎么算')).toEqual(['年假有几天', '没休完怎么算'])
  })

  it('whose last question has no mark keeps it', () => {
    expect(splitQuestions('仲裁收费吗？在哪里申请')).toEqual(['仲裁收费吗？', '在哪里申请'])
  })

  it('with a story holds one question, whatever the story mentions', () => {
    const story = '我在厂里干了几年。老板什么也没说，我也不知道怎么办。上个月被辞退了，能要补偿吗？'
    expect(splitQuestions(story)).toEqual(['上个月被辞退了，能要补偿吗？'])
  })

  it('that asks too much at once is not taken apart', () => {
    expect(splitQuestions('年假几天？婚假几天？丧假几天？产假几天？病假几天？')).toEqual([])
  })

  it('may ask several things in one sentence', () => {
    expect(splitClauses('没签合同能要双倍工资吗，怎么证明我在那干过')).toHaveLength(2)
    expect(splitClauses('老板跑了，工资找谁要')).toEqual([])
  })
})

describe('a word after another question', () => {
  it.each(['工伤', '社保断缴', '年假'])('%s begins anew', text => expect(isTopic(text)).toBe(true))
  it.each(['多久', '丢了呢', '要带什么', '我是临时工', '那工资呢'])('%s hangs on it', text =>
    expect(isTopic(text)).toBe(false),
  )
})
