/** Questions answered from the entries: the answer, a choice of near ones, or an honest "I do not know". */
import { calibrationFor, confidencesOf } from './calibration.ts'
import { type Entry, isCurrent } from './knowledge.ts'
import { comparable } from './normalise.ts'
import { createRanker } from './ranker.ts'

export const outcomes = ['answered', 'offered', 'refused', 'handover', 'guarded'] as const
export type Outcome = (typeof outcomes)[number]

export interface Candidate {
  id: string
  /** The calibrated probability that this entry answers the question, 0–1. */
  confidence: number
}

export interface Answer {
  outcome: Outcome
  /** The entry that answers; present when the outcome is `answered`. */
  entry?: Entry
  /** That of the best candidate; 0 when there is none. */
  confidence: number
  /** At most four entries to choose from; filled when the outcome is `offered`. */
  offers: Entry[]
  /** The best twenty, best first, whatever the outcome. */
  candidates: Candidate[]
}

export interface Thresholds {
  /** From this confidence on the best entry is the answer. */
  answer: number
  /** From this confidence on near entries are offered; below it the answer is "I do not know". */
  offer: number
}

export interface Answering {
  answer(text: string): Answer
  /** The entry of this id, while it may be quoted. */
  find(id: string): Entry | undefined
}

export interface AnsweringOptions {
  entries: readonly Entry[]
  /** YYYY-MM-DD; entries that have expired, or are not yet in effect, are left out. */
  today: string
  thresholds?: Thresholds
}

/** Chosen on one half of the project's question set and confirmed on the other (docs/evaluation.md). */
export const defaultThresholds: Thresholds = { answer: 0.5, offer: 0.25 }

const mostCandidates = 20
const mostOffers = 4
/** What the words of the entry itself, typed as they stand, are worth. */
const certainty = 0.99
/** A message is a question, not a book: what lies beyond this many characters is not compared. */
const longest = 1000

export function createAnswering({
  entries,
  today,
  thresholds = defaultThresholds,
}: AnsweringOptions): Answering {
  const current = entries.filter(entry => isCurrent(entry, today))
  const byId = new Map(current.map(entry => [entry.id, entry]))
  const byWording = indexWordings(current)
  const ranker = createRanker(current)
  const calibration = calibrationFor(current)

  function answer(text: string): Answer {
    const question = text.slice(0, longest)
    const same = byWording.get(comparable(question)) ?? []
    const ranking = ranker.rank(question, mostCandidates)
    const confidences = confidencesOf(ranking, calibration)
    const found = ranking.ranked.map(({ index }, place): Candidate => {
      return { id: (current[index] as Entry).id, confidence: confidences[place] as number }
    })
    return decide(same.length > 0 ? preferSame(same, found) : found)
  }

  function decide(candidates: Candidate[]): Answer {
    const confidence = candidates[0]?.confidence ?? 0
    const near = candidates.slice(0, mostOffers).flatMap(({ id }) => byId.get(id) ?? [])
    const [entry] = near
    if (entry === undefined || confidence < thresholds.offer)
      return { outcome: 'refused', confidence, offers: [], candidates }
    if (confidence < thresholds.answer) return { outcome: 'offered', confidence, offers: near, candidates }
    return { outcome: 'answered', entry, confidence, offers: [], candidates }
  }

  return { answer, find: id => byId.get(id) }
}

/** Which entries are asked for in exactly these words. */
function indexWordings(entries: readonly Entry[]): Map<string, Entry[]> {
  const wordings = new Map<string, Entry[]>()
  for (const entry of entries) {
    for (const key of new Set([entry.title, ...entry.questions].map(comparable))) {
      if (key === '') continue
      wordings.set(key, [...(wordings.get(key) ?? []), entry])
    }
  }
  return wordings
}

/** The entries asked for in so many words come first; where they are several, each is as likely. */
function preferSame(same: readonly Entry[], found: readonly Candidate[]): Candidate[] {
  const ids = new Set(same.map(entry => entry.id))
  const first = same.map(({ id }) => ({ id, confidence: certainty / same.length }))
  const rest = found.filter(({ id }) => !ids.has(id))
  const ceiling = first[0]?.confidence ?? 1
  return [...first, ...rest.map(c => ({ ...c, confidence: Math.min(c.confidence, ceiling) }))].slice(
    0,
    mostCandidates,
  )
}
