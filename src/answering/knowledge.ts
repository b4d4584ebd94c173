/** A knowledge entry, and how a folder of them is read: what is broken is named, all else is served. */
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type Citation, citationOf, faultOfCitation, shortLawTitle } from './laws.ts'

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
  })
  .refine(entry => entry.title !== '' || entry.extends !== null, { path: ['title'], message: '缺少标题' })

type FrontMatter = z.infer<typeof frontMatter>

/** One thing that people ask, and its answer. */
export interface Entry extends FrontMatter {
  /** Shortest form first: one or two plain sentences that stand alone. */
  answer: string
}

export interface KnowledgeProblem {
  file: string
  line: number
  problem: string
  /** Whether the entry is not served because of it. */
  dropped: boolean
}

export interface Knowledge {
  entries: Entry[]
  /** Regional additions, each to the entry that it extends; not served on their own. */
  overlays: Entry[]
  problems: KnowledgeProblem[]
}

export interface KnowledgeOptions {
  /** For a foreign folder: sources may be absent, and laws may be cited that the table does not know. */
  unsourced?: boolean
}

type Complain = (line: number, problem: string) => void

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

/** Reads all `.md` files under the folder; never throws for what a file holds. */
export async function loadKnowledge(
  dir: string,
  today: string,
  options: KnowledgeOptions = {},
): Promise<Knowledge> {
  const knowledge: Knowledge = { entries: [], overlays: [], problems: [] }
  const seen = new Map<string, string>()
  for (const file of await listFiles(dir, knowledge.problems)) {
    const complain = (line: number, problem: string, dropped = true) =>
      void knowledge.problems.push({ file, line, problem, dropped })
    const raw = readText(join(dir, file), complain)
    const entry = raw === undefined ? undefined : parseEntry(raw, complain)
    if (raw === undefined || entry === undefined) continue
    const faults = faultsOf(entry, today, options)
    const other = seen.get(entry.id)
    if (other !== undefined) faults.push(dropping('id: ', `编号 ${entry.id} 已被 ${other} 使用`))
    seen.set(entry.id, other ?? file)
    for (const fault of faults) complain(lineOf(raw, fault.near), fault.problem, fault.dropped)
    if (faults.some(fault => fault.dropped)) continue
    if (entry.extends === null) knowledge.entries.push(entry)
    else knowledge.overlays.push(entry)
  }
  return knowledge
}

/** Hundreds of small files are read one by one: in the thread pool that would cost ten times the CPU. */
function readText(path: string, complain: Complain): string | undefined {
  try {
    const raw = readFileSync(path, 'utf8')
    if (!raw.includes('\ufffd')) return raw
    complain(lineOf(raw, '\ufffd'), '文件不是 UTF-8 编码，请另存为 UTF-8')
  } catch (error) {
    complain(1, `读不到文件：${(error as Error).message}`)
  }
}

interface Fault {
  /** A piece of the line to blame. */
  near: string
  problem: string
  dropped: boolean
}

const faultWords = {
  unknown: '法规目录中没有这部法规',
  'no such article': '这部法规没有这一条',
  repealed: '这部法规已经废止',
  'not yet in force': '这部法规尚未施行',
}

const dropping = (near: string, problem: string): Fault => ({ near, problem, dropped: true })

/** What keeps a well-formed entry from being served. */
function faultsOf(entry: Entry, today: string, { unsourced = false }: KnowledgeOptions): Fault[] {
  const faults: Fault[] = []
  const { expires, effective } = entry
  if (expires !== null && expires < today) faults.push(dropping('expires:', `条目已于 ${expires} 失效`))
  if (effective !== null && effective > today)
    faults.push(dropping('effective:', `条目自 ${effective} 起才生效`))
  if (entry.sources.length === 0 && !unsourced) faults.push(dropping('sources:', '缺少依据'))
  for (const { law, article } of entry.sources) {
    const fault = faultOfCitation(law, article, today)
    if (fault === undefined) continue
    const where = `《${law}》${article === null ? '' : `第${article}条`}`
    const dropped = !(unsourced && fault === 'unknown')
    faults.push({ near: `law: ${law}`, problem: `${faultWords[fault]}：${where}`, dropped })
  }
  return faults
}

/** The line on which this text begins, else the first. */
function lineOf(raw: string, near: string): number {
  const at = raw.indexOf(near)
  return at < 0 ? 1 : raw.slice(0, at).split(/\r\n?|\n/).length
}

async function listFiles(dir: string, problems: KnowledgeProblem[]): Promise<string[]> {
  try {
    const files = await readdir(dir, { recursive: true })
    return files.filter(file => file.endsWith('.md') && !/(^|\/)(README|\.[^/]*)/.test(file)).sort()
  } catch (error) {
    problems.push({
      file: dir,
      line: 1,
      problem: `读不到知识库文件夹：${(error as Error).message}`,
      dropped: true,
    })
    return []
  }
}

/** One file's text as an entry; undefined after the complaints. Line 1 of a file is its first `---`. */
export function parseEntry(raw: string, complain: Complain): Entry | undefined {
  const clean = raw.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const match = /^---[ \t]*\n((?:[\s\S]*?\n)?)---[ \t]*(?:\n|$)([\s\S]*)$/.exec(clean)
  if (match === null) return void complain(1, '缺少以 --- 开头和结尾的文件头')
  const [, head = '', rest = ''] = match
  const front = parseFrontMatter(head, complain)
  if (front === undefined) return undefined
  const answer = rest.trim()
  if (answer === '') return void complain(head.split('\n').length + 1, '文件头之后没有答复正文')
  return { ...front, answer }
}

function parseFrontMatter(head: string, complain: Complain): FrontMatter | undefined {
  const plain = frontMatter.safeParse(scanPlain(head))
  if (plain.success) return plain.data
  const lines = new LineCounter()
  const document = parseDocument(head, { schema: 'failsafe', lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number) => lines.linePos(offset).line + 1
  for (const error of document.errors) complain(lineAt(error.pos[0]), `YAML 写法有误：${error.message}`)
  if (document.errors.length > 0) return undefined
  const result = frontMatter.safeParse(document.toJS())
  if (result.success) return result.data
  for (const { path, message } of result.error.issues) {
    complain(lineAt(offsetOf(document, path)), `${path.join('.') || '文件头'}：${message}`)
  }
}

/** Where the value at this path begins, or the nearest value around it that exists. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
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
