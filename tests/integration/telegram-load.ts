/** Citizens on Telegram who write and press buttons while the product is killed; what each has sent and been shown. */
import { setTimeout as delay } from 'node:timers/promises'
import {
  createTelegramEmulator,
  type EmulatorOptions,
  type Shown,
  type TelegramEmulator,
} from '../emulators/telegram/index.ts'

const patienceMs = 8_000
const waveLength = 3
const between = (low: number, high: number) => Math.round(low + Math.random() * (high - low))

export interface SentChat {
  chat: number
  /** The native ids, in the order in which they were sent. */
  sent: string[]
  /** How many messages for the staff it leaves. */
  left: number
}

export interface TelegramLoad {
  chats: SentChat[]
  /** Ends after every chat that has begun is through. */
  finish(): Promise<void>
}

const questions = [
  '失业金怎么领',
  '你好',
  '工伤认定多久内申请',
  'hello world',
  '年假几天',
  '今天天气怎么样',
  '谢谢',
]
const leaving = ['年假几天', '人工', '1', '请帮我看看这件事，谢谢您', '跳过', '确认提交', '谢谢']

/** Who waits for something to be shown in a chat. */
export function createScreens() {
  const shown = new Map<string, Shown[]>()
  const waiting = new Map<string, () => void>()
  return {
    of: (chat: number | string) => shown.get(String(chat)) ?? [],
    put(message: Shown) {
      shown.set(message.chat, [...(shown.get(message.chat) ?? []), message])
      waiting.get(message.chat)?.()
    },
    /** Until so many messages stand there; gives how many are missing when the patience is over. */
    async wait(chat: number, count: number): Promise<number> {
      const over = new AbortController()
      const patience = delay(patienceMs, undefined, { signal: over.signal }).catch(() => {})
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.set(String(chat), () => {
        if ((shown.get(String(chat))?.length ?? 0) >= count) resolve()
      })
      waiting.get(String(chat))?.()
      await Promise.race([promise, patience])
      over.abort()
      waiting.delete(String(chat))
      return Math.max(0, count - (shown.get(String(chat))?.length ?? 0))
    },
  }
}

export type Screens = ReturnType<typeof createScreens>

/** The emulator as the trial has it: quick to call again, and its messages on screens. */
export async function openEmulator(options: EmulatorOptions = {}) {
  const screens = createScreens()
  const emulator: TelegramEmulator = await createTelegramEmulator({
    retryMs: 50,
    ...options,
    onCall(method) {
      const last = emulator.chats.shown.at(-1)
      if (method.startsWith('send') && last) screens.put(last)
    },
  })
  return { emulator, screens }
}

/** What goes wrong besides the kills. Only what leaves no doubt: what is unknown comes from the kills alone. */
export function stir({ faults, updates }: TelegramEmulator): void {
  faults.storm({
    methods: ['sendMessage', 'getUpdates', 'getMe', 'setWebhook', 'answerCallbackQuery'],
    chance: 0.004,
    faults: [
      { kind: 'too-many', retryAfter: 1 },
      { kind: 'server', status: 500 },
      { kind: 'server', status: 503, html: true },
      { kind: 'slow', until: 300 },
    ],
  })
  Object.assign(updates.faults, { duplicate: 0.05, unheard: 0.05, reorder: 0.2 })
}

interface Stage {
  emulator: TelegramEmulator
  screens: Screens
}

const press = '［按钮］'

/** An example of the greeting, where it stands there; else words. A form would answer some messages twice. */
function act({ emulator, screens }: Stage, chat: number, text: string): string {
  if (text !== press) return String(emulator.say(chat, text))
  const message = screens.of(chat).at(-1)
  const button = message?.buttons.find(one => one.callback_data.startsWith('example:'))
  if (!message || !button) return String(emulator.say(chat, '年假几天'))
  return emulator.press(chat, message.message_id, button.callback_data)
}

async function converse(
  stage: Stage,
  plan: SentChat,
  texts: readonly string[],
  atOnce: boolean,
): Promise<void> {
  // What is unknown may never come: it is not waited for again.
  let missing = 0
  for (const [i, text] of texts.entries()) {
    plan.sent.push(act(stage, plan.chat, text))
    // The privacy notice comes with the first answer.
    const wanted = plan.sent.length + 1 - missing
    if (!atOnce || i % waveLength === waveLength - 1) missing += await stage.screens.wait(plan.chat, wanted)
    await delay(between(0, 30))
  }
}

/** Starts so many citizens; each begins another chat when one is through. */
export function startTelegramLoad(stage: Stage, citizens: number): TelegramLoad {
  const chats: SentChat[] = []
  let over = false
  async function live(): Promise<void> {
    while (!over) {
      const dice = Math.random()
      const plan: SentChat = { chat: 1_000 + chats.length, sent: [], left: dice < 0.2 ? 1 : 0 }
      chats.push(plan)
      const mixed = Array.from({ length: between(2, 6) }, () => pick(questions)).flatMap(one =>
        one === '你好' ? [one, press] : [one],
      )
      await converse(stage, plan, plan.left ? leaving : mixed, dice > 0.7)
    }
  }
  const lives = Array.from({ length: citizens }, live)
  return {
    chats,
    async finish() {
      over = true
      await Promise.all(lives)
    },
  }
}

const pick = (all: readonly string[]) => all[Math.floor(Math.random() * all.length)] ?? ''
