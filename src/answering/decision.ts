/** One question against the entries: answered, offered near ones, refused or handed over, by a calibrated probability. */
import { beyondRemit } from '#guard'
import type { Entry } from '#knowledge'
import {
  calibrationFor,
  comparable,
  confidencesOf,
  createHomophones,
  createRanker,
  type Homophones,
} from '#retrieval'

export interface Candidate {
  id: string
  /** The calibrated probability that this entry answers the question, 0–1. */
  confidence: number
}

export interface Decision {
  outcome: 'answered' | 'offered' | 'refused' | 'handover'
  /** The entry that answers; present when the outcome is `answered`. */
  entry?: Entry
  /** That of the best candidate; 0 when there is none. */
  confidence: number
  /** At most four entries to choose from; filled when the outcome is `offered`. */
  offers: Entry[]
  /** The nearest, best first, whatever the outcome. */
  candidates: Candidate[]
}

export interface Thresholds {
  /** From this confidence on the best entry is the answer. */
  answer: number
  /** From this confidence on near entries are offered; below it the answer is "I do not know". */
  offer: number
}

/** Chosen on the tuning half of the project's questions (bench/retrieval/thresholds.ts), confirmed on the other. */
export const defaultThresholds: Thresholds = { answer: 0.8, offer: 0.52 }

export const mostOffers = 4
/** What the words of the entry itself, typed as they stand, are worth. */
const certainty = 0.99

export interface Judge {
  /** Decides on a question in simplified characters; names `most` candidates. */
  judge(question: string, most: number): Decision
  /** The entry whose own words these are, when it is the only one. */
  findSame(question: string): Entry | undefined
}

/** Judges by these entries alone. */
export function createJudge(entries: readonly Entry[], thresholds: Thresholds): Judge {
  const byId = new Map(entries.map(entry => [entry.id, entry]))
  const byWording = indexWordings(entries)
  const ranker = createRanker(entries)
  const calibration = calibrationFor(entries)
  let homophones: Homophones | undefined

  const sameAs = (question: string): readonly Entry[] => byWording.get(comparable(question)) ?? []

  function judgeAsTyped(question: string, most: number): Decision {
    const ranking = ranker.rank(question, most)
    const confidences = confidencesOf(ranking, calibration)
    const found = ranking.ranked.map(({ index }, place): Candidate => {
      return { id: (entries[index] as Entry).id, confidence: confidences[place] as number }
    })
    const same = sameAs(question)
    if (same.length === 1) return decide(preferSame(same, found).slice(0, most))
    if (same.length > 1) return offer(preferSame(same, found).slice(0, most))
    const beyond = beyondRemit(question, place => tellsOf(byId.get(found[0]?.id ?? ''), place))
    return beyond ? { outcome: beyond, confidence: 0, offers: [], candidates: found } : decide(found)
  }

  function decide(candidates: Candidate[]): Decision {
    const confidence = candidates[0]?.confidence ?? 0
    const entry = byId.get(candidates[0]?.id ?? '')
    if (entry === undefined || confidence < thresholds.offer)
      return { outcome: 'refused', confidence, offers: [], candidates }
    if (confidence < thresholds.answer) return offer(candidates)
    return { outcome: 'answered', entry, confidence, offers: [], candidates }
  }

  function offer(candidates: Candidate[]): Decision {
    const offers = candidates.slice(0, mostOffers).flatMap(({ id }) => byId.get(id) ?? [])
    return { outcome: 'offered', confidence: candidates[0]?.confidence ?? 0, offers, candidates }
  }

  return {
    /** What is not understood as it stands may have been typed by its sound. */
    judge(question, most) {
      const plain = judgeAsTyped(question, most)
      if (plain.outcome !== 'refused' && plain.outcome !== 'offered') return plain
      homophones ??= createHomophones(entries.flatMap(entry => [entry.title, ...entry.questions]))
      const mended = homophones.mend(question)
      const again = mended === undefined ? plain : judgeAsTyped(mended, most)
      return again.confidence > plain.confidence ? again : plain
    },
    findSame(question) {
      const same = sameAs(question)
      return same.length === 1 ? same[0] : undefined
    },
  }
}

const tellsOf = (entry: Entry | undefined, place: string): boolean =>
  entry !== undefined && [entry.title, entry.answer, ...entry.questions].some(text => text.includes(place))

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
  return [...first, ...rest.map(c => ({ ...c, confidence: Math.min(c.confidence, ceiling) }))]
}
