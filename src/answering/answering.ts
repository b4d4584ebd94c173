/** What a message means and how it is answered: guarded, one question or several, alone or after the one before. */
import { mask } from '#base/personal'
import { findRisk, maskRisky, type Risk } from '#guard'
import { type Entry, isCurrent } from '#knowledge'
import { simplify } from '#retrieval'
import { leansBack, maybeFollowUp, splitQuestions } from './context.ts'
import { createJudge, type Decision, defaultThresholds, mostOffers, type Thresholds } from './decision.ts'

export const outcomes = ['answered', 'offered', 'refused', 'handover', 'guarded'] as const
export type Outcome = (typeof outcomes)[number]

export interface Answer extends Omit<Decision, 'outcome'> {
  /** With `guarded` an entry may be there too: the rest of a message that held personal data was a question. */
  outcome: Outcome
  /** Why the message was not taken as a question; present when the outcome is `guarded`. */
  risk?: Risk
  /** The answers to the further questions of the same message, in order; `entry` answers the first. */
  also?: Entry[]
}

/** The question before, and the entry that answered it. */
export interface Earlier {
  question: string
  entry: string | null
}

export interface AnswerOptions {
  /** How many candidates to name, 4 when absent. */
  most?: number
  before?: Earlier | undefined
}

export interface Answering {
  answer(text: string, options?: AnswerOptions): Answer
  /** The entry of this id, while it may be quoted. */
  find(id: string): Entry | undefined
  /** Rises with every change of the entries: what was remembered before may not hold any more. */
  readonly changes: number
  /** Takes in new and edited entries and drops others; answers speak of it from this moment on. */
  change(replaced: readonly Entry[], removed: readonly string[]): void
}

export interface AnsweringOptions {
  entries: readonly Entry[]
  /** YYYY-MM-DD; entries that have expired, or are not yet in effect, are left out. */
  today: string
  thresholds?: Thresholds
}

/** A message is a question, not a book: what lies beyond this many characters is not compared. */
const longest = 1000
/** So sure must one be of a short question to take it as it stands, after another one. */
const sureAlone = 0.9

export function createAnswering(options: AnsweringOptions): Answering {
  const current = options.entries.filter(entry => isCurrent(entry, options.today))
  const { judge, judgeAfter, find, findSame, put, remove } = createJudge(
    current,
    options.thresholds ?? defaultThresholds,
  )

  function answer(text: string, { most = mostOffers, before }: AnswerOptions = {}): Answer {
    const question = simplify(text.slice(0, longest))
    const risk = findRisk(question)
    if (risk !== undefined && (risk === 'danger' || !findSame(question))) return guard(risk, question)
    return (before && followUp(question, before, most)) ?? several(question, most) ?? judge(question, most)
  }

  /** What else the message asks is answered where nothing but personal data stood against it. */
  function guard(risk: Risk, question: string): Answer {
    const guarded: Answer = { outcome: 'guarded', risk, confidence: 0, offers: [], candidates: [] }
    if (risk !== 'personal-data') return guarded
    const rest = maskRisky(question).replaceAll(mask, ' ')
    if (findRisk(rest)) return guarded
    const { outcome, entry, confidence, candidates } = judge(rest, mostOffers)
    return outcome === 'answered' && entry ? { ...guarded, entry, confidence, candidates } : guarded
  }

  /** A short question after another one: read with the subject of that one, unless it is clear by itself. */
  function followUp(question: string, before: Earlier, most: number): Answer | undefined {
    if (!maybeFollowUp(question)) return undefined
    const alone = judge(question, most)
    const leans = leansBack(question)
    if (alone.outcome === 'answered' && (!leans || alone.confidence >= sureAlone)) return alone
    const told = find(before.entry ?? '')
    const together = told ? judgeAfter(question, told, most) : judge(`${before.question} ${question}`, most)
    return leans || together.confidence > alone.confidence ? together : alone
  }

  /** Several questions at once: those that have an answer, when there are at least two. */
  function several(question: string, most: number): Answer | undefined {
    const parts = splitQuestions(question)
    if (parts.length === 1) return undefined
    const whole = judge(question, most)
    const entries = new Set(parts.flatMap(part => judge(part, mostOffers).entry ?? []))
    const [entry, ...also] = entries
    return entry && also.length > 0 ? { ...whole, outcome: 'answered', entry, also, offers: [] } : whole
  }

  let changes = 0
  return {
    answer,
    find,
    get changes() {
      return changes
    },
    change(replaced, removed) {
      changes++
      replaced.forEach(put)
      removed.forEach(remove)
    },
  }
}
