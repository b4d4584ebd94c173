/** The commands on requests for information: the clock, the remedies of a reply, the register and the annual report. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal, reasonOf } from '#base/errors'
import { type Calendar, createCalendar } from '#base/workdays'
import type { Config } from '#config'
import { createDisclosureStore, createRegister, type Register } from '#disclosure'
import { createCalendars, createDossierStore } from '#dossier'
import { openMasterKeys, openStore } from '#house'
import { createStaffDesk, createStaffStore, operator } from '#staff'
import { type Consultation, computeDeadline, dispositions, isDisposition, remedyOf } from '#statute'
import { createVault } from '#storage'

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

/** With the notices that were loaded, where there is a database already: the clock alone needs none. */
async function readCalendar(config: Config): Promise<Calendar> {
  if (!config.databaseUrl && !existsSync(config.databaseFile)) return createCalendar()
  const store = await openStore(config)
  try {
    return await createCalendars(createDossierStore(store))()
  } finally {
    await store.close()
  }
}

/** Tells until when a request must be answered; with `batch` for each line of standard input. */
export async function tellDeadline(config: Config, options: DeadlineOptions): Promise<void> {
  const calendar = await readCalendar(config)
  if (options.batch) return tellDeadlines(calendar)
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
    calendar,
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

async function tellDeadlines(calendar: Calendar): Promise<void> {
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

const say = (words: string) => void process.stderr.write(`${words}\n`)

/** Opens the register for the length of some work. */
async function withRegister<T>(config: Config, work: (register: Register) => Promise<T>): Promise<T> {
  const store = await openStore(config)
  const clock = systemClock
  try {
    const staff = createStaffDesk({ store: createStaffStore(store), clock })
    const vault = createVault(store, openMasterKeys(config))
    return await work(createRegister({ store: createDisclosureStore(store), vault, staff, clock }))
  } finally {
    await store.close()
  }
}

function checkFile(file: string): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Refusal('absent', `没有文件 ${file}。请核对路径。`)
}

const toldEvery = 10_000
const mostOdd = 20

/** Takes over an existing register, all of its lines or none. */
export async function importRegister(config: Config, file: string): Promise<void> {
  checkFile(file)
  const lines = () => createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  let odd = 0
  const told = { checked: 0, stored: 0 }
  const progress = {
    read(count: number, pass: 'checked' | 'stored') {
      const step = Math.floor(count / toldEvery)
      if (step > told[pass]) say(`${pass === 'checked' ? '核对' : '登记'}到第${count}行…`)
      told[pass] = step
    },
    odd(line: number, remarks: readonly string[]) {
      if (++odd <= mostOdd) say(`第${line}行请留意：${remarks.join('；')}`)
    },
  }
  await withRegister(config, async register => {
    const { stored, known } = await register.importLines(lines, { ...progress, by: operator, file })
    if (odd > mostOdd) say(`…共${odd}行有不寻常的地方，都登记了。`)
    say(`登记了${stored}件${known > 0 ? `，另有${known}件以前登记过，内容相同` : ''}。`)
  })
}
