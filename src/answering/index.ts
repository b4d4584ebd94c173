/**
 * Questions answered from curated knowledge. A folder of entries is loaded, what is broken in it is named, and every
 * citation is checked against a table of laws before its entry is served. A question then gets the one entry that
 * answers it, or a few near ones to choose from, or an honest "I do not know", decided by a calibrated probability
 * and never by rank alone.
 */
export {
  type Answer,
  type Answering,
  createAnswering,
  type Outcome,
  outcomes,
  type Thresholds,
} from './answering.ts'
export { type AnswererOptions, createAnswerer } from './dialog.ts'
export {
  citationsOf,
  type Entry,
  type Knowledge,
  type KnowledgeOptions,
  type KnowledgeProblem,
  loadKnowledge,
} from './knowledge.ts'
export { type Citation, findLaw, type Law, laws, type Source } from './laws.ts'
