/** The operator's commands, each given the checked configuration. Words for people go to standard error. */
export { chat } from './chat.ts'
export { ask, checkKnowledge } from './knowledge.ts'
export { backup, checkAll, migrateAll, restore, rotateKey } from './operations.ts'
