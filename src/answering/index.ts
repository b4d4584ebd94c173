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
  type Thresholds,
} from './answering.ts'
export { type AnswererOptions, createAnswerer } from './dialog.ts'
