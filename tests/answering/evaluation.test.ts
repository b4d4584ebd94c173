/** How well the shipped knowledge answers questions that were written without sight of it: the figures are held. */
import { describe, expect, it } from 'vitest'
import { createAnswering, evaluate, parseQuestions, worseThan } from '#answering'
import { loadKnowledge } from '#knowledge'
import { readQuestions, today } from '../../bench/retrieval/own.ts'
import { root } from '../sources.ts'

const { entries } = await loadKnowledge(`${root}/knowledge`, today)
const figures = evaluate(createAnswering({ entries, today }), readQuestions(root), entries.length)

// The floors lie a little below what was reached when the thresholds were chosen: they hold the line, and an edit of
// one entry does not trip them.
describe('our own questions, written without sight of the entries', () => {
  it('are mostly answered rightly, or the right entry is among those offered', () => {
    expect(figures.inScope.answered).toBeGreaterThan(0.68)
    expect(figures.inScope.helped).toBeGreaterThan(0.85)
  })

  it('are seldom answered wrongly, or offered the wrong entries', () => {
    expect(figures.inScope.wrong).toBeLessThan(0.04)
    expect(figures.inScope.harmed).toBeLessThan(0.06)
  })

  it('are refused or handed over where they are none of ours', () => {
    expect(figures.strangersRefused).toBeGreaterThan(0.9)
  })

  it('are guarded where they are risky', () => {
    expect(figures.risksGuarded).toBeGreaterThan(0.95)
  })
})

describe('an evaluation', () => {
  it('tells what is worse than before, and nothing else', () => {
    const worse = { ...figures, inScope: { ...figures.inScope, answered: figures.inScope.answered - 0.02 } }
    expect(worseThan(figures, figures)).toEqual([])
    expect(worseThan(worse, figures)).toEqual([])
    expect(worseThan(figures, worse)).toEqual([expect.stringContaining('答对的比例')])
  })

  it('names the line of a question that is none', () => {
    expect(() => parseQuestions('{"id":"1","kind":"in","text":"年假"}\n{"id":2}')).toThrow(/2/)
  })
})
