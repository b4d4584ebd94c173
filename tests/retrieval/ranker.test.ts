import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRanker } from '../../src/retrieval/ranker.ts'
import { entryOf, someEntries } from '../knowledge/entries.ts'

const ranker = createRanker(someEntries)
const idsFor = (text: string) => ranker.rank(text, 20).ranked.map(({ index }) => someEntries[index]?.id)

describe('ranking', () => {
  it.each([
    ['失业金怎么领呀', 'unemployment-conditions'],
    ['失业保险 能拿几个月', 'unemployment-duration'],
    ['我在厂里干了三年有几天年假', 'annual-leave-days'],
    ['国庆节加班给几倍', 'overtime-pay'],
  ])('puts what is asked first: %s', (text, id) => {
    expect(idsFor(text)[0]).toBe(id)
  })

  it('forgives a wrong character', () => {
    expect(idsFor('被公司辞腿了能领失业金马')[0]).toBe('unemployment-conditions')
  })

  it('finds nothing for a text without words, or without a character in common', () => {
    expect(idsFor('？？😀')).toEqual([])
    expect(idsFor('xyz')).toEqual([])
  })

  it('finds every entry by its own title', () => {
    for (const entry of someEntries) expect(idsFor(entry.title)[0]).toBe(entry.id)
  })

  it('gives no more than asked for, best first', () => {
    const { ranked } = ranker.rank('失业金加班年假', 2)
    expect(ranked).toHaveLength(2)
    expect(ranked[0]?.score).toBeGreaterThanOrEqual(ranked[1]?.score ?? 0)
  })

  it('leaves out the document that it is told to leave out', () => {
    const without = ranker.rank('失业金怎么领', 20, place => place !== 0).ranked
    expect(without.map(r => r.index)).not.toContain(0)
  })

  it('takes score from an entry whose `not` question is nearer than its own', () => {
    const plain = [entryOf('a', '年假几天'), entryOf('b', '年假工资怎么算')]
    const guarded = [entryOf('a', '年假几天', { not: ['没休年假的补偿'] }), entryOf('b', '年假工资怎么算')]
    const scoreOfFirst = (documents: typeof plain) =>
      createRanker(documents)
        .rank('没休年假补偿几天', 20)
        .ranked.find(r => r.index === 0)?.score ?? 0
    expect(scoreOfFirst(guarded)).toBeLessThan(scoreOfFirst(plain))
  })

  it('works on an empty collection', () => {
    expect(createRanker([]).rank('失业金', 20).ranked).toEqual([])
  })
})

describe('a collection that changes', () => {
  const strange = entryOf('x', '高温津贴从几月发到几月？', { questions: ['夏天的高温费怎么发'] })

  it('finds what was put in behind, with words that it did not know', () => {
    const growing = createRanker(someEntries)
    expect(growing.rank('高温津贴怎么发', 20).ranked[0]?.index).not.toBe(someEntries.length)
    expect(growing.put(strange)).toBe(someEntries.length)
    expect(growing.rank('高温津贴怎么发', 20).ranked[0]?.index).toBe(someEntries.length)
  })

  it('forgets what stood where another was put, and what was removed', () => {
    const changing = createRanker(someEntries)
    const [first] = someEntries
    const asked = first?.title ?? ''
    expect(changing.rank(asked, 1).ranked[0]?.index).toBe(0)
    changing.put(strange, 0)
    expect(changing.rank(asked, 20).ranked[0]?.index).not.toBe(0)
    expect(changing.rank('高温津贴', 1).ranked[0]?.index).toBe(0)
    changing.remove(0)
    expect(changing.rank('高温津贴', 20).ranked.map(r => r.index)).not.toContain(0)
  })

  it('ranks as a new one does, when the same document is put in its own place', () => {
    const again = createRanker(someEntries)
    someEntries.forEach((entry, index) => void again.put(entry, index))
    const told = (r: typeof ranker, text: string) =>
      r.rank(text, 20).ranked.map(({ index, score }) => [index, score.toFixed(3)])
    for (const { title } of someEntries) expect(told(again, title)).toEqual(told(ranker, title))
  })
})

const hanText = fc.string({
  unit: fc.constantFrom(...'失业金怎么领年假加班费几天月倍工资 ？a1'),
  maxLength: 40,
})

describe('ranking whatever is asked', () => {
  it('is the same the second time', () => {
    fc.assert(fc.property(hanText, text => void expect(ranker.rank(text, 20)).toEqual(ranker.rank(text, 20))))
  })

  it('leaves no trace of one question in the next', () => {
    fc.assert(
      fc.property(hanText, hanText, (before, text) => {
        const fresh = createRanker(someEntries).rank(text, 20)
        ranker.rank(before, 20)
        expect(ranker.rank(text, 20)).toEqual(fresh)
      }),
      { numRuns: 50 },
    )
  })

  it('keeps every share between 0 and 1 and the order by score', () => {
    fc.assert(
      fc.property(hanText, text => {
        const { ranked, known } = ranker.rank(text, 20)
        for (const share of [known, ...ranked.flatMap(r => [r.share, r.wording, r.other])]) {
          expect(share).toBeGreaterThanOrEqual(0)
          expect(share).toBeLessThanOrEqual(1.000001)
        }
        expect(ranked.map(r => r.score)).toEqual(ranked.map(r => r.score).sort((a, b) => b - a))
      }),
    )
  })
})
