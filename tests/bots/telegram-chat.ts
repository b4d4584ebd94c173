/** A citizen on Telegram, by way of the loopback Bot API server: polled, or through the webhook. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Attachment, Channel, Past } from '#channel'
import { createTelegram } from '../../bots/telegram/index.ts'
import { until } from '../base/until.ts'
import {
  chatOf,
  createTelegramEmulator,
  type Shown,
  type TelegramEmulator,
} from '../emulators/telegram/index.ts'
import type { Citizen, Harness, Heard } from './contract.ts'
import { openSmallHouse, type SmallHouse } from './small-house.ts'

export const secret = 'a-secret_of-the-webhook'

export interface Doorway {
  url: string
  /** Whoever answers from now on. */
  lead(fetch: (request: Request) => Promise<Response>): void
  close(): Promise<void>
}

/** A port of this machine that hands web-standard requests to a channel. */
export async function openDoorway(): Promise<Doorway> {
  let handle = async (_: Request) => new Response(null, { status: 503 })
  const server = createServer(getRequestListener(request => handle(request)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/channels/telegram`,
    lead(fetch) {
      handle = fetch
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The label in full: of what does not fit its button, the whole stands in the text under its number. */
export function labelsOf({ text, buttons }: Shown): string[] {
  const lines = text.split('\n')
  return buttons.map(button => {
    const number = /^\d+\. /.exec(button.text)?.[0]
    const line = number && lines.find(one => one.startsWith(number))
    return line ? line.slice(number.length) : button.text
  })
}

export function heardOf(messages: readonly Shown[]): Heard {
  const texts = messages.map(message => message.text)
  return {
    texts,
    choices: messages.flatMap(labelsOf),
    citations: texts.flatMap(text => text.split('\n')).flatMap(line => /^依据：(.*)$/.exec(line)?.[1] ?? []),
  }
}

/** The contract names messages as it likes; the platform numbers them. */
function createNames() {
  const names = new Map<string, string>()
  const nameOf = (nativeId: string) => names.get(nativeId) ?? nativeId
  return {
    set: (nativeId: string, name: string) => void names.set(nativeId, name),
    translate: (past: Past[]): Past[] =>
      past.map(one => {
        if (one.kind === 'incoming') return { ...one, nativeId: nameOf(one.nativeId) }
        const { message } = one
        return message.inReplyTo
          ? { ...one, message: { ...message, inReplyTo: nameOf(message.inReplyTo) } }
          : one
      }),
  }
}

export interface TelegramHouse extends Harness {
  emulator: TelegramEmulator
  /** Resolves when the channel hears. */
  ready(): Promise<void>
}

export interface TelegramHouseOptions {
  way: 'polling' | 'webhook'
  chat?: number
}

export async function openTelegramHouse({ way, chat = 4711 }: TelegramHouseOptions): Promise<TelegramHouse> {
  const emulator = await createTelegramEmulator({ retryMs: 0 })
  const doorway = await openDoorway()
  const { token, apiRoot } = emulator
  const webhook = way === 'webhook' ? { url: doorway.url, secret } : undefined
  const createChannel = (): Channel => {
    const channel = createTelegram({ token, apiRoot, webhook })
    doorway.lead(async request => (await channel.fetch?.(request)) ?? new Response(null, { status: 404 }))
    return channel
  }
  const house = await openSmallHouse({ createChannel })
  const ready = () => until('the channel hears', () => house.channel().health().state === 'on')
  await ready()
  const names = createNames()
  const close = async () => {
    await house.close()
    await emulator.close()
    await doorway.close()
  }
  const restart = async () => {
    await house.restart()
    await ready()
  }
  const told: SmallHouse = {
    ...house,
    close,
    restart,
    history: async chat => names.translate(await house.history(chat)),
  }
  const { citizen, hear } = createCitizen({ house, emulator, chat, names })
  const member = async (status: string) => {
    emulator.put({ my_chat_member: { chat: chatOf(chat), date: 1, new_chat_member: { status } } })
    await until('the channel has heard', () => emulator.updates.pending() === 0)
  }
  const group = createCitizen({ house, emulator, chat: -1_001_234, names }).citizen
  return {
    house: told,
    emulator,
    ready,
    citizen,
    attach: (kind, text) =>
      hear(() => String(emulator.say(chat, '', { text: undefined, ...sentAs(kind, text) }))),
    follow: carried => citizen.say(`/start ${carried}`),
    async block() {
      emulator.chats.close(chat, 403, 'Forbidden: bot was blocked by the user')
      await member('kicked')
    },
    async unblock() {
      emulator.chats.open(chat)
      await member('member')
    },
    group: { ...group, say: (text, name) => group.say(`@${emulator.bot.username} ${text}`, name) },
  }
}

const fields = {
  picture: 'photo',
  document: 'document',
  voice: 'voice',
  video: 'video',
  location: 'location',
  other: 'sticker',
}

function sentAs(kind: Attachment, caption: string | undefined): Record<string, unknown> {
  return {
    [fields[kind]]: kind === 'picture' ? [{ file_id: 'a' }] : { file_id: 'a' },
    ...(caption && { caption }),
  }
}

interface CitizenParts {
  house: SmallHouse
  emulator: TelegramEmulator
  chat: number
  names: ReturnType<typeof createNames>
}

function createCitizen({ house, emulator, chat, names }: CitizenParts) {
  let last: Shown[] = []

  async function hear(act: () => string): Promise<Heard> {
    const before = emulator.shown(chat).length
    await house.answered(act())
    last = emulator.shown(chat).slice(before)
    return heardOf(last)
  }

  const citizen: Citizen = {
    chat: String(chat),
    say: (text, name = randomUUID()) =>
      hear(() => {
        const nativeId = String(emulator.say(chat, text))
        names.set(nativeId, name)
        return nativeId
      }),
    choose: label =>
      hear(() => {
        const message = last.find(one => labelsOf(one).includes(label))
        const button = message?.buttons[labelsOf(message).indexOf(label)]
        if (!message || !button) throw new Error(`there is no button ${label}`)
        return emulator.press(chat, message.message_id, button.callback_data)
      }),
    async repeat(text, name) {
      const [nativeId] = (await house.history(String(chat))).flatMap(one =>
        one.kind === 'incoming' && one.text === text ? [one.nativeId] : [],
      )
      const before = house.receipts.length
      emulator.say(chat, text, { message_id: Number(nativeId) })
      await until(`${name} is dealt with`, () => house.receipts.length > before)
    },
    shown: async () => emulator.shown(chat).map(({ text, file }) => text || (file?.name ?? '')),
  }
  return { citizen, hear }
}
