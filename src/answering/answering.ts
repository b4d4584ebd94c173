/** Questions answered from the entries: the answer, a choice of near ones, or an honest "I do not know". */
import { type Entry, isCurrent } from './knowledge.ts'
import { comparable } from './normalise.ts'
import { createRanker } from './ranker.ts'

export const outcomes = ['answered', 'offered', 'refused', 'handover', 'guarded'] as const
export type Outcome = (typeof outcomes)[number]

export interface Answer {
  outcome: Outcome
  /** The entry that answers; present when the outcome is `answered`. */
  entry?: Entry
  /** The calibrated probability that the best candidate answers the question, 0–1. */
  confidence: number
  /** At most four entries to choose from; filled when the outcome is `offered`. */
  offers: Entry[]
  /** The best twenty, best first, whatever the outcome. */
  candidates: { id: string; confidence: number }[]
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

const defaultThresholds: Thresholds = { answer: 0.6, offer: 0.35 }

export function createAnswering(deps: {
  entries: readonly Entry[]
  today: string
  thresholds?: Thresholds
}): Answering {
  const { answer: sure, offer: near } = deps.thresholds ?? defaultThresholds
  const entries = deps.entries.filter(entry => isCurrent(entry, deps.today))
  const ranker = createRanker(entries)
  const exact = new Map<string, Entry>()
  for (const entry of entries) {
    for (const text of [entry.title, ...entry.questions]) exact.set(comparable(text), entry)
  }

  function answer(text: string): Answer {
    const ranked = ranker.rank(text, 20)
    const total = ranked.slice(0, 4).reduce((sum, r) => sum + r.score, 0)
    const found = ranked.map(r => ({
      entry: entries[r.index] as Entry,
      confidence: Math.min(1, (r.score / total) * 1.5),
    }))
    const same = exact.get(comparable(text))
    const best = same ? { entry: same, confidence: 1 } : found[0]
    const candidates = found.map(f => ({ id: f.entry.id, confidence: f.confidence }))
    const base = { confidence: best?.confidence ?? 0, offers: [], candidates }
    if (best === undefined || best.confidence < near) return { outcome: 'refused', ...base }
    if (best.confidence >= sure) return { outcome: 'answered', entry: best.entry, ...base }
    return { outcome: 'offered', ...base, offers: found.slice(0, 4).map(f => f.entry) }
  }
  const byId = new Map(entries.map(entry => [entry.id, entry]))
  return { answer, find: id => byId.get(id) }
}
