/** The page's HTTP: messages in with their replies, and the event stream. */
import { type ChannelHost, type Incoming, isUuid, type Outgoing, Refusal } from '#channel'
import { decode, parseBookmark } from './decode.ts'
import { encodeReplies } from './encode.ts'
import type { Mailbox } from './mailbox.ts'
import { openStream } from './stream.ts'

const patienceMs = 10_000
const lookAgainMs = 250
const expireEveryMs = 500

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

/** A problem as every route reports it; `retryAfter` in seconds. */
function problem(
  code: string,
  message: string,
  { status, retryAfter }: { status: number; retryAfter?: string },
) {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
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
    // The way of nearly all requests, and a URL takes longer to parse than to look at.
    if (request.method === 'POST' && request.url.endsWith('/api/chat/messages'))
      return postMessage(options, await request.text())
    const url = new URL(request.url)
    const route = `${request.method} ${url.pathname}`
    if (route === 'POST /api/chat/messages') return postMessage(options, await request.text())
    if (route === 'GET /api/chat/events') return answerStream(options, request, url)
    if (route === 'GET /api/chat/about') return Response.json(options.about)
    return problem('not-found', '没有这个接口。', { status: 404 })
  }
}

async function postMessage(options: WireOptions, body: string): Promise<Response> {
  const decoded = decode(body, options.newUuid)
  if ('problem' in decoded) return problem(decoded.code, decoded.problem, decoded)
  const { incoming } = decoded
  const wait = await options.admit(incoming.chat)
  if (wait !== undefined) {
    const seconds = String(Math.ceil(wait / 1000))
    return problem('too-many', `您发得太快了，请${seconds}秒后再发。`, { status: 429, retryAfter: seconds })
  }
  try {
    return await exchange(options, incoming)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return problem(error.code, error.say, { status: 503, retryAfter: '2' })
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

function answerStream(
  { host, mailbox, stopping, lookMs }: WireOptions,
  request: Request,
  url: URL,
): Response {
  const chat = (url.searchParams.get('conversation') ?? '').toLowerCase()
  if (!isUuid(chat)) return problem('conversation', '对话编号不对，请点「新对话」重新开始。', { status: 400 })
  const after = parseBookmark(request.headers.get('last-event-id') ?? '')
  const ended = AbortSignal.any([request.signal, stopping])
  return new Response(openStream({ host, mailbox, chat, after, ended, lookMs }), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
}
