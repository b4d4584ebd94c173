/**
 * A Telegram Bot API server on this machine that misbehaves on request: rate limits, conflicts, failures of the
 * server and of the network, updates that come twice, out of order or again and again. A test writes as a citizen
 * with `say`, `press`, `edit` and `put`, and reads what the bot has shown.
 */
import { type Chats, createChats, type Params, type Shown } from './chats.ts'
import { createFaults, type Faults } from './faults.ts'
import { listen } from './server.ts'
import { createUpdates, type Updates } from './updates.ts'

export type { Entity, Params, Shown } from './chats.ts'
export type { Fault, Faults, Storm } from './faults.ts'
export type { DeliveryFaults, Update } from './updates.ts'

export interface EmulatorOptions {
  token?: string
  username?: string
  /** 0, or absent: any free one. */
  port?: number
  /** In [0, 1), for faults by chance. */
  random?: () => number
  /** Before a webhook is called again, in milliseconds. */
  retryMs?: number
  webhookTimeoutMs?: number
  onCall?(method: string, params: Params): void
}

export interface TelegramEmulator {
  readonly apiRoot: string
  readonly token: string
  readonly bot: { id: number; username: string }
  readonly faults: Faults
  readonly updates: Updates
  readonly chats: Chats
  /** What was carried out, by method. */
  readonly calls: ReadonlyMap<string, number>
  /** What the bot has sent, oldest first; `chat` may name one thread: `-100/7`. */
  shown(chat?: number | string): Shown[]
  /** A citizen writes. The message id. */
  say(chat: number, text: string, more?: Record<string, unknown>): number
  /** A citizen presses a button under a message. The id of the callback query. */
  press(chat: number, messageId: number, data: string, more?: Record<string, unknown>): string
  /** A citizen corrects a message. */
  edit(chat: number, messageId: number, text: string, editDate: number): void
  /** Any update; its number. */
  put(update: Record<string, unknown>): number
  close(): Promise<void>
}

/** The private chat of the citizen with this number, or the group with a negative one. */
export function chatOf(id: number): Record<string, unknown> {
  return id > 0
    ? { id, type: 'private', first_name: `citizen ${id}` }
    : { id, type: 'supergroup', title: `group ${id}` }
}

const markup = /(?:^|(?<=\s))(?:\/\w+(?:@\w+)?|@\w+)/g

/** Commands and mentions, marked as the platform marks them. */
export function entitiesOf(text: string): { type: string; offset: number; length: number }[] {
  return [...text.matchAll(markup)].map(found => ({
    type: found[0].startsWith('/') ? 'bot_command' : 'mention',
    offset: found.index,
    length: found[0].length,
  }))
}

export async function createTelegramEmulator(options: EmulatorOptions = {}): Promise<TelegramEmulator> {
  const { token = '123456789:AAFakeTokenForTheEmulator_0000000', random = Math.random } = options
  const bot = { id: Number(token.split(':')[0]), is_bot: true, username: options.username ?? 'gongkai_bot' }
  const chats = createChats({ ...bot, first_name: '公开' })
  const faults = createFaults(random)
  const calls = new Map<string, number>()
  const updates = createUpdates({
    random,
    retryMs: options.retryMs ?? 1_000,
    webhookTimeoutMs: options.webhookTimeoutMs ?? 60_000,
    onReply: ({ method, ...params }) => {
      if (String(method).startsWith('send')) chats.send(String(method), params)
    },
  })
  const server = await listen({
    token,
    bot: { ...bot, first_name: '公开' },
    chats,
    updates,
    faults,
    port: options.port ?? 0,
    onCall(method, params) {
      calls.set(method, (calls.get(method) ?? 0) + 1)
      options.onCall?.(method, params)
    },
  })
  let lastUpdate = 0
  let lastCallback = 0

  function put(update: Record<string, unknown>): number {
    updates.put({ update_id: ++lastUpdate, ...update })
    return lastUpdate
  }

  const from = (chat: number) => ({ id: chat > 0 ? chat : 7, is_bot: false, first_name: 'citizen' })
  const now = () => Math.floor(Date.now() / 1000)

  return {
    apiRoot: `http://127.0.0.1:${server.port}`,
    token,
    bot,
    faults,
    updates,
    chats,
    calls,
    shown(chat) {
      if (chat === undefined) return [...chats.shown]
      const [id, thread] = String(chat).split('/')
      return chats.shown.filter(one => one.chat === id && (!thread || one.thread === Number(thread)))
    },
    say(chat, text, more = {}) {
      const message_id = chats.nextId(chat)
      const entities = entitiesOf(text)
      const marked = entities.length > 0 ? { entities } : {}
      const message = {
        message_id,
        date: now(),
        chat: chatOf(chat),
        from: from(chat),
        text,
        ...marked,
        ...more,
      }
      put({ message })
      return message_id
    },
    press(chat, messageId, data, more = {}) {
      const id = String(7_000_000_000_000_000_000n + BigInt(++lastCallback))
      const message = {
        message_id: messageId,
        date: now(),
        chat: chatOf(chat),
        from: bot,
        text: '…',
        ...more,
      }
      put({ callback_query: { id, from: from(chat), chat_instance: '1', data, message } })
      return id
    },
    edit(chat, messageId, text, editDate) {
      const message = { message_id: messageId, date: now(), edit_date: editDate, chat: chatOf(chat) }
      put({ edited_message: { ...message, from: from(chat), text, entities: entitiesOf(text) } })
    },
    put,
    async close() {
      await updates.close()
      await server.close()
    },
  }
}
