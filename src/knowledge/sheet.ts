/** A table as officials keep one, read into entries with everything named that is wrong in it, and entries as a table. */
import { z } from 'zod'
import { cleanText } from '#base/text'
import { comparable } from '#retrieval'
import {
  type Entry,
  formatEntry,
  numeral,
  parseEntry,
  parseNumeral,
  parseSources,
  writeSources,
} from './entry.ts'
import { faultsFrom } from './folder.ts'
import type { Source } from './laws.ts'

/** A sheet as text, row 1 first; merged cells hold their text each, an empty cell is ''. */
export interface Table {
  name: string
  rows: readonly (readonly string[])[]
}

export interface SheetProblem {
  sheet: string
  row: number
  /** As the sheet calls it; '' for the row as a whole. */
  column: string
  problem: string
}

export interface SheetEntry {
  sheet: string
  row: number
  entry: Entry
  change: 'new' | 'changed' | 'same'
}

export interface SheetReading {
  entries: SheetEntry[]
  problems: SheetProblem[]
  /** What was left aside and is no problem. */
  notes: string[]
}

/**
 * What a column may hold, and what people call it; the first name is ours. A longer heading that ends in a name is
 * called so too, but not with = before the name.
 */
const columns = {
  id: ['编号', 'id', '=代码'],
  title: ['标题', '标准问题', '标准问', '题目', '=事项'],
  /** The clean question, unless another column is called a title. */
  question: ['问题', '提问', '问题内容', '=问'],
  questions: ['问法', '相似问', '相似问题', '扩展问', '扩展问题', '同义问', '其他说法'],
  not: ['不答的问法', '不属于本条', '易混问题', '反例'],
  answer: ['答案', '答复', '回答', '解答', '回复', '答复内容', '解答内容', '口径', '=答'],
  law: ['依据', '法规', '法规名称', '文件名称', '=法律', '=文件', '=出处'],
  article: ['条款', '条文', '条号', '法条', '第几条', '=条'],
  topic: ['主题', '分类', '类别', '栏目', '领域', '=类型'],
  owner: ['处室', '科室', '负责部门', '责任部门', '业务部门', '责任单位', '承办单位', '=部门'],
  reviewed: ['审核日期', '复核日期', '核对日期', '更新日期', '修订日期'],
  effective: ['生效日期', '施行日期', '起用日期', '启用日期'],
  expires: ['失效日期', '到期日期', '截止日期', '有效期至', '有效期', '有效期限', '废止日期'],
  supersedes: ['代替条目', '=代替', '=替代'],
  region: ['地区', '行政区划', '区划代码'],
  extends: ['补充条目', '=补充'],
  related: ['相关条目', '=相关'],
  facets: ['适用情形', '适用人群', '=情形'],
} as const
type Column = keyof typeof columns

const names = Object.entries(columns)
  .flatMap(([column, all]) => all.map(name => [name, column as Column] as const))
  .sort(([a], [b]) => b.length - a.length)

/** The column of a heading: 最近更新时间（必填） is 更新日期. */
function findColumn(heading: string): Column | undefined {
  const clean = heading
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)|\[.*?\]|【.*?】|[\s*:]|\d+$/g, '')
    .replace('时间', '日期')
  return names.find(([name]) => (name.startsWith('=') ? clean === name.slice(1) : clean.endsWith(name)))?.[1]
}

interface Heading {
  /** The row on which the headings stand, counted from 1. */
  row: number
  /** By position; undefined for a column of which nothing is read. */
  fields: (Column | undefined)[]
  /** As the sheet writes them. */
  cells: readonly string[]
}

const headingRows = 30

/** The last row of headings: there may be a title above them, and headings over headings. */
function findHeading({ rows }: Table): Heading | undefined {
  let found: Heading | undefined
  for (const [index, cells] of rows.slice(0, headingRows).entries()) {
    const fields = cells.map(findColumn)
    const asks = fields.some(f => f === 'title' || f === 'question' || f === 'questions')
    if (asks && fields.includes('answer')) found = { row: index + 1, fields, cells }
    else if (found) break
  }
  if (!found) return undefined
  const asked = found.fields.includes('title') ? 'questions' : 'title'
  return { ...found, fields: found.fields.map(f => (f === 'question' ? asked : f)) }
}

type Values = Partial<Record<Column, string>>

/** Rows that make one entry together. */
interface Group {
  sheet: string
  row: number
  values: Values
  heading: Heading
}

function valuesOf(cells: readonly string[], { fields }: Heading): Values {
  const values: Values = {}
  for (const [position, field] of fields.entries()) {
    const text = cleanText(cells[position] ?? '')
    if (field === undefined || text === '' || values[field]?.split('\n').includes(text)) continue
    values[field] = values[field] === undefined ? text : `${values[field]}\n${text}`
  }
  return values
}

/** A caption across the table, or the headings once more on the next page. */
function isCaption(cells: readonly string[], heading: Heading): boolean {
  const filled = new Set(cells.map(cell => cell.trim()).filter(Boolean))
  const across = filled.size === 1 && cells.filter(cell => cell.trim()).length > 2
  return across || heading.cells.every((cell, i) => cell === (cells[i] ?? ''))
}

function groupRows(table: Table, heading: Heading, reading: SheetReading): Group[] {
  const groups: Group[] = []
  for (const [index, cells] of table.rows.entries()) {
    if (index < heading.row || isCaption(cells, heading)) continue
    const values = valuesOf(cells, heading)
    const { id, title, answer, questions } = values
    if (!(title || answer || questions)) continue
    const row = index + 1
    const last = groups.at(-1)
    const goesOn = title ? title === last?.values.title : !answer && id === undefined
    const same = goesOn && (!answer || answer === last?.values.answer) && (!id || id === last?.values.id)
    if (last && same) addValues(last.values, values)
    else if (title || answer) groups.push({ sheet: table.name, row, values, heading })
    else {
      const problem = '只有问法，上面没有它所属的条目：请补上标题和答案'
      reading.problems.push({ sheet: table.name, row, column: '', problem })
    }
  }
  return groups
}

/** A further row of the same entry adds to what may be many. */
function addValues(values: Values, more: Values): void {
  for (const column of ['questions', 'not', 'law', 'article', 'related'] as const) {
    const [before, after] = [values[column], more[column]]
    if (after && !before?.split('\n').includes(after)) values[column] = before ? `${before}\n${after}` : after
  }
}

/** Several in a cell: one a line, or with ； between them; numbers and dots before them are left out. */
function listOf(text = ''): string[] {
  const clean = text
    .split(/[\n；;]/u)
    .map(part => part.replace(/^\s*(?:[（(]?\d{1,2}(?:[)）、．]|\.(?!\d))|[-•·●①-⑳])\s*/u, '').trim())
  return [...new Set(clean)].filter(part => part !== '')
}

const dateShape = z.iso.date()

/** The day as YYYY-MM-DD; null where there is none (长期), undefined where it is no day. */
function parseDay(text = ''): string | null | undefined {
  const clean = text.normalize('NFKC').replace(/\s/g, '')
  if (/^(?:|长期.*|永久.*|无|[-—/]+)$/u.test(clean)) return null
  // Of a span the last day.
  const last = clean.split(/[至到~]|—+/).at(-1) ?? ''
  const [, year, month = '', day = ''] =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/u.exec(last) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(last) ?? []
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return dateShape.safeParse(written).success ? written : undefined
}

/** The sources of the two columns: citations, or laws in one and their articles in the other, line by line. */
function sourcesOf({ law = '', article = '' }: Values, complain: (problem: string) => void): Source[] {
  if (law === '' || article === '' || article.includes('《'))
    return parseSources(`${law}\n${article}`, complain)
  const found = parseSources(law, complain)
  const lines = found.length === 1 ? [article] : listOf(article)
  if (found.some(source => source.article !== null) || lines.length !== found.length) {
    complain(`有${found.length}部法规、${lines.length}处条款，对不上：请写成《社会保险法》第45条这样`)
    return []
  }
  return found.flatMap((source, i) => {
    const articles = lines[i]?.match(new RegExp(numeral, 'gu')) ?? []
    return articles.map(one => ({ ...source, article: parseNumeral(one) }))
  })
}

export interface SheetOptions {
  /** The entries that are there already, by id. */
  known: ReadonlyMap<string, Entry>
  /** YYYY-MM-DD. */
  today: string
}

/** Reads the sheets of a workbook. What is wrong is named by sheet, row and column; all else is made into entries. */
export function readSheets(tables: readonly Table[], options: SheetOptions): SheetReading {
  const reading: SheetReading = { entries: [], problems: [], notes: [] }
  const reader = createReader(reading, options)
  const headed = tables.map(table => ({ table, heading: findHeading(table) }))
  for (const { table, heading } of headed) {
    if (heading) readSheet(table, heading)
    else if (table.rows.some(cells => cells.some(cell => cell.trim() !== ''))) skip(table)
  }
  return reading

  function readSheet(table: Table, heading: Heading): void {
    for (const group of groupRows(table, heading, reading)) reader.read(group)
    const unread = heading.cells.filter((cell, i) => cell.trim() && !heading.fields[i])
    if (unread.length > 0)
      reading.notes.push(`工作表“${table.name}”里没有用到的列：${[...new Set(unread)].join('、')}`)
  }

  /** A sheet of explanations beside the one with the entries is no problem. */
  function skip({ name }: Table): void {
    const problem = '没有找到表头：要有一行写着“标题”（或“问题”）和“答案”'
    if (headed.some(({ heading }) => heading)) reading.notes.push(`没有用到的工作表“${name}”：${problem}`)
    else reading.problems.push({ sheet: name, row: 1, column: '', problem })
  }
}

/** Makes entries of groups of rows, one after the other; an id or a title is taken once. */
function createReader(reading: SheetReading, { known, today }: SheetOptions) {
  const titled = [...known.values()].filter(entry => entry.title !== '')
  const idOfTitle = new Map(titled.map(entry => [comparable(entry.title), entry.id]))
  const rowOf = new Map<string, number>()
  const rowOfTitle = new Map<string, number>()

  /** The id in the sheet, or that of the entry with this title, or the title itself. */
  function idOf(values: Values, title: string): string {
    // A number is the running number of the row: another sheet has the same.
    if (values.id && (known.has(values.id) || !/^\d+$/.test(values.id))) return values.id
    const same = idOfTitle.get(comparable(title))
    if (same) return same
    const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')
    const short = [...name].slice(0, 30).join('').replace(/-$/, '')
    let id = short
    for (let n = 2; known.has(id) || rowOf.has(id); n++) id = `${short}-${n}`
    return id
  }

  /** What stands against a row whose id or title another one has; the first row is the one that counts. */
  function claim({ id, title, extends: base }: Entry, row: number): string | undefined {
    const key = comparable(title)
    const [byId, byTitle] = [rowOf.get(id), key === '' ? undefined : rowOfTitle.get(key)]
    if (byId !== undefined) return `编号 ${id} 与第${byId}行相同：请合并成一条，或换一个编号`
    if (byTitle !== undefined) return `标题与第${byTitle}行相同：请合并成一条，或改写标题`
    rowOf.set(id, row)
    rowOfTitle.set(key, row)
    const other = idOfTitle.get(key)
    const taken = base === null && other !== undefined && other !== id
    return taken ? `标题与已有条目 ${other} 相同：请用它的编号，或改写标题` : undefined
  }

  return {
    read(group: Group): void {
      const { sheet, row, values, heading } = group
      const problems: SheetProblem[] = []
      const complain = (column: Column, problem: string) => {
        const words = problem.includes('请') ? problem : `${problem}，请改正`
        problems.push({ sheet, row, column: headingOf(heading, column), problem: words })
      }
      const [title = '', ...more] = listOf(values.title)
      const id = idOf(values, title)
      const base = known.get(id)
      const draft = fill({ group, title, more, base, complain }, id)
      const same = claim(draft, row)
      if (same) complain(values.id ? 'id' : 'title', same)
      // What could not be read at all is not named once more as absent.
      const named = new Set(problems.map(problem => problem.column))
      const entry = checkEntry(draft, today, (column, problem) => {
        if (!named.has(headingOf(heading, column))) complain(column, problem)
      })
      reading.problems.push(...problems)
      if (!entry || problems.length > 0) return
      const { version: _, ...before } = base ?? {}
      const change = base ? (JSON.stringify(before) === JSON.stringify(entry) ? 'same' : 'changed') : 'new'
      reading.entries.push({ sheet, row, entry, change })
    },
  }
}

const headingOf = ({ cells, fields }: Heading, column: Column) =>
  cells[fields.indexOf(column)] ?? columns[column][0]

interface Filling {
  group: Group
  title: string
  /** Questions that stood with the title. */
  more: readonly string[]
  base: Entry | undefined
  complain: (column: Column, problem: string) => void
}

/** The row as an entry; a column that the sheet does not have is as it was before. */
function fill({ group, title, more, base, complain }: Filling, id: string): Entry {
  const { values, heading } = group
  const has = (column: Column) => heading.fields.includes(column)
  const one = (column: Column, before: string | null | undefined) =>
    has(column) ? (values[column] ?? null) : (before ?? null)
  const list = (column: Column, before: readonly string[] = []) =>
    has(column) ? listOf(values[column]) : [...before]
  const day = (column: 'reviewed' | 'effective' | 'expires') => {
    const found = has(column) ? parseDay(values[column]) : (base?.[column] ?? null)
    if (found === undefined)
      complain(column, `“${values[column]}”不是日期：请写成 2026-12-31，长期有效的留空`)
    return found ?? null
  }
  const named = has('law') || has('article')
  const known = base?.sources ?? []
  const read = named ? sourcesOf(values, problem => complain('law', problem)) : known
  // What a sheet cannot say of a source, its entry may know.
  const sources = read.map(source => {
    const before = known.find(({ law, article }) => law === source.law && article === source.article)
    return { ...source, title: source.title ?? before?.title ?? null, url: source.url ?? before?.url ?? null }
  })
  if (values.region && !/^\d{6}$/.test(values.region))
    complain('region', `“${values.region}”不是行政区划代码：请写六位数字，例如 370000`)
  const questions = list('questions', base?.questions)
  const other = [...new Set([...more, ...questions])].filter(question => question !== title)
  return {
    id,
    title: title || (base?.title ?? ''),
    questions: has('questions') || more.length > 0 ? other : questions,
    not: list('not', base?.not),
    topic: one('topic', base?.topic),
    sources,
    owner: one('owner', base?.owner),
    reviewed: day('reviewed'),
    effective: day('effective'),
    expires: day('expires'),
    supersedes: list('supersedes', base?.supersedes),
    region: one('region', base?.region),
    extends: one('extends', base?.extends),
    related: list('related', base?.related),
    facets: list('facets', base?.facets),
    answer: values.answer ?? base?.answer ?? '',
  }
}

const columnOf: Partial<Record<string, Column>> = { sources: 'law', law: 'law', expires: 'expires' }

/** Checks a row as a file of the folder is checked. */
function checkEntry(draft: Entry, today: string, complain: Filling['complain']): Entry | undefined {
  if (draft.answer === '') return void complain('answer', '没有答案：请补上')
  if (draft.title === '' && draft.extends === null) return void complain('title', '没有标题：请补上')
  const named = (name: string): Column => columnOf[name] ?? (name in columns ? (name as Column) : 'title')
  const entry = parseEntry(formatEntry(draft), (_, problem) => {
    const [, name = '', words = problem] = /^([a-z]+)[.\d]*：(.*)$/su.exec(problem) ?? []
    complain(named(name), words)
  })
  if (!entry) return undefined
  for (const { at, problem } of faultsFrom(entry, today)) complain(named(at[0]), problem)
  return entry
}

const lists = (values: readonly string[]) => values.join('\n')

/** The entries as a sheet that `readSheets` reads again. */
export function writeSheet(entries: readonly Entry[]): Table {
  const written: [Column, (entry: Entry) => string | null][] = [
    ['id', e => e.id],
    ['title', e => e.title],
    ['questions', e => lists(e.questions)],
    ['not', e => lists(e.not)],
    ['answer', e => e.answer],
    ['law', e => writeSources(e.sources)],
    ['topic', e => e.topic],
    ['owner', e => e.owner],
    ['reviewed', e => e.reviewed],
    ['effective', e => e.effective],
    ['expires', e => e.expires],
    ['supersedes', e => lists(e.supersedes)],
    ['region', e => e.region],
    ['extends', e => e.extends],
    ['related', e => lists(e.related)],
    ['facets', e => lists(e.facets)],
  ]
  const rows = entries.map(entry => written.map(([, cell]) => cell(entry) ?? ''))
  return { name: '知识库', rows: [written.map(([column]) => columns[column][0]), ...rows] }
}
