/** A request as the office works on it: its fields and states, its clock, and what of it counts in the register. Pure. */
import { addWorkdays, type Calendar } from '#base/workdays'
import {
  type Consultation,
  type Course,
  computeDeadline,
  type Disposition,
  type FeeBasis,
  type Part,
  type Receipt,
  supplementNoticeBy,
} from '#statute'
import type { Letter } from './letter.ts'

/** `assisted` (协查): handed down by a higher office, with its date, outside table 3 of the report. */
export type Kind = 'request' | 'assisted'

export const openStates = [
  'registered',
  'triaged',
  'assigned',
  'supplement-asked',
  'fee-asked',
  'drafted',
  'reviewed',
  'signed',
] as const
/** The last one ends no request: it goes on under another number. */
export const endStates = ['replied', 'withdrawn', 'abandoned', 'merged'] as const
export type State = (typeof openStates)[number] | (typeof endStates)[number]

export const stateWords: Record<State, string> = {
  registered: '已登记',
  triaged: '已初审',
  assigned: '办理中',
  'supplement-asked': '等补正',
  'fee-asked': '等缴费',
  drafted: '已拟稿',
  reviewed: '已审核',
  signed: '已签发',
  replied: '已答复',
  withdrawn: '已撤回',
  abandoned: '视为放弃',
  merged: '已并案',
}

export const isOpen = (state: State): boolean => (openStates as readonly State[]).includes(state)

/** By which way the applicant wants to be told. */
export const deliveryWays = ['chat', 'email', 'post', 'pick-up'] as const
export type DeliveryWay = (typeof deliveryWays)[number]

/** Who asks and for what: personal data, sealed at rest. */
export interface Applicant {
  /** A column of table 3: `natural_person`, `org_commercial`, … */
  applicant: string
  name: string
  idNumber: string | null
  contact: string | null
  address: string | null
  description: string
  medium: string | null
  delivery: DeliveryWay
  /** The number of the conversation in which it was filed; null where it came on another way. */
  conversation: number | null
  /** The conversation stands outside the mainland: nothing but number and status is told there (个人信息保护法 Art 36). */
  abroad: boolean
}

export type Opinion = 'agrees' | 'objects' | 'silent'

export interface Consulted {
  id: number
  party: string
  kind: 'third-party' | 'co-author'
  sentOn: string
  /** The fifteen working days run from here (Arts 32, 34). */
  deliveredOn: string
  dueOn: string
  endedOn: string | null
  opinion: Opinion | null
  reasons: string | null
}

export interface Draft {
  /** Null: an assisted request is reported back and not decided. */
  disposition: Disposition | null
  told: Partial<Record<Part, string>>
  body: string
  /** Why it is disclosed although a third party objects (Art 32). */
  override: string | null
  by: string
  reviewedBy: string | null
  signedBy: string | null
}

/** How a letter on paper went out, or was handed over. */
export interface Dispatch {
  on: string
  /** The number of the registered letter, or who fetched it. */
  evidence: string
}

/** What the applicant was told, with the evidence. */
export interface Told {
  kind:
    | 'receipt'
    | 'supplement'
    | 'extension'
    | 'fee'
    | 'reasons'
    | 'delay'
    | 'reply'
    | 'closing'
    | 'correction'
    | 'third-party'
    | 'merged'
  on: string
  letter: Letter
  /** `product`: it went out over the product in the same unit; `paper`: somebody has to see to it. */
  via: 'product' | 'paper'
  dispatch: Dispatch | null
}

/** Where an applicant who chose e-mail is reached; undefined: there is no such address. */
export function mailboxOf({ delivery, address, contact }: Case): string | undefined {
  if (delivery !== 'email') return undefined
  // A contact may have a name before its address.
  return `${address ?? ''} ${contact ?? ''}`.match(/\S+@\S+/)?.[0]
}

/** On paper, and nobody has recorded yet how it went out. */
export const isUndelivered = ({ via, dispatch }: Told): boolean => via === 'paper' && dispatch === null

export interface Review {
  kind: string
  result: string
  on: string
}

/** A file that was put to a request; its bytes lie beside it. */
export interface Attachment {
  /** From 1. */
  number: number
  name: string
  /** A media type, by what the file holds. */
  type: string
  /** Bytes. */
  size: number
  sha256: string
  by: string
  on: string
}

export interface Case extends Applicant {
  ref: string
  kind: Kind
  state: State
  version: number
  receipt: Receipt
  /** With the number it shows the applicant where the request stands; null where nobody was told one. */
  code: string | null
  /** Whoever handed an assisted request down. */
  assignedBy: string | null
  dueOn: string
  triage: { kind: string; note: string } | null
  assignee: string | null
  division: string | null
  supplement: { askedOn: string; points: string; by: string; suppliedOn: string | null } | null
  consultations: readonly Consulted[]
  extensions: readonly { on: string; days: number; reason: string; consentBy: string }[]
  fee: {
    basis: FeeBasis
    units: number
    yuan: number
    reason: string
    noticedOn: string
    by: string
    paidOn: string | null
  } | null
  /** Absent in cases of before. */
  attachments?: readonly Attachment[]
  /** Kept beyond the time of deletion, by somebody's decision; absent in cases of before. */
  hold?: { until: string; reason: string; by: string } | null
  /** Volume clearly beyond reason (Art 35): what was asked, what the applicant said, and the day it was delayed to. */
  volume: {
    askedOn: string
    why: string
    by: string
    reasons: string | null
    delayed: { on: string; to: string; reason: string; consentBy: string } | null
  } | null
  draft: Draft | null
  /** What a reviewer sent a draft back for, newest last. */
  returned: readonly { by: string; note: string }[]
  told: readonly Told[]
  closedOn: string | null
  disposition: Disposition | null
  /** The numbers that it was merged into or with, or split into. */
  related: readonly string[]
  reviews: readonly Review[]
  corrections: readonly { on: string; decision: string; evidence: string; note: string }[]
  recomputed: readonly { on: string; from: string; to: string; reason: string }[]
  suggestions: readonly { on: string; by: string; decision: string; note: string; publishBy: string | null }[]
}

/** The name of a request's data key: with it goes everything personal of the request. */
export const keyNameOf = (ref: string): string => `request|${ref}`

/** A consultation stops the clock until the answer, at most for the fifteen working days that the other side has. */
function pauseOf({ sentOn, endedOn, dueOn }: Consulted): Consultation {
  return [sentOn, endedOn !== null && endedOn < dueOn ? endedOn : dueOn]
}

/** What of a case moves the clock. */
export function courseOf(
  one: Pick<Case, 'receipt' | 'supplement' | 'consultations' | 'extensions' | 'volume'>,
): Course {
  return {
    received: one.receipt.receivedOn,
    supplement: one.supplement?.suppliedOn ?? undefined,
    consults: one.consultations.map(pauseOf),
    extension: one.extensions.reduce((sum, { days }) => sum + days, 0),
    // Cases of before have no such field.
    delayedTo: one.volume?.delayed?.to,
  }
}

/** Until when it must be answered; an assisted one by the date of whoever handed it down. */
export function dueOf(one: Case, calendar: Calendar): string {
  return one.kind === 'assisted' ? one.dueOn : computeDeadline(courseOf(one), calendar).dueOn
}

export interface DueDate {
  what: 'reply' | 'supplement-notice' | 'supplement' | 'consultation' | 'fee'
  dueOn: string
  /** The consultation's number, where it is one of several. */
  id?: number
}

/** Everything that somebody must have done by a day. While the applicant's own time runs, no reply is asked for. */
export function duesOf(one: Case, calendar: Calendar): DueDate[] {
  if (!isOpen(one.state)) return []
  if (one.state === 'supplement-asked' && one.supplement)
    return [{ what: 'supplement', dueOn: one.supplement.by }]
  if (one.state === 'fee-asked' && one.fee) return [{ what: 'fee', dueOn: one.fee.by }]
  const open = one.consultations.filter(({ endedOn }) => endedOn === null)
  const asked = open.map(({ id, dueOn }): DueDate => ({ what: 'consultation', dueOn, id }))
  const fresh = one.kind === 'request' && one.state === 'registered' && one.supplement === null
  const notice = supplementNoticeBy(one.receipt.receivedOn, calendar)
  return [
    { what: 'reply', dueOn: one.dueOn },
    ...asked,
    ...(fresh ? [{ what: 'supplement-notice', dueOn: notice } as const] : []),
  ]
}

/** Until when a fee is paid that was told on a day (国办函〔2020〕109号). */
export const payBy = (noticedOn: string, days: number, calendar: Calendar): string =>
  addWorkdays(noticedOn, days, calendar)
