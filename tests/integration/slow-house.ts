/**
 * A house on the Official Account alone, whose answers take as long as the question asks for: “等4秒的第17问”. It is a
 * process of its own, to be killed; everything but who answers is the product's.
 */
import { join } from 'node:path'
import { repeat, systemClock } from '#base/clock'
import { newUuid } from '#base/ids'
import { createLog, silentMeter } from '#base/log'
import { bots } from '#bots'
import { paragraph } from '#channel'
import { readConfig } from '#config'
import { createConversationStore, createGateway } from '#conversation'
import { createDeliveryStore, createLedger } from '#delivery'
import { type Answerer, createWording } from '#dialog'
import { openMasterKeys, openStore } from '#house'
import { createApp, listen, mount } from '#http'
import { createJobStore, createMembership } from '#jobs'
import { createCache, createVault } from '#storage'

const clock = systemClock
const config = readConfig()
const log = createLog(config.logLevel)
const store = await openStore(config)
const vault = createVault(store, openMasterKeys(config))
const membership = createMembership({ id: newUuid(), store: createJobStore(store), clock, log })
const common = { clock, log, meter: silentMeter, vault, process: membership.id }
const ledger = createLedger({ ...common, store: createDeliveryStore(store), random: Math.random })

const slow: Answerer = {
  async answer(text) {
    const [, seconds, number] = /等(\d+)秒的第(\d+)问/.exec(text) ?? []
    await clock.sleep(Number(seconds ?? 0) * 1000)
    return { document: [paragraph(`第${number ?? '？'}问的答复`)], certain: true }
  },
  choose: () => undefined,
}

const gateway = createGateway({
  ...common,
  store: createConversationStore(store),
  ledger,
  wording: createWording(config.agency),
  answerer: slow,
  retentionDays: config.retentionDays,
  living: () => membership.living(),
  cacheOf: account => createCache({ store, clock, log }, account),
})
await membership.start()
if (!config.officialAccount) throw new Error('no settings of an Official Account')
const channel = (await bots['official-account']())(config.officialAccount)
await channel.start(await gateway.hostOf(channel))
await gateway.recover()
void repeat(() => gateway.recover(), { clock, everyMs: 1_000, signal: new AbortController().signal })

const app = createApp({
  port: config.port,
  host: config.host,
  trusted: config.trustedProxies,
  log,
  readiness: async () => ({ required: [], told: [] }),
  metrics: async () => '',
})
mount(
  app,
  { path: '/channels/wechat', fetch: async request => (await channel.fetch?.(request)) ?? Response.error() },
  config.trustedProxies,
)
await listen(app, { ...config, log })
process.stderr.write(`公开已启动：${join(config.dataDir)}\n`)
