/** Tables 3 and 4 of the annual report, computed from the register, with every identity checked. Pure. */
import { type Disposition, dispositions, outcomes } from '#statute'
import {
  type Applicant,
  applicants,
  type ReviewKind,
  type ReviewResult,
  reviewKinds,
  reviewResults,
} from './request.ts'

/** 国办公开办函〔2019〕60号 (trial), and 〔2021〕30号 for the reports on 2021 and later. */
export const reportFormats = ['2019', '2021'] as const
export type ReportFormat = (typeof reportFormats)[number]

export type Column = Applicant | 'total'
export type Cells = Record<Column, number>

/** What the register counts; of a year or at its ends. */
export interface Counts {
  received: readonly { applicant: Applicant; count: number }[]
  carriedIn: readonly { applicant: Applicant; count: number }[]
  carriedOut: readonly { applicant: Applicant; count: number }[]
  closed: readonly { applicant: Applicant; disposition: string; count: number }[]
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

type ReviewCells = Record<ReviewResult | 'total', number>

export interface Report {
  year: number
  format: ReportFormat
  /** As it was given by `report figures`; null: not given. */
  table2: unknown
  table3: { rows: ReportRow[] }
  table4: { values: Record<ReviewKind, ReviewCells> }
  checks: Check[]
  unassessed: { id: string; why: string }[]
  /** Drafts of the sections that speak of the tables, with the same figures. */
  text: Record<'overview' | 'requests' | 'reviews', string>
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

function cellsOf(counts: readonly { applicant: Applicant; count: number }[]): Cells {
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

const columns: readonly Column[] = [...applicants, 'total']

/** The identities of the form (report-format: C1–C4, C10), and of two years (C5). */
function checksOf(
  { table3, table4 }: Pick<Report, 'table3' | 'table4'>,
  lastYear: Cells | undefined,
): Check[] {
  const rows = new Map(table3.rows.map(row => [row.key, row.values]))
  const cell = (key: string, column: Column) => rows.get(key)?.[column] ?? 0
  const kinds = table3.rows.filter(({ key }) => Object.hasOwn(outcomes, key))
  const check = (id: string, what: string, wrong: readonly string[]): Check => {
    return {
      id,
      holds: wrong.length === 0,
      detail: wrong.length === 0 ? what : `${what}；不符：${wrong.join('，')}`,
    }
  }
  const c1 = columns.filter(
    c =>
      cell('new_received', c) + cell('carried_over', c) !==
      cell('total_processed', c) + cell('carried_forward', c),
  )
  const c2 = columns.filter(
    c => kinds.reduce((sum, { values }) => sum + values[c], 0) !== cell('total_processed', c),
  )
  const c3 = table3.rows.filter(
    ({ values }) => applicants.reduce((sum, a) => sum + values[a], 0) !== values.total,
  )
  const blocks = Object.entries(table4.values)
  const c4 = blocks.filter(([, b]) => reviewResults.reduce((sum, r) => sum + b[r], 0) !== b.total)
  const cells = [
    ...table3.rows.flatMap(r => Object.values(r.values)),
    ...blocks.flatMap(([, b]) => Object.values(b)),
  ]
  const c10 = cells.filter(n => !Number.isInteger(n) || n < 0).map(String)
  const c5 = columns.filter(c => lastYear && lastYear[c] !== cell('carried_over', c))
  return [
    check('C1', '每列：第一项加第二项之和，等于第三项加第四项之和', c1),
    check('C2', '每列：各种处理结果之和等于总计', c2),
    check(
      'C3',
      '每行：自然人与各类组织之和等于总计',
      c3.map(row => row.label),
    ),
    check(
      'C4',
      '复议、诉讼：各种结果之和等于总计',
      c4.map(([kind]) => kind),
    ),
    ...(lastYear ? [check('C5', '上年结转等于上一年的结转下年度', c5)] : []),
    check('C10', '每格都是不小于0的整数', c10),
  ]
}

/** Builds the report of a year. `lastYear`: what the year before carried forward; undefined where nothing is known. */
export function buildReport(
  counts: Counts,
  {
    year,
    format,
    table2,
    lastYear,
  }: Pick<Report, 'year' | 'format' | 'table2'> & { lastYear: Cells | undefined },
): Report {
  const table3 = { rows: rowsOf(counts, format) }
  const table4 = { values: reviewsOf(counts.reviews) }
  const unassessed = [
    ...(lastYear ? [] : [{ id: 'C5', why: '没有上一年的登记' }]),
    { id: format === '2019' ? 'C7' : 'C6', why: '要有上一年和本年的第二部分' },
    { id: 'C9', why: '没有收费的登记' },
    { id: 'C11', why: '定稿时核对' },
    { id: 'C12', why: '没有下级机关的报告' },
  ]
  const text = draft(year, table3.rows, table4.values)
  const checks = [...checksOf({ table3, table4 }, lastYear), checkText(text, table3.rows)]
  return { year, format, table2: table2 ?? null, table3, table4, checks, unassessed, text }
}

const totalOf = (rows: readonly ReportRow[], key: string) =>
  rows.find(row => row.key === key)?.values.total ?? 0

function draft(
  year: number,
  rows: readonly ReportRow[],
  reviews: Record<ReviewKind, ReviewCells>,
): Report['text'] {
  const total = (key: string) => totalOf(rows, key)
  const groups = ['granted', 'partial', 'denied', 'unable', 'not-processed', 'other'] as const
  const names = ['予以公开', '部分公开', '不予公开', '无法提供', '不予处理', '其他处理']
  const sums = groups.map(group =>
    rows.reduce((sum, { key, values }) => {
      return Object.hasOwn(outcomes, key) && outcomes[key as Disposition].group === group
        ? sum + values.total
        : sum
    }, 0),
  )
  const told = sums.map((sum, i) => `${names[i]}${sum}件`).join('，')
  return {
    overview: `${year}年，新收到政府信息公开申请${total('new_received')}件，上年结转${total('carried_over')}件，办理${total('total_processed')}件，结转下年度${total('carried_forward')}件。`,
    requests: `办理的${total('total_processed')}件中，${told}。`,
    reviews: `因政府信息公开引起行政复议${reviews.reconsideration.total}件；未经复议直接提起行政诉讼${reviews.litigation_direct.total}件，复议后提起行政诉讼${reviews.litigation_after_reconsideration.total}件。`,
  }
}

/** C8: the figures that the text names are those of the tables. */
function checkText(text: Report['text'], rows: readonly ReportRow[]): Check {
  const named = text.overview.match(/\d+/g)?.slice(1).map(Number) ?? []
  const keys = ['new_received', 'carried_over', 'total_processed', 'carried_forward']
  const holds = keys.every((key, i) => totalOf(rows, key) === named[i])
  return { id: 'C8', holds, detail: '总体情况里的数字与第三部分的总计一致' }
}
