/** One process's ledger on a real database, as the delivery tests use it. */
import { silentLog, silentMeter } from '#base/log'
import { paragraph } from '#channel'
import { createDeliveryStore, createLedger, type Draft, keyNameOf, type Ledger } from '#delivery'
import {
  createMasterKeyText,
  createVault,
  type DataKey,
  type MasterKey,
  parseMasterKey,
  type Store,
} from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import type { TestDatabase } from '../storage/databases.ts'
import { createFakeChannel, type FakeChannel } from './fake-channel.ts'

export const start = Date.UTC(2026, 10, 23, 1, 0, 0)

export function createTestMaster(): MasterKey {
  return parseMasterKey(createMasterKeyText()) as MasterKey
}

export interface Post {
  readonly id: string
  readonly store: Store
  readonly ledger: Ledger
  readonly channel: FakeChannel
  readonly clock: TestClock
  /** Enters texts into the ledger in one unit, as a turn does, and carries them. */
  say(chat: string, texts: readonly string[], rest?: Partial<Draft>): Promise<void>
  /** The same without carrying: the process died right after its commit. */
  commit(chat: string, texts: readonly string[], rest?: Partial<Draft>): Promise<void>
  /** The states of all rows, in order of entry. */
  states(): Promise<string[]>
  rows(): Promise<{ state: string; process: string; attempts: number; reason: string | null }[]>
  /** A conversation's data key, once something was said in it. */
  key(name: string): Promise<DataKey>
  close(): Promise<void>
}

export interface PostOptions {
  database: TestDatabase
  master: MasterKey
  id?: string
  clock?: TestClock
  channel?: FakeChannel
}

const conversationOf = (chat: string) => chat.charCodeAt(0)

export async function openPost({ database, master, id = 'p1', ...rest }: PostOptions): Promise<Post> {
  const { clock = createTestClock(start), channel = createFakeChannel() } = rest
  const store = await database.open()
  const vault = createVault(store, () => [master])
  const deliveries = createDeliveryStore(store)
  const common = { clock, log: silentLog, meter: silentMeter, random: () => 0.5, process: id }
  const ledger = createLedger({ ...common, store: deliveries, vault })
  ledger.attach(channel)

  async function enter(chat: string, texts: readonly string[], more: Partial<Draft> = {}) {
    const to = { conversation: conversationOf(chat), account: channel.account, chat }
    const { key, writes } = await vault.findOrCreate(keyNameOf(to), clock.now())
    const drafts = texts.flatMap(t =>
      ledger.parts({ to, document: [paragraph(t)], createdAt: clock.now(), ...more }),
    )
    const rows = await store.commit([...drafts.map(draft => ledger.enter(draft, key)), ...writes])
    return { drafts, rows }
  }

  const rows = () =>
    store.query(db =>
      db.selectFrom('deliveries').select(['state', 'process', 'attempts', 'reason']).orderBy('seq'),
    )

  return {
    id,
    store,
    ledger,
    channel,
    clock,
    async say(chat, texts, more) {
      const entered = await enter(chat, texts, more)
      ledger.carry(entered.drafts, entered.rows)
    },
    async commit(chat, texts, more) {
      await enter(chat, texts, more)
    },
    rows,
    states: async () => (await rows()).map(row => row.state),
    async key(name) {
      const key = await vault.find(name)
      if (!key) throw new Error('nothing was said there')
      return key
    },
    async close() {
      await ledger.stop()
      await store.close()
    },
  }
}
