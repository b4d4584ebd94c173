/** One step of the office: who acts is asked first, then the state, then the rule; all is kept in one unit or nothing. */
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { type Calendar, isLegalDate } from '#base/workdays'
import type { Document } from '#channel'
import {
  briefOf,
  type Case,
  type Casebook,
  type Change,
  documentOf,
  dueOf,
  type Head,
  type Letter,
  stateWords,
  type Told,
} from '#dossier'
import type { Account, Right, Role, StaffDesk } from '#staff'
import type { Venue } from '#statute'
import type { Write } from '#storage'
import { type Verb, type VerbRule, verbs } from './verb.ts'

/**
 * Tells the applicant something over the product: gives the writes that belong into the same unit, so that nothing is
 * told twice; undefined where the product does not reach them. The document holds no personal data where the case says
 * that the conversation stands abroad.
 */
export type Tell = (request: Case, document: Document) => Promise<readonly Write[] | undefined>

export interface WorkOptions {
  casebook: Casebook
  staff: Pick<StaffDesk, 'get' | 'record'>
  clock: Clock
  calendar: () => Promise<Calendar>
  /** The agency's name, as it stands under a letter. */
  agency: string
  /** Where its replies are contested. */
  venue: Venue
  tell: Tell
}

/** Which request, and which official. */
export interface Who {
  ref: string
  by: string
}

export interface Moment {
  today: string
  calendar: Calendar
  account: Account
}

/** What a step makes of a case; `letters` are told to the applicant, those to others are only kept. */
export interface Step {
  change: Partial<Case>
  told?: readonly Told[]
}

export interface Delivered {
  told: Told[]
  writes: Write[]
}

export interface Work extends WorkOptions {
  /** Does a step of the table on one case. */
  act(verb: Verb, who: Who, step: (one: Case, moment: Moment) => Step): Promise<Case>
  /** The case, for whoever may do this with it now. Throws a Refusal that names the rule. */
  check(verb: Verb, who: Who): Promise<Moment & { one: Case }>
  /** The case after a step, with its due date as it is then. */
  after(one: Case, step: Step, calendar: Calendar): Case
  /** Tells what is to be told, as far as the product reaches: what is kept of it, and what is to be written. */
  deliver(one: Case, told: readonly Told[]): Promise<Delivered>
  /** Who a letter comes from, and to whom it goes. */
  headOf(one: Pick<Case, 'ref' | 'name'>, on: string): Head
  today(): string
}

/** Letters to others than the applicant are kept with the case, and go out on paper. */
const toApplicant = ({ kind }: Told) => kind !== 'third-party'
/** A reply is proved to have gone out; a notice that the product cannot carry is seen to by an official. */
const needsEvidence = ({ kind }: Told) => kind === 'reply'

const unreached = ({ ref, abroad }: Case) =>
  abroad
    ? `${ref} 的对话在境外的渠道上，答复书不能发到那里（个人信息保护法第三十六条）。请用别的方式送达，并用 --dispatch 写明日期和凭据。`
    : `${ref} 选的方式现在送不到。请用别的方式送达，并用 --dispatch 写明日期和凭据；申请人改了送达方式的，先用 desk amend 改。`

/** Whether the applicant is told through the product, and not on paper. */
export const isOnline = ({ delivery }: Pick<Case, 'delivery'>): boolean =>
  delivery === 'chat' || delivery === 'email'

/** Throws a Refusal where a day is none, in the future, or before another one that must come first. */
export function checkDay(what: string, on: string, { from, today }: { from: string; today: string }): string {
  if (!isLegalDate(on)) throw new Refusal('date', `没有 ${on} 这一天。日期请写成 2026-01-31 这样。`)
  if (on > today) throw new Refusal('date', `${what}写成了 ${on}，还没有到。请核对日期。`)
  if (on < from) throw new Refusal('date', `${what}写成了 ${on}，比 ${from} 还早。请核对日期。`)
  return on
}

/** Throws a Refusal that asks for a text which the rule demands. */
export function demand(text: string | undefined, say: string): string {
  const clean = text?.trim() ?? ''
  if (clean === '') throw new Refusal('missing', say)
  return clean
}

/** The state in which a case is worked on again. */
export function workingState({ assignee, triage }: Pick<Case, 'assignee' | 'triage'>): Case['state'] {
  if (assignee !== null) return 'assigned'
  return triage === null ? 'registered' : 'triaged'
}

/** The latest day on which something happened to a case: nothing that closes it is earlier. */
export function lastDayOf(one: Case): string {
  const { receipt, supplement, consultations, extensions, fee } = one
  const days = [
    receipt.receivedOn,
    supplement?.askedOn,
    supplement?.suppliedOn,
    fee?.noticedOn,
    fee?.paidOn,
    ...consultations.flatMap(({ sentOn, endedOn }) => [sentOn, endedOn]),
    ...extensions.map(({ on }) => on),
  ]
  return days.reduce<string>((latest, day) => (day && day > latest ? day : latest), receipt.receivedOn)
}

const everywhere: readonly Role[] = ['disclosure-officer', 'reviewer', 'head', 'auditor']

/** A division sees and drafts only what was given to it. */
export function mayTouch({ roles, name }: Account, one: Case): boolean {
  return roles.some(role => everywhere.includes(role)) || one.assignee === name
}

function checkState(rule: VerbRule, one: Case): void {
  const { ref, state, kind } = one
  if (kind === 'assisted' && !rule.assisted)
    throw new Refusal('assisted', `${ref} 是协查，按交办机关的要求和期限办理，不能${rule.words}。`)
  if (!rule.from.includes(state))
    throw new Refusal('state', `${ref} ${stateWords[state]}，不能${rule.words}：${rule.rule}。`)
}

export function createWork(options: WorkOptions): Work {
  const { casebook, staff, clock, calendar, agency, tell } = options
  const today = () => formatLegalDate(clock.now())

  async function check(verb: Verb, { ref, by }: Who): Promise<Moment & { one: Case }> {
    const rule: VerbRule = verbs[verb]
    const account = await staff.get(by, rule.right)
    const one = await casebook.get(ref)
    checkTouch(account, one)
    checkState(rule, one)
    return { one, account, today: today(), calendar: await calendar() }
  }

  function after(one: Case, { change, told = [] }: Step, days: Calendar): Case {
    const next: Case = { ...one, ...change, told: [...(change.told ?? one.told), ...told] }
    return { ...next, dueOn: dueOf(next, days) }
  }

  async function deliverOne(one: Case, told: Told): Promise<Delivered> {
    if (!isOnline(one) || !toApplicant(told)) return { told: [told], writes: [] }
    const { letter, dispatch } = told
    // Where the letter itself went out on paper, or must not be read abroad, they are told that there is one.
    const document = one.abroad || dispatch !== null ? briefOf(letter) : documentOf(letter)
    const writes = await tell(one, document)
    if (writes && dispatch === null && !(one.abroad && needsEvidence(told)))
      return { told: [{ ...told, via: 'product' }], writes: [...writes] }
    if (dispatch === null && needsEvidence(told)) throw new Refusal('dispatch', unreached(one))
    return { told: [told], writes: [...(writes ?? [])] }
  }

  async function deliver(one: Case, told: readonly Told[]): Promise<Delivered> {
    const all = await Promise.all(told.map(each => deliverOne(one, each)))
    return { told: all.flatMap(each => each.told), writes: all.flatMap(each => each.writes) }
  }

  return {
    ...options,
    check,
    after,
    deliver,
    today,
    headOf: ({ ref, name }, on) => ({ ref, addressee: name, agency, on }),
    async act(verb, who, step) {
      const { one, ...moment } = await check(verb, who)
      const { change: changed, told: telling = [] } = step(one, moment)
      const { told, writes } = await deliver({ ...one, ...changed }, telling)
      const next = after(one, { change: changed, told }, moment.calendar)
      const change: Change = { before: one, after: next }
      const [kept = next] = await casebook.keep({ by: who.by, verb }, [change], writes)
      return kept
    },
  }
}

/** Throws a Refusal where an official has nothing to do with a case. */
export function checkTouch(account: Account, one: Case): void {
  if (!mayTouch(account, one))
    throw new Refusal('case', `${one.ref} 没有交给“${account.name}”办理，请由承办的处室办理。`)
}

/** Throws a Refusal where whoever acts lacks a further right. */
export const further = (work: Pick<WorkOptions, 'staff'>, by: string, right: Right): Promise<Account> =>
  work.staff.get(by, right)

export const toldOf = (kind: Told['kind'], letter: Letter, dispatch: Told['dispatch'] = null): Told => {
  return { kind, on: letter.on, letter, via: 'paper', dispatch }
}
