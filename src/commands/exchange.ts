/** `knowledge import` and `knowledge export`: entries from and to a folder of Markdown, or a workbook. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { createLog, silentLog } from '#base/log'
import type { Config } from '#config'
import { type Desks, type Office, openDesks, openOffice } from '#house'
import {
  type Entry,
  faultsFrom,
  formatEntry,
  type KnowledgeDesk,
  loadKnowledge,
  parseEntry,
  readSheets,
  type SheetProblem,
  writeSheet,
} from '#knowledge'
import { readWorkbook, writeWorkbook } from './workbook.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)
const sheetFiles = ['.xlsx', '.xls']
const largestFile = 20 * 1024 * 1024

const isSheet = (path: string) => sheetFiles.includes(extname(path).toLowerCase())

/** Opens what officials work with, and closes it whatever happens. */
export async function atOffice(config: Config, work: (office: Office) => Promise<void>): Promise<void> {
  const office = await openOffice(config, createLog(config.logLevel === 'info' ? 'error' : config.logLevel))
  try {
    await work(office)
  } finally {
    await office.store.close()
  }
}

export async function atDesks(config: Config, work: (desks: Desks) => Promise<void>): Promise<void> {
  await atOffice(config, office => work(openDesks(office, silentLog)))
}

/** What is in use, by id; a text that cannot be read any more is left out. */
async function readPublished({ knowledge }: Office): Promise<Map<string, { content: string; entry: Entry }>> {
  const all = (await knowledge.published()).flatMap(({ content }) => {
    const entry = parseEntry(content, () => {})
    return entry ? [{ content, entry }] : []
  })
  return new Map(all.map(one => [one.entry.id, one]))
}

interface Item {
  id: string
  content: string
  change: 'new' | 'changed' | 'same'
}

interface Found {
  items: Item[]
  problems: string[]
  notes: string[]
}

interface Known {
  known: ReadonlyMap<string, { entry: Entry }>
  today: string
}

async function readFolder(dir: string, { known, today }: Known): Promise<Found> {
  const { texts, problems } = await loadKnowledge(dir, today)
  const usable = [...texts.values()].filter(({ entry }) => faultsFrom(entry, today).length === 0)
  const items = usable.map(({ text, entry }): Item => {
    const before = known.get(entry.id)?.entry
    const same = JSON.stringify(before) === JSON.stringify(entry)
    return { id: entry.id, content: text, change: before ? (same ? 'same' : 'changed') : 'new' }
  })
  // What takes effect later can be imported today.
  const fine = new Set(usable.map(({ file }) => file))
  const linesOf = (list: typeof problems) =>
    list.map(({ file, line, problem }) => `${file}${line ? `:${line}` : ''} ${problem}`)
  return {
    items,
    problems: linesOf(problems.filter(({ file }) => !fine.has(file))),
    notes: linesOf(problems.filter(({ file, dropped }) => fine.has(file) && !dropped)),
  }
}

async function readSheetFile(file: string, { known, today }: Known): Promise<Found> {
  if ((await stat(file)).size > largestFile)
    throw new Refusal('large', '表格超过20MB。请删去图片和用不到的工作表，或分成几个文件导入。')
  const entries = new Map([...known].map(([id, { entry }]) => [id, entry]))
  const reading = readSheets(await readWorkbook(await readFile(file)), { known: entries, today })
  const items = reading.entries.map(({ entry, change }): Item => {
    return { id: entry.id, content: formatEntry(entry), change }
  })
  return { items, problems: sayTogether(reading.problems), notes: reading.notes }
}

const namedRows = 8

/** The same problem in many rows is one line. */
function sayTogether(problems: readonly SheetProblem[]): string[] {
  const alike = Map.groupBy(problems, p => JSON.stringify([p.sheet, p.column, p.problem]))
  return [...alike.values()].map(group => {
    const [{ sheet, column, problem }] = group as [SheetProblem]
    const rows = group.map(p => p.row)
    const named = rows.slice(0, namedRows).join('、')
    const where = rows.length > namedRows ? `${named}…等${rows.length}行` : `${named}行`
    return `工作表“${sheet}”第${where}${column && `“${column}”`}：${problem}`
  })
}

export interface ImportOptions {
  dryRun?: boolean
  /** Import what has no problem although something has. */
  yes?: boolean
  publish?: boolean
  /** The official who imports. */
  as?: string
}

/** Reads a folder or a workbook, names what is wrong in it, and keeps the rest as drafts, or published. */
export async function importKnowledge(
  config: Config,
  source: string | undefined,
  options: ImportOptions,
): Promise<void> {
  const path = resolve(source ?? config.knowledgeDir)
  if (!existsSync(path)) throw new Refusal('absent', `没有 ${path}。请检查文件夹或表格的路径。`)
  if (!isSheet(path) && !(await stat(path)).isDirectory())
    throw new Refusal(
      'kind',
      `${path} 是单个文件。请给出条目所在的文件夹，或 .xlsx 表格（Excel 和 WPS 都能另存为 .xlsx）。`,
    )
  await atOffice(config, async office => {
    const by = options.dryRun ? undefined : await findImporter(office, options)
    const known = await readPublished(office)
    const today = formatLegalDate(office.clock.now())
    const found = await (isSheet(path) ? readSheetFile : readFolder)(path, { known, today })
    for (const line of [...found.notes, ...found.problems]) say(line)
    const fresh = found.items.filter(item => item.change !== 'same')
    sayPlan(found)
    if (found.problems.length > 0 && !options.yes) process.exitCode = 1
    if (by === undefined) return say('这是试运行，没有写入。去掉 --dry-run 就会导入。')
    if (found.problems.length > 0 && !options.yes)
      return say('有问题，什么都没有写入。请改正后重来；只导入没有问题的条目，请加上 --yes。')
    await keep(office, fresh, { by, publish: options.publish ?? false })
  })
}

/** Who imports, and may: asked before anything is written. */
async function findImporter({ staff, knowledge }: Office, { as, publish }: ImportOptions): Promise<string> {
  if (!as) throw new Refusal('who', '请用 --as 写明由谁导入，例如 --as 张三；只想看看结果，请用 --dry-run。')
  await staff.get(as, 'edit')
  if (publish) await knowledge.mayPublish(as, as)
  return as
}

function sayPlan({ items, problems }: Found): void {
  const count = (change: Item['change']) => items.filter(item => item.change === change).length
  say(
    `可以导入：新增${count('new')}条，更新${count('changed')}条；没有变化${count('same')}条；问题${problems.length}处。`,
  )
}

interface Keeping {
  by: string
  publish: boolean
}

async function keep({ knowledge }: Office, items: readonly Item[], { by, publish }: Keeping): Promise<void> {
  let [kept, waiting] = [0, 0]
  for (const { id, content } of items)
    try {
      const last = (await knowledge.history(id)).at(-1)
      const drafted = last?.content === content && ['drafted', 'submitted'].includes(last.state)
      if (publish) await publishOne(knowledge, content, by)
      else if (!drafted) await knowledge.draft(content, by)
      // What was imported before and waits for a reviewer is not imported once more.
      if (drafted && !publish) waiting++
      else kept++
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      say(`${id} 没有导入：${error.say}`)
      process.exitCode = 1
    }
  if (waiting > 0) say(`${waiting}条与上次导入的草稿相同，没有再导入。`)
  say(
    publish
      ? `已发布${kept}条，正在运行的产品两秒内就会采用。请用 knowledge check 检查有没有重复。`
      : `已存为草稿${kept}条，要审核发布后才会用于答复。`,
  )
}

async function publishOne(knowledge: KnowledgeDesk, content: string, by: string): Promise<void> {
  const which = await knowledge.draft(content, by)
  await knowledge.submit(which, by)
  // One entry alone says little about a whole collection: `knowledge check` looks at all of it afterwards.
  await knowledge.approve(which, by, { despite: true })
}

/** Writes what is in use into an empty folder, or a new workbook. */
export async function exportKnowledge(config: Config, target: string): Promise<void> {
  const path = resolve(target)
  const there = existsSync(path)
  const taken = there && (!(await stat(path)).isDirectory() || (await readdir(path)).length > 0)
  if (taken) throw new Refusal('taken', `${path} 已经有内容，请换一个名字，以免覆盖。`)
  if (/\.(?:md|csv)$/i.test(path))
    throw new Refusal('kind', '导出的是许多条目：请给一个文件夹的名字，或者 .xlsx 表格的名字。')
  await atOffice(config, async office => {
    const published = [...(await readPublished(office)).values()]
    if (isSheet(path)) await writeFile(path, await writeWorkbook(writeSheet(published.map(p => p.entry))))
    else
      for (const { content, entry } of published) {
        const file = join(path, pathOf(entry))
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, content)
      }
    say(`已导出${published.length}条到 ${path}。`)
  })
}

const folderName = (text: string) => text.replace(/[^\p{L}\p{N}_-]+/gu, '-')

function pathOf({ id, topic, region, extends: base }: Entry): string {
  const folder = base === null ? folderName(topic ?? '其他') : join('regions', folderName(region ?? '其他'))
  return join(folder, `${id}.md`)
}
