/** The entries that this process quotes: from the folder and from what officials edited, kept up to date. */
import { type Clock, formatLegalDate, repeat } from '#base/clock'
import type { Log } from '#base/log'
import { Conflict, type Write } from '#storage'
import { type Entry, parseEntry } from './entry.ts'
import { faultsOf, findSuperseded, type Knowledge, type KnowledgeProblem, loadKnowledge } from './folder.ts'
import type { HeadRow, KnowledgeStore, Mark, ServedRow } from './store.ts'

/** The author of what lies in the folder. */
export const starter = 'starter'

const pollMs = 1_000
// On PostgreSQL a lower number may be committed after a higher one: so far back is looked for such.
const overlap = 100
const mostAttempts = 5
/** What changed, where it is the folder as a whole. */
const folderItself = '*'

export type PublishedEntry = Entry & { version: number }

/** What is quoted from now on, and what no longer is. */
export interface LibraryChange {
  replaced: PublishedEntry[]
  removed: string[]
}

export interface LibraryOptions {
  store: KnowledgeStore
  clock: Clock
  log: Log
  /** The folder of Markdown files; absent: only what is in the database. */
  folder?: string | undefined
  /** Whose local rules are shown (GB/T 2260). */
  region?: string | undefined
}

export interface Library {
  entries(): readonly PublishedEntry[]
  /** What is not quoted today and why, by file and line, or by entry where no file holds it. */
  problems(): readonly KnowledgeProblem[]
  follow(listener: (change: LibraryChange) => void): void
  /** Looks once a second for what was edited, here or by another process, until the signal. */
  watch(signal: AbortSignal): Promise<void>
}

const noKnowledge: Knowledge = { entries: [], overlays: [], problems: [], whole: false, texts: new Map() }

/** Brings the database up to the folder, and loads what is quoted today. */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
  const { store, clock, log, folder, region } = options
  const today = () => formatLegalDate(clock.now())
  const knowledge = folder === undefined ? noKnowledge : await loadKnowledge(folder, today())
  const listeners: ((change: LibraryChange) => void)[] = []
  /** By id: what is published, quoted or not, and what is quoted, each with the versions that it is made of. */
  let published = new Map<string, PublishedEntry>()
  let quoted = new Map<string, Quoted>()
  let problems: KnowledgeProblem[] = []
  let day = today()
  let floor = 0
  let seen: Mark

  async function take(rows: readonly ServedRow[]): Promise<void> {
    const taken = new Map<string, PublishedEntry>()
    const missing: ServedRow[] = []
    for (const row of rows) {
      const known = published.get(row.entry)
      const file = knowledge.texts.get(row.entry)
      if (known?.version === row.version) taken.set(row.entry, known)
      else if (file?.hash === row.hash) taken.set(row.entry, { ...file.entry, version: row.version })
      else missing.push(row)
    }
    for (const { entry: id, version, content } of await store.listContents(missing)) {
      const complain = (line: number, problem: string) =>
        log.warn('entry.broken', { entry: id, version, line, problem })
      const entry = parseEntry(content, complain)
      if (entry) taken.set(id, { ...entry, version })
    }
    published = taken
  }

  /** What may be quoted on a day, and what is different from before. */
  function judge(): LibraryChange {
    const before = quoted
    const judged = judgeAll([...published.values()], { day, region, files: knowledge })
    quoted = judged.quoted
    problems = judged.problems
    const replaced = [...quoted.values()].filter(({ entry, made }) => before.get(entry.id)?.made !== made)
    return {
      replaced: replaced.map(({ entry }) => entry),
      removed: [...before.keys()].filter(id => !quoted.has(id)),
    }
  }

  async function load(): Promise<LibraryChange> {
    // Before the entries are read: what is committed in between is then seen at the next look.
    floor = Math.max(0, (await store.findMark(floor)).seq - overlap)
    const mark = await store.findMark(floor)
    const now = today()
    await take(await store.listServed(now))
    seen = mark
    day = now
    return judge()
  }

  async function poll(): Promise<void> {
    const { seq, changes } = await store.findMark(floor)
    if (today() === day && seq === seen.seq && changes === seen.changes) return
    const known = new Set(problems.map(p => p.entry))
    const change = await load()
    for (const { entry, owner, problem } of problems)
      if (!known.has(entry)) log.warn('entry.dropped', { entry, owner: owner ?? '', problem })
    if (change.replaced.length + change.removed.length > 0) for (const listener of listeners) listener(change)
  }

  if (folder !== undefined) await followFolder(options, knowledge)
  await load()
  return {
    entries: () => [...quoted.values()].map(({ entry }) => entry),
    problems: () => [
      // What an official has put right since is none of the folder's problems any more.
      ...knowledge.problems.filter(({ entry = '', file }) => {
        return !quoted.has(entry) || knowledge.texts.get(entry)?.file !== file
      }),
      ...problems,
    ],
    follow: listener => void listeners.push(listener),
    watch: signal =>
      repeat(() => poll().catch(error => log.error('library.failed', error)), {
        clock,
        everyMs: pollMs,
        signal,
      }),
  }
}

/** What officials have put in the place of the folder, and what is wrong with it today. */
export interface Edited {
  entries: Entry[]
  problems: KnowledgeProblem[]
}

export async function listEdited(store: KnowledgeStore, today: string): Promise<Edited> {
  const rows = (await store.listServed(today)).filter(row => row.author !== starter)
  const edited: Edited = { entries: [], problems: [] }
  for (const { entry: id, content } of await store.listContents(rows)) {
    const complain = (line: number, problem: string) =>
      void edited.problems.push({ file: id, line, problem, dropped: true, entry: id })
    const entry = parseEntry(content, complain)
    if (entry) edited.entries.push(entry)
    for (const { problem, dropped } of entry ? faultsOf(entry, today, {}) : [])
      edited.problems.push({ file: id, line: 0, problem, dropped, entry: id, owner: entry?.owner ?? null })
  }
  return edited
}

interface Quoted {
  entry: PublishedEntry
  /** The versions it is made of: its own, and those of the local rules behind it. */
  made: string
}

interface Judging {
  day: string
  region: string | undefined
  files: Knowledge
}

/** Which entries may be quoted on a day in a region, each with the local rules behind it, and what keeps others from it. */
function judgeAll(entries: readonly PublishedEntry[], { day, region, files }: Judging) {
  const problems: KnowledgeProblem[] = []
  const told = new Set(files.problems.map(({ entry, problem }) => `${entry} ${problem}`))
  function drop({ id, owner }: Entry, problem: string): void {
    const file = files.texts.get(id)?.file ?? id
    if (!told.has(`${id} ${problem}`))
      problems.push({ file, line: 0, problem, dropped: true, entry: id, owner })
  }
  const sound = entries.filter(entry => {
    const faults = faultsOf(entry, day, {}).filter(fault => fault.dropped)
    for (const { problem } of faults) drop(entry, problem)
    return faults.length === 0 && isWithin(entry.region, region)
  })
  const superseded = findSuperseded(sound)
  const local = Map.groupBy(
    // What holds in the province comes before what holds in the city.
    sound.filter(entry => entry.extends !== null).sort((a, b) => sizeOf(a.region) - sizeOf(b.region)),
    entry => entry.extends,
  )
  const quoted = new Map<string, Quoted>()
  for (const entry of sound.filter(e => e.extends === null)) {
    const other = superseded.get(entry.id)
    if (other === undefined) quoted.set(entry.id, withLocal(entry, local.get(entry.id) ?? []))
    else drop(entry, `已由条目 ${other} 代替，不再用于答复；请停用它，或删去 ${other} 的 supersedes`)
  }
  return { quoted, problems }
}

/** With what is decided locally behind what holds everywhere. */
function withLocal(entry: PublishedEntry, local: readonly PublishedEntry[]): Quoted {
  const made = [entry, ...local].map(({ id, version }) => `${id} ${version}`).join('\n')
  if (local.length === 0) return { entry, made }
  const answer = [entry.answer, ...local.map(overlay => `当地规定：\n${overlay.answer}`)].join('\n\n')
  const questions = [...entry.questions, ...local.flatMap(overlay => overlay.questions)]
  const sources = [...entry.sources, ...local.flatMap(overlay => overlay.sources)]
  return { entry: { ...entry, answer, questions, sources }, made }
}

/** A division's code without what only fills it up: 370000 is 37, and 370100, which lies in it, 3701. */
const stem = (code: string) => code.replace(/(?:00)+$/, '')
const sizeOf = (region: string | null) => stem(region ?? '').length

/** Whether a rule of this region applies where the agency is; a rule without one applies everywhere. */
function isWithin(region: string | null, agency: string | undefined): boolean {
  return region === null || (agency?.startsWith(stem(region)) ?? false)
}

/**
 * An entry that no official has touched follows the folder: a new file, a changed file, a file that is gone or is back. A
 * folder in which something is broken takes nothing away.
 */
async function followFolder({ store, clock, log }: LibraryOptions, knowledge: Knowledge): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const now = clock.now()
    const { writes, left } = planFollowing(await store.listHeads(), { store, knowledge, now })
    if (writes.length > 0 || left > 0) log.info('knowledge.followed', { changes: writes.length, left })
    if (writes.length === 0) return
    try {
      await store.commit([...writes, store.insertChange(folderItself, now)])
      return
    } catch (error) {
      // Another process brought up the folder at the same moment.
      if (!(error instanceof Conflict) || attempt === mostAttempts) throw error
    }
  }
}

interface Following {
  store: KnowledgeStore
  knowledge: Knowledge
  now: number
}

/** What must be written, and how many files are left aside because officials have edited their entries. */
function planFollowing(heads: readonly HeadRow[], { store, knowledge, now }: Following) {
  const writes: Write[] = []
  let left = 0
  const versions = Map.groupBy(heads, head => head.entry)
  for (const [id, { text, hash, entry }] of knowledge.texts) {
    const known = versions.get(id) ?? []
    const own = known.findLast(head => head.author === starter)
    const same = own?.hash === hash
    if (same && own.state === 'published') continue
    if (known.some(isTouched)) {
      if (!same) left++
      continue
    }
    const version = (known.at(-1)?.version ?? 0) + 1
    writes.push(
      store.insertVersion({
        entry: id,
        version,
        state: 'published',
        content: text,
        hash,
        author: starter,
        reviewer: null,
        note: null,
        effective_from: entry.effective,
        created_at: now,
      }),
    )
  }
  if (!knowledge.whole) return { writes, left }
  for (const [id, known] of versions) {
    const own = known.findLast(head => head.state === 'published')
    if (own && !knowledge.texts.has(id) && !known.some(isTouched))
      writes.push(store.withdraw(id, own.version))
  }
  return { writes, left }
}

/** Whether officials decided something about a version; a draft decides nothing yet. */
function isTouched({ state, author, reviewer }: HeadRow): boolean {
  return ['published', 'withdrawn', 'recalled'].includes(state) && (author !== starter || reviewer !== null)
}
