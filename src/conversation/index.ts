/**
 * The gateway between channels and domains. A message is stored (and so accepted) before anything else happens;
 * one conversation moves at a time, in order, on one process and across replicas; a turn is computed first and
 * then committed as one unit with the session, the end of the message and everything that is said. Forms, commands
 * and the way to a person are here; answers come from whoever is handed in as `Answerer`.
 */
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
export { type Answerer, type Reply, type Turn, type TurnInput, takeTurn, type TurnDeps, longestMessage } from './turn.ts'
export type { Field, Form, Parsed, Submission } from './form.ts'
export { createSession, type Session } from './session.ts'
export { type Agency, createWording, type Language, languages, type Wording } from './wording.ts'
export { type ConversationStore, createConversationStore } from './store.ts'
