/** What a message means and how it is answered: guarded, one question or several, alone or after the one before. */
import { mask } from '#base/personal'
import { createScopeSense, findRisk, maskRisky, type Risk, weighRisk } from '#guard'
import { type Entry, isCurrent, type Law, repealedLawsIn } from '#knowledge'
import { simplify } from '#retrieval'
import { isBare, leansBack, maybeFollowUp, splitClauses, splitQuestions } from './context.ts'
import {
  type Candidate,
  createJudge,
  type Decision,
  defaultThresholds,
  mostOffers,
  type Thresholds,
} from './decision.ts'

export const outcomes = ['answered', 'offered', 'refused', 'handover', 'guarded'] as const
export type Outcome = (typeof outcomes)[number]

export interface Answer extends Omit<Decision, 'outcome'> {
  /** With `guarded` an entry may be there too: the rest of a message that held personal data was a question. */
  outcome: Outcome
  /** Why the message was not taken as a question; present when the outcome is `guarded`. */
  risk?: Risk
  /** The answers to the further questions of the same message, in order; `entry` answers the first. */
  also?: Entry[]
  /** The laws that the message names and that no longer apply; absent where it names none. */
  repealed?: Law[]
  /** The questions of the same message that have no answer, with what may be chosen instead. */
  open?: Open[]
}

export interface Open {
  question: string
  offers: Entry[]
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
  /** How near entries are to the text by meaning: a cosine each, by id; absent where there is no such server. */
  meaning?: ReadonlyMap<string, number> | undefined
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

/** What is known besides the question. */
interface Asking {
  before: Earlier | undefined
  most: number
}

/** A message is a question, not a book: what lies beyond this many characters is not compared. */
const longest = 1000
/** So sure must one be of a short question to take it as it stands, after another one. */
const sureAlone = 0.9
/** A risk less certain than this yields to an entry of this confidence. */
const sureRisk = 0.9
const sureHarmless = 0.7
/** From this confidence on near entries are offered to a message whose every word is ours, as 工伤 alone. */
const leastOffered = 0.05
/** From this confidence on clauses are one question, where not each of them has an answer. */
const sureOne = 0.8
/** From this confidence on what sounds like another body's matter may well follow the question before. */
const sureOurs = 0.6

export function createAnswering(options: AnsweringOptions): Answering {
  const current = options.entries.filter(entry => isCurrent(entry, options.today))
  const judging = createJudge(current, options.thresholds ?? defaultThresholds)
  const { judgeAfter, find, findSame, mend, put, remove } = judging
  const { isStrange, isOurs } = createScopeSense()
  /** Of the message at hand: whole or in parts, the same words are judged once. */
  const judged = new Map<string, Decision>()

  function judge(question: string, most: number): Decision {
    const decision = judged.get(question) ?? judging.judge(question, most)
    judged.set(question, decision)
    return decision
  }

  function answer(text: string, { most = mostOffers, before, meaning }: AnswerOptions = {}): Answer {
    judged.clear()
    const question = simplify(text.slice(0, longest))
    const asked = { before, most }
    const risk = riskOf(question, asked)
    if (risk !== undefined) return guard(risk, question)
    if (meaning) judged.set(question, judging.judge(question, most, meaning))
    const answer = weighWords(question, several(question, asked) ?? single(question, asked), asked)
    const repealed = repealedLawsIn(question, options.today)
    return repealed.length === 0 ? answer : { ...answer, repealed }
  }

  /** Weighs the words of the message themselves; where it follows another question they tell nothing. */
  function weighWords(question: string, answer: Answer, { before }: Asking): Answer {
    if (findSame(question) || (before && maybeFollowUp(question))) return answer
    const { outcome, confidence, candidates } = answer
    const [nearest] = candidates
    if (outcome === 'refused') {
      const worthOffering =
        !answer.left && confidence >= leastOffered && isOurs(question) && !isBare(question)
      return worthOffering ? { ...answer, outcome: 'offered', offers: entriesOf(candidates) } : answer
    }
    if (outcome !== 'answered' && outcome !== 'offered') return answer
    const wordings = [question, mend(question) ?? question]
    const strange = wordings.every(wording => isStrange(wording, find(nearest?.id ?? ''), confidence))
    return strange ? { outcome: 'refused', confidence, offers: [], candidates } : answer
  }

  const entriesOf = (candidates: readonly Candidate[]) =>
    candidates.slice(0, mostOffers).flatMap(({ id }) => find(id) ?? [])

  /** What an entry asks in the same words is no risk but danger; nor is what merely sounds risky and has an answer. */
  function riskOf(question: string, { most }: Asking): Risk | undefined {
    const found = weighRisk(question)
    if (!found || (found.risk !== 'danger' && findSame(question))) return undefined
    const isDoubtful = found.certainty < sureRisk && judge(question, most).confidence >= sureHarmless
    return isDoubtful ? undefined : found.risk
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

  function single(question: string, { before, most }: Asking): Answer {
    const alone = judge(question, most)
    if (!before || !maybeFollowUp(question)) return alone
    if (alone.left && !leansBack(question) && alone.confidence < sureOurs) return alone
    const clear = alone.outcome === 'answered' && (!leansBack(question) || alone.confidence >= sureAlone)
    const after = { question: before.question, entry: find(before.entry ?? '') }
    return clear ? alone : judgeAfter(question, after, most)
  }

  /** Several questions at once, or one at the end of a story. */
  function several(question: string, asked: Asking): Answer | undefined {
    const sentences = splitQuestions(question)
    if (sentences.length > 1) return inTurn(sentences, asked)
    const only = sentences[0] ?? question
    const clauses = splitClauses(only)
    const each = clauses.length > 1 ? inTurn(clauses, asked) : undefined
    if (each && isWhole(each, clauses.length) && (!each.open || judge(only, asked.most).confidence < sureOne))
      return each
    const focused = only.length < question.length / 2 ? judge(only, asked.most) : undefined
    return focused?.outcome === 'refused' ? undefined : focused
  }

  /** Each question after the one before it; undefined when none has an answer. */
  function inTurn(parts: readonly string[], { before, most }: Asking): Answer | undefined {
    const given: Answer[] = []
    let last = before
    for (const part of parts) {
      const answer = single(part, { before: last, most })
      given.push(answer)
      last = { question: part, entry: answer.entry?.id ?? last?.entry ?? null }
    }
    const first = given.find(answer => answer.entry)
    if (!first) return undefined
    const [entry, ...also] = new Set(given.flatMap(answer => answer.entry ?? []))
    const open = parts
      .map((question, i) => ({ question, offers: given[i]?.offers ?? [] }))
      .filter((_, i) => !given[i]?.entry)
    return { ...first, entry, also, offers: [], ...(open.length > 0 ? { open } : {}) } as Answer
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

/** Clauses are questions of their own where each leads somewhere else. */
function isWhole({ also = [], open = [] }: Answer, clauses: number): boolean {
  return 1 + also.length + open.length === clauses && open.every(({ offers }) => offers.length > 0)
}
