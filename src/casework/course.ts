/** What happens between receipt and reply and moves the clock: supplement, consultations, extension, fee. */
import { Refusal } from '#base/errors'
import { addWorkdays, isLegalDate } from '#base/workdays'
import {
  type Case,
  type Consulted,
  composeDelay,
  composeExtension,
  composeFee,
  composeOpinion,
  composeReasons,
  composeSupplement,
  type Opinion,
  payBy,
} from '#dossier'
import {
  type FeeBasis,
  feeBases,
  feeDays,
  feeOf,
  formatDay,
  mostExtension,
  opinionBy,
  supplementNoticeBy,
} from '#statute'
import { checkDay, demand, toldOf, type Who, type Work, workingState } from './work.ts'

/** The applicant's time for a supplement, where none is given: the law says only "reasonable" (Art 30). */
const supplementDays = 15
/** The applicant's time to give reasons: Art 35 names none. */
const reasonsDays = 15
const article = (n: string) => `政府信息公开条例第${n}条`

function checkSupplement(one: Case, { today, by }: { today: string; by: string }): void {
  if (one.supplement)
    throw new Refusal(
      'supplement',
      `${one.ref} 已经要求过一次补正，补正只能一次性要求（${article('三十')}）。`,
    )
  if (today > by)
    throw new Refusal(
      'supplement',
      `补正要在收到申请之日起7个工作日内要求，${one.ref} 最迟是${formatDay(by)}（${article('三十')}）。请按现有内容办理。`,
    )
}

function findConsulted(one: Case, id: number): Consulted {
  const found = one.consultations.find(asked => asked.id === id)
  if (!found)
    throw new Refusal('consult', `${one.ref} 没有第${id}次征求意见。请用 desk show ${one.ref} 核对。`)
  if (found.endedOn !== null)
    throw new Refusal('consult', `${one.ref} 第${id}次征求意见已经在${formatDay(found.endedOn)}结束。`)
  return found
}

export interface Answer {
  id: number
  opinion: Opinion
  on?: string | undefined
  reasons?: string | undefined
}

/** A consultation that has ended. Silence ends it on the last of the fifteen working days. */
function endConsulted(asked: Consulted, answer: Answer, today: string): Consulted {
  const { opinion, on = today, reasons } = answer
  const { party, dueOn, deliveredOn, kind } = asked
  if (opinion === 'silent') {
    if (today <= dueOn)
      throw new Refusal(
        'consult',
        `${party}的15个工作日到${formatDay(dueOn)}才满，现在还不能按没有答复处理（${article('三十二')}、第三十四条）。`,
      )
    return { ...asked, opinion, endedOn: dueOn, reasons: null }
  }
  checkDay('收到意见的日期', on, { from: deliveredOn, today })
  if (opinion === 'agrees') return { ...asked, opinion, endedOn: on, reasons: reasons ?? null }
  const why = kind === 'third-party' ? article('三十二') : article('三十四')
  return { ...asked, opinion, endedOn: on, reasons: demand(reasons, `不同意公开的要写明理由（${why}）。`) }
}

export function createCourse(work: Work) {
  const { act, headOf } = work

  return {
    /** Asks what is unclear, all of it at once, within seven working days of the receipt, and never again (Art 30). */
    askSupplement: (who: Who, { points, days = supplementDays }: { points: string; days?: number }) =>
      act('askSupplement', who, (one, { today, calendar: known }) => {
        checkSupplement(one, { today, by: supplementNoticeBy(one.receipt.receivedOn, known) })
        const asked = demand(points, `请一次性写明要补正什么（${article('三十')}）。`)
        const by = addWorkdays(today, checkDays(days, article('三十')), known)
        const letter = composeSupplement(headOf(one, today), { points: asked, by })
        return {
          change: {
            state: 'supplement-asked',
            supplement: { askedOn: today, points: asked, by, suppliedOn: null },
          },
          told: [toldOf('supplement', letter)],
        }
      }),
    /** The supplement came: the period begins anew. One that is late needs a good reason. */
    supplied: (
      who: Who,
      { text, on, reason }: { text: string; on?: string | undefined; reason?: string | undefined },
    ) =>
      act('supplied', who, (one, { today }) => {
        const asked = one.supplement
        if (!asked) throw new Error('a state without its supplement')
        const suppliedOn = checkDay('收到补正的日期', on ?? today, { from: asked.askedOn, today })
        const content = demand(text, '请写明补正的内容。')
        if (suppliedOn > asked.by)
          demand(
            reason,
            `补正的期限是${formatDay(asked.by)}，逾期补正要有正当理由，请写明（${article('三十')}）；没有的请按放弃处理。`,
          )
        const description = `${one.description}\n（${formatDay(suppliedOn)}补正）${content}`
        return { change: { state: workingState(one), description, supplement: { ...asked, suppliedOn } } }
      }),
    /** Asks a third party (Art 32), or an organ with which the information was made (Art 34): the clock stops. */
    consult: (
      who: Who,
      asked: {
        party: string
        kind: Consulted['kind']
        sentOn?: string | undefined
        deliveredOn?: string | undefined
      },
    ) =>
      act('consult', who, (one, { today, calendar: known }) => {
        const party = demand(asked.party, `请写明向谁征求意见（${article('三十二')}、第三十四条）。`)
        const sentOn = checkDay('发出的日期', asked.sentOn ?? today, { from: one.receipt.receivedOn, today })
        const deliveredOn = checkDay('送达的日期', asked.deliveredOn ?? sentOn, { from: sentOn, today })
        const dueOn = opinionBy(deliveredOn, known)
        const { kind } = asked
        const open = { endedOn: null, opinion: null, reasons: null }
        const fresh: Consulted = {
          id: one.consultations.length + 1,
          party,
          kind,
          sentOn,
          deliveredOn,
          dueOn,
          ...open,
        }
        const { description } = one
        const letter = composeOpinion(headOf(one, today), { party, kind, dueOn, description })
        return {
          change: { consultations: [...one.consultations, fresh] },
          told: [toldOf('third-party', letter)],
        }
      }),
    consulted: (who: Who, answer: Answer) =>
      act('consulted', who, (one, { today }) => {
        const ended = endConsulted(findConsulted(one, answer.id), answer, today)
        return { change: { consultations: one.consultations.map(c => (c.id === ended.id ? ended : c)) } }
      }),
    /** The head of the office consents by doing it, and the applicant is told in the same unit (Art 33¶2). */
    extend: (who: Who, { days, reason }: { days: number; reason: string }) =>
      act('extend', who, (one, { today, calendar: known }) => {
        checkExtension(one, days, today)
        const why = demand(reason, `延长期限要写明理由，并告知申请人（${article('三十三')}第二款）。`)
        const extensions = [...one.extensions, { on: today, days, reason: why, consentBy: who.by }]
        const { dueOn } = work.after(one, { change: { extensions } }, known)
        const letter = composeExtension(headOf(one, today), { days, reason: why, dueOn })
        return { change: { extensions }, told: [toldOf('extension', letter)] }
      }),
    /** Volume or frequency is clearly beyond reason: the applicant is asked why. The clock goes on (Art 35 is silent). */
    askReasons: (who: Who, { why, days = reasonsDays }: { why: string; days?: number }) =>
      act('askReasons', who, (one, { today, calendar: known }) => {
        const rule = article('三十五')
        if (one.volume) throw new Refusal('volume', `${one.ref} 已经要求过说明理由（${rule}）。`)
        const clear = demand(why, `请写明数量、频次怎样明显超过合理范围（${rule}）。`)
        const by = addWorkdays(today, checkDays(days, rule), known)
        const letter = composeReasons(headOf(one, today), { why: clear, by })
        const volume = { askedOn: today, why: clear, by, reasons: null, delayed: null }
        return { change: { volume }, told: [toldOf('reasons', letter)] }
      }),
    reasoned: (who: Who, { reasons }: { reasons: string }) =>
      act('reasoned', who, one => {
        const rule = article('三十五')
        if (!one.volume) throw new Refusal('volume', `${one.ref} 还没有要求说明理由（${rule}）。`)
        const said = demand(reasons, `请写明申请人说明的理由（${rule}）。`)
        return { change: { volume: { ...one.volume, reasons: said } } }
      }),
    /** The reasons are good, and the reply cannot come in time: the head fixes a later day, and the applicant is told. */
    delay: (who: Who, { to, reason }: { to: string; reason: string }) =>
      act('delay', who, (one, { today }) => {
        const { volume } = one
        const rule = article('三十五')
        if (!volume?.reasons)
          throw new Refusal(
            'volume',
            `申请人说明了合理的理由，才能延迟答复（${rule}）。请先要求说明并登记理由。`,
          )
        if (volume.delayed) throw new Refusal('volume', `${one.ref} 已经延迟过一次（${rule}）。`)
        checkDelay(one, to, today)
        const why = demand(reason, `请写明为什么不能按期答复，并告知申请人（${rule}）。`)
        const delayed = { on: today, to, reason: why, consentBy: who.by }
        const letter = composeDelay(headOf(one, today), { to, reason: why })
        return { change: { volume: { ...volume, delayed } }, told: [toldOf('delay', letter)] }
      }),
    /** By items or by pages, never both; what is within reason is free (Art 42, 国办函〔2020〕109号). */
    setFee: (who: Who, asked: { basis: FeeBasis; units: number; reason: string }) =>
      act('setFee', who, (one, { today, calendar: known }) => {
        checkFee(one, asked.basis, today)
        if (!Number.isInteger(asked.units) || asked.units < 1)
          throw new Refusal('fee', '收费的件数、页数要写成数字，例如 31（国办函〔2020〕109号）。')
        const yuan = feeOf(asked.basis, asked.units)
        if (yuan === 0)
          throw new Refusal(
            'fee',
            `${feeBases[asked.basis]}${asked.units}在免费的数量以内，不收信息处理费（国办函〔2020〕109号）。`,
          )
        const why = demand(asked.reason, `收费要写明数量、频次怎样明显超过合理范围（${article('四十二')}）。`)
        const by = payBy(today, feeDays, known)
        const fee = { ...asked, reason: why, yuan, noticedOn: today, by, paidOn: null }
        const letter = composeFee(headOf(one, today), fee)
        return { change: { state: 'fee-asked', fee }, told: [toldOf('fee', letter)] }
      }),
    paid: (who: Who, { on }: { on?: string | undefined } = {}) =>
      act('paid', who, (one, { today }) => {
        if (!one.fee) throw new Error('a state without its fee')
        const paidOn = checkDay('缴费的日期', on ?? today, { from: one.fee.noticedOn, today })
        if (paidOn > one.fee.by)
          throw new Refusal(
            'fee',
            `缴费的期限是${formatDay(one.fee.by)}，逾期没有缴纳的视为放弃申请（国办函〔2020〕109号）。请按放弃处理。`,
          )
        return { change: { state: workingState(one), fee: { ...one.fee, paidOn } } }
      }),
  }
}

function checkDays(days: number, rule: string): number {
  if (!Number.isInteger(days) || days < 1 || days > 60)
    throw new Refusal('days', `给申请人的期限要合理，写1到60个工作日（${rule}）。`)
  return days
}

function checkDelay(one: Case, to: string, today: string): void {
  const rule = article('三十五')
  if (!isLegalDate(to)) throw new Refusal('date', `没有 ${to} 这一天。日期请写成 2026-01-31 这样。`)
  if (today > one.dueOn)
    throw new Refusal('volume', `${one.ref} 的期限 ${formatDay(one.dueOn)} 已经过了，不能再延迟（${rule}）。`)
  if (to <= one.dueOn)
    throw new Refusal('volume', `延迟到的日期要晚于现在的期限 ${formatDay(one.dueOn)}（${rule}）。`)
}

function checkExtension(one: Case, days: number, today: string): void {
  const had = one.extensions.reduce((sum, granted) => sum + granted.days, 0)
  const rule = `${article('三十三')}第二款`
  if (!Number.isInteger(days) || days < 1)
    throw new Refusal('extension', `延长的天数要写成工作日数，例如 10（${rule}）。`)
  if (had + days > mostExtension)
    throw new Refusal(
      'extension',
      `延长合计不得超过${mostExtension}个工作日（${rule}），${one.ref} 已经延长${had}个，最多还能延长${mostExtension - had}个。`,
    )
  if (today > one.dueOn)
    throw new Refusal(
      'extension',
      `${one.ref} 的期限 ${formatDay(one.dueOn)} 已经过了，不能再延长（${rule}）。请尽快答复。`,
    )
}

function checkFee(one: Case, basis: FeeBasis, today: string): void {
  const rule = '国办函〔2020〕109号'
  if (one.fee && one.fee.basis !== basis)
    throw new Refusal(
      'fee',
      `${one.ref} 已经${feeBases[one.fee.basis]}收费，按件和按量不能同时收（${rule}）。`,
    )
  if (one.fee) throw new Refusal('fee', `${one.ref} 已经发过收费通知，不能再收（${rule}）。`)
  if (today > one.dueOn)
    throw new Refusal(
      'fee',
      `收费通知要在办理期限内发出，${one.ref} 的期限是${formatDay(one.dueOn)}（${rule}）。`,
    )
}
