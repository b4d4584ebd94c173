/** The product: opens the house, its channels and its one port, and stops them in reverse order. */
import '#base/runtime'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Refusal, reasonOf } from '#base/errors'
import { newUuid } from '#base/ids'
import { createLog } from '#base/log'
import { bots } from '#bots'
import { createConsole } from '#console'
import {
  type App,
  createApp,
  createLimit,
  listen,
  mount,
  mountConsole,
  mountPage,
  type Readiness,
  type RunningServer,
} from '#http'
import { publicPages } from '#pages'
import { KeyFailure, StorageFailure, type StorageTrouble } from '#storage'
import { openChannels, watchChannels, watchHearing } from './channels.ts'
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

function watchQueue({ metrics, deliveries, clock }: House): void {
  metrics.watch({
    name: 'queue_age_seconds',
    help: 'age of the oldest message that waits to be sent',
    read: async () =>
      (await deliveries.oldestOpen()).map(({ account, since }) => ({
        labels: { account },
        value: Math.max(0, (clock.now() - since) / 1000),
      })),
  })
}

/** The public's pages, each address at most so often. */
function mountPages(app: App, house: House, { agency, rateLimit, ...config }: Config): void {
  const { pages, disclosure, press, annex } = house
  const limit = createLimit(Math.ceil(rateLimit / 2))
  const { status, slip, confirmSlip } = disclosure
  const requests = { agency: agency.name, status, slip, confirmSlip, pdf: press.pdf, addFile: annex.addOwn }
  for (const { limited, ...page } of publicPages(pages, requests)) {
    const limits = { ...(limited !== 'nothing' && { limit }), limitsReading: limited === 'all' }
    mount(app, { ...page, ...limits }, config.trustedProxies)
  }
}

const consolePage = join(root, 'web/console/dist')

/** The officials' API and page; while nobody can sign in, a link for the first administrator is told. */
async function openConsole(app: App, house: House, config: Config): Promise<void> {
  const { signIn, staff, disclosure, sessions, log } = house
  const secure = config.publicUrl?.startsWith('https:') ?? false
  const { fetch } = createConsole({ signIn, staff, disclosure, sessions, log, secure })
  const limit = createLimit(config.rateLimit)
  mount(app, { path: '/api/staff/*', fetch: async request => fetch(request), limit }, config.trustedProxies)
  const described = new URL('/api/staff/openapi.json', 'http://localhost')
  mount(
    app,
    { path: '/api/openapi.json', fetch: async () => fetch(new Request(described)) },
    config.trustedProxies,
  )
  mountConsole(app, consolePage)
}

/** Told on the terminal and nowhere else: whoever has it becomes the administrator. */
async function inviteFirst({ signIn }: House, address: string): Promise<void> {
  const invitation = await signIn.inviteFirst()
  if (!invitation) return
  const url = new URL(`/console/#/join/${invitation.token}`, address).href
  process.stderr.write(`还没有管理员。请在24小时内打开这个链接（只能用一次）：${url}\n`)
}

export interface Running {
  port: number
  /** Resolves with the account of a channel that no longer hears its platform. */
  deaf: Promise<string>
  stop(): Promise<void>
}

/** Opens everything and resolves when citizens can be served. */
export async function start(config: Config): Promise<Running> {
  const page = join(root, 'web/chat/dist')
  for (const folder of [page, consolePage])
    if (!existsSync(join(folder, 'index.html')))
      throw new Refusal('page', '还没有网页（web/*/dist）。请先运行 npm ci，或者 npm run prepare。')
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
  watchQueue(house)
  watchChannels(() => house.channels(), house.metrics)
  await openWebChat(house, app, config)
  await openChannels(house, { app, config, log })
  mountPages(app, house, config)
  await openConsole(app, house, config)
  mountPage(app, page)
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
  const address = config.publicUrl ?? `http://${config.host}:${server.port}/`
  process.stderr.write(`公开已启动：${address}（知识库 ${entries} 条）\n`)
  await inviteFirst(house, address)
  const stopping = new AbortController()
  return {
    port: server.port,
    deaf: watchHearing(() => house.channels(), { clock: house.clock, signal: stopping.signal }),
    async stop() {
      stopping.abort()
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
  if (typeof collect !== 'function') return
  // The second one frees what the first let go.
  for (let pass = 0; pass < 2; pass++) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

const troubles: Record<StorageTrouble, string> = {
  corrupt: '数据库已损坏。请停止产品，用 restore 命令从最近的备份恢复',
  'not-a-database': '这不是数据库文件。请检查 GONGKAI_DATA 指的文件夹是否选对',
  locked: '数据库被别的程序锁住了。请关闭占用它的程序后再试',
  full: '磁盘已满，请腾出空间',
  'read-only':
    '没有写数据库的权限。请检查 GONGKAI_DATA 指的文件夹的权限，用 PostgreSQL 的检查 DATABASE_URL 里那个用户的权限',
  constraint: '数据不一致，请从备份恢复',
  unreachable:
    '数据库连不上或打不开。用 PostgreSQL 的，请检查 DATABASE_URL 里的地址、用户、密码和库名；用自带数据库的，请检查 GONGKAI_DATA 指的文件夹的权限',
  newer: '数据库是更新版本的程序用过的。请换上那个版本的程序，或者从备份恢复',
  other: '数据库出了问题。请照括号里的原因检查 DATABASE_URL 或 GONGKAI_DATA',
}

const faults: Record<string, (path: string) => string> = {
  EACCES: path => `没有权限使用 ${path}。请检查它的权限，或换一个用户运行；数据文件夹由 GONGKAI_DATA 指定。`,
  EADDRNOTAVAIL: () => 'HOST 不是这台机器的地址。请改正 HOST，通常写 127.0.0.1 或 0.0.0.0。',
  ENOTFOUND: host => `找不到 ${host} 这个地址。请改正 HOST，通常写 127.0.0.1 或 0.0.0.0。`,
  ENOENT: path => `没有 ${path}，也不能建立。请检查 GONGKAI_DATA。`,
  ENOTDIR: path => `${path} 的上一级不是文件夹。请检查 GONGKAI_DATA。`,
  EISDIR: () => '要读的文件是文件夹。请检查 GONGKAI_DATA 指的文件夹里的 master.key。',
  EEXIST: path => `${path} 已经存在，而且不是文件夹。请检查 GONGKAI_DATA。`,
  EROFS: path => `${path} 所在的磁盘是只读的。请检查 GONGKAI_DATA。`,
  ENOSPC: () => '磁盘已满，请腾出空间。',
}

interface Fault {
  code?: string
  port?: number
  path?: string
  hostname?: string
  syscall?: string
}

/** What keeps the port from being opened. */
const portFaults: Record<string, string> = {
  EADDRINUSE: '已被占用。请关闭占用它的程序，或设置 PORT 换一个端口。',
  EACCES: '没有权限使用。请设置 PORT 换一个 1024 以上的端口。',
}

/** What a failure says: a sentence that names the setting, not a stack. `what`: that which did not succeed. */
export function sayFailure(error: unknown, what = '没能启动'): void {
  const { code = '', port, path, hostname, syscall } = error as Fault
  const words = reasonOf(error)
  const known = faults[code]?.(path ?? hostname ?? '')
  const say = () => {
    if (error instanceof ConfigError) return words
    if (error instanceof Refusal) return error.say
    if (error instanceof KeyFailure) return `${what}：${error.say}`
    if (syscall === 'listen' && code in portFaults) return `端口 ${port} ${portFaults[code]}`
    if (error instanceof StorageFailure) return `${what}：${troubles[error.trouble]}（${words}）。`
    return `${what}：${known ?? `没有料到的问题，请改正后再试，或把这句话报告给开发者（${words}）。`}`
  }
  process.stderr.write(`${say()}\n`)
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
    // Whoever supervises starts the product anew: what was accepted is kept, and what waits at the platform comes.
    running.deaf.then(account => {
      process.stderr.write(`渠道 ${account} 一直收不到平台的消息，停下来等重新启动。\n`)
      return running.stop().finally(() => process.exit(1))
    })
  } catch (error) {
    sayFailure(error)
    process.exit(1)
  }
}

if (import.meta.main) await run()
