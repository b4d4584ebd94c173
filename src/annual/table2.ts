/** Table 2, which no request can yield: the figures as they are given, checked cell by cell, in the order of the form. Pure. */
import { z } from 'zod'
import { Refusal } from '#base/errors'
import type { ReportFormat } from './report.ts'

type Kind = 'count' | 'delta' | 'amount'
interface Block {
  id: string
  heading: string
  columns: readonly (readonly [name: string, kind: Kind])[]
  rows: readonly (readonly [key: string, label: string])[]
}

const article = (item: string) => `第二十条第（${item}）项`
const items: Block['columns'] = [
  ['上一年项目数量', 'count'],
  ['本年增/减', 'delta'],
]
const decided = [['处理决定数量', 'count']] as const
const decidedNow = [['本年处理决定数量', 'count']] as const
const measures = [
  ['penalties', '行政处罚'],
  ['coercion', '行政强制'],
] as const

/** 国办公开办函〔2019〕60号, and 〔2021〕30号, which keeps other facts. */
const blocks: Record<ReportFormat, readonly Block[]> = {
  '2019': [
    {
      id: 'art20_1',
      heading: article('一'),
      columns: [
        ['本年新制作数量', 'count'],
        ['本年新公开数量', 'count'],
        ['对外公开总数量', 'count'],
      ],
      rows: [
        ['rules', '规章'],
        ['normative_docs', '规范性文件'],
      ],
    },
    {
      id: 'art20_5',
      heading: article('五'),
      columns: [...items, ...decided],
      rows: [
        ['licences', '行政许可'],
        ['other_services', '其他对外管理服务事项'],
      ],
    },
    { id: 'art20_6', heading: article('六'), columns: [...items, ...decided], rows: measures },
    { id: 'art20_8', heading: article('八'), columns: items, rows: [['fees', '行政事业性收费']] },
    {
      id: 'art20_9',
      heading: article('九'),
      columns: [
        ['采购项目数量', 'count'],
        ['采购总金额（元）', 'amount'],
      ],
      rows: [['procurement', '政府集中采购']],
    },
  ],
  '2021': [
    {
      id: 'art20_1',
      heading: article('一'),
      columns: [
        ['本年制发件数', 'count'],
        ['本年废止件数', 'count'],
        ['现行有效件数', 'count'],
      ],
      rows: [
        ['rules', '规章'],
        ['normative_docs', '行政规范性文件'],
      ],
    },
    { id: 'art20_5', heading: article('五'), columns: decidedNow, rows: [['licences', '行政许可']] },
    { id: 'art20_6', heading: article('六'), columns: decidedNow, rows: measures },
    {
      id: 'art20_8',
      heading: article('八'),
      columns: [['本年收费金额（单位：万元）', 'amount']],
      rows: [['fees', '行政事业性收费']],
    },
  ],
}

const shape = z.array(
  z.object({
    id: z.string(),
    rows: z.array(
      z.object({ key: z.string(), values: z.array(z.union([z.number(), z.string(), z.null()])) }),
    ),
  }),
)

/** A block as it is printed: never blank, 0 where nothing was given. */
export interface Table2View {
  id: string
  heading: string
  columns: readonly string[]
  rows: readonly { key: string; label: string; cells: readonly string[] }[]
}

const forms: Record<Kind, readonly [pattern: RegExp, words: string]> = {
  count: [/^\d+$/, '不小于0的整数'],
  delta: [/^-?\d+$/, '整数，减少的写负数'],
  amount: [/^\d+(\.\d+)?$/, '不小于0的数，例如 6659425.34'],
}

/**
 * The figures in the layout of the form. Undefined where they have another layout; throws a Refusal that names the cell
 * where one of them cannot be.
 */
export function readTable2(given: unknown, format: ReportFormat): Table2View[] | undefined {
  const parsed = shape.safeParse(given)
  const known = blocks[format]
  if (!parsed.success || parsed.data.some(({ id }) => !known.some(block => block.id === id))) return undefined
  return known.map(({ id, heading, columns, rows }) => {
    const own = parsed.data.find(block => block.id === id)
    const cellOf = (key: string, label: string, i: number): string => {
      const [name = '', kind = 'count'] = columns[i] ?? []
      const text = String(own?.rows.find(row => row.key === key)?.values[i] ?? 0)
      const [pattern, words] = forms[kind]
      if (!pattern.test(text))
        throw new Refusal('figures', `${heading}“${label}”的“${name}”要写成${words}，不能是 ${text}。`)
      return text
    }
    return {
      id,
      heading,
      columns: columns.map(([name]) => name),
      rows: rows.map(([key, label]) => ({ key, label, cells: columns.map((_, i) => cellOf(key, label, i)) })),
    }
  })
}

/** One cell as a number; undefined where it is not there. */
export function cellOf(
  view: readonly Table2View[],
  id: string,
  [key, column]: [string, number],
): number | undefined {
  const text = view.find(block => block.id === id)?.rows.find(row => row.key === key)?.cells[column]
  return text === undefined ? undefined : Number(text)
}
