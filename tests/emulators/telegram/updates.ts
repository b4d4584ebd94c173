/** What waits for the bot: asked for by getUpdates, or brought to its webhook until it says 200. */
import { setTimeout as delay } from 'node:timers/promises'
import { Agent } from 'undici'

export interface Update {
  update_id: number
  [kind: string]: unknown
}

export interface WebhookSettings {
  url: string
  secret_token?: string
  max_connections?: number
}

/** How deliveries go wrong, each by chance in [0, 1]. */
export interface DeliveryFaults {
  /** The same update once more. */
  duplicate: number
  /** Within an answer to getUpdates, out of order. */
  reorder: number
  /** The bot's 200 is not heard, so that the update comes again. */
  unheard: number
}

export interface UpdatesOptions {
  random: () => number
  /** Before a webhook is called again; the platform doubles it from a second. */
  retryMs: number
  /** How long the webhook may take. */
  webhookTimeoutMs: number
  /** What the bot says in its answer to a webhook call, as a method of the API. */
  onReply(call: Record<string, unknown>): void
}

export interface Poll {
  offset?: number
  limit?: number
  timeout?: number
}

export interface Updates {
  put(update: Update): void
  /** Resolves with updates, with 'conflict' when somebody else asks, or with 'webhook' where one is set. */
  poll(poll: Poll, gone: AbortSignal): Promise<Update[] | 'conflict' | 'webhook'>
  setWebhook(settings: WebhookSettings | undefined): void
  webhook(): WebhookSettings | undefined
  pending(): number
  lastError(): { date: number; message: string } | undefined
  /** How often the webhook was called, and how often it said something else than 2xx or nothing at all. */
  readonly calls: { made: number; failed: number }
  faults: DeliveryFaults
  close(): Promise<void>
}

type Chat = number | string

/** The chat that an update belongs to: its order is kept. */
function chatOf(update: Update): Chat {
  for (const value of Object.values(update)) {
    if (typeof value !== 'object' || value === null) continue
    const { chat, message } = value as { chat?: { id: number }; message?: { chat?: { id: number } } }
    const id = chat?.id ?? message?.chat?.id
    if (id !== undefined) return id
  }
  return `u${update.update_id}`
}

export function createUpdates({ random, retryMs, webhookTimeoutMs, onReply }: UpdatesOptions): Updates {
  const agent = new Agent({ connections: 100, pipelining: 1 })
  const closing = new AbortController()
  const faults: DeliveryFaults = { duplicate: 0, reorder: 0, unheard: 0 }
  const calls = { made: 0, failed: 0 }
  const queued: Update[] = []
  const busy = new Set<Chat>()
  let waiting: ((outcome: 'updates' | 'conflict' | 'webhook') => void) | undefined
  let webhook: WebhookSettings | undefined
  let lastError: { date: number; message: string } | undefined
  const by = (chance: number) => chance > 0 && random() < chance

  function shuffle(updates: Update[]): Update[] {
    if (!by(faults.reorder)) return updates
    return updates
      .map(update => ({ update, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(o => o.update)
  }

  function remove(update: Update): void {
    const at = queued.indexOf(update)
    if (at >= 0) queued.splice(at, 1)
  }

  /** One attempt: whether the bot has taken it. */
  async function bring(update: Update, { url, secret_token: secret }: WebhookSettings): Promise<boolean> {
    calls.made++
    try {
      const { statusCode, headers, body } = await agent.request({
        origin: new URL(url).origin,
        path: new URL(url).pathname + new URL(url).search,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(secret && { 'x-telegram-bot-api-secret-token': secret }),
        },
        body: JSON.stringify(update),
        headersTimeout: webhookTimeoutMs,
        bodyTimeout: webhookTimeoutMs,
        signal: closing.signal,
      })
      const text = await body.text()
      if (statusCode < 200 || statusCode > 299)
        throw new Error(`Wrong response from the webhook: ${statusCode}`)
      if (String(headers['content-type']).includes('json') && text.includes('"method"'))
        onReply(JSON.parse(text))
      return !by(faults.unheard)
    } catch (error) {
      calls.failed++
      lastError = { date: Math.floor(Date.now() / 1000), message: String((error as Error).message) }
      return false
    }
  }

  /** Brings what waits in one chat, one after the other, each until it is taken. */
  async function serve(chat: Chat): Promise<void> {
    for (;;) {
      const update = queued.find(one => chatOf(one) === chat)
      if (!update || !webhook || closing.signal.aborted) break
      if (await bring(update, webhook)) {
        if (!by(faults.duplicate)) remove(update)
      } else if (retryMs > 0) await delay(retryMs, undefined, { signal: closing.signal }).catch(() => {})
      else await new Promise(resolve => setImmediate(resolve))
    }
    busy.delete(chat)
    push()
  }

  function push(): void {
    if (!webhook || closing.signal.aborted) return
    for (const update of queued) {
      if (busy.size >= (webhook.max_connections ?? 40)) return
      const chat = chatOf(update)
      if (busy.has(chat)) continue
      busy.add(chat)
      void serve(chat)
    }
  }

  function wake(outcome: 'updates' | 'conflict' | 'webhook'): void {
    const wakened = waiting
    waiting = undefined
    wakened?.(outcome)
  }

  function confirm(offset: number): void {
    // A negative offset counts from the end and forgets all before it.
    const from = offset < 0 ? (queued.at(offset)?.update_id ?? 0) : offset
    for (const update of queued.filter(one => one.update_id < from)) remove(update)
  }

  function wait(seconds: number, gone: AbortSignal): Promise<'updates' | 'conflict' | 'webhook'> {
    return new Promise(resolve => {
      const timer = setTimeout(() => end('updates'), seconds * 1000)
      const leave = () => end('updates')
      function end(outcome: 'updates' | 'conflict' | 'webhook'): void {
        clearTimeout(timer)
        gone.removeEventListener('abort', leave)
        closing.signal.removeEventListener('abort', leave)
        if (waiting === end) waiting = undefined
        resolve(outcome)
      }
      gone.addEventListener('abort', leave, { once: true })
      closing.signal.addEventListener('abort', leave, { once: true })
      waiting = end
    })
  }

  return {
    faults,
    calls,
    put(update) {
      queued.push(update)
      if (webhook) push()
      else wake('updates')
    },
    async poll({ offset = 0, limit = 100, timeout = 0 }, gone) {
      if (webhook) return 'webhook'
      wake('conflict')
      if (offset !== 0) confirm(offset)
      if (queued.length === 0 && timeout > 0 && !closing.signal.aborted) {
        const outcome = await wait(timeout, gone)
        if (outcome !== 'updates') return outcome
      }
      const batch = queued.slice(0, Math.min(limit, 100))
      const twice = batch.filter(() => by(faults.duplicate))
      return shuffle([...batch, ...twice])
    },
    setWebhook(settings) {
      webhook = settings
      if (settings) wake('webhook')
      push()
    },
    webhook: () => webhook,
    pending: () => queued.length,
    lastError: () => lastError,
    async close() {
      closing.abort()
      wake('updates')
      await agent.destroy()
    },
  }
}
