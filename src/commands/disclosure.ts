/** The commands on requests for information that need no database: the clock, and the remedies of a reply. */
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal, reasonOf } from '#base/errors'
import { createCalendar } from '#base/workdays'
import type { Config } from '#config'
import { type Consultation, computeDeadline, dispositions, isDisposition, remedyOf } from '#disclosure'

export interface DeadlineOptions {
  received?: string
  supplement?: string
  consult: string[]
  extension?: string
  json?: true
  batch?: true
}

const write = (text: string) => void process.stdout.write(`${text}\n`)

/** 2025-03-10..2025-03-24 */
function parseConsultation(text: string): Consultation {
  const [sent, ended, ...rest] = text.split('..')
  if (!sent || !ended || rest.length > 0)
    throw new Refusal(
      'consult',
      `--consult 要写成 发出日期..结束日期，例如 2025-03-10..2025-03-24，不能是 ${text}。`,
    )
  return [sent, ended]
}

/** Tells until when a request must be answered; with `batch` for each line of standard input. */
export async function tellDeadline(options: DeadlineOptions): Promise<void> {
  if (options.batch) return tellDeadlines()
  if (options.received === undefined)
    throw new Refusal(
      'received',
      '请用 --received 写明收到申请的日期，例如 --received 2026-03-02；一批的用 --batch。',
    )
  const { dueOn, workingDays, explanation } = computeDeadline(
    {
      received: options.received,
      supplement: options.supplement,
      consults: options.consult.map(parseConsultation),
      extension: options.extension === undefined ? undefined : Number(options.extension),
    },
    createCalendar(),
  )
  write(options.json ? JSON.stringify({ dueOn, workingDays, explanation }) : `${dueOn}\n${explanation}`)
}

const line = z.object({
  id: z.union([z.string(), z.number()]),
  received: z.string(),
  supplement: z.string().nullish(),
  consults: z.array(z.tuple([z.string(), z.string()])).nullish(),
  extension: z.number().nullish(),
})

async function tellDeadlines(): Promise<void> {
  const calendar = createCalendar()
  let number = 0
  for await (const text of createInterface({ input: process.stdin })) {
    number++
    if (text.trim() !== '') write(JSON.stringify(dueOf(text, number)))
  }

  function dueOf(text: string, at: number): { id: string | number; dueOn: string } {
    try {
      const { id, received, supplement, consults, extension } = line.parse(JSON.parse(text))
      const course = {
        received,
        supplement: supplement ?? undefined,
        consults: consults ?? undefined,
        extension: extension ?? undefined,
      }
      return { id, dueOn: computeDeadline(course, calendar).dueOn }
    } catch (error) {
      const why = error instanceof Refusal ? reasonOf(error) : '不是 {"id","received"}，请改正后重试。'
      throw new Refusal('line', `第${at}行：${why}`)
    }
  }
}

export interface RemedyOptions {
  disposition: string
  on?: string
  json?: true
}

/** Prints what a letter of this day says about the ways to contest it. */
export function tellRemedy({ reconsideration }: Config, { disposition, on, json }: RemedyOptions): void {
  if (!isDisposition(disposition))
    throw new Refusal(
      'disposition',
      `没有 ${disposition} 这种处理结果。可用的有：${dispositions.join('、')}。`,
    )
  const remedy = remedyOf(disposition, on ?? formatLegalDate(systemClock.now()), reconsideration)
  write(json ? JSON.stringify(remedy) : remedy.text)
}
