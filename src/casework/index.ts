/**
 * The office's work on requests for government information, as verbs: each asks who acts, what state the request is in
 * and what the rule is, refuses with a sentence that names it, and is kept in one unit with an event, the audit trail
 * and what is told. Dates are watched, and officials reminded ahead.
 */
export {
  createDisclosureDesk,
  type DisclosureDesk,
  type DisclosureDeskOptions,
  type Shown,
  type Slip,
  type Status,
} from './desk.ts'
export type { Intake, Registered, Submitted } from './intake.ts'
export { type Verb, verbs } from './verb.ts'
export type { Notify, Recomputed, Reminder } from './watch.ts'
export type { Tell, Who } from './work.ts'
