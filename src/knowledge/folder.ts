/** How a folder of entries is read: what is broken is named, all else is served. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Complain, type Entry, parseEntry } from './entry.ts'
import { faultOfCitation } from './laws.ts'

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
  /** What the files of the entries hold, as it is written there. */
  texts: Map<string, { text: string; hash: string; entry: Entry }>
}

export interface KnowledgeOptions {
  /** For a foreign folder: sources may be absent, and laws may be cited that the table does not know. */
  unsourced?: boolean
}

/** Reads all `.md` files under the folder; never throws for what a file holds. */
export async function loadKnowledge(
  dir: string,
  today: string,
  options: KnowledgeOptions = {},
): Promise<Knowledge> {
  const knowledge: Knowledge = { entries: [], overlays: [], problems: [], texts: new Map() }
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
    if (entry.extends !== null) {
      knowledge.overlays.push(entry)
      continue
    }
    knowledge.entries.push(entry)
    knowledge.texts.set(entry.id, { text: raw, hash: hashOf(raw), entry })
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

/** The name of a content: the same bytes, the same name. */
export function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** What keeps a well-formed entry from being served. */
export function faultsOf(entry: Entry, today: string, { unsourced = false }: KnowledgeOptions): Fault[] {
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
