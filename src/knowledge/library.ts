/** The entries that this process quotes: from the folder and from what officials edited, kept up to date. */
import { type Clock, formatLegalDate, repeat } from '#base/clock'
import type { Log } from '#base/log'
import { Conflict, type Write } from '#storage'
import { type Entry, parseEntry } from './entry.ts'
import { faultsOf, type Knowledge, type KnowledgeProblem, loadKnowledge } from './folder.ts'
import type { KnowledgeStore, ServedRow } from './store.ts'

/** The author of what lies in the folder. */
export const starter = 'starter'

const pollMs = 1_000
// Changes may become visible a little out of order: each poll looks this far back.
const overlapMs = 15_000
const pageSize = 200

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
  /** What in the folder is not served, by file and line. */
  problems(): readonly KnowledgeProblem[]
  follow(listener: (change: LibraryChange) => void): void
  /** Looks once a second for what was edited, here or by another process, until the signal. */
  watch(signal: AbortSignal): Promise<void>
}

const nothing: Knowledge = { entries: [], overlays: [], problems: [], texts: new Map() }

/** Brings the database up to the folder, and loads what is quoted today. */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
  const { store, clock, log, folder, region } = options
  const today = () => formatLegalDate(clock.now())
  const knowledge = folder === undefined ? nothing : await loadKnowledge(folder, today())
  const served = new Map<string, PublishedEntry>()
  const listeners: ((change: LibraryChange) => void)[] = []
  const overlays = knowledge.overlays.filter(overlay => overlay.region === region)
  let day = today()
  let seen = new Set<number>()

  /** With what is decided locally behind what holds everywhere. */
  function withLocal(entry: PublishedEntry): PublishedEntry {
    const local = overlays.filter(overlay => overlay.extends === entry.id)
    if (local.length === 0) return entry
    const answer = [entry.answer, ...local.map(overlay => `当地规定：\n${overlay.answer}`)].join('\n\n')
    return { ...entry, answer, sources: [...entry.sources, ...local.flatMap(overlay => overlay.sources)] }
  }

  /** Whether an entry may be quoted today; what may not is told once, to its owner. */
  function isSound(entry: Entry): boolean {
    const [fault] = faultsOf(entry, today(), {}).filter(f => f.dropped)
    if (fault)
      log.warn('entry.unsound', { entry: entry.id, owner: entry.owner ?? '', problem: fault.problem })
    return fault === undefined
  }

  async function read({ entry, version, hash }: ServedRow): Promise<PublishedEntry | undefined> {
    const text = knowledge.texts.get(entry)
    const known = text?.hash === hash ? text.entry : await parseStored(entry, version)
    return known && isSound(known) ? withLocal({ ...known, version }) : undefined
  }

  async function parseStored(id: string, version: number): Promise<Entry | undefined> {
    const row = await store.getVersion(id, version)
    return (
      row &&
      parseEntry(row.content, (line, problem) => log.warn('entry.broken', { entry: id, line, problem }))
    )
  }

  async function load(): Promise<void> {
    const rows = await store.listServed(today())
    const others = new Set(served.keys())
    const change: LibraryChange = { replaced: [], removed: [] }
    for (const row of rows) {
      const entry = await read(row)
      if (!entry) continue
      others.delete(entry.id)
      if (served.get(entry.id)?.version !== entry.version) change.replaced.push(entry)
    }
    change.removed.push(...others)
    apply(change)
  }

  function apply(change: LibraryChange): void {
    for (const entry of change.replaced) served.set(entry.id, entry)
    for (const id of change.removed) served.delete(id)
    if (change.replaced.length + change.removed.length > 0) for (const listener of listeners) listener(change)
  }

  async function poll(): Promise<void> {
    if (today() !== day) {
      day = today()
      return load()
    }
    const rows = await store.listChanges(clock.now() - overlapMs)
    const fresh = rows.some(row => !seen.has(row.seq))
    seen = new Set(rows.map(row => row.seq))
    if (fresh) await load()
  }

  if (folder !== undefined) await followFolder(options, knowledge)
  seen = new Set((await store.listChanges(clock.now() - overlapMs)).map(row => row.seq))
  await load()
  return {
    entries: () => [...served.values()],
    problems: () => knowledge.problems,
    follow: listener => void listeners.push(listener),
    watch: signal =>
      repeat(() => poll().catch(error => log.error('library.failed', error)), {
        clock,
        everyMs: pollMs,
        signal,
      }),
  }
}

/**
 * An entry that no official has edited follows the folder: a new file, a changed file, a file that is gone. A folder in
 * which something is broken takes nothing away.
 */
async function followFolder({ store, clock, log }: LibraryOptions, knowledge: Knowledge): Promise<void> {
  const now = clock.now()
  const last = await store.listLast()
  const served = new Map((await store.listServed(formatLegalDate(now))).map(row => [row.entry, row]))
  const writes: Write[] = []
  for (const [id, { text, hash }] of knowledge.texts) {
    const row = served.get(id)
    if (row?.hash === hash || (last.has(id) && row?.author !== starter)) continue
    const version = (last.get(id) ?? 0) + 1
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
        effective_from: null,
        created_at: now,
      }),
      store.insertChange(id, now),
    )
  }
  const whole = knowledge.texts.size > 0 && !knowledge.problems.some(problem => problem.dropped)
  for (const row of whole ? served.values() : [])
    if (row.author === starter && !knowledge.texts.has(row.entry))
      writes.push(store.withdraw(row.entry, row.version), store.insertChange(row.entry, now))
  if (writes.length === 0) return
  for (let at = 0; at < writes.length; at += pageSize)
    await commitQuietly(store, writes.slice(at, at + pageSize))
  log.info('knowledge.followed', { changes: writes.length / 2 })
}

/** Another process may bring up the same folder at the same moment: then its rows are as good as ours. */
async function commitQuietly(store: KnowledgeStore, writes: readonly Write[]): Promise<void> {
  try {
    await store.commit(writes)
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
  }
}
