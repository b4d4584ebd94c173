/** From the draft to the reply that has gone out, and the two ways in which a request ends without one. */
import { Refusal } from '#base/errors'
import {
  type Case,
  checkOnline,
  composeOverridden,
  composeReply,
  type Dispatch,
  type Draft,
  isUndelivered,
  type Letter,
  noticeOf,
  type Told,
} from '#dossier'
import { type Disposition, formatDay, type Outcome, outcomes, type Part } from '#statute'
import {
  checkDay,
  demand,
  further,
  isOnline,
  lastDayOf,
  toldOf,
  type Who,
  type Work,
  workingState,
} from './work.ts'

/** 行政复议法 (2023) came into force, and with it the duty to offer reconsideration online. */
const onlineSince = '2024-01-01'
const article = (n: string) => `政府信息公开条例第${n}条`

export interface Drafted {
  /** Absent for an assisted request, which is reported back. */
  disposition?: Disposition | undefined
  told?: Partial<Record<Part, string>> | undefined
  body?: string | undefined
  override?: string | undefined
}

const onlyByAbandoning: readonly Disposition[] = ['other_no_supplement', 'other_fee_unpaid']
const discloses = (disposition: Disposition | null) => disposition === 'granted' || disposition === 'partial'
const objecting = (one: Case) =>
  one.consultations.filter(({ kind, opinion }) => kind === 'third-party' && opinion === 'objects')

/** Throws a Refusal where the course of the case does not bear the outcome. */
function checkOutcome(one: Case, { disposition, override }: Pick<Draft, 'disposition' | 'override'>): void {
  if (disposition === null) return
  if (onlyByAbandoning.includes(disposition))
    throw new Refusal(
      'outcome',
      `逾期不补正、不缴费的，用 desk abandon 办理（${article('三十')}、国办函〔2020〕109号）。`,
    )
  if (disposition === 'unable_unclear' && !one.supplement?.suppliedOn)
    throw new Refusal(
      'outcome',
      `补正以后仍不明确才能这样答复，${one.ref} 还没有补正过（${article('三十')}）。`,
    )
  if (disposition === 'not_processed_massive' && !one.volume)
    throw new Refusal(
      'outcome',
      `数量、频次明显超过合理范围的，要先要求申请人说明理由，理由不合理才不予处理（${article('三十五')}）。请先用 desk ask-reasons。`,
    )
  const third = one.consultations.some(({ kind }) => kind === 'third-party')
  if (disposition === 'denied_third_party' && !third)
    throw new Refusal('outcome', `涉及第三方合法权益的，要先书面征求第三方的意见（${article('三十二')}）。`)
  if (discloses(disposition) && objecting(one).length > 0 && !override?.trim())
    throw new Refusal(
      'override',
      `第三方不同意公开；认为不公开可能对公共利益造成重大影响而决定公开的，要写明内容和理由，书面告知第三方（${article('三十二')}）。`,
    )
}

function checkConsulted(one: Case): void {
  const open = one.consultations.find(({ endedOn }) => endedOn === null)
  if (open)
    throw new Refusal(
      'consult',
      `第${open.id}次征求意见（${open.party}）还没有结果，${formatDay(open.dueOn)}到期（${article('三十二')}、第三十四条）。请先登记意见。`,
    )
}

export function createReply(work: Work) {
  const { act, headOf, venue } = work

  function letterOf(one: Case, on: string): Letter {
    const { draft } = one
    if (!draft) throw new Error('a state without its draft')
    const { disposition, told, body } = draft
    if (disposition === null) return noticeOf(headOf(one, on), 'assisted', [body])
    return composeReply(headOf(one, on), {
      ...{ disposition, told, body, venue },
      receivedOn: one.receipt.receivedOn,
    })
  }

  /** Ends a request without a reply; its letter carries a remedy all the same. */
  function close(
    one: Case,
    state: Case['state'],
    end: { on: string; disposition: Disposition; told: Draft['told'] },
  ): { change: Partial<Case>; told: Told[] } {
    const { on, disposition, told } = end
    const { receivedOn } = one.receipt
    const letter = composeReply(headOf(one, on), { disposition, told, body: '', receivedOn, venue })
    return { change: { state, closedOn: on, disposition }, told: [toldOf('closing', letter)] }
  }

  /** How it goes out: on paper with the evidence of it, else through the product. */
  function dispatchOf(one: Case, dispatch: Dispatch | undefined, today: string): Dispatch | null {
    const checked = () =>
      dispatch && {
        ...dispatch,
        on: checkDay('寄出或者领取的日期', dispatch.on, { from: lastDayOf(one), today }),
      }
    if (one.kind === 'assisted' || isOnline(one)) return checked() ?? null
    const words = one.delivery === 'post' ? '邮寄（寄出的日期和邮件号）' : '自取（领取的日期和领取人签收）'
    if (!dispatch || dispatch.evidence.trim() === '')
      throw new Refusal(
        'dispatch',
        `申请人选的是${words}，请用 --dispatch 写明凭据（${article('四十')}），再发出。`,
      )
    return checked() ?? null
  }

  /** What third parties are told whose objection was overridden (Art 32). */
  function overriddenOf(one: Case, on: string): Told[] {
    const { disposition = null, override } = one.draft ?? {}
    if (!discloses(disposition)) return []
    return objecting(one).map(({ party }) =>
      toldOf('third-party', composeOverridden(headOf(one, on), { party, override: override ?? '' })),
    )
  }

  return {
    /** The outcome by its code, with what it must tell: refused while anything is missing. */
    draft: (who: Who, { disposition, told = {}, body = '', override }: Drafted) =>
      act('draft', who, (one, { today }) => {
        if (one.kind === 'request' && disposition === undefined)
          throw new Refusal('outcome', '请写明处理结果，例如 granted（年度报告的21种之一）。')
        const assisted = one.kind === 'assisted'
        const text = assisted ? demand(body, '协查的反馈请用 --body 写明内容。') : body
        const draft: Draft = {
          ...{ disposition: assisted ? null : (disposition ?? null), told, body: text },
          ...{ override: override?.trim() || null, by: who.by, reviewedBy: null, signedBy: null },
        }
        checkOutcome(one, draft)
        // What is missing is told now, and not when it is to be sent.
        letterOf({ ...one, draft }, today)
        return { change: { state: 'drafted', draft } }
      }),
    /** A second official reads it: goes on, or back with what is wrong. */
    review: (who: Who, { approve, note }: { approve: boolean; note?: string | undefined }) =>
      act('review', who, one => {
        const { draft } = one
        if (!draft) throw new Error('a state without its draft')
        if (draft.by === who.by)
          throw new Refusal('own', `答复是“${who.by}”自己拟的，要由别人审核（${article('四十五')}）。`)
        if (approve) return { change: { state: 'reviewed', draft: { ...draft, reviewedBy: who.by } } }
        const why = demand(note, '退回请用 --note 写明要改什么。')
        return {
          change: { state: workingState(one), returned: [...one.returned, { by: who.by, note: why }] },
        }
      }),
    async sign(who: Who) {
      const { one } = await work.check('sign', who)
      const { disposition = null } = one.draft ?? {}
      const approval = disposition && (outcomes[disposition] as Outcome).approval
      if (approval === 'head') await further(work, who.by, 'sign-refusals')
      return act('sign', who, (now, { today }) => {
        const { draft } = now
        if (!draft) throw new Error('a state without its draft')
        if (draft.disposition !== disposition)
          throw new Refusal('moved', '刚刚有人改过这份答复，请看一看再签发。')
        if (draft.by === who.by)
          throw new Refusal('own', `答复是“${who.by}”自己拟的，要由别人签发（${article('四十五')}）。`)
        checkConsulted(now)
        checkOutcome(now, draft)
        letterOf(now, today)
        return { change: { state: 'signed', draft: { ...draft, signedBy: who.by } } }
      })
    },
    /** The reply goes out, with its remedy; on paper with the evidence of the dispatch. */
    send: (who: Who, { dispatch }: { dispatch?: Dispatch | undefined } = {}) =>
      act('send', who, (one, { today }) => {
        const sent = dispatchOf(one, dispatch, today)
        const on = sent?.on ?? today
        const letter = letterOf(one, on)
        if (isOnline(one) && sent === null && one.kind === 'request') checkOnline(letter, onlineSince)
        const disposition = one.draft?.disposition ?? null
        return {
          change: { state: 'replied', closedOn: on, disposition },
          told: [toldOf('reply', letter, sent), ...overriddenOf(one, on)],
        }
      }),
    /** How the letters that the product did not carry went out: the evidence of it. */
    dispatched: (who: Who, { dispatch }: { dispatch: Dispatch }) =>
      act('dispatched', who, (one, { today }) => {
        const evidence = demand(dispatch.evidence, '请写明送达的凭据，例如邮件号、领取人签收。')
        const pending = one.told.filter(isUndelivered)
        const [first] = pending
        if (!first) throw new Refusal('told', `${one.ref} 没有等着送达的文书。`)
        checkDay('送达的日期', dispatch.on, { from: first.on, today })
        const sent = { on: dispatch.on, evidence }
        return {
          change: { told: one.told.map(told => (isUndelivered(told) ? { ...told, dispatch: sent } : told)) },
        }
      }),
    /** The applicant takes the request back; the report counts it as `other`. */
    withdraw: (who: Who, { note, on }: { note: string; on?: string | undefined }) =>
      act('withdraw', who, (one, { today }) => {
        const why = demand(note, '撤回请写明申请人怎样提出的，例如：申请人2026年3月2日书面撤回。')
        const day = checkDay('撤回的日期', on ?? today, { from: lastDayOf(one), today })
        return close(one, 'withdrawn', {
          on: day,
          disposition: 'other',
          told: { reasons: `申请人撤回申请。${why}` },
        })
      }),
    /** The applicant let the time for the supplement (Art 30) or the fee pass. */
    abandon: (who: Who) =>
      act('abandon', who, (one, { today }) => {
        const [asked, what] =
          one.state === 'fee-asked'
            ? [one.fee && { on: one.fee.noticedOn, by: one.fee.by }, '收费通知']
            : [one.supplement && { on: one.supplement.askedOn, by: one.supplement.by }, '补正告知']
        if (!asked) throw new Error('a state without what was asked')
        if (today <= asked.by)
          throw new Refusal(
            'early',
            `${what}的期限到${formatDay(asked.by)}才满，现在不能按放弃处理（${article('三十')}、国办函〔2020〕109号）。`,
          )
        const notice = `${what}于${formatDay(asked.on)}发出，期限到${formatDay(asked.by)}。`
        const disposition = one.state === 'fee-asked' ? 'other_fee_unpaid' : 'other_no_supplement'
        const closing = close(one, 'abandoned', { on: today, disposition, told: { notice } })
        for (const { letter } of closing.told) if (isOnline(one)) checkOnline(letter, onlineSince)
        return closing
      }),
  }
}
