/**
 * What the law says of requests for government information (政府信息公开条例), as pure rules: the day of receipt, until
 * when a reply must have gone out and why, the ways in which a request ends, the fee, and the remedies that each reply
 * carries. It knows no request and no database.
 */
export {
  type ApplicantKind,
  applicants,
  type ReviewKind,
  type ReviewResult,
  reviewKinds,
  reviewResults,
} from './column.ts'
export {
  type Consultation,
  type Course,
  computeDeadline,
  type Deadline,
  feeDays,
  formatDay,
  mostExtension,
  opinionBy,
  publishBy,
  supplementNoticeBy,
} from './deadline.ts'
export { type FeeBasis, feeBases, feeByItems, feeByPages, feeOf } from './fee.ts'
export {
  type Disposition,
  dispositions,
  isDisposition,
  type Outcome,
  outcomeGroups,
  outcomes,
  type Part,
  parts,
} from './outcome.ts'
export { type Arrival, type Receipt, receiptOf, staffWays } from './receipt.ts'
export { type Remedy, remedyOf, type Venue } from './remedy.ts'
