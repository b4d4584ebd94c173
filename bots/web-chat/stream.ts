/** One open event stream: the past first, then whatever is said, in order and once. */
import type { Bookmark, ChannelHost, Outgoing } from '#channel'
import { encodeMessageEvent, encodePastEvent, formatBookmark, goneEvent } from './encode.ts'
import type { Mailbox } from './mailbox.ts'

const heartbeatMs = 20_000
const longestQueue = 1000
const bytes = new TextEncoder()

export interface StreamOptions {
  host: ChannelHost
  mailbox: Mailbox
  chat: string
  /** The last message that the page has. */
  after: Bookmark | undefined
  /** The page has gone, or the channel stops. */
  ended: AbortSignal
  /** How often to look for what other processes said; 0: there are none. */
  lookMs: number
}

/** Writes events to one page. A page that does not read is let go: it comes back and goes on where it stopped. */
function createPen(ended: AbortSignal) {
  const limit = { highWaterMark: longestQueue }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({}, limit)
  const writer = writable.getWriter()
  const slow = new AbortController()
  return {
    readable,
    over: AbortSignal.any([ended, slow.signal]),
    write(event: string): void {
      if ((writer.desiredSize ?? 0) <= 0) slow.abort()
      else writer.write(bytes.encode(event)).catch(() => slow.abort())
    },
    close: () => (slow.signal.aborted ? writer.abort() : writer.close()).catch(() => {}),
  }
}

/** The stream's body; it feeds itself until the page has gone. */
export function openStream(options: StreamOptions): ReadableStream<Uint8Array> {
  const { host, mailbox, chat, lookMs } = options
  const pen = createPen(options.ended)
  const told = new Set<string>()
  let last = options.after
  let early: Outgoing[] | undefined = []
  let wake = new AbortController()

  // Not by the order of numbers: what another process said may be heard of late.
  function tell(message: Outgoing): void {
    const bookmark = formatBookmark(message)
    if (told.has(bookmark)) return
    told.add(bookmark)
    last = message
    pen.write(encodeMessageEvent(message))
  }

  async function tellPast(): Promise<void> {
    const past = await host.history(chat, last)
    if (past.length === 0 && last !== undefined && (await host.history(chat)).length === 0)
      pen.write(goneEvent)
    for (const one of past) {
      if (one.kind === 'incoming') pen.write(encodePastEvent(one))
      else tell(one.message)
    }
    early?.forEach(tell)
    early = undefined
  }

  /** Others may have spoken in between: then the ledger is read, where everything stands in order. */
  function hear(message: Outgoing): void {
    if (lookMs > 0) wake.abort()
    else if (early) early.push(message)
    else tell(message)
  }

  /** What other processes said; the heartbeat keeps proxies from closing the stream. */
  async function look(): Promise<void> {
    wake = new AbortController()
    const missed = lookMs > 0 ? await host.history(chat, last) : []
    for (const one of missed) if (one.kind === 'outgoing') tell(one.message)
    pen.write(': \n\n')
  }

  async function feed(): Promise<void> {
    const unfollow = mailbox.follow(chat, hear)
    try {
      pen.write('retry: 2000\n\n')
      await tellPast()
      while (!pen.over.aborted) {
        await host.clock.sleep(lookMs || heartbeatMs, AbortSignal.any([pen.over, wake.signal]))
        await look()
      }
    } finally {
      unfollow()
      await pen.close()
    }
  }

  feed().catch(error => host.log.debug('stream.ended', { reason: String(error) }))
  return pen.readable
}
