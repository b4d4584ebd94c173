/** The State Council's notices that an official has loaded, beside those that are shipped. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '#base/errors'
import { addDays, type Calendar, createCalendar, type HolidayNotice, isLegalDate } from '#base/workdays'
import type { DossierStore } from './store.ts'

/** A notice speaks of the days around the turn of the year too. */
const marginDays = 15

const days = z.array(
  z.string().refine(isLegalDate, { error: ({ input }) => `没有 ${String(input)} 这一天` }),
  '要写成日期的列表，例如 ["2027-01-01"]',
)
const shape = z.object(
  {
    year: z.int('year 要写成年份，例如 2027').min(2019, 'year 不能早于2019').max(2100, 'year 太晚'),
    holidays: days,
    workdays: days,
    source: z
      .string('source 要写明通知的文号')
      .trim()
      .min(1, 'source 要写明通知的文号')
      .max(200, 'source 太长'),
  },
  '文件要写成 {"year":2027,"holidays":[],"workdays":[],"source":"国办发明电…"}',
)
export type NoticeFile = z.infer<typeof shape>

/** Reads a notice's file. Throws a Refusal that says what is wrong with it. */
export function parseNotice(text: string): NoticeFile {
  const parsed = shape.safeParse(parseJson(text))
  const refuse = (why: string) =>
    new Refusal('notice', `放假通知没有载入：${why}。什么都没有改动，请改正后重试。`)
  if (!parsed.success) throw refuse([...new Set(parsed.error.issues.map(i => i.message))].join('；'))
  const { year, holidays, workdays } = parsed.data
  const [first, last] = [addDays(`${year}-01-01`, -marginDays), addDays(`${year}-12-31`, marginDays)]
  const strange = [...holidays, ...workdays].find(date => date < first || date > last)
  if (strange) throw refuse(`${strange} 不在${year}年`)
  const both = holidays.find(date => workdays.includes(date))
  if (both) throw refuse(`${both} 又放假又上班`)
  if (holidays.length + workdays.length === 0) throw refuse('holidays 和 workdays 都是空的')
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const formatNotice = (notice: NoticeFile): { content: string; hash: string } => {
  const content = JSON.stringify(notice)
  return { content, hash: createHash('sha256').update(content).digest('hex') }
}

function noticeOf(content: string): HolidayNotice {
  const { holidays, workdays, source }: NoticeFile = JSON.parse(content)
  return { source, off: holidays, worked: workdays }
}

/** The calendar of this moment; made anew only when a notice has come. */
export function createCalendars(store: Pick<DossierStore, 'listNotices'>): () => Promise<Calendar> {
  let known: { hashes: string; calendar: Calendar } | undefined
  return async () => {
    const rows = await store.listNotices()
    const hashes = rows.map(({ hash }) => hash).join()
    if (known?.hashes !== hashes)
      known = { hashes, calendar: createCalendar(rows.map(({ content }) => noticeOf(content))) }
    return known.calendar
  }
}
