/** The operator's commands, each given the checked configuration. Words for people go to standard error. */
export { chat } from './chat.ts'
export {
  type ActOptions,
  type ClusterAct,
  type CorrectionOptions,
  handleQuestions,
  handleVersion,
  listDrafts,
  listHistory,
  listQuestions,
  sendCorrection,
  showDifference,
  showQuestions,
  type VersionAct,
  withdrawEntry,
} from './desk.ts'
export { evaluateKnowledge } from './evaluation.ts'
export { exportKnowledge, type ImportOptions, importKnowledge } from './exchange.ts'
export { ask, checkKnowledge } from './knowledge.ts'
export { backup, checkAll, migrateAll, restore, rotateKey } from './operations.ts'
export { addStaff, answerMessage, disableStaff, listMessages, listStaff, verifyAudit } from './staff.ts'
