/** A channel that keeps what it is sent and misbehaves on command. */
import { type Channel, ChannelFailure, type ChannelTraits, formatPlain, type Outgoing } from '#channel'

/** What the platform does with one attempt: takes it, fails, or waits for the test and then takes it. */
export type Behaviour = 'take' | Error | Promise<unknown>

export interface FakeChannel extends Channel {
  /** The texts that the platform took, in order. */
  readonly taken: string[]
  /** The same with everything that came along. */
  readonly messages: Outgoing[]
  /** Every attempt, whatever became of it. */
  readonly attempts: string[]
  /** The next attempts in this chat, one after the other; after them all is taken again. */
  misbehave(chat: string, ...behaviours: Behaviour[]): void
}

const traits: ChannelTraits = {
  choices: 'numbers',
  pictures: false,
  push: 'always',
  mainland: true,
  pulls: false,
  pacing: { perChatMs: 0, overallMs: 0 },
}

export function createFakeChannel(changed: Partial<ChannelTraits> = {}, name = 'fake'): FakeChannel {
  const messages: Outgoing[] = []
  const taken: string[] = []
  const attempts: string[] = []
  const planned = new Map<string, Behaviour[]>()
  return {
    name,
    account: `${name}:default`,
    traits: { ...traits, ...changed },
    taken,
    messages,
    attempts,
    misbehave: (chat, ...behaviours) => void planned.set(chat, behaviours),
    async start() {},
    async stop() {},
    async send(message) {
      const text = formatPlain(message.document)
      attempts.push(text)
      const behaviour = planned.get(message.chat)?.shift() ?? 'take'
      if (behaviour instanceof Error) throw behaviour
      await behaviour
      messages.push(message)
      taken.push(text)
      return { nativeId: `n${message.id}` }
    },
    health: () => ({ state: 'on' }),
  }
}

/** 429: the platform refuses now and says when it will listen again. */
export const tooMany = (retryAfterMs: number) =>
  new ChannelFailure('too many requests', { stage: 'refused', retryable: true, retryAfterMs })
/** Nothing left this machine. */
export const offline = () => new ChannelFailure('no route', { stage: 'before', retryable: true })
/** The connection broke after the bytes had left. */
export const brokenOff = () => new ChannelFailure('reset by peer', { stage: 'after', retryable: true })
/** The recipient has blocked the account. */
export const blocked = () =>
  new ChannelFailure('blocked', { stage: 'refused', retryable: false, unreachable: true })
/** The platform does not take this message at all. */
export const refusedForGood = () => new ChannelFailure('bad request', { stage: 'refused', retryable: false })
