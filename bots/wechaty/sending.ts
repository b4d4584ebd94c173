/** One document on its way: part after part, paced as a person would be, with an honest outcome. */
import { ChannelFailure, type ChannelHost, type Outgoing } from '#channel'
import { goneWords, saysGone, saysUnsent, saysUnsupported, warningIn } from './decode.ts'
import { encode, type Part } from './encode.ts'
import type { Intake } from './intake.ts'
import { type Breaker, type Delay, longestGapMs, type Pace } from './pacing.ts'
import { type Phone, wordsOf } from './transport.ts'

/** A puppet that has not answered by then may have sent or not. */
const sayMs = 60_000
const offlineMs = 60_000

export interface Sender {
  send(message: Outgoing): Promise<{ nativeId?: string }>
}

export interface SenderOptions {
  host: ChannelHost
  breaker: Breaker
  pace: Pace
  stopping: AbortSignal
  intake: Pick<Intake, 'lose' | 'isLost'>
  /** Undefined as long as nobody is logged in. */
  phone(): Phone | undefined
}

const later = (reason: string, retryAfterMs: number) =>
  new ChannelFailure(reason, { stage: 'before', retryable: true, retryAfterMs: Math.ceil(retryAfterMs) })

const lost = () => new ChannelFailure(goneWords, { stage: 'refused', retryable: false, unreachable: true })

const delayWords: Record<Delay['why'], string> = {
  gap: 'too soon after the last message',
  minute: 'the messages of this minute are sent',
  day: 'the messages of this day are sent',
  night: 'nothing is sent at night',
}

export function createSender({ host, breaker, pace, stopping, intake, phone }: SenderOptions): Sender {
  const { clock } = host
  let lined = 0
  let tail: Promise<unknown> = Promise.resolve()

  async function within<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController()
    const late = clock.sleep(sayMs, over.signal).then(() => {
      if (over.signal.aborted) return undefined as never
      const reason = `the puppet did not answer within ${sayMs / 1000} s`
      throw new ChannelFailure(reason, { stage: 'after', retryable: false })
    })
    try {
      return await Promise.race([work, late])
    } finally {
      over.abort()
    }
  }

  /** What an error of the puppet means; what is not known to have been refused may have been sent. */
  function judge(chat: string, error: unknown): ChannelFailure {
    if (error instanceof ChannelFailure) return error
    const words = wordsOf(error)
    const warning = warningIn(words)
    if (warning) {
      breaker.trip(warning, words)
      const retryAfterMs = breaker.rest()?.ms ?? 0
      return new ChannelFailure(`WeChat: ${warning}`, { stage: 'refused', retryable: true, retryAfterMs })
    }
    if (saysGone(words)) {
      intake.lose(chat, goneWords)
      return lost()
    }
    if (saysUnsent(words)) return later('the puppet is not connected', offlineMs)
    return new ChannelFailure(words.slice(0, 200), { stage: 'after', retryable: false })
  }

  async function say(chat: string, part: Part): Promise<string | undefined> {
    const present = phone()
    if (!present) throw later('nobody is logged in', offlineMs)
    pace.note(chat)
    try {
      return await within(present.say(chat, part))
    } catch (error) {
      if (part.kind === 'file' && saysUnsupported(wordsOf(error)))
        return within(present.say(chat, { kind: 'text', text: part.instead }))
      throw error
    }
  }

  /** Throws when nothing may be sent for longer than a person would pause. */
  async function waitForTurn(chat: string): Promise<void> {
    for (;;) {
      if (stopping.aborted) throw later('the process stops', offlineMs)
      const rest = breaker.rest()
      if (rest) throw later(rest.detail, rest.ms)
      if (!phone()) throw later('nobody is logged in', offlineMs)
      const delay = pace.delay(chat)
      if (!delay) return
      if (delay.ms > longestGapMs) throw later(delayWords[delay.why], delay.ms)
      await clock.sleep(delay.ms, stopping)
    }
  }

  /** What has begun is brought to its end, though slowly; unless WeChat warns. */
  async function sayRest(chat: string, parts: Part[]): Promise<void> {
    for (const part of parts) {
      for (let delay = pace.delayOfRest(chat); delay && !stopping.aborted; delay = pace.delayOfRest(chat))
        await clock.sleep(delay.ms, stopping)
      if (stopping.aborted) throw new Error('the process stops')
      const rest = breaker.rest()
      if (rest) throw new Error(rest.detail)
      await say(chat, part)
    }
  }

  async function sendAlone({ chat, document }: Outgoing): Promise<{ nativeId?: string }> {
    const [first, ...rest] = encode(document)
    if (!first) return {}
    // Whoever writes on to people who have deleted the account is reported, and banned.
    if (intake.isLost(chat)) throw lost()
    await waitForTurn(chat)
    const nativeId = await say(chat, first).catch(error => {
      throw judge(chat, error)
    })
    await sayRest(chat, rest).catch(error => {
      const { message } = judge(chat, error)
      const reason = `only the beginning was shown: ${message}`
      throw new ChannelFailure(reason, { stage: 'after', retryable: false })
    })
    return nativeId === undefined ? {} : { nativeId }
  }

  return {
    async send(message) {
      // Whoever waits here is under way for the ledger, and its outcome unknown after a kill: one may, no more.
      if (lined >= 2) throw later('another message waits for its turn', longestGapMs)
      lined++
      const turn = tail.then(() => sendAlone(message))
      tail = turn.catch(() => {})
      try {
        return await turn
      } finally {
        lined--
      }
    },
  }
}
