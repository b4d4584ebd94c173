/** The five-second engine: requests of a platform that are open, each waiting for what may go back in it. */
import type { Clock } from '#base/clock'
import type { Meter } from '#base/log'
import { type Channel, type Document, divide, fitsOne, type PassiveReply, paragraph } from '#channel'
import type { Delivery } from './delivery.ts'
import { wording } from './wording.ts'

/** How long after its time a request is still waited for, where its conversation is busy with a send. */
const graceMs = 100
/** Without a word of what became of an answer for so long, that is not known. */
const settleMs = 10_000
const triesRemembered = 50_000
// Without a reason of its own each abort makes an error with its stack.
const ended = 'ended'

type Outcome = Parameters<Extract<PassiveReply, { kind: 'reply' }>['settle']>[0]

/** One request of the platform, from its arrival to what goes back in it. */
export interface Slot {
  /** The native id of the message that it brought. */
  readonly nativeId: string
  /** Resolves when there is nothing more to wait for: the turn is done, the time is out, or the platform has gone. */
  readonly ripe: Promise<'answered' | 'late' | 'gone'>
  /** What goes back. */
  readonly reply: Promise<PassiveReply>
  /** The turn of its message is done: all that it says is in the ledger. */
  answer(): void
  /** From here on only whoever takes it ends it; false when it is over. */
  take(): boolean
  /** The message was not stored: nobody waits any more. */
  withdraw(): void
  /** Gives documents to go back; resolves with what became of them. */
  give(documents: Document[]): Promise<Outcome>
  /** Nothing goes back. */
  giveNothing(): void
}

export interface Slots {
  open(channel: Channel, request: SlotRequest): Slot
  /** The oldest open one of a chat. */
  first(chat: string): Slot | undefined
  /** Whether a request that brought this message is open. */
  isOpen(chat: string, nativeId: string): boolean
  answer(chat: string, nativeId: string): void
  /** Ends them all: the platform asks again, and finds the next process. */
  stop(): void
}

export interface SlotRequest {
  /** The account and the chat, as one name. */
  chat: string
  nativeId: string
  /** Epoch milliseconds. */
  arrivedAt: number
  signal: AbortSignal
}

/** How often the platform has brought a message. */
function createTries() {
  const counts = new Map<string, number>()
  return {
    count(key: string): number {
      const count = (counts.get(key) ?? 0) + 1
      counts.delete(key)
      counts.set(key, count)
      // Insertion order is age: the oldest has long been given up.
      const oldest = counts.size > triesRemembered ? counts.keys().next().value : undefined
      if (oldest !== undefined) counts.delete(oldest)
      return count
    },
  }
}

/** What goes back when there is no answer in time. */
function replyWhenLate({ traits }: Channel, tried: number): PassiveReply {
  if (traits.push !== 'never') return { kind: 'nothing' }
  if (tried < (traits.passive?.tries ?? 1)) return { kind: 'again' }
  return { kind: 'reply', documents: [[paragraph(wording.delayed)]], settle: async () => {} }
}

export function createSlots({ clock, meter }: { clock: Clock; meter: Meter }): Slots {
  const open = new Map<string, Slot[]>()
  const tries = createTries()
  const stopping = new AbortController()

  function remove(chat: string, slot: Slot): void {
    const left = (open.get(chat) ?? []).filter(one => one !== slot)
    if (left.length > 0) open.set(chat, left)
    else open.delete(chat)
  }

  function make(channel: Channel, { chat, nativeId, arrivedAt, signal }: SlotRequest): Slot {
    const ripe = Promise.withResolvers<'answered' | 'late' | 'gone'>()
    const reply = Promise.withResolvers<PassiveReply>()
    const over = new AbortController()
    const tried = tries.count(`${chat} ${nativeId}`)
    let outcome: 'answered' | 'late' | 'gone' | undefined
    let taken = false
    const nothing = (): PassiveReply =>
      outcome === 'answered' ? { kind: 'nothing' } : replyWhenLate(channel, tried)

    function end(given: PassiveReply): void {
      remove(chat, slot)
      over.abort(ended)
      meter.count('passive', { channel: channel.name, kind: outcome === 'late' ? 'late' : given.kind })
      reply.resolve(given)
    }
    function ripen(how: 'answered' | 'late' | 'gone'): void {
      outcome ??= how
      ripe.resolve(how)
    }
    async function expire(): Promise<void> {
      const replyMs = channel.traits.passive?.replyMs ?? 0
      await clock.sleep(Math.max(0, arrivedAt + replyMs - clock.now()), over.signal)
      if (over.signal.aborted) return
      ripen('late')
      await clock.sleep(graceMs, over.signal)
      // The conversation is busy with something else: this request cannot wait for it.
      if (!over.signal.aborted && !taken) end(nothing())
    }
    const leave = () => {
      ripen('gone')
      if (!taken) end({ kind: 'again' })
    }

    const slot: Slot = {
      nativeId,
      ripe: ripe.promise,
      reply: reply.promise,
      answer: () => ripen('answered'),
      withdraw: leave,
      take() {
        taken = !over.signal.aborted
        return taken
      },
      async give(documents) {
        const settled = Promise.withResolvers<Outcome>()
        end({ kind: 'reply', documents, settle: async what => settled.resolve(what) })
        const waiting = new AbortController()
        const silence = clock.sleep(settleMs, waiting.signal).then(() => 'unknown' as const)
        const what = await Promise.race([settled.promise, silence])
        waiting.abort(ended)
        return what
      },
      giveNothing: () => end(nothing()),
    }
    open.set(chat, [...(open.get(chat) ?? []), slot])
    signal.addEventListener('abort', leave, { once: true, signal: over.signal })
    stopping.signal.addEventListener('abort', leave, { once: true, signal: over.signal })
    if (signal.aborted || stopping.signal.aborted) leave()
    else void expire()
    return slot
  }

  return {
    open: make,
    first: chat => open.get(chat)?.[0],
    isOpen: (chat, nativeId) => (open.get(chat) ?? []).some(slot => slot.nativeId === nativeId),
    answer(chat, nativeId) {
      for (const slot of open.get(chat) ?? []) if (slot.nativeId === nativeId) slot.answer()
    },
    stop: () => stopping.abort(),
  }
}

/** A delivery as it is shown: one that comes late names its question. */
export function shownAs({ document, label, late }: Delivery): Document {
  return late && label !== undefined ? [paragraph(label), ...document] : document
}

/** Room for the question that a late answer names, and for a word on what is still to come. */
const besides = 240

/** A document as the deliveries that it makes: where replies go back in the platform's request, one a message. */
export function partsOf(document: Document, traits: Channel['traits'] | undefined): Document[] {
  const budget = traits?.passive && traits.textBudget
  return budget ? divide(document, { ...budget, max: budget.max - besides }) : [document]
}

/** The first of these that together go back in one request. */
export function fitting(queue: readonly Delivery[], channel: Channel): Delivery[] {
  const { textBudget: budget } = channel.traits
  if (!budget) return queue.slice(0, 1)
  const note = Buffer.byteLength(wording.more) + 1
  const room = { ...budget, max: budget.max - note }
  const taken: Delivery[] = []
  for (const delivery of queue) {
    const longer = [...taken, delivery].flatMap(shownAs)
    if (!fitsOne(longer, taken.length === 0 ? budget : room)) break
    taken.push(delivery)
  }
  return taken
}

/** What goes back, with a word on what has to wait for the next message. */
export function documentsOf(taken: readonly Delivery[], rest: number, channel: Channel): Document[] {
  const documents = taken.map(shownAs)
  const { textBudget: budget, push } = channel.traits
  const more = [paragraph(wording.more)]
  const waits = rest > 0 && push === 'never'
  return waits && budget && fitsOne([...documents, more].flat(), budget) ? [...documents, more] : documents
}
