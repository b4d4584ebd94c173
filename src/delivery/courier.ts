/** Carries the ledger's open rows to their channels: in order within a chat, paced, retried, each outcome settled. */
import type { Clock } from '#base/clock'
import { ChannelFailure, reasonOf } from '#base/errors'
import type { Log, Meter } from '#base/log'
import type { Channel, Outgoing } from '#channel'
import { Conflict } from '#storage'
import { type Delivery, judge, type Verdict } from './delivery.ts'
import { createPacer, type Pacer } from './pacing.ts'
import type { DeliveryStore } from './store.ts'

const lookAgainMs = 100
const longestWaitMs = 5_000

export interface CourierOptions {
  store: DeliveryStore
  clock: Clock
  log: Log
  meter: Meter
  /** A number in [0, 1) for jitter. */
  random: () => number
  /** The id under which this process owns rows. */
  process: string
}

export interface Courier {
  attach(channel: Channel): void
  channels(): Channel[]
  /** Takes rows that this process owns; those of one chat are delivered in the order given. */
  carry(deliveries: readonly Delivery[]): void
  /** Resolves when nothing is under way; what waits for a later attempt stays queued in the ledger. */
  stop(): Promise<void>
}

/** `nativeId`: the platform's id of a message that was sent, if it gave one. */
type Settled = Verdict & { nativeId?: string }

interface Line {
  channel: Channel
  pacer: Pacer
}

export function createCourier(options: CourierOptions): Courier {
  const { store, clock, log, meter, process } = options
  const lines = new Map<string, Line>()
  const chats = new Map<number, Delivery[]>()
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()

  async function carryChat(conversation: number, line: Line, queue: Delivery[]): Promise<void> {
    for (let head = queue[0]; head && !stopping.signal.aborted; head = queue[0]) {
      const settled = await deliver(line, head)
      if (settled) queue.splice(queue.indexOf(head), 1)
      // What a dead process left comes later into the queue, and is said first.
      queue.sort((a, b) => a.seq - b.seq)
    }
    chats.delete(conversation)
  }

  /** Does what the database has to remember, again until it has, or until this process stops. */
  async function insist<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let wait = lookAgainMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
      try {
        return await work()
      } catch (error) {
        log.error('delivery.delayed', error)
        if (stopping.signal.aborted) return undefined
        await clock.sleep(wait, stopping.signal)
      }
    }
  }

  /** True when the delivery is over, false when it waits for another attempt. */
  async function deliver(line: Line, delivery: Delivery): Promise<boolean> {
    const free = await waitForTurn(line, delivery)
    if (!free) return false
    const now = clock.now()
    if (delivery.expiresAt !== null && now > delivery.expiresAt)
      return settle(line, delivery, { state: 'expired', reason: null })
    const claimed = await insist(() => claim(delivery))
    if (claimed === 'behind') await clock.sleep(lookAgainMs, stopping.signal)
    if (claimed === 'lost') return true
    if (claimed !== 'ours') return false
    delivery.attempts++
    return send(line, delivery)
  }

  async function sleepUntil(at: number): Promise<void> {
    const now = clock.now()
    if (at > now) await clock.sleep(at - now, stopping.signal)
  }

  async function waitForTurn({ pacer }: Line, { chat, nextAt }: Delivery): Promise<boolean> {
    await sleepUntil(Math.max(nextAt, pacer.freeAt(chat)))
    await sleepUntil(pacer.reserve(chat, clock.now()))
    // The platform may have asked for silence while we slept: whoever had a slot lines up again.
    while (!stopping.signal.aborted && pacer.isHeld(clock.now()))
      await sleepUntil(pacer.reserve(chat, clock.now()))
    return !stopping.signal.aborted
  }

  /** Writes down that an attempt begins; not when another process has an earlier row of the chat under way. */
  async function claim(delivery: Delivery): Promise<'ours' | 'behind' | 'lost'> {
    try {
      await store.attempt(delivery, process)
      return 'ours'
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      return (await store.isOpen(delivery.seq, process)) ? 'behind' : 'lost'
    }
  }

  async function send(line: Line, delivery: Delivery): Promise<boolean> {
    const { channel } = line
    try {
      const sent = await channel.send(outgoingOf(delivery))
      return settle(line, delivery, { state: 'sent', reason: null, ...sent })
    } catch (error) {
      return settle(line, delivery, verdictOn(line, delivery, error))
    }
  }

  function verdictOn(line: Line, delivery: Delivery, error: unknown): Verdict {
    const failure =
      error instanceof ChannelFailure
        ? error
        : new ChannelFailure(reasonOf(error), { stage: 'after', retryable: false })
    if (failure !== error) log.error('channel.failed', error, { account: line.channel.account })
    const now = clock.now()
    if (failure.detail.retryAfterMs) line.pacer.hold(now + failure.detail.retryAfterMs)
    const moment = { now, attempts: delivery.attempts, random: options.random() }
    return judge(failure, delivery, moment)
  }

  async function settle(line: Line, delivery: Delivery, verdict: Settled): Promise<boolean> {
    const waits = verdict.state === 'queued'
    if (waits) delivery.nextAt = verdict.nextAt
    meter.count('deliveries', { channel: line.channel.name, state: waits ? 'retried' : verdict.state })
    const settlement = {
      seq: delivery.seq,
      process,
      state: verdict.state,
      attempts: delivery.attempts,
      next_at: delivery.nextAt,
      settled_at: waits ? null : clock.now(),
      native_id: verdict.nativeId ?? null,
      reason: verdict.reason,
    }
    await insist(() => store.settle(settlement))
    return !waits
  }

  function watch(work: Promise<void>): void {
    running.add(work)
    work.finally(() => running.delete(work))
  }

  return {
    attach: channel =>
      void lines.set(channel.account, { channel, pacer: createPacer(channel.traits.pacing) }),
    channels: () => [...lines.values()].map(l => l.channel),
    carry(deliveries) {
      for (const delivery of deliveries) {
        const line = lines.get(delivery.account)
        if (line?.channel.traits.pulls) {
          line.channel.send(outgoingOf(delivery)).catch(e => log.error('channel.failed', e))
          continue
        }
        const queue = chats.get(delivery.conversation)
        if (queue) queue.push(delivery)
        else if (line) {
          const started = [delivery]
          chats.set(delivery.conversation, started)
          watch(carryChat(delivery.conversation, line, started))
        }
      }
    },
    async stop() {
      stopping.abort()
      while (running.size > 0) await Promise.all(running)
    },
  }
}

function outgoingOf({ seq, chat, document, inReplyTo, last, createdAt }: Delivery): Outgoing {
  return {
    id: String(seq),
    chat,
    document,
    createdAt,
    ...(inReplyTo && { inReplyTo }),
    ...(last && { last }),
  }
}
