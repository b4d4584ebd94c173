/** The annual report as a document, in the layout of the national form (国办公开办函〔2019〕60号, 〔2021〕30号). Pure. */
import { type Cell, drawBars, drawGroups, type Leaf, type Paper, type Table } from '#paper'
import { applicants, outcomes } from '#statute'
import type { Cells, Report, ReportRow } from './report.ts'
import { readTable2, type Table2View } from './table2.ts'
import { groupNames, isOutcome, sections } from './text.ts'

const head = (text: string, span: Pick<Cell, 'rows' | 'columns'> = {}): Cell => ({
  text,
  heading: 'column',
  ...span,
})
const side = (text: string, span: Pick<Cell, 'rows' | 'columns'> = {}): Cell => ({
  text,
  heading: 'row',
  ...span,
})
const number = (value: number): Cell => ({ text: String(value) })

const organisations = ['商业企业', '科研机构', '社会公益组织', '法律服务机构', '其他']
const groups = {
  denied: '（三）不予公开',
  unable: '（四）无法提供',
  'not-processed': '（五）不予处理',
  other: '（六）其他处理',
} as const
type Group = keyof typeof groups

const cellsOf = (values: Cells): Cell[] => [...applicants, 'total' as const].map(key => number(values[key]))
const groupOf = (key: string): string | undefined => (isOutcome(key) ? outcomes[key].group : undefined)

/** Rows of one group stand under one heading, except where the group is one row. */
function outcomeRows(rows: readonly ReportRow[]): Cell[][] {
  return rows.map(({ key, label, values }, i) => {
    const group = groupOf(key) as Group | undefined
    const siblings = rows.filter(row => group !== undefined && groupOf(row.key) === group).length
    if (group === undefined || !(group in groups) || siblings === 1)
      return [side(label, { columns: 2 }), ...cellsOf(values)]
    const first = groupOf(rows[i - 1]?.key ?? '') !== group
    return [...(first ? [side(groups[group], { rows: siblings })] : []), side(label), ...cellsOf(values)]
  })
}

function table3Of({ table3 }: Report): Table {
  const { rows } = table3
  const outer = (key: string) => {
    const row = rows.find(one => one.key === key)
    return row ? [[side(row.label, { columns: 3 }), ...cellsOf(row.values)]] : []
  }
  const done = outcomeRows(rows.filter(({ key }) => isOutcome(key) || key === 'total_processed'))
  const [first = [], ...others] = done
  return {
    kind: 'table',
    caption: '收到和处理政府信息公开申请情况',
    widths: [1.2, 1.5, 3.6, 1.15, 1.15, 1.15, 1.15, 1.15, 1.15, 1.25],
    head: [
      [
        head('（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）', { rows: 3, columns: 3 }),
        head('申请人情况', { columns: 7 }),
      ],
      [head('自然人', { rows: 2 }), head('法人或其他组织', { columns: 5 }), head('总计', { rows: 2 })],
      organisations.map(text => head(text)),
    ],
    body: [
      ...outer('new_received'),
      ...outer('carried_over'),
      [side('三、本年度办理结果', { rows: done.length }), ...first],
      ...others,
      ...outer('carried_forward'),
    ],
  }
}

const results = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']

function table4Of({ table4, format }: Report): Table {
  const { reconsideration, litigation_direct, litigation_after_reconsideration } = table4.values
  const direct = format === '2019' ? '未经复议直接诉讼' : '未经复议直接起诉'
  const blocks = [reconsideration, litigation_direct, litigation_after_reconsideration]
  const keys = ['upheld', 'corrected', 'other', 'pending', 'total'] as const
  return {
    kind: 'table',
    caption: '政府信息公开行政复议、行政诉讼情况',
    head: [
      [head('行政复议', { rows: 2, columns: 5 }), head('行政诉讼', { columns: 10 })],
      [head(direct, { columns: 5 }), head('复议后起诉', { columns: 5 })],
      [...results, ...results, ...results].map(text => head(text)),
    ],
    body: [blocks.flatMap(block => keys.map(key => number(block[key])))],
  }
}

const tables2Of = (view: readonly Table2View[]): Table[] =>
  view.map(({ heading, columns, rows }) => ({
    kind: 'table',
    caption: heading,
    widths: [3, ...columns.map(() => 2)],
    head: [[head('信息内容'), ...columns.map(text => head(text))]],
    body: rows.map(({ label, cells }) => [side(label), ...cells.map(text => ({ text }))]),
  }))

const totalsOf = ({ table3 }: Report) => {
  const total = (key: string) => table3.rows.find(row => row.key === key)?.values.total ?? 0
  const sum = (group: string) =>
    table3.rows.reduce((all, { key, values }) => (groupOf(key) === group ? all + values.total : all), 0)
  return { total, sum }
}

const flowNames = [
  ['new_received', '本年新收'],
  ['carried_over', '上年结转'],
  ['total_processed', '本年办理'],
  ['carried_forward', '结转下年'],
] as const

async function chartsOf(report: Report, before: Report | undefined): Promise<Leaf[]> {
  const { total, sum } = totalsOf(report)
  const bars = groupNames.map(([group, name]) => [name, sum(group)] as const)
  const title = `${report.year}年政府信息公开申请办理结果`
  const outcome: Leaf = {
    kind: 'figure',
    svg: await drawBars({ title, bars, unit: '件' }),
    alternative: `${title}：${bars.map(([name, count]) => `${name}${count}件`).join('，')}。`,
    caption: '图1　办理结果',
  }
  if (!before) return [outcome]
  const earlier = totalsOf(before)
  const names = flowNames.map(([, name]) => name)
  const series = [
    { name: `${before.year}年`, values: flowNames.map(([key]) => earlier.total(key)) },
    { name: `${report.year}年`, values: flowNames.map(([key]) => total(key)) },
  ]
  const told = flowNames.map(([key, name]) => `${name}由${earlier.total(key)}件到${total(key)}件`)
  const compared: Leaf = {
    kind: 'figure',
    svg: await drawGroups({ title: '与上一年比较', series, names, unit: '件' }),
    alternative: `与${before.year}年比较：${told.join('，')}。`,
    caption: '图2　与上一年比较',
  }
  return [outcome, compared]
}

const sectionTitles = [
  '一、总体情况',
  '二、主动公开政府信息情况',
  '三、收到和处理政府信息公开申请情况',
  '四、政府信息公开行政复议、行政诉讼情况',
  '五、存在的主要问题及改进情况',
  '六、其他需要报告的事项',
] as const

/** What stands in a section: a text that an official wrote, or the draft; a line that begins with （一） is a heading. */
function textLeaves(text: string): Leaf[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
    .map(line =>
      /^（[一二三四五六七八九十]）.{2,20}$/u.test(line)
        ? ({ kind: 'heading', level: 2, text: line } as const)
        : ({ kind: 'paragraph', text: line } as const),
    )
}

export interface AnnualPaper {
  agency: string
  report: Report
  /** The report of the year before, where it is known. */
  before?: Report | undefined
  /** The day of its freezing; absent: a draft. */
  frozenOn?: string | undefined
}

/** The whole report in the order of the national form. */
export async function paperOf(one: AnnualPaper): Promise<Paper> {
  const { agency, report, before, frozenOn } = one
  const table2 = readTable2(report.table2, report.format) ?? []
  const between: Leaf[][] = [
    [],
    tables2Of(table2),
    [table3Of(report), ...(await chartsOf(report, before))],
    [table4Of(report)],
    [],
    [],
  ]
  const leaves = sectionTitles.flatMap((title, i): Leaf[] => [
    { kind: 'heading', level: 1, text: title },
    ...textLeaves(report.text[sections[i] ?? 'others']),
    ...(between[i] ?? []),
  ])
  const state = frozenOn === undefined ? '草稿，还没有定稿' : frozenOn
  return {
    title: `${agency}${report.year}年政府信息公开工作年度报告`,
    size: 'a4',
    leaves: [...leaves, { kind: 'signature', lines: [agency, state] }],
  }
}
