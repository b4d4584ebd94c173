/**
 * The gateway between channels and domains. A message is stored (and so accepted) before anything else happens;
 * one conversation moves at a time, in order, on one process and across replicas; a turn is computed first and
 * then committed as one unit with the session, the end of the message and everything that is said.
 */
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
export { textOf } from './known.ts'
export { createLeftDesk, type LeftDesk } from './left.ts'
export { type ConversationStore, createConversationStore } from './store.ts'
export type { FormPlace } from './turns.ts'
