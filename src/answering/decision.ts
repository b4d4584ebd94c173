/** One question against the entries: answered, offered near ones, refused or handed over, by a calibrated probability. */
import { beyondRemit, findElsewhere } from '#guard'
import type { Entry } from '#knowledge'
import {
  blend,
  calibrationFor,
  comparable,
  confidencesOf,
  createHomophones,
  createRanker,
  type Homophones,
  type Ranking,
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
  /** Present when it is none of ours to answer; with whose it is, where that is known. */
  left?: { who?: string }
}

/** What was asked before, and the entry that answered it. */
export interface Before {
  question: string
  entry: Entry | undefined
}

export interface Thresholds {
  /** From this confidence on the best entry is the answer. */
  answer: number
  /** From this confidence on near entries are offered; below it the answer is "I do not know". */
  offer: number
}

/** Chosen on the tuning half of the project's questions (bench/retrieval/thresholds.ts), confirmed on the other. */
export const defaultThresholds: Thresholds = { answer: 0.87, offer: 0.3 }

export const mostOffers = 4
/**
 * Chosen on `tests/answering/follow-ups.jsonl`: what the question before counts beside the one at hand, what kinship
 * with the entry told before it does to a score, and how sure a lead over the second makes.
 */
const following = { context: 0.1, related: 1.3, stranger: 0.5, least: 0.42, slope: 1.3 }
/** So many candidates are weighed by their meaning. */
const blended = 20
/** So many entries near the question, and near the one before it, are weighed after another question. */
const considered = { own: 40, before: 20 }
/** From this confidence on a question that sounds like another body's matter is ours all the same. */
const sureOurs = 0.93
/** What the words of the entry itself, typed as they stand, are worth. */
const certainty = 0.99

export interface Judge {
  /** Decides on a question in simplified characters; names `most` candidates. `meaning`: the cosine of entries, by id. */
  judge(question: string, most: number, meaning?: ReadonlyMap<string, number>): Decision
  /** Decides on a question that hangs on the one before it; the entry told then is not told again. */
  judgeAfter(question: string, before: Before, most: number): Decision
  /** The question as it would be written by whoever typed it by its sound; undefined where nothing is mistyped. */
  mend(question: string): string | undefined
  /** The entry whose own words these are, when it is the only one. */
  findSame(question: string): Entry | undefined
  find(id: string): Entry | undefined
  /** Takes in a new or edited entry, in the place of the one with its id. */
  put(entry: Entry): void
  remove(id: string): void
}

/** Judges by these entries, and by those that are put in later. */
export function createJudge(first: readonly Entry[], thresholds: Thresholds): Judge {
  const entries = [...first]
  const positions = new Map(entries.map((entry, index) => [entry.id, index]))
  const wordings = createWordings(entries)
  const ranker = createRanker(entries)
  const calibration = calibrationFor(entries)
  let homophones: Homophones | undefined

  function find(id: string | undefined): Entry | undefined {
    const index = id === undefined ? undefined : positions.get(id)
    return index === undefined ? undefined : entries[index]
  }

  /** Weighed by their words, and by their meaning where that is known. */
  function weigh(ranking: Ranking, meaning: ReadonlyMap<string, number>): Candidate[] {
    const cosines = [...meaning].flatMap(([id, cosine]) => {
      const index = positions.get(id)
      return index === undefined ? [] : [[index, cosine] as const]
    })
    return blend(ranking, calibration, new Map(cosines)).map(({ index, confidence }): Candidate => {
      return { id: (entries[index] as Entry).id, confidence }
    })
  }

  function candidatesOf(ranking: Ranking): Candidate[] {
    const confidences = confidencesOf(ranking, calibration)
    return ranking.ranked.map(({ index }, place): Candidate => {
      return { id: (entries[index] as Entry).id, confidence: confidences[place] as number }
    })
  }

  /** As it would be written by whoever typed it by its sound; undefined where nothing is mistyped. */
  function mend(question: string): string | undefined {
    homophones ??= createHomophones(entries.flatMap(entry => [entry.title, ...entry.questions]))
    return homophones.mend(question)
  }

  function judgeAsTyped(question: string, most: number, meaning?: ReadonlyMap<string, number>): Decision {
    const found = meaning
      ? weigh(ranker.rank(question, Math.max(most, blended)), meaning).slice(0, most)
      : candidatesOf(ranker.rank(question, most))
    const same = wordings.find(question)
    if (same.length === 1) return decide(preferSame(same, found).slice(0, most))
    if (same.length > 1) return offer(preferSame(same, found).slice(0, most))
    return leave(question, found) ?? decide(found)
  }

  /** What is not ours to answer is left to whoever can, however near an entry lies. */
  function leave(question: string, candidates: Candidate[]): Decision | undefined {
    const confidence = candidates[0]?.confidence ?? 0
    const none = { confidence, offers: [], candidates, left: {} }
    const beyond = beyondRemit(question, place => tellsOf(find(candidates[0]?.id), place))
    if (beyond) return { ...none, outcome: beyond }
    const elsewhere = findElsewhere(question)
    if (elsewhere === 'case') return { ...none, outcome: 'handover' }
    if (elsewhere === undefined || confidence >= sureOurs) return undefined
    return { ...none, outcome: 'refused', left: elsewhere === 'talk' ? {} : elsewhere }
  }

  function decide(candidates: Candidate[]): Decision {
    const confidence = candidates[0]?.confidence ?? 0
    const entry = find(candidates[0]?.id)
    if (entry === undefined || confidence < thresholds.offer)
      return { outcome: 'refused', confidence, offers: [], candidates }
    if (confidence < thresholds.answer) return offer(candidates)
    return { outcome: 'answered', entry, confidence, offers: [], candidates }
  }

  function offer(candidates: Candidate[]): Decision {
    const offers = candidates.slice(0, mostOffers).flatMap(({ id }) => find(id) ?? [])
    return { outcome: 'offered', confidence: candidates[0]?.confidence ?? 0, offers, candidates }
  }

  return {
    /** What is not understood as it stands may have been typed by its sound. */
    judge(question, most, meaning) {
      const plain = judgeAsTyped(question, most, meaning)
      if (plain.outcome === 'handover') return plain
      const mended = mend(question)
      const again = mended === undefined ? plain : judgeAsTyped(mended, most)
      return again.confidence > plain.confidence ? again : plain
    },
    judgeAfter(question, before, most) {
      const { entry } = before
      const own = ranker.rank(question, considered.own)
      const context = ranker.rank(`${entry?.title ?? ''} ${before.question}`, considered.before)
      const scores = new Map(own.ranked.map(({ index, score }) => [index, score]))
      for (const { index, score } of context.ranked)
        scores.set(index, (scores.get(index) ?? 0) + following.context * score)
      const found = [...scores]
        .map(([index, score]) => ({ near: entries[index] as Entry, score }))
        .filter(({ near }) => near.id !== entry?.id)
        .map(({ near, score }) => ({ id: near.id, score: score * kinshipOf(near, entry) }))
        .sort((a, b) => b.score - a.score)
      return decide(confidencesAfter(found).slice(0, most))
    },
    mend,
    findSame(question) {
      const same = wordings.find(question)
      return same.length === 1 ? same[0] : undefined
    },
    find,
    put(entry) {
      const before = find(entry.id)
      if (before) wordings.remove(before)
      wordings.add(entry)
      const index = ranker.put(entry, positions.get(entry.id))
      positions.set(entry.id, index)
      entries[index] = entry
      homophones?.learn([entry.title, ...entry.questions])
    },
    remove(id) {
      const [entry, index] = [find(id), positions.get(id)]
      if (!entry || index === undefined) return
      wordings.remove(entry)
      ranker.remove(index)
      positions.delete(id)
    },
  }
}

/** How much an entry counts that hangs together, or not, with the one told before. */
function kinshipOf(entry: Entry, told: Entry | undefined): number {
  if (told === undefined) return 1
  if (told.related.includes(entry.id) || entry.related.includes(told.id)) return following.related
  return entry.topic === told.topic ? 1 : following.stranger
}

/** What follows another question says little by itself: how far the best is ahead tells how sure one may be. */
function confidencesAfter(found: readonly { id: string; score: number }[]): Candidate[] {
  const [best = 0, second = 0] = found.map(({ score }) => score)
  const sure = Math.min(certainty, following.least + (following.slope * (best - second)) / (best || 1))
  return found.map(({ id, score }) => ({ id, confidence: (sure * score) / (best || 1) }))
}

const tellsOf = (entry: Entry | undefined, place: string): boolean =>
  entry !== undefined && [entry.title, entry.answer, ...entry.questions].some(text => text.includes(place))

/** Which entries are asked for in exactly these words. */
function createWordings(entries: readonly Entry[]) {
  // Nearly every wording is one entry's: an array for each would be most of the memory.
  const known = new Map<string, Entry | Entry[]>()
  const find = (question: string): readonly Entry[] => [known.get(comparable(question)) ?? []].flat()
  const wordingsOf = (entry: Entry) => [entry.title, ...entry.questions]

  function add(entry: Entry): void {
    for (const key of wordingsOf(entry).map(comparable)) {
      const there = known.get(key)
      if (there === undefined && key !== '') known.set(key, entry)
      else if (Array.isArray(there) && !there.includes(entry)) there.push(entry)
      else if (there !== undefined && !Array.isArray(there) && there !== entry) known.set(key, [there, entry])
    }
  }

  function remove(entry: Entry): void {
    for (const wording of wordingsOf(entry)) {
      const rest = find(wording).filter(other => other !== entry)
      if (rest.length === 0) known.delete(comparable(wording))
      else known.set(comparable(wording), rest)
    }
  }

  entries.forEach(add)
  return { find, add, remove }
}

/** The entries asked for in so many words come first; where they are several, each is as likely. */
function preferSame(same: readonly Entry[], found: readonly Candidate[]): Candidate[] {
  const ids = new Set(same.map(entry => entry.id))
  const first = same.map(({ id }) => ({ id, confidence: certainty / same.length }))
  const rest = found.filter(({ id }) => !ids.has(id))
  const ceiling = first[0]?.confidence ?? 1
  return [...first, ...rest.map(c => ({ ...c, confidence: Math.min(c.confidence, ceiling) }))]
}

/** What to ask so that the choice between near entries becomes a plain question: 用工形式? 劳务派遣, 非全日制 …. */
export interface Clarification {
  facet: string
  /** Each value with the entries that hold for it. */
  values: { value: string; entries: Entry[] }[]
  /** What is offered besides and knows no such difference. */
  others: Entry[]
}

const facetsOf = (entry: Entry) => new Map(entry.facets.map(facet => facet.split('：') as [string, string]))

/** The facet of the nearest entry in which the most of these differ; undefined where none of the others has one of its. */
export function clarify(offers: readonly Entry[]): Clarification | undefined {
  const [nearest] = offers
  if (!nearest) return undefined
  const found = [...facetsOf(nearest).keys()].map((facet): Clarification => {
    const [having, others] = [true, false].map(has => offers.filter(e => facetsOf(e).has(facet) === has))
    const groups = Map.groupBy(having ?? [], entry => facetsOf(entry).get(facet) ?? '')
    return {
      facet,
      values: [...groups].map(([value, entries]) => ({ value, entries })),
      others: others ?? [],
    }
  })
  const best = found.sort((a, b) => b.values.length - a.values.length)[0]
  return best && best.values.length > 1 ? best : undefined
}
