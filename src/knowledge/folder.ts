/** How a folder of entries is read: what is broken is named, all else is served. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Complain, type Entry, type FieldPath, lineOfField, parseEntry } from './entry.ts'
import { faultOfCitation } from './laws.ts'

export interface KnowledgeProblem {
  file: string
  line: number
  problem: string
  /** Whether the entry is not served because of it. */
  dropped: boolean
  /** The entry, and who looks after it, where it could be read so far. */
  entry?: string
  owner?: string | null
}

/** A well-formed entry as its file holds it. */
export interface EntryText {
  file: string
  text: string
  hash: string
  entry: Entry
}

export interface Knowledge {
  /** What may be quoted today. */
  entries: Entry[]
  /** Regional additions, each to the entry that it extends; not served on their own. */
  overlays: Entry[]
  problems: KnowledgeProblem[]
  /** Whether every file could be used, today or on another day: what is not here then is really gone. */
  whole: boolean
  /** All well-formed entries and overlays by id, also those that may be quoted on another day only. */
  texts: Map<string, EntryText>
}

export interface KnowledgeOptions {
  /** For a foreign folder: sources may be absent, and laws may be cited that the table does not know. */
  unsourced?: boolean
}

/** Where local rules lie: `regions/370100/…`. */
const regional = /(?:^|[\\/])regions[\\/]/

/** Reads all `.md` files under the folder; never throws for what a file holds. */
export async function loadKnowledge(
  dir: string,
  today: string,
  options: KnowledgeOptions = {},
): Promise<Knowledge> {
  const knowledge: Knowledge = { entries: [], overlays: [], problems: [], whole: false, texts: new Map() }
  const { problems, texts } = knowledge
  const files = await listFiles(dir, problems)
  for (const file of files) {
    const complain = (line: number, problem: string, dropped = true) =>
      void problems.push({ file, line, problem, dropped })
    const faults: Fault[] = []
    const remind = (at: FieldPath, problem: string) => void faults.push({ at, problem, dropped: false })
    const text = readText(join(dir, file), complain)
    const entry = text === undefined ? undefined : parseEntry(text, complain, remind)
    if (text === undefined || entry === undefined) continue
    const { id, owner } = entry
    faults.push(...faultsOf(entry, today, options))
    const other = texts.get(id)
    if (other) faults.push(lasting(['id'], `编号 ${id} 已被 ${other.file} 使用`))
    if (regional.test(file) && entry.extends === null)
      remind(['region'], '在 regions 下却没有 extends，会当作单独的条目：要补充全国的条目，请写上 extends')
    for (const { at, problem, dropped } of faults)
      problems.push({ file, line: lineOfField(text, at), problem, dropped, entry: id, owner })
    const dropped = faults.filter(fault => fault.dropped)
    if (dropped.every(fault => fault.passing)) texts.set(id, { file, text, hash: hashOf(text), entry })
    if (dropped.length === 0) knowledge[entry.extends === null ? 'entries' : 'overlays'].push(entry)
  }
  knowledge.whole = files.length > 0 && texts.size === files.length
  const superseded = findSuperseded(knowledge.entries)
  knowledge.entries = knowledge.entries.filter(entry => !superseded.has(entry.id))
  return knowledge
}

/** The entries that others stand in for, each with the one that does; two cannot stand in for each other. */
export function findSuperseded(entries: readonly Entry[]): Map<string, string> {
  const named = entries.filter(entry => entry.supersedes.length > 0)
  const pairs = named.flatMap(({ id, supersedes }) => supersedes.map(old => [old, id] as const))
  const mutual = new Set(pairs.map(([old, id]) => `${old} ${id}`))
  return new Map(pairs.filter(([old, id]) => !mutual.has(`${id} ${old}`)))
}

/** Hundreds of small files are read one by one: in the thread pool that would cost ten times the CPU. */
function readText(path: string, complain: Complain): string | undefined {
  try {
    const raw = readFileSync(path, 'utf8')
    const [sound = '', ...broken] = raw.split('\ufffd')
    if (broken.length === 0) return raw
    complain(sound.split(/\r\n?|\n/).length, '文件不是 UTF-8 编码，请另存为 UTF-8')
  } catch (error) {
    complain(1, `读不到文件：${(error as Error).message}`)
  }
}

interface Fault {
  /** The field to blame. */
  at: FieldPath
  problem: string
  dropped: boolean
  /** Whether it holds on some days only. */
  passing?: boolean
}

const faultWords = {
  unknown: '法规目录中没有这部法规',
  'no such article': '这部法规没有这一条',
  repealed: '这部法规已经废止',
  'not yet in force': '这部法规尚未施行',
}

const lasting = (at: FieldPath, problem: string): Fault => ({ at, problem, dropped: true })
const passing = (at: FieldPath, problem: string): Fault => ({ ...lasting(at, problem), passing: true })

/** The name of a content: the same bytes, the same name. */
export function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** What keeps a well-formed entry from being served. */
export function faultsOf(entry: Entry, today: string, { unsourced = false }: KnowledgeOptions): Fault[] {
  const faults: Fault[] = []
  const { expires, effective } = entry
  if (expires !== null && expires < today) faults.push(passing(['expires'], `条目已于 ${expires} 失效`))
  if (effective !== null && effective > today)
    faults.push(passing(['effective'], `条目自 ${effective} 起才生效`))
  if (entry.sources.length === 0 && !unsourced) faults.push(lasting(['sources'], '缺少依据'))
  for (const [i, { law, article }] of entry.sources.entries()) {
    const fault = faultOfCitation(law, article, today)
    if (fault === undefined) continue
    const where = `《${law}》${article === null ? '' : `第${article}条`}`
    const dropped = !(unsourced && fault === 'unknown')
    const problem = `${faultWords[fault]}：${where}`
    faults.push({
      at: ['sources', i, 'law'],
      problem,
      dropped,
      passing: fault === 'repealed' || fault === 'not yet in force',
    })
  }
  return faults
}

/** What keeps an entry from ever being quoted, from its own first day on. */
export function faultsFrom(entry: Entry, today: string): Fault[] {
  const day = entry.effective !== null && entry.effective > today ? entry.effective : today
  return faultsOf(entry, day, {}).filter(fault => fault.dropped)
}

async function listFiles(dir: string, problems: KnowledgeProblem[]): Promise<string[]> {
  try {
    const all = await readdir(dir, { recursive: true })
    // On Windows a file may well be named ONE.MD.
    const files = all.filter(file => /\.md$/i.test(file) && !/(^|[\\/])(README\b|\.)/i.test(file))
    if (files.length === 0)
      problems.push({
        file: dir,
        line: 0,
        problem: '文件夹里没有条目（.md 文件），请核对路径',
        dropped: true,
      })
    return files.sort()
  } catch (error) {
    const problem = `读不到知识库文件夹：${(error as Error).message}`
    problems.push({ file: dir, line: 0, problem, dropped: true })
    return []
  }
}
