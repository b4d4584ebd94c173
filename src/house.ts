/** Wires the parts together: everything that both the server and the terminal need, opened and stopped in order. */
import { existsSync } from 'node:fs'
import { createAnswerer, createAnswering, createAnswerStore, createQuestionDesk } from '#answering'
import { type Clock, formatLegalDate, repeat, systemClock } from '#base/clock'
import { newUuid } from '#base/ids'
import type { Log } from '#base/log'
import type { Channel } from '#channel'
import { createConversationStore, createGateway, createWording, type Gateway } from '#conversation'
import { createDeliveryStore, createLedger, type DeliveryStore } from '#delivery'
import { createMetrics, type Metrics } from '#http'
import { createJobStore, createMembership, createRecurring } from '#jobs'
import { type KnowledgeProblem, loadKnowledge } from '#knowledge'
import {
  createCache,
  createVault,
  type MasterKeys,
  openKeyFile,
  openPostgres,
  openSqlite,
  type Store,
  sweepCache,
  type Vault,
} from '#storage'
import type { Config } from './config.ts'

const recoverEveryMs = 5_000

export interface House {
  store: Store
  vault: Vault
  gateway: Gateway
  deliveries: DeliveryStore
  metrics: Metrics
  clock: Clock
  knowledge: { entries: number; problems: KnowledgeProblem[] }
  /** Starts a channel on the gateway. */
  open(channel: Channel): Promise<void>
  channels(): Channel[]
  /** Takes over what ended processes left, now and from time to time, and starts the recurring jobs. */
  startWork(): Promise<void>
  /** Stops in reverse order; what was accepted is finished or left for recovery. */
  close(): Promise<void>
}

export function openStore(config: Config): Promise<Store> {
  return config.databaseUrl ? openPostgres(config.databaseUrl) : openSqlite(config.databaseFile)
}

export function openMasterKeys({ masterKeys, keyFile }: Config): () => MasterKeys {
  return masterKeys ? () => masterKeys : openKeyFile(keyFile)
}

async function openKnowledge(config: Config, log: Log, today: string) {
  if (!existsSync(config.knowledgeDir)) {
    log.warn('knowledge.missing', {
      folder: config.knowledgeDir,
      say: '没有知识库文件夹，所有问题都会如实回答不知道',
    })
    return { entries: [], problems: [] }
  }
  const knowledge = await loadKnowledge(config.knowledgeDir, today)
  for (const { file, line, problem } of knowledge.problems)
    log.warn('knowledge.refused', { file, line, problem })
  return knowledge
}

export async function openHouse(config: Config, log: Log): Promise<House> {
  const clock = systemClock
  const metrics = createMetrics()
  const store = await openStore(config)
  const vault = createVault(store, openMasterKeys(config))
  const today = formatLegalDate(clock.now())
  const { entries, problems } = await openKnowledge(config, log, today)

  const jobStore = createJobStore(store)
  const membership = createMembership({ id: newUuid(), store: jobStore, clock, log })
  const common = { clock, log, meter: metrics, vault, process: membership.id }
  const recurring = createRecurring({ store: jobStore, clock, log, process: membership.id })
  const deliveries = createDeliveryStore(store)
  const ledger = createLedger({ ...common, store: deliveries, random: Math.random })
  const answering = createAnswering({ entries, today })
  const answers = createAnswerStore(store)
  const questions = createQuestionDesk({
    ...common,
    store: answers,
    ledger,
    find: answering.find,
    audit: async () => [],
  })
  const gateway = createGateway({
    ...common,
    store: createConversationStore(store),
    ledger,
    wording: createWording(config.agency),
    answerer: createAnswerer({
      answering,
      hotline: config.agency.hotline,
      feedback: { ...answers, clock },
    }),
    retentionDays: config.retentionDays,
    living: () => membership.living(),
    cacheOf: account =>
      createCache({ store, clock, log, ...(config.cacheUrl && { url: config.cacheUrl }) }, account),
  })
  await membership.start()

  const channels: Channel[] = []
  const stopping = new AbortController()
  const recover = () => gateway.recover().catch(e => log.error('recovery.failed', e))

  return {
    store,
    vault,
    gateway,
    deliveries,
    metrics,
    clock,
    knowledge: { entries: entries.length, problems },
    channels: () => channels,
    async open(channel) {
      await channel.start(await gateway.hostOf(channel))
      channels.push(channel)
    },
    async startWork() {
      await gateway.recover()
      void repeat(recover, { clock, everyMs: recoverEveryMs, signal: stopping.signal })
      const sweep = { name: 'cache.sweep', everyMs: 60 * 60_000, run: () => sweepCache(store, clock.now()) }
      const gather = { name: 'questions.gather', everyMs: 10 * 60_000, run: questions.gather }
      recurring.start([...gateway.jobs(), sweep, gather])
    },
    async close() {
      stopping.abort()
      await recurring.stop()
      await gateway.stop()
      await ledger.stop()
      await Promise.all(channels.map(channel => channel.stop()))
      await membership.stop()
      await store.close()
    },
  }
}
