import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAnswering, type Thresholds } from '#answering'
import { createRanker } from '#retrieval'
import { clarify } from '../../src/answering/decision.ts'
import { entryOf, someEntries } from '../knowledge/entries.ts'

const today = '2026-11-23'
const answeringAt = (thresholds?: Thresholds) =>
  createAnswering({ entries: someEntries, today, ...(thresholds && { thresholds }) })
const answering = answeringAt()

describe('a question in the words of an entry', () => {
  it.each(['失业金怎么领', '“失业金”，怎么领？？', '领取失业保险金要符合哪些条件'])(
    'is answered at once: %s',
    text => {
      const answer = answering.answer(text)
      expect(answer).toMatchObject({
        outcome: 'answered',
        entry: { id: 'unemployment-conditions' },
        offers: [],
      })
      expect(answer.confidence).toBeGreaterThan(0.9)
      expect(answer.candidates[0]?.id).toBe('unemployment-conditions')
    },
  )

  it('is offered where two entries have the same words', () => {
    const twins = ['a', 'b'].map(id => entryOf(id, `${id}？`, { questions: ['年假'] }))
    const answer = createAnswering({ entries: twins, today, thresholds: { answer: 0.6, offer: 0.3 } }).answer(
      '年假？',
    )
    expect(answer.outcome).toBe('offered')
    expect(answer.offers.map(entry => entry.id)).toEqual(['a', 'b'])
  })
})

describe('the decision', () => {
  const text = '周末加班费怎么计算呢'
  const { confidence } = answering.answer(text)

  it('is an answer from the upper threshold on', () => {
    const answer = answeringAt({ answer: confidence, offer: 0 }).answer(text)
    expect(answer).toMatchObject({ outcome: 'answered', entry: { id: 'overtime-pay' }, offers: [] })
  })

  it('is an offer of at most four between the thresholds, the nearest first', () => {
    const answer = answeringAt({ answer: 1, offer: confidence }).answer(text)
    expect(answer.outcome).toBe('offered')
    expect(answer.entry).toBeUndefined()
    expect(answer.offers[0]?.id).toBe('overtime-pay')
    expect(answer.offers.length).toBeLessThanOrEqual(4)
  })

  it('is a refusal below the lower threshold, with the candidates still told', () => {
    const answer = answeringAt({ answer: 1, offer: 1 }).answer('他们的加班费要交个税吗')
    expect(answer).toMatchObject({ outcome: 'refused', offers: [] })
    expect(answer.entry).toBeUndefined()
    expect(answer.candidates[0]?.id).toBe('overtime-pay')
  })

  it('is an offer below the lower threshold where every word is of our field', () => {
    const answer = answeringAt({ answer: 1, offer: 1 }).answer('加班')
    expect(answer.outcome).toBe('offered')
    expect(answer.offers[0]?.id).toBe('overtime-pay')
  })
})

describe('what is not known', () => {
  it.each(['', '？？？', '😀😀', '<b></b>', '今晚吃什么好呢', 'what is the weather like', '你好', '怎么办'])(
    'is refused: "%s"',
    text => {
      expect(answering.answer(text)).toMatchObject({ outcome: 'refused', offers: [] })
    },
  )

  it('is everything, where there are no entries', () => {
    expect(createAnswering({ entries: [], today }).answer('失业金怎么领')).toEqual({
      outcome: 'refused',
      confidence: 0,
      offers: [],
      candidates: [],
    })
  })

  it('includes what only an expired entry answers', () => {
    const entries = [entryOf('old', '抗疫补贴怎么领？', { expires: '2026-11-22' }), ...someEntries]
    const late = createAnswering({ entries, today })
    expect(late.answer('抗疫补贴怎么领').outcome).toBe('refused')
    expect(late.find('old')).toBeUndefined()
  })
})

describe('what no national rule can tell', () => {
  it.each(['济南现在失业金每月发多少', '加班费的标准青岛今年具体是多少', '本市社保大厅的电话'])(
    'is handed over to the office of the place: %s',
    text => {
      expect(answering.answer(text)).toMatchObject({ outcome: 'handover', offers: [] })
    },
  )

  it.each(['德国年假有几天', '在日本加班费怎么算'])('is refused where it is of another country: %s', text => {
    expect(answering.answer(text).outcome).toBe('refused')
  })

  it('does not keep back an answer to somebody who merely names a place', () => {
    const open = answeringAt({ answer: 0, offer: 0 })
    expect(open.answer('我在济南上班，职工每年有多少天带薪年休假').outcome).toBe('answered')
    expect(open.answer('美国公司在国内的职工每年有多少天带薪年休假').outcome).toBe('answered')
  })

  it('is told where an entry speaks of that very place', () => {
    const entries = [entryOf('jinan', '济南市失业金每月发多少？', { answer: '每月若干元。' })]
    const open = createAnswering({ entries, today, thresholds: { answer: 0, offer: 0 } })
    expect(open.answer('济南现在失业金每月发多少').outcome).toBe('answered')
  })
})

describe('whatever is asked', () => {
  it('gets an outcome that agrees with its confidence', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
        const { outcome, confidence, entry, offers, candidates } = answering.answer(text)
        expect(confidence).toBe(candidates[0]?.confidence ?? 0)
        expect(entry !== undefined).toBe(outcome === 'answered')
        expect(offers.length > 0).toBe(outcome === 'offered')
      }),
    )
  })

  it('is decided for a message of ten thousand characters too', () => {
    expect(answering.answer('失业金怎么领'.repeat(2000)).candidates.length).toBeGreaterThan(0)
  })
})

const openSets = '../shared/data/faq-dev.jsonl'
interface Line {
  type: string
  suite: string
  id: string
  question: string
  variants: string[]
  answer: string
  query: string
  gold: string[]
}

describe.runIf(existsSync(openSets))('on the open question sets', () => {
  const lines = (): Line[] =>
    readFileSync(openSets, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))

  it.each([
    ['lawkw', 0.76],
    ['lawart', 0.445],
  ])('the first candidate is right often enough: %s', (suite, floor) => {
    const all = lines().filter(line => line.suite === suite)
    const entries = all.filter(line => line.type === 'kb')
    const queries = all.filter(line => line.type === 'query')
    const ranker = createRanker(
      entries.map(e => ({ ...e, title: e.question, questions: e.variants, not: [], topic: null })),
    )
    const right = queries.filter(({ query, gold }) => {
      const best = ranker.rank(query, 1).ranked[0]
      return best !== undefined && gold.includes(entries[best.index]?.id ?? '')
    })
    expect(right.length / queries.length).toBeGreaterThan(floor)
  })
})

describe('entries that change while people ask', () => {
  const asked = '高温津贴从几月发到几月？'
  const added = entryOf('heat', asked, { questions: ['夏天的高温费怎么发'] })

  it('answer from the next question on, and are gone when they are removed', () => {
    const changing = createAnswering({ entries: someEntries, today })
    expect(changing.answer(asked).entry).toBeUndefined()
    changing.change([added], [])
    expect(changing.answer(asked).entry).toBe(added)
    changing.change([], ['heat'])
    expect(changing.answer(asked).entry).toBeUndefined()
    expect(changing.find('heat')).toBeUndefined()
  })

  it('answer as they are now, and not in the words that they had', () => {
    const changing = createAnswering({ entries: [...someEntries, added], today })
    const edited = {
      ...added,
      title: '冬天有没有取暖费？',
      questions: ['取暖补贴怎么发'],
      answer: '看单位的规定。',
    }
    changing.change([edited], [])
    expect(changing.answer('冬天有没有取暖费？').entry).toBe(edited)
    expect(changing.answer('夏天的高温费怎么发').entry).toBeUndefined()
  })
})

describe('a question after another one', () => {
  const before = { question: '失业金怎么领', entry: 'unemployment-conditions' }
  const { answer } = createAnswering({ entries: someEntries, today })

  it('is never answered with what was just said', () => {
    expect(answer('那要多久？', { before }).entry?.id).not.toBe(before.entry)
  })

  it('that is nobody’s business here is refused all the same', () => {
    expect(answer('明天下雨吗', { before })).toMatchObject({ outcome: 'refused', offers: [] })
  })

  it('of another subject is answered as it stands', () => {
    const [, other] = someEntries
    const asked = other?.questions[0] ?? other?.title ?? ''
    expect(answer(asked, { before })).toEqual(answer(asked))
  })
})

describe('several questions in one message', () => {
  const { answer } = createAnswering({ entries: someEntries, today })

  it('are answered in turn, and what has no answer is named', () => {
    const all = answer('失业金怎么领？加班费怎么算？今晚的球赛谁赢？')
    expect([all.entry, ...(all.also ?? [])].map(entry => entry?.id)).toEqual([
      'unemployment-conditions',
      'overtime-pay',
    ])
    expect(all.open).toEqual([{ question: '今晚的球赛谁赢？', offers: [] }])
  })
})

describe('what is another body’s matter', () => {
  const { answer } = createAnswering({ entries: someEntries, today })

  it.each([
    ['公积金怎么提取', '公积金'],
    ['户口本丢了怎么补办', '公安'],
    ['个体户营业执照怎么注销', '市场监督'],
  ])('is refused with its name: %s', (text, who) => {
    expect(answer(text)).toMatchObject({ outcome: 'refused', left: { who: expect.stringContaining(who) } })
  })

  it.each(['张伟的工伤认定办到哪一步了', '我上月交的材料审核通过了没有？'])(
    'or the state of one case is left to whoever handles it: %s',
    text => void expect(answer(text).outcome).toBe('handover'),
  )
})

describe('near entries', () => {
  const grade = (id: string, value: string) =>
    entryOf(id, `${value}伤残赔多少`, { facets: [`伤残等级：${value}`] })

  it('that differ in a facet are told apart by it', () => {
    const offers = [grade('a', '一级至四级'), grade('b', '五级、六级')]
    expect(clarify(offers)).toEqual({
      facet: '伤残等级',
      values: [
        { value: '一级至四级', entries: [offers[0]] },
        { value: '五级、六级', entries: [offers[1]] },
      ],
      others: [],
    })
  })

  it('that have no such facet stay beside the question', () => {
    const offers = [grade('a', '一级'), entryOf('b', '工伤赔多少'), grade('c', '五级')]
    expect(clarify(offers)).toMatchObject({
      values: [{ value: '一级' }, { value: '五级' }],
      others: [offers[1]],
    })
  })

  it('are asked for by their titles where only one has a facet, or all have the same', () => {
    expect(clarify([grade('a', '一级'), entryOf('b', '工伤赔多少')])).toBeUndefined()
    expect(clarify([grade('a', '一级'), grade('b', '一级')])).toBeUndefined()
  })
})

describe('a law that no longer applies', () => {
  const { answer } = createAnswering({ entries: someEntries, today })

  it('is named beside the answer, with what applies now', () => {
    const { outcome, repealed } = answer('按《信访条例》，加班费怎么算')
    expect(outcome).not.toBe('guarded')
    expect(repealed).toMatchObject([
      { title: '信访条例', repealed: '2022-05-01', repealedBy: '信访工作条例' },
    ])
  })

  it('is nothing that a question without one has', () => {
    expect(answer('加班费怎么算').repealed).toBeUndefined()
  })
})
