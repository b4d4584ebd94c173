/** The annual report of a year: tables 3 and 4 computed from the register, every identity checked, the sections drafted. Pure. */
import {
  type ApplicantKind,
  applicants,
  type Disposition,
  dispositions,
  outcomes,
  type ReviewKind,
  type ReviewResult,
  reviewKinds,
  reviewResults,
} from '#statute'
import { checkFees, checkInForce, checkItems, checkTables, checkText } from './checks.ts'
import { readTable2 } from './table2.ts'
import { draftTexts, type Facts, isOutcome, type Texts } from './text.ts'

/** 国办公开办函〔2019〕60号 (trial), and 〔2021〕30号 for the reports on 2021 and later. */
export const reportFormats = ['2019', '2021'] as const
export type ReportFormat = (typeof reportFormats)[number]

export type Column = ApplicantKind | 'total'
export type Cells = Record<Column, number>

/** What the register counts; of a year or at its ends. */
export interface Counts {
  received: readonly { applicant: ApplicantKind; count: number }[]
  carriedIn: readonly { applicant: ApplicantKind; count: number }[]
  carriedOut: readonly { applicant: ApplicantKind; count: number }[]
  closed: readonly { applicant: ApplicantKind; disposition: string; count: number }[]
  reviews: readonly { kind: ReviewKind; result: ReviewResult; count: number }[]
}

export interface ReportRow {
  key: string
  label: string
  values: Cells
}

export interface Check {
  id: string
  holds: boolean
  detail: string
}

export type ReviewCells = Record<ReviewResult | 'total', number>

export interface Report {
  year: number
  format: ReportFormat
  /** As it was given by `report figures`; null: not given. */
  table2: unknown
  table3: { rows: ReportRow[] }
  table4: { values: Record<ReviewKind, ReviewCells> }
  checks: Check[]
  unassessed: { id: string; why: string }[]
  /** The sections in words: an official's, else a draft with the same figures. */
  text: Texts
}

const labels2019 = {
  new_received: '一、本年新增政府信息公开申请数量',
  other: '（六）其他处理',
}
const groupLabels: Partial<Record<Disposition, string>> = {
  granted: '（一）予以公开',
  partial: '（二）部分公开（区分处理的，只计这一情形，不计其他情形）',
}

/** 1. 属于国家秘密: numbered within its group. */
function labelOf(disposition: Disposition, format: ReportFormat): string {
  const known = groupLabels[disposition]
  if (known) return known
  if (disposition === 'other' && format === '2019') return labels2019.other
  const { group, label } = outcomes[disposition]
  const siblings = dispositions.filter(key => outcomes[key].group === group)
  return `${siblings.indexOf(disposition) + 1}. ${label}`
}

export function cellsOf(counts: readonly { applicant: ApplicantKind; count: number }[]): Cells {
  const cells = { ...Object.fromEntries(applicants.map(a => [a, 0])), total: 0 } as Cells
  for (const { applicant, count } of counts) {
    cells[applicant] += count
    cells.total += count
  }
  return cells
}

/** In the 2019 format the last three dispositions are one row. */
function rowKeyOf(disposition: string, format: ReportFormat): string {
  return format === '2019' && disposition.startsWith('other') ? 'other' : disposition
}

function rowsOf(counts: Counts, format: ReportFormat): ReportRow[] {
  const kept = dispositions.filter(d => rowKeyOf(d, format) === d)
  const first = format === '2019' ? labels2019.new_received : '一、本年新收政府信息公开申请数量'
  return [
    { key: 'new_received', label: first, values: cellsOf(counts.received) },
    { key: 'carried_over', label: '二、上年结转政府信息公开申请数量', values: cellsOf(counts.carriedIn) },
    ...kept.map(key => {
      const own = counts.closed.filter(({ disposition }) => rowKeyOf(disposition, format) === key)
      return { key, label: labelOf(key, format), values: cellsOf(own) }
    }),
    { key: 'total_processed', label: '（七）总计', values: cellsOf(counts.closed) },
    { key: 'carried_forward', label: '四、结转下年度继续办理', values: cellsOf(counts.carriedOut) },
  ]
}

function reviewsOf(counts: Counts['reviews']): Record<ReviewKind, ReviewCells> {
  const blockOf = (kind: ReviewKind): ReviewCells => {
    const block = { ...Object.fromEntries(reviewResults.map(r => [r, 0])), total: 0 } as ReviewCells
    for (const review of counts) {
      if (review.kind !== kind) continue
      block[review.result] += review.count
      block.total += review.count
    }
    return block
  }
  return Object.fromEntries(reviewKinds.map(kind => [kind, blockOf(kind)])) as Record<ReviewKind, ReviewCells>
}

export interface Given {
  year: number
  format: ReportFormat
  /** As it was given by `report figures`; null: not given. */
  table2: unknown
  /** In yuan; null: not said. */
  fees: string | null
  medianDays: number | undefined
  /** What an official wrote in the place of a draft. */
  written: Partial<Texts>
}

/** What is known of the year before; undefined fields: nothing. */
export interface Before {
  carriedForward: Cells | undefined
  received: number | undefined
  table2: unknown
}

/** Builds the report of a year. */
export function buildReport(counts: Counts, given: Given, before: Before): Report {
  const { year, format, fees, written } = given
  const tables = { table3: { rows: rowsOf(counts, format) }, table4: { values: reviewsOf(counts.reviews) } }
  const view = readTable2(given.table2, format)
  const facts = factsOf(tables, { ...given, table2: view, receivedBefore: before.received })
  const text = { ...draftTexts(facts), ...written }
  const earlier = readTable2(before.table2, format)
  const across = view && earlier && (format === '2019' ? checkItems : checkInForce)(view, earlier)
  const checks = [
    ...checkTables(tables, before.carriedForward),
    ...(across ? [across] : []),
    checkText(text, tables),
    ...(fees === null ? [] : [checkFees(text, fees)]),
  ]
  const unassessed = [
    ...(before.carriedForward ? [] : [{ id: 'C5', why: '没有上一年的登记' }]),
    ...(across ? [] : [{ id: format === '2019' ? 'C7' : 'C6', why: '要有上一年和本年的第二部分' }]),
    ...(fees === null
      ? [{ id: 'C9', why: '没有说明收了多少信息处理费（report figures 文件里的 "fees"）' }]
      : []),
    { id: 'C11', why: '定稿时核对' },
    { id: 'C12', why: '没有下级机关的报告' },
  ]
  return { year, format, table2: given.table2 ?? null, ...tables, checks, unassessed, text }
}

function factsOf(
  { table3, table4 }: Pick<Report, 'table3' | 'table4'>,
  rest: Pick<Facts, 'year' | 'table2' | 'fees' | 'medianDays' | 'receivedBefore'>,
): Facts {
  return {
    ...rest,
    total: key => table3.rows.find(row => row.key === key)?.values.total ?? 0,
    reviews: kind => table4.values[kind].total,
    group: name =>
      table3.rows.reduce(
        (sum, { key, values }) => (isOutcome(key) && outcomes[key].group === name ? sum + values.total : sum),
        0,
      ),
  }
}
