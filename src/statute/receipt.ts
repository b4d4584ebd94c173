/** The day of receipt of a request (政府信息公开条例 Art 31), by the way on which it came. Pure. */
import { Refusal } from '#base/errors'
import { isLegalDate } from '#base/workdays'
import { formatDay } from './deadline.ts'

/** The ways on which requests come that officials enter; every other one is an internet channel. */
export const staffWays = ['in-person', 'registered-post', 'letter', 'fax'] as const

export interface Arrival {
  channel: string
  /** The day on which it was handed in, signed for, delivered or sent; a legal date. */
  arrivedOn: string
  /** The day on which both sides confirmed it; for ordinary letters, faxes and internet channels. */
  confirmedOn?: string | undefined
}

export interface Receipt extends Arrival {
  receivedOn: string
  /** In words, with the article. */
  how: string
}

const article = (point: string) => `政府信息公开条例第三十一条第（${point}）项`

/** Which day counts as that of receipt, and why. Throws a Refusal where it cannot be told, or the dates cannot be. */
export function receiptOf({ channel, arrivedOn, confirmedOn }: Arrival): Receipt {
  for (const date of [arrivedOn, ...(confirmedOn === undefined ? [] : [confirmedOn])])
    if (!isLegalDate(date)) throw new Refusal('date', `没有 ${date} 这一天。日期请写成 2026-01-31 这样。`)
  const arrival = { channel, arrivedOn, confirmedOn }
  if (channel === 'in-person')
    return { ...arrival, receivedOn: arrivedOn, how: `当面提交，以提交之日为收到之日（${article('一')}）` }
  if (channel === 'registered-post')
    return {
      ...arrival,
      receivedOn: arrivedOn,
      how: `挂号或者快递，以签收之日为收到之日（${article('二')}）`,
    }
  return { ...arrival, ...confirmed({ channel, arrivedOn, confirmedOn }) }
}

/** Ordinary letters are confirmed on the day they arrive; fax and internet count from when both sides confirmed. */
function confirmed({ channel, arrivedOn, confirmedOn }: Arrival): Pick<Receipt, 'receivedOn' | 'how'> {
  const letter = channel === 'letter'
  const rule = article(letter ? '二' : '三')
  if (confirmedOn === undefined)
    throw new Refusal(
      'confirmed',
      letter
        ? `平常信函不用签收的，要在收到当天与申请人确认，以确认之日为收到之日（${rule}）。请写明确认的日期。`
        : `传真和互联网渠道的申请以双方确认之日为收到之日（${rule}）。请写明双方确认的日期。`,
    )
  if (confirmedOn < arrivedOn)
    throw new Refusal(
      'confirmed',
      `${confirmedOn} 确认，比送到的 ${arrivedOn} 还早。请核对这两个日期（${rule}）。`,
    )
  const late =
    letter && confirmedOn > arrivedOn ? `；信在${formatDay(arrivedOn)}已经送到，应当在当天确认` : ''
  const what = letter ? '平常信函，以与申请人确认之日为收到之日' : '以双方确认之日为收到之日'
  return { receivedOn: confirmedOn, how: `${what}（${rule}）${late}` }
}
