/** What officials do with entries: draft, submit, publish or reject, withdraw, roll back, recall. */
import { createTwoFilesPatch } from 'diff'
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { may, type StaffDesk } from '#staff'
import { Conflict, type Write } from '#storage'
import { type Entry, parseEntry } from './entry.ts'
import { faultsOf, hashOf } from './folder.ts'
import type { KnowledgeStore, VersionRow, VersionState } from './store.ts'

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
  /** The legal date from which it is quoted; at once when absent. */
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

export function createKnowledgeDesk({ store, staff, clock, measure }: KnowledgeDeskOptions) {
  /** The text as an entry. Throws a Refusal that names line and fault. */
  function check(content: string): Entry {
    const problems: string[] = []
    const entry = parseEntry(content, (line, problem) => void problems.push(`第${line}行：${problem}`))
    const faults = entry ? faultsOf(entry, formatLegalDate(clock.now()), {}).filter(f => f.dropped) : []
    problems.push(...faults.map(fault => fault.problem))
    if (!entry || problems.length > 0)
      throw new Refusal('entry', `条目有问题：${problems.join('；')}。请改正后再提交。`)
    return entry
  }

  async function find({ entry, version }: Which): Promise<VersionRow> {
    const row = await store.getVersion(entry, version)
    if (!row) throw new Refusal('version', `没有条目 ${entry} 的第${version}版。`)
    return row
  }

  async function step({ row, to, by, act, note, from = row.effective_from, also = [] }: Step): Promise<void> {
    const { entry, version } = row
    const reviewer = ['submitted'].includes(to) ? row.reviewer : by
    const change = {
      entry,
      version,
      from: row.state,
      to,
      reviewer,
      note: note ?? row.note,
      effective_from: from,
    }
    const detail = {
      version,
      ...(note && { note }),
      ...(row.author === by && to === 'published' && { alone: true }),
    }
    try {
      await staff.record({ by, act, subject: entry, detail }, [
        store.move(change),
        store.insertChange(entry, clock.now()),
        ...also,
      ])
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      throw new Refusal('moved', `条目 ${entry} 的第${version}版刚刚被别人处理过，请刷新后再看。`)
    }
  }

  /** Four eyes, unless there is only one official who may publish. */
  async function mayPublish(row: VersionRow, by: string): Promise<void> {
    await staff.get(by, 'publish')
    if (row.author !== by) return
    const others = (await staff.list()).filter(account => account.name !== by && may(account, 'publish'))
    if (others.length > 0)
      throw new Refusal('four-eyes', `自己写的条目要由别人审核：${others.map(o => o.name).join('、')}。`)
  }

  async function draft(content: string, by: string): Promise<Which> {
    await staff.get(by, 'edit')
    const { id } = check(content)
    const version = ((await store.listLast()).get(id) ?? 0) + 1
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
    await staff.record({ by, act: 'entry.draft', subject: id, detail: { version } }, [
      store.insertVersion(row),
    ])
    return { entry: id, version }
  }

  return {
    draft,
    async submit(which: Which, by: string): Promise<void> {
      await staff.get(by, 'edit')
      const row = await find(which)
      if (row.state !== 'drafted') throw new Refusal('state', '只有草稿可以提交审核。')
      await step({ row, to: 'submitted', by, act: 'entry.submit' })
    },
    /** Publishes a submitted version. Throws a Refusal with what would get worse, unless `despite`. */
    async approve(which: Which, by: string, { from, despite = false }: Publishing = {}) {
      const row = await find(which)
      if (row.state !== 'submitted') throw new Refusal('state', '只有已提交的版本可以发布。')
      await mayPublish(row, by)
      const worse = despite ? [] : ((await measure?.(check(row.content))) ?? [])
      if (worse.length > 0)
        throw new Refusal(
          'worse',
          `发布后评测结果会变差：${worse.join('；')}。请再看一遍，确认无误后选择仍然发布。`,
        )
      await step({ row, to: 'published', by, act: 'entry.publish', from: from ?? null })
    },
    async reject(which: Which, by: string, note: string): Promise<void> {
      await staff.get(by, 'publish')
      const row = await find(which)
      if (row.state !== 'submitted') throw new Refusal('state', '只有已提交的版本可以退回。')
      await step({ row, to: 'rejected', by, act: 'entry.reject', note })
    },
    /** Takes an entry out of use. */
    async withdraw(entry: string, by: string): Promise<void> {
      await staff.get(by, 'publish')
      const published = (await store.listVersions(entry)).filter(row => row.state === 'published')
      const last = published.at(-1)
      if (!last) throw new Refusal('state', `条目 ${entry} 没有在用的版本。`)
      const also = [store.withdraw(entry, last.version)]
      await step({ row: last, to: 'withdrawn', by, act: 'entry.withdraw', also })
    },
    /** A version was wrong: it is taken out of use and marked, so that those who were told it can be told the truth. */
    async recall(which: Which, by: string, note: string): Promise<void> {
      await staff.get(by, 'recall')
      const row = await find(which)
      if (row.state !== 'published' && row.state !== 'withdrawn')
        throw new Refusal('state', '只有发布过的版本可以撤回。')
      await step({
        row,
        to: 'recalled',
        by,
        act: 'entry.recall',
        note,
        also: [store.withdraw(which.entry, which.version)],
      })
    },
    /** An earlier version as a new draft. */
    async rollback(which: Which, by: string) {
      return draft((await find(which)).content, by)
    },
    history: (entry: string) => store.listVersions(entry),
    listInState: (state: VersionState) => store.listInState(state),
    /** What changed between two versions, line by line. */
    async diff(entry: string, before: number, after: number): Promise<string> {
      const [old, now] = [await find({ entry, version: before }), await find({ entry, version: after })]
      return createTwoFilesPatch(`${entry} v${before}`, `${entry} v${after}`, old.content, now.content)
    },
  }
}
