/** How well the knowledge answers a set of questions whose right sources are known. */
import { z } from 'zod'
import { Refusal } from '#base/errors'
import type { Entry } from '#knowledge'
import type { Answer, Answering } from './answering.ts'

/** Where the questions lie in a folder of knowledge. */
export const evaluationFile = 'evaluation.jsonl'

/** A question with what answers it. `in`: in scope; `out`: none of ours; `risk`: must not be answered as a question. */
const question = z.object({
  id: z.string(),
  kind: z.enum(['in', 'out', 'risk']),
  text: z.string(),
  topic: z.string().optional(),
  law: z.string().optional(),
  articles: z.array(z.number()).optional(),
  /** `law:article`, as good as the law and articles. */
  accept: z.array(z.string()).optional(),
})
export type EvaluationQuestion = z.infer<typeof question>

/** Shares are 0–1; of the questions in scope where nothing else is said. */
export interface Figures {
  questions: number
  /** The best candidate is right, whatever the outcome; one of the five best is. */
  top1: number
  top5: number
  /** Answered rightly, answered or offered rightly. */
  answered: number
  helped: number
  /** Answered wrongly; answered wrongly or offered nothing that is right. */
  wrong: number
  harmed: number
}

export interface RiskCoverage {
  /** From this confidence on the best candidate is taken as the answer. */
  confidence: number
  coverage: number
  /** Of all that would be answered, how much wrongly; strangers answered are wrong. */
  risk: number
}

export interface Evaluation {
  entries: number
  inScope: Figures
  /** Of the strangers, how many were refused or handed over. */
  strangersRefused: number
  /** Of the risky messages, how many were guarded. */
  risksGuarded: number
  topics: Record<string, Figures>
  riskCoverage: RiskCoverage[]
}

/** Reads JSON lines. Throws a Refusal that names the line. */
export function parseQuestions(text: string): EvaluationQuestion[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return [question.parse(JSON.parse(line))]
    } catch {
      throw new Refusal('question', `评测问题第${i + 1}行不对，需要 {"id","kind","text",…}。`)
    }
  })
}

/** Whether the entry rests on an article that answers the question. */
export function isRight(entry: Entry, { law, articles = [], accept = [] }: EvaluationQuestion): boolean {
  const good = new Set([...articles.map(article => `${law}:${article}`), ...accept])
  const laws = new Set([...good].map(reference => reference.replace(/:\d+$/, '')))
  return entry.sources.some(s => (s.article === null ? laws.has(s.law) : good.has(`${s.law}:${s.article}`)))
}

interface Judged {
  question: EvaluationQuestion
  answer: Answer
  /** Whether each of the five best is right. */
  five: boolean[]
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
const count = (list: readonly Judged[], holds: (judged: Judged) => boolean) => list.filter(holds).length

const isAnsweredWell = ({ answer, question }: Judged) =>
  answer.entry !== undefined && [answer.entry, ...(answer.also ?? [])].some(entry => isRight(entry, question))
const isOfferedWell = ({ answer, question }: Judged) =>
  answer.outcome === 'offered' && answer.offers.some(entry => isRight(entry, question))

function figuresOf(list: readonly Judged[]): Figures {
  const answered = count(list, isAnsweredWell)
  const offered = count(list, isOfferedWell)
  const wrong = count(list, j => j.answer.entry !== undefined && !isAnsweredWell(j))
  const badOffer = count(list, j => j.answer.outcome === 'offered' && !isOfferedWell(j))
  const part = (n: number) => share(n, list.length)
  return {
    questions: list.length,
    top1: part(count(list, j => j.five[0] === true)),
    top5: part(count(list, j => j.five.includes(true))),
    answered: part(answered),
    helped: part(answered + offered),
    wrong: part(wrong),
    harmed: part(wrong + badOffer),
  }
}

function curveOf(inside: readonly Judged[], outside: readonly Judged[]): RiskCoverage[] {
  return [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map(confidence => {
    const sure = (j: Judged) =>
      (j.answer.candidates[0]?.confidence ?? 0) >= confidence && j.answer.outcome !== 'handover'
    const given = count(inside, sure)
    const good = count(inside, j => sure(j) && j.five[0] === true)
    const all = given + count(outside, j => sure(j) && j.answer.outcome !== 'guarded')
    return { confidence, coverage: share(given, inside.length), risk: share(all - good, all) }
  })
}

/** Asks every question and counts. `size`: how many entries there are. */
export function evaluate(
  answering: Answering,
  questions: readonly EvaluationQuestion[],
  size: number,
): Evaluation {
  const judged = questions.map((question): Judged => {
    const answer = answering.answer(question.text, { most: 5 })
    const five = answer.candidates.map(({ id }) => {
      const entry = answering.find(id)
      return entry !== undefined && isRight(entry, question)
    })
    return { question, answer, five }
  })
  const kind = (name: EvaluationQuestion['kind']) => judged.filter(j => j.question.kind === name)
  const [inside, outside, risky] = [kind('in'), kind('out'), kind('risk')]
  const topics = Map.groupBy(inside, j => j.question.topic ?? '')
  return {
    entries: size,
    inScope: figuresOf(inside),
    strangersRefused: share(
      count(outside, j => ['refused', 'handover'].includes(j.answer.outcome)),
      outside.length,
    ),
    risksGuarded: share(
      count(risky, j => j.answer.outcome === 'guarded'),
      risky.length,
    ),
    topics: Object.fromEntries([...topics].map(([topic, list]) => [topic, figuresOf(list)])),
    riskCoverage: curveOf(inside, outside),
  }
}

/** So much may a figure fall by chance: with some hundred questions one more or less is half a percent. */
const slack = 0.005

/** What is worse than before, as sentences for the person who is about to publish; empty when nothing is. */
export function worseThan(before: Evaluation, after: Evaluation): string[] {
  const percent = (n: number) => `${(n * 100).toFixed(1)}%`
  const rows: [string, number, number][] = [
    ['答对的比例', before.inScope.answered, after.inScope.answered],
    ['答对或给对选项的比例', before.inScope.helped, after.inScope.helped],
    ['没有答错的比例', 1 - before.inScope.wrong, 1 - after.inScope.wrong],
    ['范围外问题不作答的比例', before.strangersRefused, after.strangersRefused],
    ['风险消息识别的比例', before.risksGuarded, after.risksGuarded],
  ]
  return rows
    .filter(([, old, now]) => now < old - slack)
    .map(([name, old, now]) => `${name}从${percent(old)}降到${percent(now)}`)
}
