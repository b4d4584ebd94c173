/**
 * Requests for government information (政府信息公开条例): the statutory clock that says until when a reply must have
 * gone out and why, the ways in which a request ends, the fee, the remedies that each reply carries; the register, and
 * the tables of the annual report computed from it.
 */
export {
  type Consultation,
  type Course,
  computeDeadline,
  type Deadline,
  formatDay,
  opinionBy,
  publishBy,
  supplementNoticeBy,
} from './deadline.ts'
export { feeByItems, feeByPages } from './fee.ts'
export {
  type Disposition,
  dispositions,
  isDisposition,
  type Outcome,
  outcomeGroups,
  outcomes,
  parts,
} from './outcome.ts'
export { createRegister, type Imported, type Register } from './register.ts'
export { type Remedy, remedyOf, type Venue } from './remedy.ts'
export { type Report, type ReportFormat, reportFormats } from './report.ts'
export { createDisclosureStore, type DisclosureStore } from './store.ts'
