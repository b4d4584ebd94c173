/** How well the knowledge answers a set of questions whose right sources are known. */
import { z } from 'zod'
import { Refusal } from '#base/errors'
import type { Entry } from '#knowledge'
import type { Answer, Answering } from './answering.ts'

export const evaluationFile = 'evaluation.jsonl'
const words = (name: string) => z.string(`${name} 要写成文字`)
const listOf = <T extends z.ZodType>(one: T, problem: string) => z.array(one, problem).optional()

/** A question with what answers it. `in`: in scope; `out`: none of ours; `risk`: must not be answered as a question. */
const question = z
  .object(
    {
      id: words('id').min(1, '缺少 id'),
      kind: z.enum(['in', 'out', 'risk'], 'kind 要写 in、out 或 risk'),
      text: words('text').trim().min(1, '缺少 text'),
      topic: words('topic').optional(),
      /** Why it is none of ours, or risky. */
      reason: words('reason').optional(),
      law: words('law').optional(),
      articles: listOf(z.number('articles 里要写数字'), 'articles 要写成列表'),
      /** `law:article`, as good as the law and articles. */
      accept: listOf(words('accept 里'), 'accept 要写成列表'),
      /** The ids of entries that answer it, whatever they rest on. */
      entries: listOf(words('entries 里'), 'entries 要写成列表'),
    },
    '这一行不是 {"id","kind","text",…}',
  )
  .refine(
    q => q.kind !== 'in' || (q.law && q.articles?.length) || q.accept?.length || q.entries?.length,
    '范围内的问题要写明答案：law 和 articles，或 accept，或 entries',
  )
export type EvaluationQuestion = z.infer<typeof question>

/** Shares are 0–1; of the questions in scope where nothing else is said. */
export interface Figures {
  questions: number
  /** Answered or offered something, rightly or wrongly. */
  coverage: number
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

/** Of the strangers, or the risky messages, of one kind: how many were refused or handed over, or guarded. */
export interface Handled {
  questions: number
  handled: number
}

export interface RiskCoverage {
  /** From this on the best candidate is the answer; `risk`: of all that then is answered, how much wrongly. */
  confidence: number
  coverage: number
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
  /** Strangers and risky messages by their reason. */
  reasons: Record<string, Handled>
  riskCoverage: RiskCoverage[]
}

/** The figures of all questions, and of the two halves. */
export interface Halves {
  all: Evaluation
  tuning: Evaluation
  heldOut: Evaluation
}

/** Weights and thresholds are chosen on the one half; the other half tells what they are worth. */
export const isHeldOut = (_: unknown, position: number) => position % 2 === 1

/** So many bad lines are named at once. */
const mostNamed = 10

/** Reads JSON lines. Throws a Refusal that names file and line of what is wrong. */
export function parseQuestions(text: string, file = evaluationFile): EvaluationQuestion[] {
  const problems: string[] = []
  const lines = new Map<string, number>()
  const questions = text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const parsed = question.safeParse(parseJson(line))
    const { id = '' } = parsed.data ?? {}
    const twice = lines.get(id)
    if (parsed.data) lines.set(id, i + 1)
    if (twice !== undefined) problems.push(`${file}:${i + 1} 编号 ${id} 与第${twice}行相同`)
    else if (parsed.error) problems.push(`${file}:${i + 1} ${wordsOf(parsed.error)}`)
    return parsed.data ?? []
  })
  if (problems.length === 0) return questions
  const more = problems.length > mostNamed ? `\n…共${problems.length}处` : ''
  throw new Refusal('question', `${problems.slice(0, mostNamed).join('\n')}${more}\n请改正后重试。`)
}

const wordsOf = ({ issues }: z.ZodError) => [...new Set(issues.map(issue => issue.message))].join('；')

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Whether the entry answers the question: it is named, or it rests on an article that does. */
export function isRight(entry: Entry, asked: EvaluationQuestion): boolean {
  const { law, articles = [], accept = [], entries = [] } = asked
  if (entries.includes(entry.id)) return true
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
    coverage: part(answered + offered + wrong + badOffer),
    top1: part(count(list, j => j.five[0] === true)),
    top5: part(count(list, j => j.five.includes(true))),
    answered: part(answered),
    helped: part(answered + offered),
    wrong: part(wrong),
    harmed: part(wrong + badOffer),
  }
}

/** What is left to others, and what is guarded without an answer, is given at no threshold. */
const isGivable = ({ answer }: Judged) =>
  answer.left === undefined && (answer.outcome !== 'guarded' || answer.entry !== undefined)

function curveOf(inside: readonly Judged[], outside: readonly Judged[]): RiskCoverage[] {
  return [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map(confidence => {
    const sure = (j: Judged) => (j.answer.candidates[0]?.confidence ?? 0) >= confidence && isGivable(j)
    const given = count(inside, sure)
    const good = count(inside, j => sure(j) && j.five[0] === true)
    const all = given + count(outside, sure)
    return { confidence, coverage: share(given, inside.length), risk: share(all - good, all) }
  })
}

/** Strangers are refused or handed over, risky messages guarded. */
const isHandled = ({ answer, question }: Judged) =>
  (question.kind === 'risk' ? ['guarded'] : ['refused', 'handover']).includes(answer.outcome)

function judge(answering: Answering, questions: readonly EvaluationQuestion[]): Judged[] {
  return questions.map(question => {
    const answer = answering.answer(question.text, { most: 5 })
    const five = answer.candidates.map(({ id }) => {
      const entry = answering.find(id)
      return entry !== undefined && isRight(entry, question)
    })
    return { question, answer, five }
  })
}

function sumUp(judged: readonly Judged[], size: number): Evaluation {
  const kind = (name: EvaluationQuestion['kind']) => judged.filter(j => j.question.kind === name)
  const [inside, outside, risky] = [kind('in'), kind('out'), kind('risk')]
  const handled = (list: readonly Judged[]) => share(count(list, isHandled), list.length)
  const topics = Map.groupBy(inside, j => j.question.topic ?? '')
  const reasons = Map.groupBy([...outside, ...risky], j => j.question.reason ?? j.question.kind)
  return {
    entries: size,
    inScope: figuresOf(inside),
    strangersRefused: handled(outside),
    risksGuarded: handled(risky),
    topics: Object.fromEntries([...topics].map(([topic, list]) => [topic, figuresOf(list)])),
    reasons: Object.fromEntries(
      [...reasons].map(([reason, list]) => [reason, { questions: list.length, handled: handled(list) }]),
    ),
    riskCoverage: curveOf(inside, outside),
  }
}

/** Asks every question and counts. `size`: how many entries there are. */
export function evaluate(
  answering: Answering,
  questions: readonly EvaluationQuestion[],
  size: number,
): Evaluation {
  return sumUp(judge(answering, questions), size)
}

/** The same, and for each half by itself. */
export function evaluateHalves(
  answering: Answering,
  questions: readonly EvaluationQuestion[],
  size: number,
): Halves {
  const all = judge(answering, questions)
  const [tuning, heldOut] = [all.filter((j, i) => !isHeldOut(j, i)), all.filter(isHeldOut)]
  return { all: sumUp(all, size), tuning: sumUp(tuning, size), heldOut: sumUp(heldOut, size) }
}

/** So much may a figure fall by chance: with some hundred questions one more or less is half a percent. */
const slack = 0.005

/** What is worse than before, as sentences for the person who is about to publish; empty when nothing is. */
export function worseThan(before: Evaluation, after: Evaluation): string[] {
  const percent = (n: number) => `${(n * 100).toFixed(1)}%`
  const rows: [string, number, number][] = [
    ['覆盖率', before.inScope.coverage, after.inScope.coverage],
    ['Top-1', before.inScope.top1, after.inScope.top1],
    ['Top-5', before.inScope.top5, after.inScope.top5],
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
