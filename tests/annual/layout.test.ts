/** The annual report as a document: every cell of the form where the form has it. */
import { describe, expect, it } from 'vitest'
import { paperOf } from '../../src/annual/layout.ts'
import { buildReport, type ReportFormat } from '../../src/annual/report.ts'
import { formatPage, type Table } from '../../src/paper/index.ts'

const counts = {
  received: [{ applicant: 'natural_person' as const, count: 158 }],
  carriedIn: [{ applicant: 'org_research' as const, count: 1 }],
  carriedOut: [],
  closed: [
    { applicant: 'natural_person' as const, disposition: 'granted', count: 150 },
    { applicant: 'natural_person' as const, disposition: 'other_no_supplement', count: 8 },
    { applicant: 'org_research' as const, disposition: 'denied_process', count: 1 },
  ],
  reviews: [{ kind: 'litigation_direct' as const, result: 'pending' as const, count: 2 }],
}
const table2 = [{ id: 'art20_1', rows: [{ key: 'normative_docs', values: [13, 13, 124] }] }]
const reportOf = (format: ReportFormat) =>
  buildReport(
    counts,
    { year: 2019, format, table2, fees: '0', medianDays: 12, written: {} },
    { carriedForward: undefined, received: 120, table2: null },
  )
const tablesOf = async (format: ReportFormat) => {
  const { leaves } = await paperOf({ agency: '某厅', report: reportOf(format) })
  return leaves.filter((leaf): leaf is Table => leaf.kind === 'table')
}

/** The grid that the spans make: what stands where. Throws where two cells claim one place. */
function gridOf({ head, body }: Table): string[][] {
  const grid: string[][] = []
  for (const [r, row] of [...head, ...body].entries())
    for (const { text, rows = 1, columns = 1 } of row) {
      grid[r] ??= []
      let c = 0
      while (grid[r]?.[c] !== undefined) c++
      for (let y = r; y < r + rows; y++)
        for (let x = c; x < c + columns; x++) {
          const line = grid[y] ?? []
          grid[y] = line
          if (line[x] !== undefined) throw new Error(`two cells at ${y}, ${x}`)
          line[x] = text
        }
    }
  return grid
}

describe.each(['2019', '2021'] as const)('the report in the format of %s', format => {
  it('has tables whose spans fill them without a hole', async () => {
    for (const table of await tablesOf(format)) {
      const grid = gridOf(table)
      const [first = []] = grid
      for (const row of grid)
        expect([row.length, row.includes(undefined as never)]).toEqual([first.length, false])
    }
  })

  it('has every figure of table 3 in the row and column of its heading', async () => {
    const tables = await tablesOf(format)
    const grid = gridOf(tables.find(({ caption }) => caption.startsWith('收到和处理')) as Table)
    const column = (name: string) => grid[2]?.lastIndexOf(name) ?? -1
    const cell = (label: string, name: string) => grid.find(row => row[2]?.includes(label))?.[column(name)]
    expect(cell('新', '自然人')).toBe('158')
    expect(cell('上年结转', '科研机构')).toBe('1')
    expect(cell('予以公开', '总计')).toBe('150')
    expect(cell('属于四类过程性信息', '科研机构')).toBe('1')
    expect(cell('（七）总计', '总计')).toBe('159')
    expect(cell(format === '2019' ? '其他处理' : '逾期不补正', '自然人')).toBe('8')
    expect(grid.find(row => row[2]?.includes('属于国家秘密'))?.slice(0, 2)).toEqual([
      '三、本年度办理结果',
      '（三）不予公开',
    ])
  })

  it('has the fifteen cells of table 4 under their headings', async () => {
    const grid = gridOf((await tablesOf(format)).at(-1) as Table)
    expect(grid[3]).toHaveLength(15)
    expect(grid.map(row => row[8])).toEqual([
      '行政诉讼',
      format === '2019' ? '未经复议直接诉讼' : '未经复议直接起诉',
      '尚未审结',
      '2',
    ])
  })

  it('prints 0 where nothing was given for table 2, and never a blank', async () => {
    const [first] = await tablesOf(format)
    expect(gridOf(first as Table).slice(1)).toEqual([
      ['规章', '0', '0', '0'],
      [format === '2019' ? '规范性文件' : '行政规范性文件', '13', '13', '124'],
    ])
  })
})

describe('the report as a page', () => {
  it('tells charts in words, and beside the year before where it is known', async () => {
    const report = reportOf('2021')
    const page = formatPage(await paperOf({ agency: '某厅', report, before: { ...report, year: 2018 } }))
    expect(page).toContain('予以公开150件，部分公开0件，不予公开1件')
    expect(page).toContain('与2018年比较：本年新收由158件到158件')
    expect(page).toContain('草稿，还没有定稿')
  })
})
