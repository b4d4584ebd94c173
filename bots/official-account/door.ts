/** What WeChat calls: the check of the address, messages and events, each answered in the request where it can be. */
import type { ChannelHost, Incoming, PassiveReply } from '#channel'
import { decode, parseMessage, sealedIn } from './decode.ts'
import { formatReply } from './encode.ts'
import { type EnvelopeKeys, isSigned, type Opened, openRequest } from './envelope.ts'
import type { Sender } from './sending.ts'

/** WeChat drops the connection after five seconds; whoever is not it is not kept longer. */
const longestHoldMs = 6_000
/** As long as a request is fresh in either direction. */
const nonceMs = 10 * 60_000

export interface DoorOptions {
  keys: EnvelopeKeys
  host: ChannelHost
  sender: Sender
  stopping: AbortSignal
}

/** Counted for the operator. */
export interface Tally {
  ignored: number
  unreadable: number
  refused: number
  age: number | undefined
}

const plain = (text: string, status = 200) =>
  new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
const acknowledged = () => plain('success')

export function createDoor({ keys, host, sender, stopping }: DoorOptions) {
  const tally: Tally = { ignored: 0, unreadable: 0, refused: 0, age: undefined }
  const { clock, log, cache } = host

  function refuse(): Response {
    tally.refused++
    log.warn('official-account.refused')
    return plain('', 403)
  }

  function check(query: URLSearchParams): Response {
    return isSigned(keys, query, clock.now()) ? plain(query.get('echostr') ?? '') : refuse()
  }

  /** In plain mode the signature does not cover the body: another body under the same one is somebody else's. */
  async function isForged(query: URLSearchParams, body: string): Promise<boolean> {
    if (keys.aesKey) return false
    const key = `nonce:${query.get('timestamp')}:${query.get('nonce')}`
    const before = await cache.get<string>(key)
    if (before === undefined) await cache.set(key, body, nonceMs)
    return before !== undefined && before !== body
  }

  async function take(opened: Opened, signal: AbortSignal, arrivedAt: number): Promise<Response> {
    const message = parseMessage(opened.xml)
    if (!message) {
      // Coming again would make it no better.
      tally.unreadable++
      log.warn('official-account.unreadable')
      return acknowledged()
    }
    const decoded = decode(message)
    if (decoded.kind === 'ignored') {
      tally.ignored++
      log.debug('official-account.ignored', { reason: decoded.reason })
      return acknowledged()
    }
    try {
      if (decoded.kind === 'change') {
        await host.change(decoded.chat, decoded.change)
        return acknowledged()
      }
      tally.age = Math.max(0, arrivedAt - Number(message.CreateTime) * 1000)
      const reply = await host.exchange(decoded.incoming, { arrivedAt, signal })
      return await answer(reply, { opened, incoming: decoded.incoming, from: message.ToUserName, signal })
    } catch (error) {
      log.warn('official-account.failed', { reason: String(error) })
      return plain('', 503)
    }
  }

  /** The platform is to ask again: it does so when nothing comes in its time. */
  async function hold(signal: AbortSignal): Promise<Response> {
    await clock.sleep(longestHoldMs, AbortSignal.any([signal, stopping]))
    return plain('', 503)
  }

  async function answer(
    reply: PassiveReply,
    {
      opened,
      incoming,
      from,
      signal,
    }: { opened: Opened; incoming: Incoming; from: string; signal: AbortSignal },
  ): Promise<Response> {
    if (reply.kind === 'nothing') return acknowledged()
    if (reply.kind === 'again') return hold(signal)
    const content = await sender.contentOf(reply.documents)
    if (signal.aborted) {
      await reply.settle('unsent')
      return plain('', 503)
    }
    const now = clock.now()
    const xml = opened.wrap(formatReply(content, { to: incoming.chat, from, now }), now)
    // Not before the bytes are on their way: a process that dies here leaves an attempt whose end nobody knows.
    void clock.sleep(0).then(() => reply.settle(signal.aborted ? 'unknown' : 'sent'))
    return new Response(xml, { headers: { 'content-type': 'application/xml; charset=utf-8' } })
  }

  async function fetch(request: Request): Promise<Response> {
    const arrivedAt = clock.now()
    const query = new URL(request.url).searchParams
    if (request.method === 'GET') return check(query)
    if (request.method !== 'POST') return plain('', 405)
    if (stopping.aborted) return plain('', 503)
    const body = await request.text()
    const opened = openRequest(keys, { query, body, now: arrivedAt, sealedIn })
    if (!opened || (await isForged(query, body))) return refuse()
    return take(opened, request.signal, arrivedAt)
  }

  return { fetch, tally }
}
