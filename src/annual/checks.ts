/** The identities of the form and of its text, each with a sentence that says where it does not hold. Pure. */
import { applicants, reviewResults } from '#statute'
import type { Cells, Check, Column, Report } from './report.ts'
import { cellOf, type Table2View } from './table2.ts'
import { groupNames, isOutcome, type Texts, toFill } from './text.ts'

const columns: readonly Column[] = [...applicants, 'total']
const columnNames: Record<Column, string> = {
  natural_person: '自然人',
  org_commercial: '商业企业',
  org_research: '科研机构',
  org_public_welfare: '社会公益组织',
  org_legal_service: '法律服务机构',
  org_other: '其他',
  total: '总计',
}

const check = (id: string, what: string, wrong: readonly string[]): Check => ({
  id,
  holds: wrong.length === 0,
  detail: wrong.length === 0 ? what : `${what}；不符：${wrong.join('，')}`,
})

type Tables = Pick<Report, 'table3' | 'table4'>

const totalsOf = ({ table3, table4 }: Tables) => {
  const rows = new Map(table3.rows.map(row => [row.key, row.values]))
  return {
    cell: (key: string, column: Column) => rows.get(key)?.[column] ?? 0,
    outcomes: table3.rows.filter(({ key }) => isOutcome(key)),
    blocks: Object.entries(table4.values),
  }
}

/** C1–C4 and C10 of the form; C5 beside the year before. */
export function checkTables(tables: Tables, lastYear: Cells | undefined): Check[] {
  const { cell, outcomes, blocks } = totalsOf(tables)
  const uneven = (left: (c: Column) => number, right: (c: Column) => number) =>
    columns.filter(c => left(c) !== right(c)).map(c => `${columnNames[c]}列 ${left(c)} 不等于 ${right(c)}`)
  const c1 = uneven(
    c => cell('new_received', c) + cell('carried_over', c),
    c => cell('total_processed', c) + cell('carried_forward', c),
  )
  const c2 = uneven(
    c => outcomes.reduce((sum, { values }) => sum + values[c], 0),
    c => cell('total_processed', c),
  )
  const sumOf = (values: Cells) => applicants.reduce((sum, a) => sum + values[a], 0)
  const c3 = tables.table3.rows
    .filter(({ values }) => sumOf(values) !== values.total)
    .map(({ label, values }) => `“${label}”${sumOf(values)} 不等于 ${values.total}`)
  const c4 = blocks
    .filter(([, block]) => reviewResults.reduce((sum, r) => sum + block[r], 0) !== block.total)
    .map(([kind]) => kind)
  const cells = [
    ...tables.table3.rows.flatMap(row => Object.values(row.values)),
    ...blocks.flatMap(([, block]) => Object.values(block)),
  ]
  const c10 = cells.filter(n => !Number.isInteger(n) || n < 0).map(String)
  const c5 = lastYear
    ? uneven(
        c => cell('carried_over', c),
        c => lastYear[c],
      )
    : []
  return [
    check('C1', '每列：第一项加第二项之和，等于第三项加第四项之和', c1),
    check('C2', '每列：各种处理结果之和等于总计', c2),
    check('C3', '每行：自然人与各类组织之和等于总计', c3),
    check('C4', '复议、诉讼：各种结果之和等于总计', c4),
    ...(lastYear ? [check('C5', '上年结转等于上一年的结转下年度', c5)] : []),
    check('C10', '每格都是不小于0的整数', c10),
  ]
}

/** C6: what was in force, with what was made and without what was repealed, is in force. */
export function checkInForce(now: readonly Table2View[], before: readonly Table2View[]): Check {
  const wrong = ['rules', 'normative_docs'].flatMap(key => {
    const at = (view: readonly Table2View[], column: number) => cellOf(view, 'art20_1', [key, column]) ?? 0
    const due = at(before, 2) + at(now, 0) - at(now, 1)
    return at(now, 2) === due ? [] : [`${key} 现行有效 ${at(now, 2)}，应当是 ${due}`]
  })
  return check('C6', '现行有效件数等于上一年的加本年制发的减本年废止的', wrong)
}

/** C7: the year before's items with its change are this year's 上一年项目数量. */
export function checkItems(now: readonly Table2View[], before: readonly Table2View[]): Check {
  const counted = now.filter(({ columns: [first] }) => first === '上一年项目数量')
  const wrong = counted.flatMap(({ id, rows }) =>
    rows.flatMap(({ key, label, cells }) => {
      const due = (cellOf(before, id, [key, 0]) ?? 0) + (cellOf(before, id, [key, 1]) ?? 0)
      return Number(cells[0]) === due ? [] : [`“${label}”${cells[0]}，应当是 ${due}`]
    }),
  )
  return check('C7', '上一年项目数量等于上一年报告里的项目数量加增减', wrong)
}

/** What the text may say of the tables, and the cell that it must then equal. */
function saidOf(report: Tables): readonly (readonly [words: RegExp, value: number, cell: string])[] {
  const { cell, outcomes } = totalsOf(report)
  const total = (key: string) => cell(key, 'total')
  const sum = (rows: typeof outcomes) => rows.reduce((all, { values }) => all + values.total, 0)
  const prefixes: Record<string, RegExp> = {
    granted: /^granted$/,
    partial: /^partial$/,
    denied: /^denied_/,
    unable: /^unable_/,
    'not-processed': /^not_processed_/,
    other: /^other/,
  }
  const groups = groupNames.map(([name, label]) => {
    const own = outcomes.filter(({ key }) => prefixes[name]?.test(key))
    return [new RegExp(`${label}(\\d+)件`, 'g'), sum(own), label] as const
  })
  const { reconsideration, litigation_direct, litigation_after_reconsideration } = report.table4.values
  return [
    [/新收(?:到)?(?:政府信息公开)?申请(\d+)件/g, total('new_received'), '本年新收'],
    [/上年结转(?:政府信息公开申请)?(\d+)件/g, total('carried_over'), '上年结转'],
    [/(?:，|。|共)办理(?:政府信息公开申请)?(\d+)件/g, total('total_processed'), '本年办理'],
    [/结转下年度(?:继续办理)?(\d+)件/g, total('carried_forward'), '结转下年度'],
    ...groups,
    [/(?<!未经)行政复议(\d+)件/g, reconsideration.total, '行政复议'],
    [/未经复议直接(?:提起)?(?:行政)?(?:诉讼|起诉)(\d+)件/g, litigation_direct.total, '未经复议直接起诉'],
    [/复议后(?:提起)?(?:行政)?(?:诉讼|起诉)(\d+)件/g, litigation_after_reconsideration.total, '复议后起诉'],
  ]
}

/** C8: every figure that the text names of the tables is the cell's. */
export function checkText(texts: Texts, report: Tables): Check {
  const text = Object.values(texts).join('\n')
  const wrong = saidOf(report).flatMap(([words, value, cell]) =>
    [...text.matchAll(words)]
      .filter(found => Number(found[1]) !== value)
      .map(found => `“${found[0].replace(/^[，。]/, '')}”，表里的${cell}是 ${value}`),
  )
  return check('C8', '文字里的数字与表格一致', wrong)
}

const saysNothing = (text: string) => /^(无|没有|暂无)?[。]?$/u.test(text.trim())

/** C9: where a fee was collected, section six tells it. */
export function checkFees({ others }: Texts, fees: string): Check {
  const wrong = Number(fees) > 0 && (saysNothing(others) || !others.includes(fees))
  return check('C9', '收取了信息处理费的，第六部分写明金额', wrong ? [`收了${fees}元，第六部分没有写`] : [])
}

/** C11, when it is frozen: section five says something, the year is the report's, and nothing is left to fill in. */
export function checkComplete(texts: Texts, year: number): Check {
  const wrong = [
    ...(saysNothing(texts.problems) ? ['第五部分是空的'] : []),
    ...(texts.overview.includes(`${year}年`) ? [] : [`总体情况没有写${year}年`]),
    ...Object.entries(texts).flatMap(([name, text]) =>
      text.includes(toFill) ? [`${name} 里还有“${toFill}”`] : [],
    ),
  ]
  return check('C11', '各部分写全了，年份是报告的年份', wrong)
}
