/** `report`: the annual report computed, written into, frozen, proved, compared, and set as a page, .docx and PDF. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import {
  type AnnualDesk,
  createAnnualDesk,
  createAnnualStore,
  formatOf,
  paperOf,
  type Report,
  type ReportFormat,
  reportFormats,
} from '#annual'
import { systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Config } from '#config'
import { createCalendars, createDossierStore } from '#dossier'
import { openMasterKeys, openStore } from '#house'
import { createPress, formatPage, formatWord, type Paper } from '#paper'
import { createStaffDesk, createStaffStore, operator } from '#staff'
import { createVault } from '#storage'
import { actor } from './desk.ts'

const write = (text: string) => void process.stdout.write(`${text}\n`)
const say = (words: string) => void process.stderr.write(`${words}\n`)

async function atReport<T>(config: Config, work: (desk: AnnualDesk) => Promise<T>): Promise<T> {
  const store = await openStore(config)
  const clock = systemClock
  try {
    const staff = createStaffDesk({ store: createStaffStore(store), clock })
    const vault = createVault(store, openMasterKeys(config))
    const calendar = createCalendars(createDossierStore(store))
    return await work(createAnnualDesk({ store: createAnnualStore(store), staff, vault, clock, calendar }))
  } finally {
    await store.close()
  }
}

export interface ReportOptions {
  year: string
  format?: string
  json?: true
  docx?: string
  html?: string
  pdf?: string
  /** Computed anew although there is a published one. */
  live?: true
}

function parseYear(text: string): number {
  if (!/^20\d\d$/.test(text)) throw new Refusal('year', `年份要写成 2026 这样，不能是 ${text}。`)
  return Number(text)
}

function parseFormat(text: string | undefined, year: number): ReportFormat {
  const format = text ?? formatOf(year)
  const known = reportFormats.find(one => one === format)
  if (!known) throw new Refusal('format', `--format 只能是 ${reportFormats.join(' 或 ')}。`)
  return known
}

/** What comes out of the files that were asked for; each must not be there yet, unless it is of the same kind. */
async function writeFiles(
  paper: Paper,
  { docx, html, pdf }: Pick<ReportOptions, 'docx' | 'html' | 'pdf'>,
): Promise<void> {
  const press = createPress()
  const files: [string | undefined, () => Promise<Uint8Array | string>][] = [
    [docx, () => formatWord(paper, svg => press.picture({ svg }))],
    [html, async () => formatPage(paper)],
    [pdf, () => press.pdf(paper)],
  ]
  for (const [file, make] of files) {
    if (file === undefined) continue
    const path = resolve(file)
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new Refusal('folder', `${path} 是文件夹，请给出文件的名字。`)
    await writeFile(path, await make())
    say(`已写到 ${path}。`)
  }
}

function tellOne(report: Report): void {
  for (const words of Object.values(report.text)) if (words !== '') write(words)
  for (const { label, values } of report.table3.rows) write(`${label}\t${Object.values(values).join('\t')}`)
  for (const { id, holds, detail } of report.checks) say(`${holds ? '✓' : '✗'} ${id} ${detail}`)
  for (const { id, why } of report.unassessed) say(`- ${id} 没有核对：${why}`)
}

/** Prints or sets the report of a year: the published one, else what the register says now. */
export async function tellReport(config: Config, options: ReportOptions): Promise<void> {
  const year = parseYear(options.year)
  const format = parseFormat(options.format, year)
  await atReport(config, async desk => {
    const frozen = options.live ? undefined : await desk.findFrozen(year)
    if (frozen)
      say(
        `这是${frozen.on}由${frozen.staff}定稿的报告（sha256 ${frozen.hash}）；要按现在的登记重算，加 --live。`,
      )
    const report = frozen?.report ?? (await desk.compute(year, format))
    const files = options.docx ?? options.html ?? options.pdf
    if (files !== undefined) {
      const before = (await desk.findFrozen(year - 1))?.report
      const paper = await paperOf({ agency: config.agency.name, report, before, frozenOn: frozen?.on })
      await writeFiles(paper, options)
    }
    if (options.json) write(JSON.stringify(report))
    else if (files === undefined) tellOne(report)
    if (report.checks.some(check => !check.holds)) process.exitCode = 1
  })
}

const figures = z.object({
  table2: z.unknown().refine(value => value !== undefined && value !== null),
  fees: z
    .union([z.string().regex(/^\d+(\.\d{1,2})?$/), z.number().nonnegative()])
    .transform(String)
    .optional(),
})

function readGiven(file: string): string {
  if (!existsSync(file) || !statSync(file).isFile())
    throw new Refusal('absent', `没有文件 ${file}。请核对路径。`)
  return readFileSync(file, 'utf8')
}

/** Keeps the figures that no request can yield: `table2` of a JSON file, and `fees` in yuan. */
export async function keepFigures(config: Config, file: string, yearText: string): Promise<void> {
  const year = parseYear(yearText)
  let given: unknown
  try {
    given = JSON.parse(readGiven(file))
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('figures', `${file} 不是 JSON。请给出有 "table2" 的 JSON 文件。`)
  }
  const parsed = figures.safeParse(given)
  if (!parsed.success) {
    const fees = parsed.error.issues.some(({ path }) => path[0] === 'fees')
    throw new Refusal(
      'figures',
      fees
        ? `${file} 里的 "fees" 要写成元，例如 "400.00"。`
        : `${file} 里没有 "table2"。请照 docs/annual-report.md 写。`,
    )
  }
  await atReport(config, async desk => {
    const known = await desk.keepFigures(year, parsed.data, { file, by: operator })
    say(`${year}年第二部分的数据已保存。`)
    if (!known)
      say('它的写法与国家格式不同，照原样保存；不能核对，也不会排进表格（见 docs/annual-report.md）。')
  })
}

export interface ActorOptions {
  as?: string
}

/** A section in an official's own words. */
export async function writeSection(
  config: Config,
  yearText: string,
  { section, file, as: by }: ActorOptions & { section: string; file: string },
): Promise<void> {
  const year = parseYear(yearText)
  const text = readGiven(file)
  await atReport(config, desk => desk.writeText(year, { section, text }, actor(by)))
  say(`${year}年报告的 ${section} 已保存。`)
}

export async function freezeReport(
  config: Config,
  yearText: string,
  { as: by, replace, format }: ActorOptions & { replace?: string; format?: string },
): Promise<void> {
  const year = parseYear(yearText)
  await atReport(config, async desk => {
    const asked = { by: actor(by), format: parseFormat(format, year), reason: replace }
    const { hash, seq } = await desk.freeze(year, asked)
    write(hash)
    say(`${year}年的报告已定稿（第${seq}份），sha256 见上。`)
  })
}

/** Proves that what was frozen is as it was. */
export async function verifyReport(config: Config, yearText: string): Promise<void> {
  await atReport(config, async desk => {
    for (const { seq, hash, whole } of await desk.verify(parseYear(yearText))) {
      write(`${seq}\t${hash}\t${whole ? '没有改动' : '被改过'}`)
      if (!whole) process.exitCode = 1
    }
  })
}

/** This year beside the one before. */
export async function compareReports(
  config: Config,
  yearText: string,
  options: { json?: true },
): Promise<void> {
  const year = parseYear(yearText)
  await atReport(config, async desk => {
    const rows = await desk.compare(year)
    if (options.json) return write(JSON.stringify(rows))
    write(['', `${year - 1}年`, `${year}年`, '增减'].join('\t'))
    for (const { label, before, now } of rows) write([label, before, now, now - before].join('\t'))
  })
}
