/**
 * Who uses which conversations, and what a person may do with what is kept of them. A person is nothing but the
 * same random name on the conversations that they linked themselves, by a one-time code that is read on one channel
 * and typed on the other; no name, number or account of theirs is asked for. They part them, see in plain words what
 * is kept, and have it deleted with its keys; the conversation does the deleting, since it knows what hangs together.
 */

export { codeLength, parseLinkCode } from './code.ts'
export { ownCommandWords, parseOwnCommand } from './command.ts'
export { createIdentityDesk, type IdentityDesk } from './desk.ts'
export {
  type Ask,
  type Asker,
  createIdentityDialog,
  type Filed,
  findConfirmation,
  type IdentityDialog,
  type IdentityReply,
  parseAsk,
} from './dialog.ts'
export { createIdentityStore, type IdentityStore, type KeptRow } from './store.ts'
export { identityWording } from './wording.ts'
