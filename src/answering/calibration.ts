/** How sure one may be that a candidate answers the question: a probability, from what the ranking shows. */
import type { Ranked, Ranking } from './ranker.ts'

/** What speaks for a candidate. Each is comparable between questions and between collections. */
const evidence = ['share', 'wording', 'known', 'margin', 'weight', 'other'] as const
type Evidence = Record<(typeof evidence)[number], number>

/** The coefficients of a logistic regression, and its constant. */
export interface Calibration extends Evidence {
  constant: number
}

/** Fitted by `bench/retrieval/fit.ts`, which says on what. */
export const calibration: Calibration = {
  constant: -8.2,
  share: 3.23,
  wording: 0.4,
  known: 1.8,
  margin: 1.58,
  weight: 5.27,
  other: -0.83,
}

export function evidenceOf(ranking: Ranking, place: number): Evidence {
  const candidate = ranking.ranked[place] as Ranked
  const rival = ranking.ranked[place === 0 ? 1 : 0]?.score ?? 0
  return {
    share: candidate.share,
    wording: candidate.wording,
    known: ranking.known,
    margin: (candidate.score - rival) / Math.max(candidate.score, rival),
    // The weight of what was found, not only its part: one common word may be the whole of a question.
    weight: Math.log1p(candidate.share * ranking.mass),
    other: Math.max(0, candidate.other - candidate.wording),
  }
}

/** The probability of each candidate; none is surer than one ranked above it. */
export function confidencesOf(ranking: Ranking, coefficients = calibration): number[] {
  let ceiling = 1
  return ranking.ranked.map((_, place) => {
    const found = evidenceOf(ranking, place)
    const logit = evidence.reduce(
      (sum, name) => sum + coefficients[name] * found[name],
      coefficients.constant,
    )
    ceiling = Math.min(ceiling, 1 / (1 + Math.exp(-logit)))
    return ceiling
  })
}
