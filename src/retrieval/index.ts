/**
 * Which documents are nearest to a question, and how sure one may be of it: character n-grams, the wording of each near
 * document, and a probability that was fitted, not guessed. Knows nothing of what the documents say.
 */
export { type Blended, blend, calibrationFor, confidencesOf } from './calibration.ts'
export { createHomophones, type Homophones } from './homophones.ts'
export { findCluster, likenessOf } from './likeness.ts'
export { comparable, normalise, simplify } from './normalise.ts'
export { createRanker, type Ranker, type Ranking } from './ranker.ts'
export type { RankedDocument } from './terms.ts'
