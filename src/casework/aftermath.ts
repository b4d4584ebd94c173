/** What follows a request, or goes beside it: reviews and suits, correction of one's own data, suggestions to publish. */
import { Refusal } from '#base/errors'
import { type Case, type Correction, composeCorrection, mailboxOf, type Review } from '#dossier'
import { publishBy, type ReviewKind, type ReviewResult, remedyOf, type Venue } from '#statute'
import { checkDay, demand, toldOf, type Who, type Work } from './work.ts'

const article = (n: string) => `政府信息公开条例第${n}条`

function checkReview(one: Case, kind: ReviewKind, venue: Venue): void {
  const { disposition, closedOn } = one
  const remedy = disposition && closedOn ? remedyOf(disposition, closedOn, venue) : undefined
  if (kind === 'litigation_direct' && remedy?.reconsiderationFirst)
    throw new Refusal(
      'reconsideration',
      `${one.ref} 不予公开，应当先申请行政复议，不能直接起诉（行政复议法第二十三条第一款第四项）。复议后起诉的请写 litigation_after_reconsideration。`,
    )
  const decided = one.reviews.some(review => review.kind === 'reconsideration' && review.result !== 'pending')
  if (kind === 'litigation_after_reconsideration' && !decided)
    throw new Refusal(
      'reconsideration',
      `${one.ref} 还没有登记复议的结果，请先登记复议（行政复议法第二十三条）。`,
    )
}

/** A result takes the place of what was pending in the same year; the year before keeps what it reported. */
function added(reviews: readonly Review[], fresh: Review): Review[] {
  const at = reviews.findLastIndex(({ kind, result }) => kind === fresh.kind && result === 'pending')
  const pending = reviews[at]
  if (!pending) return [...reviews, fresh]
  if (fresh.result === 'pending') throw new Refusal('pending', '这一项已经登记为尚未审结，请登记结果。')
  if (pending.on.slice(0, 4) !== fresh.on.slice(0, 4)) return [...reviews, fresh]
  return reviews.with(at, fresh)
}

export function createAftermath(work: Work) {
  const { act, headOf } = work
  return {
    recordReview: (
      who: Who,
      { kind, result, on }: { kind: ReviewKind; result: ReviewResult; on?: string | undefined },
    ) =>
      act('recordReview', who, (one, { today }) => {
        checkReview(one, kind, work.venue)
        const day = checkDay('复议、诉讼的日期', on ?? today, {
          from: one.closedOn ?? one.receipt.receivedOn,
          today,
        })
        return { change: { reviews: added(one.reviews, { kind, result, on: day }) } }
      }),
    /** Records about the applicant that are not accurate (Art 41); the law gives no period. */
    correctOwn: (
      who: Who,
      { decision, evidence, note }: { decision: Correction; evidence: string; note: string },
    ) =>
      act('correctOwn', who, (one, { today }) => {
        const proof = demand(
          evidence,
          `要求更正自己的信息要有证据证明记录不准确，请写明是什么证据（${article('四十一')}）。`,
        )
        const why = demand(note, `请写明更正的内容，或者有权更正的机关和联系方式（${article('四十一')}）。`)
        const letter = composeCorrection(headOf(one, today), { decision, note: why })
        return {
          change: { corrections: [...one.corrections, { on: today, decision, evidence: proof, note: why }] },
          told: [toldOf('correction', letter)],
        }
      }),
    /** What several ask for, or an applicant suggests, becomes open to all (Art 44), within the time of Art 26. */
    suggestPublication: (
      who: Who,
      { from, decision, note }: { from: 'applicant' | 'office'; decision: 'publish' | 'keep'; note: string },
    ) =>
      act('suggestPublication', who, (one, { today, calendar }) => {
        const why = demand(note, `请写明建议公开什么、为什么（${article('四十四')}）。`)
        const by = decision === 'publish' ? publishBy(today, calendar) : null
        const suggestion = { on: today, by: from, decision, note: why, publishBy: by }
        return { change: { suggestions: [...one.suggestions, suggestion] } }
      }),
    /** Keeps it longer than the rule, by the head's decision: a suit is to be expected, an inspection goes on. */
    hold: (who: Who, { until, reason }: { until: string; reason: string }) =>
      act('hold', who, (_, { today }) => {
        checkDay('延长留存到的日期', until, { from: today, today: '9999-12-31' })
        return { change: { hold: { until, reason: demand(reason, '请写明为什么延长留存。'), by: who.by } } }
      }),
    release: (who: Who) =>
      act('release', who, one => {
        if (!one.hold) throw new Refusal('hold', `${one.ref} 没有延长留存。`)
        return { change: { hold: null } }
      }),
    /** Where and how the applicant is reached, as they say it now. */
    amend: (who: Who, amended: Partial<Pick<Case, 'contact' | 'address' | 'medium' | 'delivery'>>) =>
      act('amend', who, one => {
        const change = Object.fromEntries(Object.entries(amended).filter(([, value]) => value !== undefined))
        if (Object.keys(change).length === 0)
          throw new Refusal('amend', '请写明要更改的联系方式、地址或者获取方式。')
        const next = { ...one, ...change }
        if (next.delivery === 'chat' && one.conversation === null)
          throw new Refusal(
            'amend',
            `${one.ref} 不是在对话里提出的，不能在对话里答复。请选邮寄、自取或者电子邮件。`,
          )
        if (next.delivery === 'email' && mailboxOf(next) === undefined)
          throw new Refusal('amend', '选了电子邮件，请写上电子邮箱。')
        return { change }
      }),
  }
}
