/** One process's gateway on a real database, with a fake channel in front of it. */
import { type Log, silentLog, silentMeter } from '#base/log'
import { type Channel, type ChannelHost, paragraph } from '#channel'
import { createConversationStore, createGateway, type Gateway } from '#conversation'
import { createDeliveryStore, createLedger, type Ledger } from '#delivery'
import type { Answerer } from '#dialog'
import { createVault, type MasterKey, type Store, type Vault } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createFakeChannel, type FakeChannel } from '../delivery/fake-channel.ts'
import { start } from '../delivery/post.ts'
import { wording } from '../dialog/talk.ts'
import type { TestDatabase } from '../storage/databases.ts'

export const zh = wording['zh-CN']

export interface Branch {
  readonly id: string
  readonly store: Store
  readonly vault: Vault
  readonly gateway: Gateway
  readonly ledger: Ledger
  readonly host: ChannelHost
  readonly channel: FakeChannel
  readonly clock: TestClock
  readonly logged: string[]
  /** A message arrives; resolves when it is stored. */
  receive(chat: string, nativeId: string, text: string): Promise<'accepted' | 'duplicate'>
  /** Resolves when so many replies have left. */
  replied(count: number): Promise<void>
  /** The states of the messages that arrived, in order. */
  inbound(): Promise<string[]>
  close(): Promise<void>
}

export interface BranchOptions {
  database: TestDatabase
  master: MasterKey
  id?: string
  clock?: TestClock
  channel?: FakeChannel
  answerer?: Answerer | ((store: Store, clock: TestClock) => Answerer)
  /** All processes that live; this one alone when absent. */
  living?: () => string[]
  retentionDays?: number
}

/** Answers with the question; sure of whatever has 失业金 in it. */
export const echo: Answerer = {
  answer: text => ({ document: [paragraph(`答：${text}`)], certain: text.includes('失业金') }),
  choose: () => undefined,
}

const noCache = { get: async () => undefined, set: async () => true, delete: async () => false }

function createNotebook(logged: string[]): Log {
  return { ...silentLog, error: (event, error) => void logged.push(`${event}: ${String(error)}`) }
}

export async function openBranch({ database, master, id = 'p1', ...rest }: BranchOptions): Promise<Branch> {
  const { clock = createTestClock(start), channel = createFakeChannel(), answerer = echo } = rest
  const store = await database.open()
  const vault = createVault(store, () => [master])
  const logged: string[] = []
  const common = { clock, log: createNotebook(logged), meter: silentMeter, vault, process: id }
  const ledger = createLedger({ ...common, store: createDeliveryStore(store), random: () => 0.5 })
  const gateway = createGateway({
    ...common,
    store: createConversationStore(store),
    ledger,
    wording,
    answerer: typeof answerer === 'function' ? answerer(store, clock) : answerer,
    retentionDays: rest.retentionDays ?? 180,
    living: async () => new Set(rest.living?.() ?? [id]),
    cacheOf: async () => noCache,
  })
  const host = await gateway.hostOf(channel satisfies Channel)
  return {
    id,
    store,
    vault,
    gateway,
    ledger,
    host,
    channel,
    clock,
    logged,
    receive: (chat, nativeId, text) => host.receive({ chat, nativeId, text }),
    replied: count => until(`${count} replies have left`, () => channel.taken.length >= count),
    async inbound() {
      const rows = await store.query(db => db.selectFrom('inbound').select('state').orderBy('seq'))
      return rows.map(row => row.state)
    },
    async close() {
      const stopped = gateway.stop()
      await clock.advance(60_000)
      await stopped
      await ledger.stop()
      await store.close()
    },
  }
}

/** Runs a query that only SQLite has. */
export async function pragma(store: Store, sql: string): Promise<void> {
  await store.query(() => ({ compile: () => ({ sql: `pragma ${sql}`, parameters: [] }) }) as never)
}
