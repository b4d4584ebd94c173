/** The two ways in which Telegram is heard: we ask for updates, or it calls us. */
import { hash, timingSafeEqual } from 'node:crypto'
import type { ChannelHost } from '#channel'
import { allowedUpdates, type Me, numberOf } from './decode.ts'
import type { Intake } from './intake.ts'
import type { Pulse } from './pulse.ts'
import { ApiFailure, type BotApi } from './transport.ts'

/** How long Telegram may wait for something to tell, in seconds. */
const longPollSeconds = 25
const pollTimeoutMs = 40_000
const mostAtOnce = 100
/** Two that ask for the same bot's updates take turns this long: each is heard, and nothing is lost. */
const conflictPauseMs = 5_000
const firstPauseMs = 500
const longestPauseMs = 30_000
const lookEveryMs = 60_000
const recentMs = 5 * 60_000
/** Where a server does not wait as it is asked to, we do: so long between two questions that nothing answered. */
const emptyPauseMs = 1_000
/** Most calls at once that Telegram may make; those of one chat come one after the other all the same. */
const webhookConnections = 100

export interface Webhook {
  url: string
  secret: string
}

export interface ReceivingOptions {
  api: BotApi
  host: ChannelHost
  intake: Intake
  pulse: Pulse
  webhook?: Webhook | undefined
  stopping: AbortSignal
  onMe(me: Me): void
}

/** What is wrong, in words for the operator. */
export function sayTrouble(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ApiFailure)) return `收到的消息暂时存不下（${words}），会自动重试`
  if (error.code === 401 || error.code === 404)
    return 'Telegram 不认这个令牌，请检查 TELEGRAM_BOT_TOKEN，用的是自己的服务器还要检查 TELEGRAM_API_ROOT'
  if (error.code === 409)
    return '另一个程序也在用这个机器人收消息；一个令牌只能有一处在收，请停掉另一处，或者改用 webhook'
  if (error.detail.stage === 'before')
    return `连不上 Telegram（${words}）；需要代理的网络请设置 TELEGRAM_PROXY`
  return `Telegram 出错（${words}），会自动重试`
}

function pauseOf(error: unknown, failures: number): number {
  if (error instanceof ApiFailure && error.detail.retryAfterMs) return error.detail.retryAfterMs
  if (error instanceof ApiFailure && error.code === 409) return conflictPauseMs
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10))
}

/** Makes the bot known to us and the way known to Telegram; tries until it has done so. */
async function prepare(options: ReceivingOptions): Promise<void> {
  const { api, pulse, onMe, stopping } = options
  await insist(options, 'setup', async () => {
    const me = (await api.call('getMe', '{}', { signal: stopping })) as Partial<Me> | null
    if (typeof me?.id !== 'number' || typeof me.username !== 'string')
      throw new ApiFailure('getMe tells no bot', { stage: 'refused', retryable: true })
    onMe({ id: me.id, username: me.username })
    await register(options)
  })
  if (!stopping.aborted) pulse.ready()
}

/** What waits at Telegram is not dropped, and on the way out nothing is taken back: a restart loses nothing. */
async function register({ api, webhook, stopping }: ReceivingOptions): Promise<void> {
  const settings = webhook && {
    url: webhook.url,
    secret_token: webhook.secret,
    allowed_updates: allowedUpdates,
    max_connections: webhookConnections,
  }
  await api.call(settings ? 'setWebhook' : 'deleteWebhook', JSON.stringify(settings ?? {}), {
    signal: stopping,
  })
}

/** Does what must be done until it is done or the channel stops; what is in the way shows in the health. */
async function insist(
  { host, pulse, stopping }: ReceivingOptions,
  part: 'setup' | 'receiving',
  work: () => Promise<void>,
): Promise<void> {
  for (let failures = 0; !stopping.aborted; failures++) {
    try {
      await work()
      pulse.trouble(part)
      return
    } catch (error) {
      if (stopping.aborted) return
      const words = sayTrouble(error)
      pulse.trouble(part, words)
      host.log.warn('telegram.failed', { part, reason: String(error) })
      await host.clock.sleep(pauseOf(error, failures), stopping)
    }
  }
}

/** Asks for updates, again and again. They are confirmed by the next question, and only when all are stored. */
async function poll(options: ReceivingOptions): Promise<void> {
  const { api, host, intake, pulse, stopping } = options
  let offset: number | undefined
  const ask = async () => {
    const asked = host.clock.now()
    const question = { offset, timeout: longPollSeconds, limit: mostAtOnce, allowed_updates: allowedUpdates }
    const updates = await api
      .call('getUpdates', JSON.stringify(question), { timeoutMs: pollTimeoutMs, signal: stopping })
      .catch(error => againstWebhook(options, error))
    if (!Array.isArray(updates))
      throw new ApiFailure('getUpdates gives no list', { stage: 'refused', retryable: true })
    pulse.heard()
    await intake.takeAll(updates)
    // After a week of silence the numbers begin anew somewhere: whoever holds on to a higher one would confirm them
    // unseen. What was confirmed is gone, so that the next question may do without.
    offset = updates.length === 0 ? undefined : Math.max(...updates.map(numberOf)) + 1
    if (updates.length === 0 && host.clock.now() - asked < emptyPauseMs)
      await host.clock.sleep(emptyPauseMs, stopping)
  }
  while (!stopping.aborted) await insist(options, 'receiving', ask)
}

/** Somebody has set a webhook since: as long as it stands, there is nothing to ask for. */
async function againstWebhook(options: ReceivingOptions, error: unknown): Promise<never> {
  if (error instanceof ApiFailure && error.code === 409 && /webhook is active/i.test(error.message))
    await register(options)
  throw error
}

/** What Telegram says of the webhook and of what waits there. */
interface WebhookInfo {
  url?: string
  pending_update_count?: number
  last_error_date?: number
  last_error_message?: string
}

export interface Receiving {
  fetch(request: Request): Promise<Response>
  /** How many updates waited at Telegram when it was last asked. */
  pending(): number | undefined
  /** Resolves when the channel has stopped. */
  ended: Promise<unknown>
}

/** Begins to hear, and goes on until the channel stops. */
export function receive(options: ReceivingOptions): Receiving {
  const { api, host, pulse, webhook, stopping } = options
  let pending: number | undefined

  async function look(): Promise<void> {
    const info = (await api.call('getWebhookInfo', '{}', { signal: stopping })) as WebhookInfo
    pending = info.pending_update_count ?? 0
    if (!webhook) return
    pulse.heard()
    if (info.url !== webhook.url) {
      host.log.warn('telegram.webhook.replaced')
      await register(options)
    }
    const failedLately = (info.last_error_date ?? 0) * 1000 > host.clock.now() - recentMs
    const words = `Telegram 送不到 ${webhook.url}（${info.last_error_message ?? '没有说明'}），还有 ${pending} 条在那边等着`
    pulse.trouble('webhook', failedLately && pending > 0 ? words : undefined)
  }

  async function watch(): Promise<void> {
    while (!stopping.aborted) {
      await look().catch(error => webhook && !stopping.aborted && pulse.trouble('webhook', sayTrouble(error)))
      await host.clock.sleep(lookEveryMs, stopping)
    }
  }

  async function run(): Promise<void> {
    await prepare(options)
    await Promise.all([watch(), ...(webhook ? [] : [poll(options)])])
  }

  return { fetch: createDoor(options), pending: () => pending, ended: run() }
}

function status(code: number, retryAfter?: string): Response {
  return new Response(null, { status: code, headers: retryAfter ? { 'retry-after': retryAfter } : {} })
}

const digest = (text: string) => hash('sha256', text, 'buffer')

/** What Telegram calls. 200 only when the update is stored: with anything else it comes again. */
function createDoor({ host, intake, pulse, webhook, stopping }: ReceivingOptions) {
  if (!webhook) return async () => status(404)
  const secret = digest(webhook.secret)
  const isTelegram = (request: Request) =>
    timingSafeEqual(digest(request.headers.get('x-telegram-bot-api-secret-token') ?? ''), secret)

  return async (request: Request): Promise<Response> => {
    if (request.method !== 'POST') return status(405)
    if (!isTelegram(request)) return status(403)
    if (stopping.aborted || !pulse.isReady()) return status(503, '1')
    const update = parseJson(await request.text())
    if (update === undefined) return status(400)
    pulse.heard()
    try {
      await intake.take(update)
      pulse.trouble('receiving')
      return status(200)
    } catch (error) {
      pulse.trouble('receiving', sayTrouble(error))
      host.log.warn('telegram.failed', { part: 'receiving', reason: String(error) })
      return status(503, '1')
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
