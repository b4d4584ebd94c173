/** How well the shipped knowledge answers questions that were written without sight of it: the figures are held. */
import { describe, expect, it } from 'vitest'
import {
  createAnswering,
  evaluate,
  evaluateHalves,
  isHeldOut,
  isRight,
  parseQuestions,
  worseThan,
} from '#answering'
import { loadKnowledge } from '#knowledge'
import { readQuestions, today } from '../../bench/retrieval/own.ts'
import { entryOf, someEntries } from '../knowledge/entries.ts'
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

  it('tells each half by itself, as they are tuned on and held out', () => {
    const questions = readQuestions(root)
    const answering = createAnswering({ entries, today })
    const { all, tuning, heldOut } = evaluateHalves(answering, questions, entries.length)
    expect(all).toEqual(figures)
    expect(heldOut).toEqual(evaluate(answering, questions.filter(isHeldOut), entries.length))
    expect(tuning.inScope.questions + heldOut.inScope.questions).toBe(all.inScope.questions)
    const topics = Object.values(all.topics).map(topic => topic.questions)
    expect(topics.reduce((sum, n) => sum + n, 0)).toBe(all.inScope.questions)
  })

  it('covers less the surer one wants to be, and what is not covered is not wrong', () => {
    const { riskCoverage, inScope } = figures
    const coverages = riskCoverage.map(point => point.coverage)
    expect(coverages).toEqual([...coverages].sort((a, b) => b - a))
    expect(riskCoverage.at(-1)?.risk).toBeLessThan(riskCoverage[0]?.risk ?? 0)
    expect(inScope.coverage).toBeCloseTo(inScope.helped + inScope.harmed)
  })

  it('counts by the entry that is named, and by the reason for which there is none', () => {
    const answering = createAnswering({ entries: someEntries, today })
    const questions = parseQuestions(
      [
        '{"id":"1","kind":"in","topic":"leave","text":"年假几天","entries":["annual-leave-days"]}',
        '{"id":"2","kind":"in","topic":"leave","text":"年假几天","entries":["overtime-pay"]}',
        '{"id":"3","kind":"out","reason":"recipe","text":"番茄炒蛋怎么做"}',
        '{"id":"4","kind":"risk","text":"年假几天"}',
      ].join('\n'),
    )
    const { inScope, topics, reasons } = evaluate(answering, questions, someEntries.length)
    expect(inScope).toMatchObject({ questions: 2, coverage: 1, answered: 0.5, wrong: 0.5 })
    expect(topics).toEqual({ leave: inScope })
    expect(reasons).toEqual({
      recipe: { questions: 1, handled: 1 },
      risk: { questions: 1, handled: 0 },
    })
  })
})

describe('a question for evaluation', () => {
  const asked = { id: '1', kind: 'in' as const, text: '年假' }

  it('is answered by an entry on one of its articles, or on the whole law, or by one that it names', () => {
    const on = (law: string, article: number | null) =>
      entryOf('a', '年假', { sources: [{ law, article, title: null, url: null }] })
    const question = { ...asked, law: '甲法', articles: [1], accept: ['乙法:2'], entries: ['b'] }
    for (const right of [on('甲法', 1), on('甲法', null), on('乙法', 2), entryOf('b', '年假')])
      expect(isRight(right, question)).toBe(true)
    for (const wrong of [on('甲法', 2), on('乙法', 1), on('丙法', null)])
      expect(isRight(wrong, question)).toBe(false)
  })

  const good = '{"id":"1","kind":"out","text":"天气"}'
  it.each([
    ['that is no JSON', '{"id":', '不是'],
    ['without an id', '{"kind":"out","text":"a"}', 'id'],
    ['of no kind', '{"id":"2","kind":"maybe","text":"a"}', 'in、out 或 risk'],
    ['without words', '{"id":"2","kind":"out","text":" "}', 'text'],
    ['that nothing answers', '{"id":"2","kind":"in","text":"年假","law":"甲法"}', 'articles'],
    ['with an article in words', '{"id":"2","kind":"in","text":"a","law":"甲","articles":["一"]}', '数字'],
    ['with an id that is taken', good, '第1行'],
  ])('%s is named with file and line', (_, line, words) => {
    const parse = () => parseQuestions(`${good}\n\n${line}\n`, 'own/evaluation.jsonl')
    expect(parse).toThrow(/^own\/evaluation\.jsonl:3 .*\p{Script=Han}/u)
    expect(parse).toThrow(words)
  })

  it('is one of at most ten that are named at once', () => {
    const lines = Array.from({ length: 30 }, () => '{}').join('\n')
    expect(() => parseQuestions(lines)).toThrow(/evaluation\.jsonl:10 .*\n…共30处/)
  })
})
