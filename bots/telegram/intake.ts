/** What arrives, by whichever way: decoded and stored, or counted as left aside on purpose. */
import type { ChannelHost } from '#channel'
import { chatIdOf, type Decoded, decode, type Me, numberOf, parseUpdate } from './decode.ts'
import type { BotApi } from './transport.ts'

export interface Intake {
  /** Resolves when the update is stored, or is none that we store; rejects when it must come again. */
  take(update: unknown): Promise<void>
  /** The same of many: those of one chat one after the other, in the order of their numbers. */
  takeAll(updates: readonly unknown[]): Promise<void>
  /** By why they were left aside. */
  ignored(): number
  unreadable(): number
  /** How old the latest message was when it came, in milliseconds; undefined when none came yet. */
  age(): number | undefined
}

export interface IntakeOptions {
  host: ChannelHost
  api: BotApi
  me(): Me
}

export function createIntake({ host, api, me }: IntakeOptions): Intake {
  let ignored = 0
  let unreadable = 0
  let age: number | undefined

  /** The button stops turning. Whether it does is of no weight: the answer comes as a message. */
  function settleButton(id: string): void {
    api
      .call('answerCallbackQuery', JSON.stringify({ callback_query_id: id }))
      .catch(error => host.log.debug('telegram.button.unsettled', { reason: String(error) }))
  }

  async function store(decoded: Decoded): Promise<void> {
    switch (decoded.kind) {
      case 'ignored':
        ignored++
        host.log.debug('telegram.update.ignored', { reason: decoded.reason })
        return
      case 'change':
        return host.change(decoded.chat, decoded.change)
      case 'message':
        await host.receive(decoded.incoming)
        if (decoded.sentAt !== undefined) age = Math.max(0, host.clock.now() - decoded.sentAt)
        if (decoded.callback !== undefined) settleButton(decoded.callback)
    }
  }

  async function take(value: unknown): Promise<void> {
    const update = parseUpdate(value)
    if (update) return store(decode(update, me()))
    // Coming again would make it no better, and would hold up all that comes after.
    unreadable++
    host.log.warn('telegram.update.unreadable', { update: numberOf(value) })
  }

  async function takeInTurn(updates: readonly unknown[]): Promise<void> {
    for (const update of updates) await take(update)
  }

  return {
    take,
    async takeAll(updates) {
      const inOrder = [...updates].sort((a, b) => numberOf(a) - numberOf(b))
      const chats = Map.groupBy(inOrder, chatIdOf)
      const taken = await Promise.allSettled([...chats.values()].map(takeInTurn))
      const failed = taken.find(one => one.status === 'rejected')
      if (failed) throw failed.reason
    },
    ignored: () => ignored,
    unreadable: () => unreadable,
    age: () => age,
  }
}
