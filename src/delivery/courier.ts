/** Carries the ledger's open rows to their channels: in order within a chat, paced, retried, each outcome settled. */
import type { Clock } from '#base/clock'
import { ChannelFailure, reasonOf } from '#base/errors'
import type { Log, Meter } from '#base/log'
import type { Channel, Outgoing } from '#channel'
import { Conflict } from '#storage'
import { type Delivery, judge, type Verdict } from './delivery.ts'
import { createPacer, type Pacer } from './pacing.ts'
import { createSlots, documentsOf, fitting, type Slot, type SlotRequest, shownAs } from './passive.ts'
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
  /** A request of the platform waits for what is said in this chat. */
  expect(place: Place, request: Omit<SlotRequest, 'chat'>): Slot
  /** The turn of a message is done: all that it says is carried. */
  answered(place: Place, nativeId: string): void
  /** Resolves when nothing is under way; what waits for a later attempt stays queued in the ledger. */
  stop(): Promise<void>
}

type Place = Pick<Delivery, 'account' | 'chat'>

/** `nativeId`: the platform's id of a message that was sent, if it gave one. */
type Settled = Verdict & { nativeId?: string }

interface Line {
  channel: Channel
  pacer: Pacer
}

/** What is to be said in one chat, oldest first, and how to end a wait that stands in the way of a request. */
interface Chat {
  name: string
  line: Line
  queue: Delivery[]
  wake: AbortController
}

const nameOf = ({ account, chat }: Place) => `${account}|${chat}`

export function createCourier(options: CourierOptions): Courier {
  const { store, clock, log, meter, process } = options
  const lines = new Map<string, Line>()
  const chats = new Map<string, Chat>()
  const slots = createSlots({ clock, meter })
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()

  /** There is something to do in a chat; whoever is at it already finds it. */
  function begin(name: string, line: Line, delivery?: Delivery): Chat {
    const known = chats.get(name)
    if (known) {
      if (delivery) known.queue.push(delivery)
      return known
    }
    const chat = { name, line, queue: delivery ? [delivery] : [], wake: new AbortController() }
    chats.set(name, chat)
    watch(work(chat))
    return chat
  }

  async function work(chat: Chat): Promise<void> {
    const { queue, name } = chat
    while (!stopping.signal.aborted) {
      tidy(queue)
      const slot = slots.first(name)
      const head = queue[0]
      if (slot) await serve(chat, slot)
      else if (!head) break
      else if (await deliver(chat, head)) queue.splice(queue.indexOf(head), 1)
    }
    chats.delete(name)
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

  /** Waits for what is to go back in a request of the platform, and lets it go back. */
  async function serve({ queue, line }: Chat, slot: Slot): Promise<void> {
    await slot.ripe
    if (!slot.take()) return
    tidy(queue)
    await dropExpired(line, queue)
    // What has an open request of its own goes back in that one.
    const others = queue.findIndex(one => isOthers(slot, one))
    const taken = fitting(others < 0 ? queue : queue.slice(0, others), line.channel)
    for (const one of taken) one.late = one.inReplyTo !== slot.nativeId
    const claimed = taken.length > 0 && (await insist(() => claim(taken)))
    if (claimed !== 'ours') {
      slot.giveNothing()
      if (claimed) await standBack(queue, taken[0], claimed)
      return
    }
    const outcome = await slot.give(documentsOf(taken, queue.length - taken.length, line.channel))
    for (const delivery of taken) {
      delivery.attempts++
      await settle(line, delivery, passiveVerdict(outcome, clock.now()))
    }
    if (outcome !== 'unsent') queue.splice(0, taken.length)
  }

  const isOthers = (slot: Slot, one: Delivery) =>
    one.inReplyTo !== undefined && one.inReplyTo !== slot.nativeId && slots.isOpen(nameOf(one), one.inReplyTo)

  async function dropExpired(line: Line, queue: Delivery[]): Promise<void> {
    for (let head = queue[0]; head && isExpired(head); head = queue[0]) {
      await settle(line, head, { state: 'expired', reason: null })
      queue.shift()
    }
  }

  const isExpired = ({ expiresAt }: Delivery) => expiresAt !== null && clock.now() > expiresAt

  /** Somebody else holds it, or something of before is under way elsewhere. */
  async function standBack(
    queue: Delivery[],
    head: Delivery | undefined,
    claimed: 'behind' | 'lost',
  ): Promise<void> {
    if (claimed === 'behind') await clock.sleep(lookAgainMs, stopping.signal)
    else if (head) queue.splice(queue.indexOf(head), 1)
  }

  /** True when the delivery is over here, false when it waits for another attempt. */
  async function deliver(chat: Chat, delivery: Delivery): Promise<boolean> {
    const { line } = chat
    if (line.channel.traits.push === 'never') return park(line, delivery)
    const free = await waitForTurn(chat, delivery)
    if (!free) return false
    if (isExpired(delivery)) return settle(line, delivery, { state: 'expired', reason: null })
    const limited = line.channel.traits.push === 'window'
    if (limited && !(await insist(() => store.isWindowOpen(delivery.conversation, clock.now()))))
      return park(line, delivery)
    const claimed = await insist(() => claim([delivery], limited ? clock.now() : undefined))
    if (claimed === 'behind') await clock.sleep(lookAgainMs, stopping.signal)
    if (claimed === 'lost') return true
    if (claimed !== 'ours') return false
    delivery.attempts++
    return send(line, delivery)
  }

  /** It waits in the ledger until the citizen writes again. Who has just done so finds it all the same. */
  async function park(line: Line, delivery: Delivery, reason: string | null = null): Promise<boolean> {
    await settle(line, delivery, { state: 'parked', reason })
    const heard =
      slots.first(nameOf(delivery)) !== undefined ||
      (line.channel.traits.push === 'window' &&
        (await insist(() => store.isWindowOpen(delivery.conversation, clock.now()))))
    if (heard) await insist(() => store.unpark(delivery.seq, process))
    if (heard) delivery.late = true
    return !heard
  }

  /** False when the time has not come: a request came in between, or this process stops. */
  async function sleepUntil(at: number, chat: Chat): Promise<boolean> {
    const now = clock.now()
    if (at <= now) return true
    const { passive } = chat.line.channel.traits
    const signal = passive ? AbortSignal.any([stopping.signal, chat.wake.signal]) : stopping.signal
    await clock.sleep(at - now, signal)
    return !signal.aborted
  }

  async function waitForTurn(chat: Chat, delivery: Delivery): Promise<boolean> {
    const { pacer } = chat.line
    if (!(await sleepUntil(Math.max(delivery.nextAt, pacer.freeAt(delivery.chat)), chat))) return false
    if (!(await sleepUntil(pacer.reserve(delivery.chat, clock.now()), chat))) return false
    // The platform may have asked for silence while we slept: whoever had a slot lines up again.
    while (!stopping.signal.aborted && pacer.isHeld(clock.now()))
      if (!(await sleepUntil(pacer.reserve(delivery.chat, clock.now()), chat))) return false
    return !stopping.signal.aborted
  }

  /** Writes down that an attempt begins; not when another process has an earlier row of the chat under way. */
  async function claim(taken: readonly Delivery[], spend?: number): Promise<'ours' | 'behind' | 'lost'> {
    const [first] = taken
    try {
      await store.attempt(taken, process, spend)
      return 'ours'
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      return first && (await store.isOpen(first.seq, process)) ? 'behind' : 'lost'
    }
  }

  async function send(line: Line, delivery: Delivery): Promise<boolean> {
    const { channel } = line
    try {
      const sent = await channel.send(outgoingOf(delivery))
      return settle(line, delivery, { state: 'sent', reason: null, ...sent })
    } catch (error) {
      const verdict = verdictOn(line, delivery, error)
      if (verdict.state !== 'parked') return settle(line, delivery, verdict)
      await insist(() => store.closeWindow(delivery.conversation))
      return park(line, delivery, verdict.reason)
    }
  }

  function verdictOn(line: Line, delivery: Delivery, error: unknown): Verdict {
    const failure =
      error instanceof ChannelFailure
        ? error
        : new ChannelFailure(reasonOf(error), { stage: 'after', retryable: false })
    if (failure !== error) log.error('channel.failed', error, { account: line.channel.account })
    const now = clock.now()
    const { retryAfterMs, scope } = failure.detail
    if (retryAfterMs) line.pacer.hold(now + retryAfterMs, scope === 'chat' ? delivery.chat : undefined)
    const moment = { now, attempts: delivery.attempts, random: options.random() }
    return judge(failure, delivery, moment)
  }

  async function settle(line: Line, delivery: Delivery, verdict: Settled): Promise<boolean> {
    const waits = verdict.state === 'queued'
    if (waits) delivery.nextAt = verdict.nextAt
    const open = waits || verdict.state === 'parked'
    meter.count('deliveries', { channel: line.channel.name, state: waits ? 'retried' : verdict.state })
    const settlement = {
      seq: delivery.seq,
      process,
      state: verdict.state,
      attempts: delivery.attempts,
      next_at: delivery.nextAt,
      settled_at: open ? null : clock.now(),
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

  function wake(chat: Chat): void {
    // With a reason, since without one an error is made for it.
    chat.wake.abort('asked')
    chat.wake = new AbortController()
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
        if (line) begin(nameOf(delivery), line, delivery)
      }
    },
    expect(place, request) {
      const line = lines.get(place.account)
      if (!line) throw new Error('a request on a channel that is not open')
      const name = nameOf(place)
      const slot = slots.open(line.channel, { ...request, chat: name })
      wake(begin(name, line))
      return slot
    },
    answered: (place, nativeId) => slots.answer(nameOf(place), nativeId),
    async stop() {
      stopping.abort()
      slots.stop()
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/**
 * Oldest first: what a dead process left comes later into the queue, and is said first. Each once: what was being parked
 * in the moment in which the citizen wrote is set free by both.
 */
function tidy(queue: Delivery[]): void {
  queue.sort((a, b) => a.seq - b.seq)
  for (let i = queue.length - 1; i > 0; i--) {
    const [one, same] = [queue[i - 1], queue[i]]
    if (one?.seq !== same?.seq) continue
    if (one && same?.late) one.late = true
    queue.splice(i, 1)
  }
}

/** What becomes of a delivery that went back in a request of the platform. */
function passiveVerdict(outcome: 'sent' | 'unsent' | 'unknown', now: number): Verdict {
  if (outcome === 'unsent') return { state: 'queued', nextAt: now, reason: 'the platform had gone' }
  return { state: outcome, reason: outcome === 'sent' ? null : 'the platform went during the reply' }
}

function outgoingOf(delivery: Delivery): Outgoing {
  const { seq, chat, inReplyTo, last, createdAt } = delivery
  return {
    id: String(seq),
    chat,
    document: shownAs(delivery),
    createdAt,
    ...(inReplyTo && { inReplyTo }),
    ...(last && { last }),
  }
}
