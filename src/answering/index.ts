/**
 * Questions answered from curated knowledge. A question gets the one entry that answers it, or a few near ones to choose
 * from, or an honest "I do not know", decided by a calibrated probability and never by rank alone.
 */
export {
  type Answer,
  type Answering,
  createAnswering,
  type Outcome,
  outcomes,
} from './answering.ts'
export { defaultThresholds, type Thresholds } from './decision.ts'
export { type Cluster, type ClusterQuestion, createQuestionDesk, type QuestionDesk } from './desk.ts'
export { type AnswererOptions, createAnswerer } from './dialog.ts'
export {
  type Evaluation,
  type EvaluationQuestion,
  evaluate,
  evaluateHalves,
  evaluationFile,
  type Figures,
  type Halves,
  isHeldOut,
  isRight,
  parseQuestions,
  worseThan,
} from './evaluation.ts'
export { type AnswerStore, type ClusterState, clusterStates, createAnswerStore } from './store.ts'
