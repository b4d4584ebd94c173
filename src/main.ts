/** The product: opens the house, its channels and its one port, and stops them in reverse order. */
import '#base/runtime'
import { join, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Refusal } from '#base/errors'
import { newUuid } from '#base/ids'
import { createLog } from '#base/log'
import { bots } from '#bots'
import {
  type App,
  createApp,
  createLimit,
  listen,
  mount,
  mountPage,
  type Readiness,
  type RunningServer,
} from '#http'
import { type Config, ConfigError, readConfig } from './config.ts'
import { type House, openHouse } from './house.ts'

const streamLookMs = 2_000
const root = resolve(import.meta.dirname, '..')

async function readinessOf(house: House): Promise<Readiness> {
  const pending = await house.store.pendingMigrations().catch(error => String(error))
  const database = Array.isArray(pending)
    ? { name: 'database', ok: true }
    : { name: 'database', ok: false, detail: pending }
  const migrations = { name: 'migrations', ok: Array.isArray(pending) && pending.length === 0 }
  const knowledge = {
    name: 'knowledge',
    ok: house.library.entries().length > 0,
    detail: `${house.library.entries().length} entries`,
  }
  const told = house.channels().map(channel => {
    const { state, detail } = channel.health()
    return { name: channel.name, ok: state === 'on', ...(detail && { detail }) }
  })
  return { required: [database, migrations, knowledge], told }
}

function watchLedger(house: House): void {
  house.metrics.watch({
    name: 'deliveries',
    help: 'rows of the ledger by state',
    read: async () =>
      (await house.deliveries.countByState()).map(({ account, state, count }) => ({
        labels: { account, state },
        value: count,
      })),
  })
}

async function openWebChat(house: House, app: App, config: Config): Promise<void> {
  const createWebChat = await bots['web-chat']()
  const perConversation = createLimit(Math.ceil(config.rateLimit / 2))
  const channel = createWebChat({
    newUuid,
    admit: conversation => perConversation.admit(conversation),
    about: { agency: config.agency.name, hotline: config.agency.hotline },
    lookMs: house.store.shared ? streamLookMs : 0,
  })
  await house.open(channel)
  const limit = createLimit(config.rateLimit)
  if (channel.fetch) mount(app, { path: '/api/chat/*', fetch: channel.fetch, limit }, config.trustedProxies)
}

export interface Running {
  port: number
  stop(): Promise<void>
}

/** Opens everything and resolves when citizens can be served. */
export async function start(config: Config): Promise<Running> {
  const log = createLog(config.logLevel)
  const house = await openHouse(config, log)
  const app = createApp({
    port: config.port,
    host: config.host,
    trusted: config.trustedProxies,
    log,
    readiness: () => readinessOf(house),
    metrics: () => house.metrics.expose(),
  })
  watchLedger(house)
  await openWebChat(house, app, config)
  mountPage(app, join(root, 'web/chat/dist'))
  await house.startWork()
  let server: RunningServer
  try {
    server = await listen(app, { ...config, log })
  } catch (error) {
    await house.close()
    throw error
  }
  releaseStartupMemory()
  const entries = house.library.entries().length
  const problems = house.library.problems()
  log.info('product.started', {
    port: server.port,
    entries,
    refused: problems.length,
    database: house.store.dialect,
  })
  process.stderr.write(
    `公开已启动：${config.publicUrl ?? `http://${config.host}:${server.port}/`}（知识库 ${entries} 条）\n`,
  )
  return {
    port: server.port,
    async stop() {
      const closed = server.close()
      await house.close()
      await closed
      log.info('product.stopped')
    },
  }
}

/** Loading leaves twice the memory behind that running needs; one collection gives it back. */
function releaseStartupMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** What a start that failed says: a sentence, not a stack. */
export function sayFailure(error: unknown): void {
  const { code, port } = error as { code?: string; port?: number }
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
  else if (code === 'EADDRINUSE')
    process.stderr.write(`端口 ${port} 已被占用。请关闭占用它的程序，或设置 PORT 换一个端口。\n`)
  else if (error instanceof Refusal) process.stderr.write(`${error.say}\n`)
  else if (code === 'EACCES') process.stderr.write(`没有权限使用端口或数据文件夹：${String(error)}\n`)
  else process.stderr.write(`没能启动：${error instanceof Error ? error.message : String(error)}\n`)
}

/** Runs until a signal asks for the end. */
export async function run(overrides: { data?: string } = {}): Promise<void> {
  try {
    const running = await start(readConfig(overrides))
    const stop = () => {
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
  } catch (error) {
    sayFailure(error)
    process.exit(1)
  }
}

if (import.meta.main) await run()
