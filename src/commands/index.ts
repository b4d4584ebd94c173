/** The operator's commands, each given the checked configuration. Words for people go to standard error. */
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
export {
  type DeadlineOptions,
  importRegister,
  type RemedyOptions,
  tellDeadline,
  tellRemedy,
} from './disclosure.ts'
export { evaluateKnowledge } from './evaluation.ts'
export { exportKnowledge, type ImportOptions, importKnowledge } from './exchange.ts'
export { ask, chat, checkKnowledge } from './knowledge.ts'
export { backup, checkAll, migrateAll, restore, rotateKey } from './operations.ts'
export {
  addStaff,
  answerMessage,
  changeEmail,
  disableStaff,
  inviteStaff,
  listMessages,
  listStaff,
  verifyAudit,
} from './staff.ts'
export { writeWorkbook } from './workbook.ts'
