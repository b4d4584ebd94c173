/** Workbooks of Excel and WPS as tables of text, and back. The library is loaded only where one is read or written. */
import type { WorkSheet } from '@e965/xlsx'
import { Refusal } from '#base/errors'
import type { Table } from '#knowledge'

const load = () => import('@e965/xlsx')
type Library = Awaited<ReturnType<typeof load>>

/** The sheets that are not hidden. Throws a Refusal when this is no workbook. */
export async function readWorkbook(bytes: Uint8Array): Promise<Table[]> {
  const library = await load()
  try {
    // Formats are kept, since only they tell a date from a number.
    const book = library.read(bytes, { cellNF: true, cellHTML: false })
    const hidden = book.Workbook?.Sheets?.map(sheet => Boolean(sheet.Hidden)) ?? []
    return book.SheetNames.filter((_, i) => !hidden[i]).map(name => {
      const date1904 = book.Workbook?.WBProps?.date1904 === true
      return { name, rows: readRows(book.Sheets[name] ?? {}, { library, date1904 }) }
    })
  } catch (error) {
    const locked = /password|encrypt/i.test(String(error))
    throw new Refusal(
      'workbook',
      locked
        ? '这个表格加了密码，请取消密码另存一份再导入。'
        : `读不出这个表格（${String(error)}）。请用 Excel 或 WPS 另存为 .xlsx 再导入。`,
    )
  }
}

interface Reading {
  library: Library
  date1904: boolean
}

/** Goes over the cells that there are: a sheet may claim a million rows for a stray border. */
function readRows(sheet: WorkSheet, reading: Reading): string[][] {
  const rows: string[][] = []
  const { decode_cell } = reading.library.utils
  for (const key of Object.keys(sheet)) {
    if (key.startsWith('!')) continue
    const text = textOf(sheet[key], reading)
    if (text === '') continue
    const { r, c } = decode_cell(key)
    while (rows.length <= r) rows.push([])
    const row = rows[r] ?? []
    while (row.length <= c) row.push('')
    row[c] = text
  }
  for (const { s, e } of sheet['!merges'] ?? []) {
    const text = rows[s.r]?.[s.c] ?? ''
    if (text !== '') spread(rows, text, { from: s, to: { r: Math.min(e.r, rows.length - 1), c: e.c } })
  }
  return rows
}

interface Area {
  from: { r: number; c: number }
  to: { r: number; c: number }
}

const widest = 100

/** Each of the merged cells says what the first of them says. */
function spread(rows: string[][], text: string, { from, to }: Area): void {
  const last = Math.min(to.c, from.c + widest)
  for (const row of rows.slice(from.r, to.r + 1)) {
    while (row.length <= last) row.push('')
    row.fill(text, from.c, last + 1)
  }
}

interface Cell {
  t: string
  v?: unknown
  z?: unknown
}

/** What a cell says; a date as YYYY-MM-DD, whatever its format; a formula's last result; nothing for an error. */
function textOf({ t, v, z }: Cell, { library, date1904 }: Reading): string {
  if (v === undefined || v === null || t === 'e') return ''
  if (t !== 'n' || typeof z !== 'string' || !library.SSF.is_date(z)) return String(v)
  const { y, m, d } = library.SSF.parse_date_code(Number(v), { date1904 })
  return [String(y), String(m).padStart(2, '0'), String(d).padStart(2, '0')].join('-')
}

const longestCell = 32_767
const columnWidth = 28

/** Throws a Refusal when a text is too long for a cell. */
export async function writeWorkbook({ name, rows }: Table): Promise<Uint8Array> {
  const long = rows.find(row => row.some(cell => cell.length > longestCell))
  if (long) throw new Refusal('workbook', `“${long[0]}”的内容太长，表格放不下，请改用文件夹导出。`)
  const { utils, write } = await load()
  const sheet = utils.aoa_to_sheet(rows.map(row => row.map(cell => cell || null)))
  sheet['!cols'] = (rows[0] ?? []).map(() => ({ wch: columnWidth }))
  const book = utils.book_new()
  utils.book_append_sheet(book, sheet, name)
  return write(book, { type: 'buffer', bookType: 'xlsx', compression: true })
}
