/** What officials do with answers that were none, or were wrong: give them an owner, answer those who asked, correct. */
import { z } from 'zod'
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Log } from '#base/log'
import { maskPersonal } from '#base/personal'
import { type Document, paragraph } from '#channel'
import { textOf } from '#conversation'
import type { Ledger } from '#delivery'
import type { Entry } from '#knowledge'
import { findCluster } from '#retrieval'
import type { StaffDesk } from '#staff'
import { Conflict, type DataKey, type Vault, type Write } from '#storage'
import { documentOf } from './dialog.ts'
import type { AnswerStore, AskedRow, ClusterRow, ClusterState, QuestionRow } from './store.ts'
import { answerWording } from './wording.ts'

const dayMs = 24 * 60 * 60_000
const daysToAnswer = 14
const atOnce = 500
const clustersKey = 'clusters'
const labelContext = 'cluster'
const dateShape = z.iso.date()

export interface Cluster extends Omit<ClusterRow, 'label' | 'asked' | 'waiting'> {
  /** One of the questions, without personal data. */
  label: string
  asked: number
  /** How many want to be told when there is an answer. */
  waiting: number
}

/** One of the questions of a cluster, without personal data. */
export interface ClusterQuestion {
  text: string
  /** Epoch milliseconds. */
  askedAt: number
  /** The entry that was told, at once or later; null where there was none. */
  entry: string | null
  /** What was wrong with it, in the citizen's choice of words. */
  reason: string | null
  /** Whether the citizen wants to be told, or was. */
  wish: 'none' | 'waiting' | 'told'
  /** The nearest entries, the nearest first. */
  candidates: string[]
}

export interface QuestionDeskOptions {
  store: AnswerStore
  vault: Vault
  ledger: Ledger
  clock: Clock
  log: Log
  find(id: string): Entry | undefined
  /** Who may answer, and the trail in which every act is written. */
  staff: Pick<StaffDesk, 'get' | 'record'>
}

interface ClusterAct {
  by: string
  act: string
  cluster: number
  detail?: Record<string, string>
}

export type QuestionDesk = ReturnType<typeof createQuestionDesk>

export function createQuestionDesk(options: QuestionDeskOptions) {
  const { store, vault, ledger, clock, log } = options

  /** Clusters are nobody's conversation: they have a data key of their own. */
  async function clusterKey(): Promise<DataKey> {
    const { key, writes } = await vault.findOrCreate(clustersKey, clock.now())
    if (writes.length === 0) return key
    await store.commit(writes).catch(error => {
      if (!(error instanceof Conflict)) throw error
      vault.forget(clustersKey)
    })
    return (await vault.find(clustersKey)) ?? key
  }

  async function list(state: ClusterState = 'gathered'): Promise<Cluster[]> {
    const key = await clusterKey()
    const rows = await store.listClusters(state)
    return rows.map(row => ({
      ...row,
      label: key.open(row.label, labelContext),
      asked: Number(row.asked ?? 0),
      waiting: Number(row.waiting ?? 0),
    }))
  }

  async function questionOf(row: QuestionRow): Promise<string | undefined> {
    const key = await vault.find(row.id)
    return key && textOf(row.body, key)
  }

  /** Brings questions without a good answer together; a recurring job, once over all processes. */
  async function gather(): Promise<void> {
    await tellLate()
    const loose = await store.listLoose(atOnce)
    if (loose.length === 0) return
    const clusters = await list()
    for (const row of loose) {
      const question = await questionOf(row)
      if (question === undefined) continue
      const cluster = findCluster(question, clusters) ?? (await open(row, question))
      if (!clusters.includes(cluster)) clusters.push(cluster)
      await store.commit([store.putInCluster(row.seq, cluster.seq)])
    }
  }

  /** Tells those of answered clusters who wished only afterwards, or whom a broken-off telling left out. */
  async function tellLate(): Promise<void> {
    for (const { seq, entry } of await store.listOwed()) {
      const found = options.find(entry ?? '')
      if (found) await tellWaiting(seq, found)
    }
  }

  /** Tells an entry to those of a cluster who wait, each once. Gives how many. */
  async function tellWaiting(cluster: number, found: Entry): Promise<number> {
    let told = 0
    for (const row of await store.listWaiting(cluster)) {
      const question = (await questionOf(row)) ?? ''
      const words = answerWording['zh-CN'].nowAnswered(question)
      const mark = { seq: row.seq, entry: found.id, version: found.version ?? null, now: clock.now() }
      if (await tell(row, [paragraph(words), ...documentOf(found)], store.markTold(mark))) told++
    }
    return told
  }

  /** A new cluster belongs to whoever owns the entry that came nearest. */
  async function open(row: QuestionRow, question: string): Promise<Cluster> {
    const now = clock.now()
    const owner = options.find(nearestOf(row)[0] ?? '')?.owner ?? null
    const due_on = formatLegalDate(now + daysToAnswer * dayMs)
    const label = (await clusterKey()).seal(question, labelContext)
    const seq = await store.insertCluster({ label, owner, due_on, created_at: now })
    log.info('question.gathered', { cluster: seq, owner: owner ?? '' })
    const fresh = { seq, label: question, state: 'gathered', owner, due_on, entry: null, created_at: now }
    return { ...fresh, asked: 0, waiting: 0 }
  }

  /** Sends a message that nobody asked for just now; `mark` makes sure that it is sent once. */
  async function tell(row: Pick<QuestionRow, 'id' | 'conversation'>, document: Document, mark: Write) {
    const key = await vault.find(row.id)
    if (!key) return false
    const bar = row.id.indexOf('|')
    const to = { conversation: row.conversation, account: row.id.slice(0, bar), chat: row.id.slice(bar + 1) }
    const drafts = ledger.parts({ to, document, createdAt: clock.now() })
    try {
      const rows = await store.commit([...drafts.map(draft => ledger.enter(draft, key)), mark])
      ledger.carry(drafts, rows)
      return true
    } catch (error) {
      // Somebody else told them in this moment.
      if (error instanceof Conflict) return false
      throw error
    }
  }

  /** An act on a cluster, with its row in the audit trail; exactly one of those who try ends a cluster. */
  async function act({ cluster, ...done }: ClusterAct, writes: Write[]): Promise<void> {
    await options.staff.get(done.by, 'answer')
    try {
      await options.staff.record({ ...done, subject: String(cluster) }, writes)
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      throw new Refusal('cluster', `没有待处理的问题组 ${cluster}，可能刚刚被别人处理过。`)
    }
  }

  return {
    gather,
    list,
    /** The questions of a cluster, oldest first. Throws a Refusal when there is no such cluster. */
    async show(cluster: number): Promise<ClusterQuestion[]> {
      if (!(await store.hasCluster(cluster)))
        throw new Refusal('cluster', `没有问题组 ${cluster}，请用 questions list 核对编号。`)
      const found: ClusterQuestion[] = []
      for (const row of await store.listAsked(cluster)) {
        const text = await questionOf(row)
        if (text !== undefined) found.push(questionAsked(row, text))
      }
      return found
    },
    /** Names who answers a cluster, and until when (YYYY-MM-DD). */
    async assign(cluster: number, to: { owner: string; dueOn: string }, by: string): Promise<void> {
      const { owner, dueOn } = to
      if (owner.trim() === '') throw new Refusal('owner', '请写明由哪个处室或哪个人负责。')
      if (!dateShape.safeParse(dueOn).success)
        throw new Refusal('date', '期限要写成 YYYY-MM-DD，例如 2027-01-15。')
      if (dueOn < formatLegalDate(clock.now()))
        throw new Refusal('date', `期限 ${dueOn} 已经过去了，请写今天以后的日期。`)
      await act({ by, act: 'cluster.assign', cluster, detail: { owner: owner.trim(), due: dueOn } }, [
        store.assign({ seq: cluster, owner: owner.trim(), due_on: dueOn }),
      ])
    },
    /** The cluster has an entry now: those who wished so are told, once. Gives how many. */
    async answer(cluster: number, entry: string, by: string): Promise<number> {
      const found = options.find(entry)
      if (!found) throw new Refusal('entry', `没有正在使用的条目 ${entry}，请先发布它。`)
      await act({ by, act: 'cluster.answer', cluster, detail: { entry } }, [
        store.settle({ seq: cluster, state: 'answered', entry }),
      ])
      return tellWaiting(cluster, found)
    },
    async dismiss(cluster: number, by: string): Promise<void> {
      await act({ by, act: 'cluster.dismiss', cluster }, [
        store.settle({ seq: cluster, state: 'dismissed', entry: null }),
      ])
    },
    /** How many conversations were told this version and not yet its correction. */
    countMisled: async (entry: string, version: number) => (await store.listMisled(entry, version)).length,
    /** Sends the correction of a version to all who were told it, each once. Gives how many. */
    async correct(
      wrong: { entry: string; version: number },
      correction: string,
      by: string,
    ): Promise<number> {
      const misled = await store.listMisled(wrong.entry, wrong.version)
      await options.staff.get(by, 'recall')
      const trail = { by, act: 'entry.correct', subject: wrong.entry, detail: { version: wrong.version } }
      await options.staff.record(trail, [])
      const document = [paragraph(answerWording['zh-CN'].corrected(correction))]
      let told = 0
      for (const row of misled) {
        const mark = { ...wrong, conversation: row.conversation, created_at: clock.now() }
        if (await tell(row, document, store.insertCorrection(mark))) told++
      }
      return told
    },
  }
}

function nearestOf({ candidates }: QuestionRow): string[] {
  const nearest: { id: string }[] = JSON.parse(candidates ?? '[]')
  return nearest.map(({ id }) => id)
}

function questionAsked(row: AskedRow, text: string): ClusterQuestion {
  const { entry, verdict_reason: reason, received_at: askedAt } = row
  const wish = row.wish_at === null ? 'none' : row.told_at === null ? 'waiting' : 'told'
  return { text: maskPersonal(text), askedAt, entry, reason, wish, candidates: nearestOf(row) }
}
