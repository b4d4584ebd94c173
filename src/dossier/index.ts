/**
 * The file of a request: the case as the office works on it, its letters, what happened to it, and its number. Each
 * change is kept in one unit with an event that nobody can change or take out unseen; who may do what, and when, is not
 * decided here.
 */
export { createCalendars, formatNotice, type NoticeFile, parseNotice } from './calendar.ts'
export {
  type Applicant,
  type Attachment,
  type Case,
  type Consulted,
  courseOf,
  type DeliveryWay,
  type Dispatch,
  type Draft,
  type DueDate,
  deliveryWays,
  dueOf,
  duesOf,
  endStates,
  isOpen,
  isUndelivered,
  type Kind,
  keyNameOf,
  mailboxOf,
  type Opinion,
  openStates,
  payBy,
  type Review,
  type State,
  stateWords,
  type Told,
} from './case.ts'
export { type Act, type Casebook, type Change, createCasebook, formatRef } from './casebook.ts'
export {
  articlesOf,
  briefOf,
  checkOnline,
  composeReply,
  documentOf,
  type Head,
  type Letter,
  missingOf,
  textOf,
} from './letter.ts'
export {
  type Correction,
  composeCorrection,
  composeDelay,
  composeExtension,
  composeFee,
  composeOpinion,
  composeOverridden,
  composeReasons,
  composeReceipt,
  composeSupplement,
  corrections,
  noticeOf,
} from './notice.ts'
export { createDossierStore, type DossierStore } from './store.ts'
export { type EventBreak, type ToldEvent, type TrailVerdict, verifyTrails } from './trail.ts'
