/** Working days by the notices of the State Council: weekends that are worked and weekdays that are off. */
import shipped from 'chinese-days/dist/chinese-days.json' with { type: 'json' }
import { Refusal } from './errors.ts'

const dayMs = 86_400_000
const form = /^\d{4}-\d{2}-\d{2}$/

/** What a notice of the State Council changes; dates are legal dates (`YYYY-MM-DD`, Asia/Shanghai). */
export interface HolidayNotice {
  /** Where it was published, as 国办发明电〔2025〕7号. */
  source: string
  /** Monday to Friday, and off. */
  off: readonly string[]
  /** Saturday or Sunday, and worked (调休). */
  worked: readonly string[]
}

export interface Calendar {
  isWorkday(date: string): boolean
  /** The last day of the last year that a notice covers: beyond it a plain week is assumed. */
  readonly knownUntil: string
}

/** Whether there is such a date. */
export function isLegalDate(text: string): boolean {
  if (!form.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

/** The date so many days later (or earlier). Throws a Refusal where there is no such date. */
export function addDays(date: string, days: number): string {
  if (!isLegalDate(date)) throw new Refusal('date', `没有 ${date} 这一天。日期请写成 2026-01-31 这样。`)
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

const weekdayOf = (date: string) => new Date(`${date}T00:00:00Z`).getUTCDay()
const isWeekend = (date: string) => [0, 6].includes(weekdayOf(date))

/** Each year's notice as the package knows it: https://github.com/vsme/chinese-days. */
const known: HolidayNotice = {
  source: 'chinese-days',
  off: Object.keys(shipped.holidays).filter(date => !isWeekend(date)),
  worked: Object.keys(shipped.workdays).filter(isWeekend),
}

/** The calendar by what is shipped, then by each further notice in its order: a later one overrules an earlier one. */
export function createCalendar(notices: readonly HolidayNotice[] = []): Calendar {
  const days = new Map<string, boolean>()
  for (const { off, worked } of [known, ...notices]) {
    for (const date of off) days.set(date, false)
    for (const date of worked) days.set(date, true)
  }
  const years = [...days.keys()].map(date => date.slice(0, 4))
  return {
    isWorkday: date => days.get(date) ?? !isWeekend(date),
    knownUntil: `${years.toSorted().at(-1)}-12-31`,
  }
}

/** The working days after `from`, not counting it, one after another without end. */
export function* workdaysAfter(from: string, calendar: Calendar): Generator<string, never> {
  for (let date = addDays(from, 1); ; date = addDays(date, 1)) if (calendar.isWorkday(date)) yield date
}

/** The n-th working day after `from`, which itself is not counted (民法典 Art 201). `days` is 1 or more. */
export function addWorkdays(from: string, days: number, calendar: Calendar): string {
  let left = days
  for (const date of workdaysAfter(from, calendar)) if (--left <= 0) return date
  throw new Error('the days never end')
}

/** How many working days lie after `from`, up to `to` and with it; 0 where `to` is no later. */
export function countWorkdays(from: string, to: string, calendar: Calendar): number {
  let count = 0
  for (const date of workdaysAfter(from, calendar)) {
    if (date > to) break
    count++
  }
  return count
}
