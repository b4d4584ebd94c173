/** How sure one may be that a candidate answers the question: a probability, from what the ranking shows. */
import type { Ranked, Ranking } from './ranker.ts'
import type { RankedDocument } from './terms.ts'

/** What speaks for a candidate; each is comparable between questions and between collections. */
export const evidence = ['share', 'known', 'margin', 'found', 'asked', 'agreement'] as const
export type Evidence = Record<(typeof evidence)[number], number>

/** The coefficients of a logistic regression, and its constant. */
export interface Calibration extends Evidence {
  constant: number
}

/**
 * Fitted by `bench/retrieval/fit.ts`: `worded` on the tuning half of this project's questions; `bare`, for
 * collections whose entries hardly come with questions, on this project's knowledge stripped of them; `few`, for
 * collections in which no word is rare, on small parts of it. Fitting anew at each start, on a collection's own
 * wordings, was tried: authors vary their own words less than people do, and the probabilities came out further off.
 */
export const calibrations: Record<'worded' | 'bare' | 'few', Calibration> = {
  worded: {
    constant: -9.26,
    share: 1.71,
    known: 0.89,
    margin: 2.38,
    found: 2.44,
    asked: 2.89,
    agreement: 3.31,
  },
  bare: { constant: -3.9, share: 4.48, known: 0, margin: 3.63, found: 1.19, asked: 0, agreement: 0 },
  few: { constant: -6.9, share: 11.69, known: 0, margin: 1.7, found: 4.11, asked: 0.61, agreement: 0 },
}

/** Fewer entries than this are few. */
const few = 100

/** Which calibration suits the collection. */
export function calibrationFor(documents: readonly RankedDocument[]): Calibration {
  if (documents.length < few) return calibrations.few
  const worded = documents.filter(document => document.questions.length >= 3)
  return worded.length * 2 > documents.length ? calibrations.worded : calibrations.bare
}

export function evidenceOf(ranking: Ranking, place: number): Evidence {
  const candidate = ranking.ranked[place] as Ranked
  const rival = ranking.ranked[place === 0 ? 1 : 0]?.score ?? 0
  return {
    share: candidate.share,
    known: ranking.known,
    margin: (candidate.score - rival) / Math.max(candidate.score, rival),
    // How much was found, not only which part: one common word may be the whole of a question.
    found: Math.log1p(candidate.share * ranking.mass),
    asked: Math.log1p(candidate.asked * ranking.mass),
    agreement: candidate.agreement,
  }
}

/** The probability of each candidate; none is surer than one ranked above it. */
export function confidencesOf(ranking: Ranking, calibration: Calibration): number[] {
  let ceiling = 1
  return ranking.ranked.map((_, place) => {
    const found = evidenceOf(ranking, place)
    const logit = evidence.reduce((sum, name) => sum + calibration[name] * found[name], calibration.constant)
    ceiling = Math.min(ceiling, 1 / (1 + Math.exp(-logit)))
    return ceiling
  })
}

/**
 * What meaning may do to a candidate, in powers of e over its odds: `step` for each standard deviation of the cosines
 * by which it is nearer than the nearest other entry, counted from `behind` of them behind it, between `least` and
 * `most`. A lead is comparable between models, a cosine is not. Chosen on the tuning half of this project's questions,
 * among settings that did as well there one of the mildest (bench/retrieval/README.md).
 */
const meaning = { step: 0.3, behind: 0.5, least: -0.5, most: 1.5 }

/** A server that gives every text the same vector says nothing; this much is rounding. */
const leastSpread = 1e-6

/** A document, and the probability that it answers the question. */
export interface Blended {
  index: number
  confidence: number
}

/**
 * The candidates by their words and their meaning, best first. `cosines`: how near documents lie to the question, by
 * their positions; what has none yet counts by its words alone. Meaning is one more piece of evidence and never the
 * verdict: it names no candidate, and moves the odds by a bounded amount.
 */
export function blend(
  ranking: Ranking,
  calibration: Calibration,
  cosines: ReadonlyMap<number, number>,
): Blended[] {
  const shiftOf = weighMeaning(cosines)
  return confidencesOf(ranking, calibration)
    .map((confidence, place): Blended => {
      const { index } = ranking.ranked[place] as Ranked
      const odds = confidence * Math.exp(shiftOf(index))
      return { index, confidence: odds / (odds + 1 - confidence) }
    })
    .sort((a, b) => b.confidence - a.confidence)
}

function weighMeaning(cosines: ReadonlyMap<number, number>): (index: number) => number {
  const spread = deviationOf([...cosines.values()])
  const [best = 0, second = 0] = [...cosines.values()].sort((a, b) => b - a)
  // Of a few documents one is always nearest: that may order them, and makes none surer.
  const most = cosines.size < few ? 0 : meaning.most
  return index => {
    const cosine = cosines.get(index)
    if (cosine === undefined || spread < leastSpread) return 0
    const lead = (cosine - (cosine === best ? second : best)) / spread
    return Math.min(most, Math.max(meaning.least, meaning.step * (lead + meaning.behind)))
  }
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
