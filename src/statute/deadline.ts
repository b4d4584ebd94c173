/** The statutory clock of a request: until when the reply must have gone out, and why. Pure. */
import { Refusal } from '#base/errors'
import { addWorkdays, type Calendar, isLegalDate, workdaysAfter } from '#base/workdays'

/** Working days for the reply (政府信息公开条例 Art 33¶2), and the most by which all extensions together lengthen it. */
export const replyDays = 20
export const mostExtension = 20
/** Within so many working days the one supplement is asked for (Art 30). */
export const supplementNoticeDays = 7
/** A third party, or another organ, answers within so many working days of being asked (Arts 32, 34). */
export const opinionDays = 15
/** What is to be published is, within so many working days of being made (Art 26). */
export const publicationDays = 20
/** The information-processing fee is paid within so many working days of the notice (国办函〔2020〕109号). */
export const feeDays = 20

/** A consultation, from the day it was sent (not counted) to the day it ended; dates are legal dates. */
export type Consultation = readonly [sent: string, ended: string]

/** What moves the clock; dates are legal dates (`YYYY-MM-DD`, Asia/Shanghai). */
export interface Course {
  /** The day of receipt as Art 31 has it. */
  received: string
  /** The day on which the supplement came in: the period begins anew. */
  supplement?: string | undefined
  consults?: readonly Consultation[] | undefined
  /** Working days by which the period was lengthened in all, 0 to 20. */
  extension?: number | undefined
  /** A later day that was fixed for volume beyond reason with good reasons (Art 35). */
  delayedTo?: string | undefined
}

export interface Deadline {
  /** The reply must have gone out by the end of this day. */
  dueOn: string
  /** The working days that count, first to last; those of consultations are not among them. */
  workingDays: string[]
  /** The working days that do not count. */
  paused: string[]
  /** In words for the official and the applicant, with the articles. */
  explanation: string
}

/**
 * Computes the due date. The day of receipt is not counted (by analogy with 民法典 Art 201; the regulation is silent).
 * Throws a Refusal with the rule where the dates cannot be.
 */
export function computeDeadline(course: Course, calendar: Calendar): Deadline {
  check(course)
  const { received, supplement, consults = [], extension = 0 } = course
  const base = supplement ?? received
  const isPaused = (date: string) => consults.some(([sent, ended]) => sent < date && date <= ended)
  const counted: string[] = []
  const paused: string[] = []
  for (const date of workdaysAfter(base, calendar)) {
    if (isPaused(date)) paused.push(date)
    else counted.push(date)
    if (counted.length === replyDays + extension) break
  }
  const last = counted.at(-1) as string
  const { delayedTo = '' } = course
  const isDelayed = delayedTo > last
  const dueOn = isDelayed ? delayedTo : last
  return { dueOn, workingDays: counted, paused, explanation: explain(course, { dueOn, paused, calendar }) }
}

function check({ received, supplement, consults = [], extension = 0 }: Course): void {
  const dates = [received, ...(supplement === undefined ? [] : [supplement]), ...consults.flat()]
  for (const date of dates)
    if (!isLegalDate(date)) throw new Refusal('date', `没有 ${date} 这一天。日期请写成 2026-01-31 这样。`)
  if (supplement !== undefined && supplement < received)
    throw new Refusal('supplement', `补正在 ${supplement}，比收到申请的 ${received} 还早。请核对这两个日期。`)
  for (const [sent, ended] of consults) {
    if (sent < received)
      throw new Refusal('consult', `征求意见在 ${sent} 发出，比收到申请的 ${received} 还早。请核对日期。`)
    if (ended < sent)
      throw new Refusal('consult', `征求意见在 ${sent} 发出，却在 ${ended} 结束。请核对这两个日期。`)
  }
  if (!Number.isInteger(extension) || extension < 0 || extension > mostExtension)
    throw new Refusal(
      'extension',
      `延长的期限最长不得超过${mostExtension}个工作日（政府信息公开条例第三十三条），不能是 ${extension}。`,
    )
}

interface Found {
  dueOn: string
  paused: readonly string[]
  calendar: Calendar
}

/** 2025年3月3日 */
export function formatDay(date: string): string {
  const [year, month, day] = date.split('-').map(Number)
  return `${year}年${month}月${day}日`
}

function explain(course: Course, { dueOn, paused, calendar }: Found): string {
  const { received, supplement, consults = [], extension = 0 } = course
  const sentences = [
    supplement === undefined
      ? `${formatDay(received)}收到申请（第三十一条），从下一个工作日起算。`
      : `${formatDay(received)}收到申请，${formatDay(supplement)}收到补正，答复期限从收到补正的下一个工作日起重新计算（第三十条）。`,
    `答复期限是${replyDays}个工作日（第三十三条第二款），调休上班的周末算工作日，法定节假日不算。`,
  ]
  if (extension > 0)
    sentences.push(
      `经政府信息公开工作机构负责人同意并告知申请人，延长${extension}个工作日（第三十三条第二款）。`,
    )
  if (consults.length > 0)
    sentences.push(
      `征求第三方或者其他机关意见所需的${paused.length}个工作日不计算在内，重叠的只算一次（第三十三条第三款）。`,
    )
  if (course.delayedTo === dueOn)
    sentences.push(
      '申请的数量、频次明显超过合理范围，理由合理而不能按期答复，已经确定延迟答复的期限并告知申请人（第三十五条）。',
    )
  sentences.push(`所以最迟在${formatDay(dueOn)}当天答复。`)
  if (dueOn > calendar.knownUntil)
    sentences.push(
      `${dueOn.slice(0, 4)}年的放假通知还没有载入，这一天是按平常的周末推算的，通知公布后要重新计算。`,
    )
  return sentences.join('')
}

/** Until when a supplement may be asked for (Art 30). */
export const supplementNoticeBy = (received: string, calendar: Calendar): string =>
  addWorkdays(received, supplementNoticeDays, calendar)

/** When a consultation ends at the latest: whoever was asked on `delivered` has fifteen working days (Arts 32, 34). */
export const opinionBy = (delivered: string, calendar: Calendar): string =>
  addWorkdays(delivered, opinionDays, calendar)

/** Until when information that was made or changed on `formed` is published (Art 26). */
export const publishBy = (formed: string, calendar: Calendar): string =>
  addWorkdays(formed, publicationDays, calendar)
