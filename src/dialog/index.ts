/**
 * What one message means in its session, and what is said: commands, forms, questions. Everything is computed and
 * nothing is written: whoever takes the turn commits it as one unit. Answers come from whoever is handed in as
 * `Answerer`, forms from whoever has some to fill in.
 */
export type { Answerer, Asked, Before, Given, Reply } from './answerer.ts'
export { parseCommand } from './command.ts'
export {
  type Field,
  type Form,
  type OpenForm,
  type Parsed,
  parseChoiceNumber,
  type Submission,
} from './form.ts'
export { createLeaveMessage, type LeftMessage, leaveMessageName } from './leave-message.ts'
export {
  createSession,
  longestMessage,
  type Session,
  type Turn,
  type TurnDeps,
  type TurnInput,
} from './outcome.ts'
export { takeTurn } from './turn.ts'
export {
  type Agency,
  createWording,
  type Language,
  languages,
  type Wording,
} from './wording.ts'
