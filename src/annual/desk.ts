/** The annual report as the office makes it: computed, written into, frozen, proved, and held beside the year before. */
import { hash } from 'node:crypto'
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { type Calendar, countWorkdays } from '#base/workdays'
import { operator, type StaffDesk } from '#staff'
import { Conflict, type DataKey, type Vault } from '#storage'
import { checkComplete } from './checks.ts'
import { buildReport, type Counts, cellsOf, type Report, type ReportFormat } from './report.ts'
import type { AnnualStore, FrozenRow } from './store.ts'
import { readTable2 } from './table2.ts'
import { type SectionName, sections } from './text.ts'

const keyName = 'annual-report'
const pageSize = 2_000

export interface AnnualDeskOptions {
  store: AnnualStore
  staff: Pick<StaffDesk, 'get' | 'record'>
  vault: Vault
  clock: Clock
  calendar: () => Promise<Calendar>
}

/** A report as it was published. */
export interface Frozen {
  report: Report
  hash: string
  staff: string
  /** The legal date. */
  on: string
  /** How many there were of the year, this one among them. */
  seq: number
}

export interface Difference {
  key: string
  label: string
  before: number
  now: number
}

export type AnnualDesk = ReturnType<typeof createAnnualDesk>

export const formatOf = (year: number): ReportFormat => (year < 2021 ? '2019' : '2021')

/** 国务院's forms differ by year; where none is named, it is the year's own. */
export function createAnnualDesk({ store, staff, vault, clock, calendar }: AnnualDeskOptions) {
  async function countsOf(year: number): Promise<Counts> {
    const [from, to, next] = [`${year}-01-01`, `${year}-12-31`, `${year + 1}-01-01`]
    const [received, carriedIn, carriedOut, closed, reviews] = await Promise.all([
      store.countReceived(from, to),
      store.countOpen(from),
      store.countOpen(next),
      store.countClosed(from, to),
      store.countReviews(from, to),
    ])
    return { received, carriedIn, carriedOut, closed, reviews }
  }

  /** Working days from the day of receipt, which does not count, to that of the reply; a count for each number of days. */
  async function medianDaysOf(year: number): Promise<number | undefined> {
    const days = await calendar()
    const counts = new Map<number, number>()
    let [all, after] = [0, '']
    for (;;) {
      const page = await store.listSpans({
        from: `${year}-01-01`,
        to: `${year}-12-31`,
        after,
        limit: pageSize,
      })
      for (const { received_on, closed_on } of page) {
        const used = countWorkdays(received_on, closed_on ?? received_on, days)
        counts.set(used, (counts.get(used) ?? 0) + 1)
        all++
      }
      const last = page.at(-1)
      if (!last) break
      after = last.ref
    }
    let seen = 0
    for (const [used, count] of [...counts].sort(([a], [b]) => a - b)) {
      seen += count
      if (seen * 2 >= all) return used
    }
    return undefined
  }

  async function compute(year: number, format: ReportFormat): Promise<Report> {
    const [counts, earlier, figures, figuresBefore, texts, medianDays] = await Promise.all([
      countsOf(year),
      countsOf(year - 1),
      store.findFigures(year),
      store.findFigures(year - 1),
      store.listTexts(year),
      medianDaysOf(year),
    ])
    // A register may hold no more of the year before than what it carried over: only a frozen report tells all of it.
    const published = (await findFrozen(year - 1))?.report
    const known = earlier.received.length + earlier.carriedIn.length + earlier.closed.length > 0
    const table2Of = (row: { content: string } | undefined): unknown => (row ? JSON.parse(row.content) : null)
    const written = Object.fromEntries(texts.map(({ section, text }) => [section, text]))
    const given = {
      year,
      format,
      table2: table2Of(figures),
      fees: figures?.fees ?? null,
      medianDays,
      written,
    }
    return buildReport(counts, given, {
      carriedForward: known ? cellsOf(earlier.carriedOut) : undefined,
      received: published?.table3.rows.find(({ key }) => key === 'new_received')?.values.total,
      table2: table2Of(figuresBefore),
    })
  }

  async function keyOf(): Promise<DataKey> {
    const { key, writes } = await vault.findOrCreate(keyName, clock.now())
    if (writes.length === 0) return key
    await store.commit(writes).catch(error => {
      if (!(error instanceof Conflict)) throw error
    })
    vault.forget(keyName)
    return (await vault.find(keyName)) ?? key
  }

  const markOf = async (content: string) => (await keyOf()).mark(content).toString('hex')
  const hashOf = (content: string) => hash('sha256', content)

  const frozenOf = ({ content, seq, staff: by, at, hash: sum }: FrozenRow): Frozen => {
    return { report: JSON.parse(content), hash: sum, staff: by, on: formatLegalDate(at), seq }
  }

  async function findFrozen(year: number): Promise<Frozen | undefined> {
    const row = (await store.listFrozen(year)).at(-1)
    return row && frozenOf(row)
  }

  return {
    compute,
    findFrozen,
    /** Keeps figures that no request can yield, with where they come from. Gives whether their layout is known. */
    async keepFigures(
      year: number,
      { table2, fees }: { table2: unknown; fees?: string | undefined },
      { file, by }: { file: string; by: string },
    ): Promise<boolean> {
      const known = readTable2(table2, formatOf(year)) ?? readTable2(table2, '2019')
      const content = JSON.stringify(table2)
      const row = { year, content, fees: fees ?? null, source: file, now: clock.now() }
      await staff.record({ by, act: 'report.figures', subject: String(year), detail: { file } }, [
        store.putFigures(row),
      ])
      return known !== undefined
    },
    /** A section in an official's own words, in the place of the draft. */
    async writeText(
      year: number,
      { section, text }: { section: string; text: string },
      by: string,
    ): Promise<void> {
      if (by !== operator) await staff.get(by, 'write-report')
      if (!(sections as readonly string[]).includes(section))
        throw new Refusal('section', `没有 ${section} 这一部分。可以写：${sections.join('、')}。`)
      const clean = text.trim()
      if (clean === '') throw new Refusal('text', '文字是空的，没有保存。')
      const row = { year, section: section as SectionName, text: clean, staff: by, at: clock.now() }
      const act = { by, act: 'report.text', subject: String(year), detail: { section } }
      await staff.record(act, [store.putText(row)])
    },
    /** Makes it the published one: all checks hold, and its hash is bound to the key. The one before it stays. */
    async freeze(
      year: number,
      {
        by,
        format = formatOf(year),
        reason,
      }: { by: string; format?: ReportFormat; reason?: string | undefined },
    ): Promise<Frozen> {
      await staff.get(by, 'publish-report')
      const before = await store.listFrozen(year)
      if (before.length > 0 && !reason?.trim())
        throw new Refusal(
          'frozen',
          `${year}年的报告已经定稿。要换掉，请用 --replace 写明理由；原来的一份会留着。`,
        )
      const report = await compute(year, format)
      const checks = [...report.checks, checkComplete(report.text, year)]
      const wrong = checks.filter(({ holds }) => !holds)
      if (wrong.length > 0)
        throw new Refusal(
          'checks',
          `还不能定稿：${wrong.map(({ id, detail }) => `${id} ${detail}`).join('；')}。`,
        )
      const unassessed = report.unassessed.filter(({ id }) => id !== 'C11')
      const content = JSON.stringify({ ...report, checks, unassessed })
      const row: FrozenRow = {
        ...{ year, seq: before.length + 1, content, hash: hashOf(content), mark: await markOf(content) },
        ...{ staff: by, reason: reason?.trim() ?? null, at: clock.now() },
      }
      const act = { by, act: 'report.freeze', subject: String(year), detail: { hash: row.hash } }
      await staff.record(act, [store.insertFrozen(row)]).catch(error => {
        if (!(error instanceof Conflict)) throw error
        throw new Refusal('moved', '刚刚有别人给这一年的报告定了稿，请看一看再办。')
      })
      return frozenOf(row)
    },
    /** Whether every report of a year is as it was frozen; throws a Refusal where none was. */
    async verify(year: number): Promise<{ seq: number; hash: string; whole: boolean }[]> {
      const rows = await store.listFrozen(year)
      if (rows.length === 0) throw new Refusal('frozen', `${year}年的报告还没有定稿。`)
      return Promise.all(
        rows.map(async ({ seq, content, hash: sum, mark }) => {
          return { seq, hash: sum, whole: hashOf(content) === sum && (await markOf(content)) === mark }
        }),
      )
    },
    /** Row by row beside the year before, by the totals. */
    async compare(year: number): Promise<Difference[]> {
      const [now, before] = await Promise.all([
        compute(year, formatOf(year)),
        compute(year - 1, formatOf(year)),
      ])
      const totals = new Map(before.table3.rows.map(({ key, values }) => [key, values.total]))
      const rows = now.table3.rows.map(({ key, label, values }) => {
        return { key, label, before: totals.get(key) ?? 0, now: values.total }
      })
      const reviews = Object.entries(now.table4.values).map(([key, block]) => {
        return {
          key,
          label: key,
          before: before.table4.values[key as 'litigation_direct'].total,
          now: block.total,
        }
      })
      return [...rows, ...reviews]
    },
  }
}
