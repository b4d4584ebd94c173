/** Our own knowledge on our own questions, which were written from the laws without sight of the entries. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Answer, createAnswering } from '../../src/answering/index.ts'
import { type Entry, loadKnowledge } from '../../src/knowledge/index.ts'

export interface OwnQuestion {
  id: string
  kind: 'in' | 'out' | 'risk'
  topic?: string
  text: string
  law?: string
  articles?: number[]
  /** `law:article`, as good as the law and articles. */
  accept?: string[]
}

export const today = '2026-11-23'

export function readQuestions(root: string): OwnQuestion[] {
  return readFileSync(resolve(root, 'tests/answering/questions.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

/** The tuning is done on the one half and reported on the other. */
export const isHeldOut = (_: unknown, position: number) => position % 2 === 1

/** Whether the entry rests on an article that answers the question. */
export function isRight(entry: Entry, { law, articles = [], accept = [] }: OwnQuestion): boolean {
  const good = new Set([...articles.map(article => `${law}:${article}`), ...accept])
  const laws = new Set([...good].map(reference => reference.replace(/:\d+$/, '')))
  return entry.sources.some(s => (s.article === null ? laws.has(s.law) : good.has(`${s.law}:${s.article}`)))
}

const percent = (part: number, whole: number) => (whole === 0 ? '–' : ((part / whole) * 100).toFixed(1))

export interface Tally {
  in: number
  answered: number
  offered: number
  wrong: number
  badOffer: number
  out: number
  refused: number
}

export function tally(questions: readonly OwnQuestion[], answer: (text: string) => Answer): Tally {
  const t: Tally = { in: 0, answered: 0, offered: 0, wrong: 0, badOffer: 0, out: 0, refused: 0 }
  for (const question of questions.filter(q => q.kind !== 'risk')) {
    const { outcome, entry, offers } = answer(question.text)
    if (question.kind === 'out') {
      t.out++
      if (outcome === 'refused' || outcome === 'handover') t.refused++
      continue
    }
    t.in++
    if (entry !== undefined) isRight(entry, question) ? t.answered++ : t.wrong++
    else if (outcome === 'offered') offers.some(e => isRight(e, question)) ? t.offered++ : t.badOffer++
  }
  return t
}

const rowOf = (name: string, t: Tally) =>
  `| ${[
    name,
    percent(t.answered, t.in),
    percent(t.answered + t.offered, t.in),
    percent(t.wrong, t.in),
    percent(t.wrong + t.badOffer, t.in),
    percent(t.refused, t.out),
  ].join(' | ')} |`

const head = [
  '| | answered rightly % | … or rightly offered % | answered wrongly % | … or wrongly offered % | strangers refused % |',
  '| --- | --: | --: | --: | --: | --: |',
]

export async function reportOwn(root: string): Promise<string> {
  const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
  const all = readQuestions(root)
  const answering = createAnswering({ entries, today })
  const rows = [
    ['tuning half', all.filter((q, i) => !isHeldOut(q, i))],
    ['held-out half', all.filter(isHeldOut)],
  ] as const
  const topics = [...new Set(all.flatMap(q => q.topic ?? []))]
  return [
    `\n${entries.length} entries, ${all.length} questions; the thresholds were chosen on the tuning half.\n`,
    ...head,
    ...rows.map(([name, questions]) => rowOf(name, tally(questions, answering.answer))),
    ...topics.map(topic =>
      rowOf(
        topic,
        tally(
          all.filter(q => q.topic === topic),
          answering.answer,
        ),
      ),
    ),
    '\n## Risk and coverage (held-out half)\n',
    'An answer is given from this confidence on, nothing is offered.\n',
    ...riskCoverage(all.filter(isHeldOut), entries),
  ].join('\n')
}

function riskCoverage(questions: readonly OwnQuestion[], entries: readonly Entry[]): string[] {
  const rows = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map(least => {
    const { answer } = createAnswering({ entries, today, thresholds: { answer: least, offer: least } })
    const t = tally(questions, answer)
    const [right, given] = [t.answered, t.answered + t.wrong + t.out - t.refused]
    return `| ${[least, percent(t.answered + t.wrong, t.in), percent(given - right, given), percent(t.refused, t.out)].join(' | ')} |`
  })
  return [
    '| confidence | in-scope answered % | of all answers wrong % | strangers refused % |',
    '| --: | --: | --: | --: |',
    ...rows,
  ]
}
