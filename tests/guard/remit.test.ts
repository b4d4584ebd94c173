/** What no national rule answers is handed over or refused; unless an entry speaks of that very place. */
import { describe, expect, it } from 'vitest'
import { beyondRemit } from '#guard'

const nothing = () => false

describe('a question', () => {
  it('for the figure of one place is handed over', () => {
    for (const text of ['济南失业金每月多少钱', '我市社保基数是多少', '青岛社保局在哪'])
      expect(beyondRemit(text, nothing), text).toBe('handover')
  })

  it('for the law of another country is refused', () => {
    expect(beyondRemit('美国的失业金怎么领', nothing)).toBe('refused')
    expect(beyondRemit('美国公司在国内的员工有年假吗', nothing)).toBeUndefined()
  })

  it('is answered when an entry speaks of the place', () => {
    expect(beyondRemit('济南失业金每月多少钱', place => place === '济南')).toBeUndefined()
  })

  it('without a place is nobody else’s', () => {
    expect(beyondRemit('失业金每月多少钱', nothing)).toBeUndefined()
  })
})
