/** Telegram on a host that does what the test says, before the loopback Bot API server. */
import { onTestFinished } from 'vitest'
import { createLog } from '#base/log'
import type { Channel, ChannelHost, ChatChange, Document, Incoming } from '#channel'
import { createTelegram, type TelegramOptions } from '../../bots/telegram/index.ts'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createTelegramEmulator, type TelegramEmulator } from '../emulators/telegram/index.ts'
import { start } from './small-house.ts'

export interface Stage {
  emulator: TelegramEmulator
  clock: TestClock
  channel: Channel
  received: Incoming[]
  changes: { chat: string; change: ChatChange }[]
  logLines: string[]
  /** What the host says to the next messages; by default it accepts them. */
  receive: ChannelHost['receive']
  /** How a change is written down; by default it is. */
  change: ChannelHost['change']
  send(document: Document, to?: { chat?: string; inReplyTo?: string }): Promise<{ nativeId?: string }>
  ready(): Promise<void>
}

export type StageOptions = Partial<TelegramOptions> & { emulator?: TelegramEmulator; unready?: boolean }

export async function openStage({ emulator: given, unready, ...options }: StageOptions = {}): Promise<Stage> {
  const emulator = given ?? (await createTelegramEmulator({ retryMs: 0 }))
  const clock = createTestClock(start)
  const { token, apiRoot } = emulator
  const channel = createTelegram({ token, apiRoot, ...options })
  const logLines: string[] = []
  const stage: Stage = {
    emulator,
    clock,
    channel,
    received: [],
    changes: [],
    logLines,
    receive: async () => 'accepted',
    change: async () => {},
    send: (document, { chat = '5', inReplyTo } = {}) =>
      channel.send({ id: '1', chat, document, createdAt: start, ...(inReplyTo && { inReplyTo }) }),
    ready: () => until('the channel hears', () => channel.health().state === 'on'),
  }
  const host = {
    clock,
    log: createLog('debug', line => void logLines.push(line)),
    async receive(incoming: Incoming) {
      const receipt = await stage.receive(incoming)
      stage.received.push(incoming)
      return receipt
    },
    async change(chat: string, change: ChatChange) {
      await stage.change(chat, change)
      stage.changes.push({ chat, change })
    },
  } as unknown as ChannelHost
  await channel.start(host)
  onTestFinished(async () => {
    await channel.stop()
    await emulator.close()
  })
  if (!unready) await stage.ready()
  return stage
}
