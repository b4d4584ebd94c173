/** The page's HTTP: messages in with their replies, and the event stream. */
import { type ChannelHost, type Incoming, isUuid, type Outgoing, Refusal } from '#channel'
import { decode } from './decode.ts'
import { encodeMessageEvent, encodePastEvent, encodeReplies, goneEvent } from './encode.ts'
import type { Mailbox } from './mailbox.ts'

const patienceMs = 10_000
const lookAgainMs = 250
const expireEveryMs = 500
const heartbeatMs = 20_000
const longestQueue = 1000

export interface WireOptions {
  host: ChannelHost
  mailbox: Mailbox
  newUuid: () => string
  /** Milliseconds to wait when this conversation asks too much. */
  admit(conversation: string): Promise<number | undefined>
  about: { agency: string; hotline: string }
  /** Ends every open stream. */
  stopping: AbortSignal
  /** How often an open stream looks for what other processes said; 0: there are none. */
  lookMs: number
}

function problem(
  code: string,
  message: string,
  status: number,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error: { code, message } }, { status, headers })
}

/** One look around a while serves all who wait: a timer for each would cost more than most of the work. */
async function watchPatience({ host, mailbox, stopping }: WireOptions): Promise<void> {
  while (!stopping.aborted) {
    await host.clock.sleep(expireEveryMs, stopping)
    mailbox.expire(host.clock.now())
  }
}

export function createWire(options: WireOptions): (request: Request) => Promise<Response> {
  void watchPatience(options)
  return async request => {
    if (request.method === 'POST' && request.url.endsWith('/api/chat/messages'))
      return postMessage(options, await request.text())
    const url = new URL(request.url)
    const route = `${request.method} ${url.pathname}`
    if (route === 'GET /api/chat/events') return openStream(options, request, url)
    if (route === 'GET /api/chat/about') return Response.json(options.about)
    return problem('not-found', '没有这个接口。', 404)
  }
}

async function postMessage(options: WireOptions, body: string): Promise<Response> {
  const decoded = decode(body, options.newUuid)
  if ('problem' in decoded) return problem(decoded.code, decoded.problem, decoded.status)
  const { incoming } = decoded
  const wait = await options.admit(incoming.chat)
  if (wait !== undefined) {
    const seconds = String(Math.ceil(wait / 1000))
    return problem('too-many', `您发得太快了，请${seconds}秒后再发。`, 429, { 'retry-after': seconds })
  }
  try {
    return await exchange(options, incoming)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return problem(error.code, error.say, 503, { 'retry-after': '2' })
  }
}

async function exchange(options: WireOptions, incoming: Incoming): Promise<Response> {
  const { host, mailbox } = options
  const waiter = mailbox.await(incoming.chat, incoming.nativeId, host.clock.now() + patienceMs)
  try {
    const receipt = await host.receive(incoming)
    if (receipt === 'duplicate') return await repeat(options, incoming)
    return answer(incoming, waiter.messages, await waiter.done)
  } finally {
    waiter.end(false)
  }
}

function answer({ chat }: Incoming, messages: readonly Outgoing[], complete: boolean): Response {
  const headers = { 'content-type': 'application/json' }
  return new Response(encodeReplies(chat, messages), { status: complete ? 200 : 202, headers })
}

/** The same message again: the same replies, as soon as they are there. */
async function repeat({ host }: WireOptions, incoming: Incoming): Promise<Response> {
  const until = host.clock.now() + patienceMs
  for (;;) {
    const { done, messages } = await host.repliesTo(incoming.chat, incoming.nativeId)
    if (done || host.clock.now() >= until) return answer(incoming, messages, done)
    await host.clock.sleep(lookAgainMs)
  }
}

function openStream(options: WireOptions, request: Request, url: URL): Response {
  const chat = (url.searchParams.get('conversation') ?? '').toLowerCase()
  if (!isUuid(chat)) return problem('conversation', '对话编号不对，请点「新对话」重新开始。', 400)
  const last = request.headers.get('last-event-id') ?? ''
  const after = /^\d{1,15}$/.test(last) ? last : undefined
  const ended = AbortSignal.any([request.signal, options.stopping])
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    {},
    { highWaterMark: longestQueue },
  )
  feed(options, { chat, after, ended, writer: writable.getWriter() }).catch(error =>
    options.host.log.debug('stream.ended', { reason: String(error) }),
  )
  return new Response(readable, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
}

interface Stream {
  chat: string
  after: string | undefined
  ended: AbortSignal
  writer: WritableStreamDefaultWriter<Uint8Array>
}

const bytes = new TextEncoder()

/** The past first, then whatever is said, in order and once; a heartbeat keeps proxies from closing the stream. */
async function feed(options: WireOptions, { chat, after, ended, writer }: Stream): Promise<void> {
  const { host, mailbox, lookMs } = options
  let cursor = Number(after ?? 0)
  const slow = new AbortController()
  const over = AbortSignal.any([ended, slow.signal])
  const write = (text: string) => {
    // A page that does not read is let go: it comes back and goes on where it stopped.
    if ((writer.desiredSize ?? 0) <= 0) return slow.abort()
    writer.write(bytes.encode(text)).catch(() => slow.abort())
  }
  const tell = (message: Outgoing) => {
    if (Number(message.id) <= cursor) return
    cursor = Number(message.id)
    write(encodeMessageEvent(message))
  }
  let early: Outgoing[] | undefined = []
  const unfollow = mailbox.follow(chat, message => (early ? early.push(message) : tell(message)))
  try {
    write('retry: 2000\n\n')
    const past = await host.history(chat, after)
    if (past.length === 0 && after !== undefined && (await host.history(chat)).length === 0) write(goneEvent)
    for (const one of past) {
      if (one.kind === 'incoming') write(encodePastEvent(one))
      else tell(one.message)
    }
    for (const message of early) tell(message)
    early = undefined
    while (!over.aborted) {
      await host.clock.sleep(lookMs || heartbeatMs, over)
      if (lookMs > 0)
        for (const one of await host.history(chat, String(cursor)))
          if (one.kind === 'outgoing') tell(one.message)
      write(': \n\n')
    }
  } finally {
    unfollow()
    await (slow.signal.aborted ? writer.abort() : writer.close()).catch(() => {})
  }
}
