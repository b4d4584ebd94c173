/** A knowledge entry: what it holds, how it is read from its file, and how people write its sources. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type Citation, citationOf, laws, type Source, shortLawTitle } from './laws.ts'

// Every scalar is read as text, so that a question 12333 stays what was typed; an empty value counts as absent.
const present = (value: unknown) => (value === '' || value === null ? undefined : value)
const text = z.string('必须是一行文字').trim().min(1, '不能为空')
const optionalText = z.preprocess(present, text.nullable().default(null))
const texts = z.preprocess(present, z.array(text, '必须是列表').default([]))
const day = z.preprocess(present, z.iso.date('日期必须写成 YYYY-MM-DD').nullable().default(null))
const article = z
  .string()
  .regex(/^[1-9]\d*$/, '条号必须是数字')
  .transform(Number)
const source = z.object({
  law: text.transform(shortLawTitle),
  article: z.preprocess(present, article.nullable().default(null)),
  title: optionalText,
  url: z.preprocess(present, z.url('不是网址').nullable().default(null)),
})
const frontMatter = z
  .object({
    id: text.regex(/^[\p{L}\p{N}]+([-_.][\p{L}\p{N}]+)*$/u, '编号只能由字母、数字和连字符组成'),
    /** The clean, canonical question. */
    title: z.preprocess(present, z.string('必须是一行文字').trim().default('')),
    /** How people really ask it. */
    questions: texts,
    /** Near questions that this entry does not answer. */
    not: texts,
    topic: optionalText,
    sources: z.preprocess(present, z.array(source, '必须是列表').default([])),
    owner: optionalText,
    reviewed: day,
    effective: day,
    /** The last day on which the entry may be quoted. */
    expires: day,
    supersedes: texts,
    region: optionalText,
    /** The entry of which this one is a regional overlay. */
    extends: optionalText,
    related: texts,
    /** For whom or when it holds, each as 名称：值 (用工形式：劳务派遣): what to ask where near entries differ in it. */
    facets: z.preprocess(
      present,
      z.array(text.regex(/^[^：]+：[^：]+$/u, '要写成“名称：值”'), '必须是列表').default([]),
    ),
  })
  .refine(entry => entry.title !== '' || entry.extends !== null, {
    path: ['title'],
    message: '缺少标题；如果是地方补充，请写上 extends',
  })

type FrontMatter = z.infer<typeof frontMatter>

/** One thing that people ask, and its answer. */
export interface Entry extends FrontMatter {
  /** Shortest form first: one or two plain sentences that stand alone. */
  answer: string
  /** Which version it is; absent where it does not come from the database. */
  version?: number
}

/** Called for each fault with the line of the file, counted from 1. */
export type Complain = (line: number, problem: string) => void

/** The way to a value of the front matter: `['sources', 0, 'law']`. */
export type FieldPath = readonly [field: string, ...rest: (string | number)[]]

/** Called for what does not keep an entry from being read. */
export type Remind = (at: FieldPath, problem: string) => void

export function citationsOf(entry: Entry): Citation[] {
  return entry.sources.map(citationOf)
}

/** Whether the entry may be quoted on this day. */
export function isCurrent(entry: Entry, today: string): boolean {
  return (
    (entry.expires === null || entry.expires >= today) &&
    (entry.effective === null || entry.effective <= today)
  )
}

/** The front matter and what stands behind it; undefined where there is none. */
function splitEntry(raw: string): { head: string; rest: string } | undefined {
  const clean = raw.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const match = /^---[ \t]*\n((?:[\s\S]*?\n)?)---[ \t]*(?:\n|$)([\s\S]*)$/.exec(clean)
  return match === null ? undefined : { head: match[1] ?? '', rest: match[2] ?? '' }
}

/** One file's text as an entry; undefined after the complaints. Line 1 of a file is its first `---`. */
export function parseEntry(raw: string, complain: Complain, remind: Remind = () => {}): Entry | undefined {
  const parts = splitEntry(raw)
  if (parts === undefined) return void complain(1, '缺少以 --- 开头和结尾的文件头')
  const { head, rest } = parts
  const front = parseFrontMatter(head, complain, remind)
  if (front === undefined) return undefined
  const answer = rest.trim()
  if (answer === '') return void complain(head.split('\n').length + 1, '文件头之后没有答复正文')
  return { ...front, answer }
}

/** The entry as its file holds it: `parseEntry` reads the same entry from it. */
export function formatEntry(entry: Entry): string {
  const { title, questions, not, topic, sources, owner, reviewed, effective, expires } = entry
  const { supersedes, region, extends: base, related, facets } = entry
  const lines = [
    ...formatField('id', entry.id),
    ...formatField('title', title),
    ...formatList('questions', questions),
    ...formatList('not', not),
    ...formatField('topic', topic),
    ...formatSources(sources),
    ...Object.entries({ owner, reviewed, effective, expires }).flatMap(([key, value]) =>
      formatField(key, value),
    ),
    ...formatList('supersedes', supersedes),
    ...formatField('region', region),
    ...formatField('extends', base),
    ...formatList('related', related),
    ...formatList('facets', facets),
  ]
  return `---\n${lines.join('\n')}\n---\n${entry.answer.trim()}\n`
}

/** A value as YAML reads it: as it stands where that is safe, else as JSON, which YAML reads too. */
function formatValue(value: string): string {
  return plainValue.test(value) && !/[\p{Cc}\ufeff]|^\s|\s$/u.test(value) ? value : JSON.stringify(value)
}

function formatField(key: string, value: string | number | null): string[] {
  return value === null || value === '' ? [] : [`${key}: ${formatValue(String(value))}`]
}

function formatList(key: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${key}:`, ...values.map(value => `  - ${formatValue(value)}`)]
}

function formatSources(sources: Entry['sources']): string[] {
  const fields = sources.map(({ law, article, title, url }) =>
    Object.entries({ law, article, title, url }).flatMap(([key, value]) => formatField(key, value)),
  )
  const items = fields.flatMap(lines => lines.map((line, i) => (i === 0 ? `  - ${line}` : `    ${line}`)))
  return items.length === 0 ? [] : ['sources:', ...items]
}

/** The line on which the value at this path is written, or what is nearest around it; 1 where there is neither. */
export function lineOfField(raw: string, at: FieldPath): number {
  const { document, lineAt } = openYaml(splitEntry(raw)?.head ?? '')
  const offset = offsetOf(document, at)
  return offset === undefined ? 1 : lineAt(offset)
}

function openYaml(head: string) {
  const lines = new LineCounter()
  const document = parseDocument(head, { schema: 'failsafe', lineCounter: lines, prettyErrors: false })
  return { document, lineAt: (offset: number) => lines.linePos(offset).line + 1 }
}

function parseFrontMatter(head: string, complain: Complain, remind: Remind): FrontMatter | undefined {
  const fields = scanPlain(head)
  const plain = frontMatter.safeParse(fields)
  if (plain.success) {
    remindOfUnknown(fields, remind)
    return plain.data
  }
  const { document, lineAt } = openYaml(head)
  for (const error of document.errors) complain(lineAt(error.pos[0]), `YAML 写法有误：${error.message}`)
  if (document.errors.length > 0) return undefined
  const whole = document.toJS()
  remindOfUnknown(whole, remind)
  const result = frontMatter.safeParse(whole)
  if (result.success) return result.data
  for (const { path, message } of result.error.issues) {
    complain(lineAt(offsetOf(document, path) ?? 0), `${path.join('.') || '文件头'}：${message}`)
  }
}

/** Where the field or item at this path begins, or the nearest around it that exists. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const around = document.getIn(path.slice(0, depth - 1), true)
    const name = path[depth - 1]
    const pair = isMap(around) && around.items.find(({ key }) => isScalar(key) && key.value === name)
    const node = pair ? pair.key : document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range) return node.range[0]
  }
}

/** A misspelt field is read as if it were not there: a misspelt `expires` would never expire. */
function remindOfUnknown(fields: unknown, remind: Remind): void {
  const { sources, ...rest } = Object(fields)
  for (const name of listUnknown(rest, frontMatter.shape))
    remind([name], unknownWords(name, frontMatter.shape))
  for (const [i, one] of Array.isArray(sources) ? sources.entries() : [])
    for (const name of listUnknown(one, source.shape))
      remind(['sources', i, name], unknownWords(name, source.shape))
}

const listUnknown = (fields: unknown, known: object) =>
  typeof fields === 'string' ? [] : Object.keys(Object(fields)).filter(name => !Object.hasOwn(known, name))

function unknownWords(name: string, known: object): string {
  const typed = name.toLowerCase()
  const meant = Object.keys(known).find(one => one.startsWith(typed) || typed.startsWith(one))
  return `没有 ${name} 这个字段，不会采用：${meant ? `请改成 ${meant}` : '请核对写法，或删去'}`
}

// A value that YAML reads as it stands: no indicator before it, no ": " or " #" within it.
const plainValue = /^(?![-?:] |[-?:]$|[[\]{}&*!|>%@`"'#,])(?!.*(?:: | #|:$)).+$/u

/**
 * The shape in which nearly all entries are written, read in a fiftieth of the time that a whole YAML parser takes
 * (start-up counts); undefined for anything else, which then goes to the parser.
 */
function scanPlain(head: string): Record<string, unknown> | undefined {
  const fields: Record<string, PlainValue> = {}
  let name = ''
  for (const line of head.split('\n').filter(l => l.trim() !== '')) {
    const [, indent = '', key, value = ''] = /^( {2}- | {4}|)(?:([a-z]+):(?: +|$))?(.*?) *$/u.exec(line) ?? []
    const flow = indent === '' ? /^\[([^[\]{}"'#:&*!|>%@`]*)\]$/.exec(value)?.[1] : undefined
    if (value !== '' && flow === undefined && !plainValue.test(value)) return undefined
    if (indent !== '') {
      if (fields[name] === '') fields[name] = []
      if (!appendPlain(fields[name], { item: indent === '  - ', key, value })) return undefined
    } else {
      if (key === undefined || key in fields) return undefined
      name = key
      const items = flow?.split(',').map(item => item.trim())
      fields[name] = items?.filter(Boolean) ?? value
    }
  }
  return fields
}

type PlainValue = string | (string | Record<string, string>)[]

interface PlainLine {
  /** It begins an item; else it is a further field of the last one. */
  item: boolean
  key: string | undefined
  value: string
}

/** Adds a line to a list; false where the shape is another. */
function appendPlain(list: PlainValue | undefined, { item, key, value }: PlainLine): boolean {
  if (!Array.isArray(list)) return false
  const last = list.at(-1)
  if (item) list.push(key === undefined ? value : { [key]: value })
  else if (key === undefined || typeof last !== 'object' || key in last) return false
  else last[key] = value
  return true
}

const numerals = '零一二三四五六七八九'
const units: Record<string, number> = { 十: 10, 百: 100, 千: 1000 }

/** 十四 and 14 are 14. */
export function parseNumeral(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  let [sum, digit] = [0, 0]
  for (const sign of text.replaceAll('〇', '零').replaceAll('两', '二')) {
    const unit = units[sign]
    if (unit) sum += (digit || 1) * unit
    digit = unit ? 0 : numerals.indexOf(sign)
  }
  return sum + digit
}

export const numeral = '[〇零一二两三四五六七八九十百千\\d]+'
const cited = new RegExp(
  `《(?<law>[^》]+)》(?:\\s*[（(][^）)]*[）)])?|(?<through>[至到—~-])?\\s*第?(?<article>${numeral})条(?:之${numeral})?|(?<url>https?://[^\\s；;、]+)|\\[(?<title>[^\\]]+)\\]`,
  'gu',
)
/** 第45、46条 and 第14至16条. */
const severalArticles = new RegExp(`第(${numeral}(?:[、，,和及至到—~-]${numeral})+)条`, 'gu')
/** What may stand between citations and says nothing that a source holds. */
const filling = new RegExp(
  `第?[（(]${numeral}[)）][款项目]?|第${numeral}[款项目]|根据|依据|按照|规定|[和及与、，,；;。.\\s的等]`,
  'gu',
)
const longestRange = 20

/** 《社会保险法》第45条、《失业保险条例》第十四条 as sources; what cannot be understood goes to `complain`. */
export function parseSources(text: string, complain: (problem: string) => void): Source[] {
  const digits = text.replace(/[０-９]/g, digit => digit.normalize('NFKC'))
  const quoted = quoteLaws(digits).replace(severalArticles, (_, list: string) =>
    list.replace(new RegExp(numeral, 'gu'), one => `第${one}条`),
  )
  const sources: Source[] = []
  for (const { groups = {} } of quoted.matchAll(cited)) {
    const last = sources.at(-1)
    if (groups.law) sources.push({ law: shortLawTitle(groups.law), article: null, title: null, url: null })
    else if (!last) complain(`“${text}”里没有法规名称，请写成《社会保险法》第45条这样`)
    else if (groups.article) addArticle(sources, last, groups)
    else if (groups.url) last.url = groups.url
    else last.title = groups.title ?? null
  }
  const rest = quoted.replace(cited, '').replace(filling, '')
  if (rest !== '') complain(`看不懂“${rest}”，请写成《社会保险法》第45条这样`)
  const withArticle = new Set(sources.flatMap(({ law, article }) => (article === null ? [] : law)))
  const whole = sources.filter(({ law, article }) => article !== null || !withArticle.has(law))
  return [...new Map(whole.map(source => [`${source.law} ${source.article}`, source])).values()]
}

function addArticle(sources: Source[], last: Source, found: Record<string, string>): void {
  const to = parseNumeral(found.article ?? '')
  const from = last.article
  if (from === null) last.article = to
  else if (!found.through || to <= from || to - from > longestRange) sources.push({ ...last, article: to })
  else for (let next = from + 1; next <= to; next++) sources.push({ ...last, article: next })
}

/** The longest first: 劳动合同法实施条例 is not 劳动合同法. */
const lawTitles = laws.map(law => law.title).sort((a, b) => b.length - a.length)

/** Puts the signs around the laws of the table that are named without them. */
function quoteLaws(text: string): string {
  const quoteIn = (part: string) => {
    const title = lawTitles.find(known => part.includes(known))
    return title ? part.replace(new RegExp(`(?:中华人民共和国)?${title}`, 'gu'), `《${title}》`) : part
  }
  return text
    .split(/(《[^》]*》|[、，；;\n])/u)
    .map(part => (part.startsWith('《') ? part : quoteIn(part)))
    .join('')
}

/** The sources as people write them, one a line; `parseSources` reads the same from it. */
export function writeSources(sources: readonly Source[]): string {
  return sources
    .map(({ law, article, title, url }) => {
      const name = `《${law}》${article === null ? '' : `第${article}条`}`
      return [name, title && `[${title}]`, url].filter(Boolean).join(' ')
    })
    .join('\n')
}
