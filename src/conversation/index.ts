/**
 * The gateway between channels and domains. A message is stored (and so accepted) before anything else happens;
 * one conversation moves at a time, in order, on one process and across replicas; a turn is computed first and
 * then committed as one unit with the session, the end of the message and everything that is said. Forms, commands
 * and the way to a person are here; answers come from whoever is handed in as `Answerer`.
 */

export {
  type Answerer,
  type Asked,
  type Before,
  createLeftDesk,
  type Given,
  type LeftDesk,
  type Reply,
} from './dialog.ts'
export type { Field, Form, OpenForm, Parsed, Submission } from './form.ts'
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
export { textOf } from './known.ts'
export { type ConversationStore, createConversationStore } from './store.ts'
export {
  createSession,
  longestMessage,
  type Session,
  type Turn,
  type TurnDeps,
  type TurnInput,
  takeTurn,
} from './turn.ts'
export {
  type Agency,
  createWording,
  type Language,
  languages,
  parseCommand,
  type Wording,
} from './wording.ts'
