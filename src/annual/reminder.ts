/** The report of last year is due, and nobody has frozen it: the office is told ahead. */
import { type Clock, formatLegalDate } from '#base/clock'
import { type Calendar, countWorkdays } from '#base/workdays'
import { Conflict, type Write } from '#storage'
import type { AnnualStore } from './store.ts'

/** Departments submit and publish the report of a year by 31 January (政府信息公开条例 Art 49). */
const dueOf = (year: number) => `${year + 1}-01-31`
/** Working days before it on which the office is reminded. */
const steps = [10, 5, 1, 0]

/** Gives the writes that belong into the same unit as the mark that it was told. */
export type RemindReport = (reminder: {
  year: number
  dueOn: string
  left: number
}) => Promise<readonly Write[]>

export interface ReportReminderOptions {
  store: Pick<AnnualStore, 'wasReminded' | 'listFrozen' | 'insertReminder' | 'commit'>
  clock: Clock
  calendar: () => Promise<Calendar>
  notify: RemindReport
}

/** Tells, each time once, whatever processes look at the same time; gives whether it told. */
export async function remindOfReport({
  store,
  clock,
  calendar,
  notify,
}: ReportReminderOptions): Promise<boolean> {
  const today = formatLegalDate(clock.now())
  const year = Number(today.slice(0, 4)) - 1
  const [days, dueOn] = [await calendar(), dueOf(year)]
  if (today > dueOn || !days.isWorkday(today)) return false
  const left = countWorkdays(today, dueOn, days)
  const step = steps.findLast(one => left <= one)
  if (step === undefined || (await store.wasReminded(year, step))) return false
  if ((await store.listFrozen(year)).length > 0) return false
  const writes = await notify({ year, dueOn, left })
  try {
    await store.commit([store.insertReminder(year, step, clock.now()), ...writes])
    return true
  } catch (error) {
    // Another process told it a moment earlier.
    if (error instanceof Conflict) return false
    throw error
  }
}
