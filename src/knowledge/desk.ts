/** What officials do with entries: draft, submit, publish or reject, withdraw, roll back, recall. */
import { createTwoFilesPatch } from 'diff'
import { z } from 'zod'
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { maskPersonal } from '#base/personal'
import { may, type StaffDesk } from '#staff'
import { Conflict, type Write } from '#storage'
import { type Entry, parseEntry } from './entry.ts'
import { faultsFrom, hashOf } from './folder.ts'
import type { ContentRow, KnowledgeStore, VersionRow, VersionState } from './store.ts'

export interface KnowledgeDeskOptions {
  store: KnowledgeStore
  staff: Pick<StaffDesk, 'get' | 'list' | 'record'>
  clock: Clock
  /** What would be worse with this entry published, as sentences; empty when nothing would. */
  measure?(entry: Entry): Promise<string[]>
}

/** One version of an entry. */
export interface Which {
  entry: string
  version: number
}

export interface Publishing {
  /** The legal date from which it is quoted; at once when absent or past. */
  from?: string
  /** Publishes although the evaluation says that answers get worse. */
  despite?: boolean
}

export type KnowledgeDesk = ReturnType<typeof createKnowledgeDesk>

interface Step {
  row: VersionRow
  to: VersionState
  by: string
  act: string
  note?: string
  from?: string | null
  /** Further writes of the same unit. */
  also?: Write[]
}

const mostAttempts = 5
/** States into or out of which a step changes what citizens are told. */
const told: readonly string[] = ['published', 'withdrawn', 'recalled']
const dateShape = z.iso.date()

/** The later of dates; '' counts as none. */
const latest = (...days: readonly (string | null | undefined)[]) =>
  days
    .map(day => day ?? '')
    .sort()
    .at(-1) ?? ''

export function createKnowledgeDesk({ store, staff, clock, measure }: KnowledgeDeskOptions) {
  const today = () => formatLegalDate(clock.now())

  /** The text as an entry that can be quoted from a day on. Throws a Refusal that names line and fault. */
  function check(content: string, from = ''): Entry {
    const problems: string[] = []
    const entry = parseEntry(content, (line, problem) => void problems.push(`第${line}行：${problem}`))
    const faults = entry ? faultsFrom(entry, latest(today(), from)) : []
    problems.push(...faults.map(fault => fault.problem))
    if (!entry || problems.length > 0)
      throw new Refusal('entry', `条目有问题：${problems.join('；')}。请改正后再提交。`)
    return entry
  }

  async function find({ entry, version }: Which): Promise<VersionRow> {
    const row = await store.getVersion(entry, version)
    if (!row) throw new Refusal('version', `没有条目 ${entry} 的第${version}版，请核对编号和版本。`)
    return row
  }

  async function step({ row, to, by, act, note, from = row.effective_from, also = [] }: Step): Promise<void> {
    const { entry, version, state } = row
    const reviewer = to === 'submitted' ? row.reviewer : by
    const change = { entry, version, from: state, to, reviewer, note: note ?? row.note, effective_from: from }
    const detail = {
      version,
      // The trail is never changed again: what a note may hold of a person does not go into it.
      ...(note && { note: maskPersonal(note) }),
      ...(from !== null && { from }),
      ...(row.author === by && to === 'published' && { alone: true }),
    }
    const writes = [store.move(change), ...also]
    if (told.includes(to) || told.includes(state)) writes.push(store.insertChange(entry, clock.now()))
    try {
      await staff.record({ by, act, subject: entry, detail }, writes)
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      throw new Refusal('moved', `条目 ${entry} 的第${version}版刚刚被别人处理过，请刷新后再看。`)
    }
  }

  /** Four eyes, unless there is only one official who may publish. */
  async function mayPublish(author: string, by: string): Promise<void> {
    await staff.get(by, 'publish')
    if (author !== by) return
    const others = (await staff.list()).filter(account => account.name !== by && may(account, 'publish'))
    if (others.length > 0)
      throw new Refusal('four-eyes', `自己写的条目要由别人审核：${others.map(o => o.name).join('、')}。`)
  }

  /** What was written before the version in use would undo what that one says. */
  async function mustBeNewest({ entry, version }: VersionRow): Promise<void> {
    const newer = (await store.listVersions(entry)).findLast(row => row.state === 'published')
    if (newer && newer.version > version)
      throw new Refusal(
        'stale',
        `条目 ${entry} 已有更新的第${newer.version}版在用。请比较两版的差别，在新版的基础上重新起草。`,
      )
  }

  async function keep(content: string, { id, by }: { id: string; by: string }): Promise<Which> {
    for (let attempt = 1; ; attempt++) {
      const version = (await store.findLast(id)) + 1
      const row: VersionRow = {
        entry: id,
        version,
        state: 'drafted',
        content,
        hash: hashOf(content),
        author: by,
        reviewer: null,
        note: null,
        effective_from: null,
        created_at: clock.now(),
      }
      const act = { by, act: 'entry.draft', subject: id, detail: { version } }
      try {
        await staff.record(act, [store.insertVersion(row)])
        return { entry: id, version }
      } catch (error) {
        // Somebody else's version has taken the number.
        if (!(error instanceof Conflict) || attempt === mostAttempts) throw error
      }
    }
  }

  function need(state: VersionState, row: VersionRow, sentence: string): void {
    if (row.state !== state) throw new Refusal('state', sentence)
  }

  function needReason(note: string): string {
    if (note.trim() === '') throw new Refusal('reason', '请写明理由，写的人要凭它改正。')
    return note.trim()
  }

  async function draft(content: string, by: string): Promise<Which> {
    await staff.get(by, 'edit')
    return keep(content, { id: check(content).id, by })
  }

  async function published(): Promise<ContentRow[]> {
    return store.listContents(await store.listServed(today()))
  }

  return {
    /** Keeps a text as a new version, which nobody is told yet. Throws a Refusal that names what is wrong in it. */
    draft,
    /** Throws a Refusal unless this official may publish what this author wrote. */
    mayPublish,
    async submit(which: Which, by: string): Promise<void> {
      await staff.get(by, 'edit')
      const row = await find(which)
      need('drafted', row, '只有草稿可以提交审核。')
      await step({ row, to: 'submitted', by, act: 'entry.submit' })
    },
    /** Publishes a submitted version. Throws a Refusal with what would get worse, unless `despite`. */
    async approve(which: Which, by: string, { from, despite = false }: Publishing = {}) {
      const row = await find(which)
      need('submitted', row, '只有已提交的版本可以发布。')
      await mayPublish(row.author, by)
      if (from !== undefined && !dateShape.safeParse(from).success)
        throw new Refusal('date', '起用日期要写成 YYYY-MM-DD，例如 2027-01-01。')
      await mustBeNewest(row)
      const entry = check(row.content, from)
      const worse = despite ? [] : ((await measure?.(entry)) ?? [])
      if (worse.length > 0)
        throw new Refusal(
          'worse',
          `发布后评测结果会变差：${worse.join('；')}。请再看一遍，确认无误后选择仍然发布。`,
        )
      const day = latest(from, entry.effective)
      await step({ row, to: 'published', by, act: 'entry.publish', from: day > today() ? day : null })
    },
    async reject(which: Which, by: string, note: string): Promise<void> {
      await staff.get(by, 'publish')
      const row = await find(which)
      need('submitted', row, '只有已提交的版本可以退回。')
      await step({ row, to: 'rejected', by, act: 'entry.reject', note: needReason(note) })
    },
    /** Takes an entry out of use. */
    async withdraw(entry: string, by: string): Promise<void> {
      await staff.get(by, 'publish')
      const last = (await store.listVersions(entry)).findLast(row => row.state === 'published')
      if (!last) throw new Refusal('state', `条目 ${entry} 没有在用的版本，请核对编号。`)
      const also = [store.withdraw(entry, last.version)]
      await step({ row: last, to: 'withdrawn', by, act: 'entry.withdraw', also })
    },
    /** A version was wrong: it is taken out of use and marked, so that those who were told it can be told the truth. */
    async recall(which: Which, by: string, note: string): Promise<void> {
      await staff.get(by, 'recall')
      const row = await find(which)
      if (row.state !== 'published' && row.state !== 'withdrawn')
        throw new Refusal('state', '只有发布过的版本可以撤回。')
      const also = [store.withdraw(which.entry, which.version)]
      await step({ row, to: 'recalled', by, act: 'entry.recall', note: needReason(note), also })
    },
    /** An earlier version as a new draft. */
    rollback: async (which: Which, by: string): Promise<Which> => draft((await find(which)).content, by),
    /** What the entries in use say, as text, local rules too. */
    published,
    /** All versions, oldest first; `replaced` are those that were published before the one in use. */
    async history(entry: string): Promise<VersionRow[]> {
      const rows = await store.listVersions(entry)
      const inUse = rows.findLast(row => row.state === 'published' && (row.effective_from ?? '') <= today())
      return rows.map(row =>
        row.state === 'published' && inUse && row.version < inUse.version
          ? { ...row, state: 'replaced' }
          : row,
      )
    },
    listInState: (state: VersionState): Promise<VersionRow[]> => store.listInState(state),
    /** What changed between two versions, line by line. */
    async diff(entry: string, before: number, after: number): Promise<string> {
      const [old, now] = [await find({ entry, version: before }), await find({ entry, version: after })]
      return createTwoFilesPatch(`${entry} v${before}`, `${entry} v${after}`, old.content, now.content)
    },
  }
}
