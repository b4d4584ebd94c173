/**
 * The far side of the chat page on a loopback port: keeps to the wire of docs and contracts, and misbehaves on
 * command. It knows nothing of the product; each test says what it answers.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'

export interface Reply {
  text: string
  choices?: { id: string; label: string }[]
  citations?: {
    law: string
    article: number | null
    title: string | null
    url: string | null
    inForce?: string | null
  }[]
}

export interface Posted {
  conversation: string
  clientId: string
  text?: string
  choice?: string
}

/** How a POST goes wrong: with a status, or with no answer at all. */
export type Fault =
  | { status: number; message?: string; retryAfter?: number; body?: string }
  | 'hang-up'
  | 'stored-but-cut'

interface Event {
  id: number
  name: 'past' | 'message'
  data: Record<string, unknown>
}

interface Kept {
  events: Event[]
  /** The replies by clientId: the same message again gets the same. */
  answered: Map<string, Event[]>
  streams: Set<ServerResponse>
}

export interface Wire {
  url: string
  /** Every POST that arrived, in order. */
  posted: Posted[]
  /** What a message is answered with. */
  answer: (posted: Posted) => Reply[]
  /** What befalls the next POSTs, one each. */
  faults: Fault[]
  /** 202, and the replies by the stream when `release` is called. */
  slow: boolean
  release(): void
  /** Holds the answers to POSTs until it resolves. */
  hold: Promise<void> | undefined
  /** Streams are refused with this status. */
  streamStatus: number
  /** Every event is sent twice. */
  twice: boolean
  /** How often a stream was asked for, and with which Last-Event-ID. */
  asked: (string | undefined)[]
  dropStreams(): void
  /** The conversation no longer exists; streams say so. */
  forget(conversation: string): void
  /** An older backup is restored: its conversations end where they did, and numbers are given away again. */
  restore(backup: number): void
  /** A backup, by the number that comes next. */
  backUp(): number
  push(conversation: string, reply: Reply, inReplyTo?: string): void
  tell(conversation: string, past: { clientId: string; text: string }): void
  /** What the server holds of a conversation: texts in order. */
  texts(conversation: string): string[]
  about: Record<string, unknown> | undefined
  close(): Promise<void>
}

const dist = resolve(import.meta.dirname, '../../web/chat/dist')
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** The same as the product's. */
const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = join(dist, path === '/' ? 'index.html' : path)
  const content = await readFile(file).catch(() => undefined)
  if (content === undefined) {
    response.writeHead(404).end()
    return
  }
  const type = types[extname(file)] ?? 'application/octet-stream'
  response.writeHead(200, { 'content-type': type, 'content-security-policy': csp }).end(content)
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const wireOf = ({ id, data }: Event) => ({ ...data, id: String(id) })

function format(event: Event): string {
  return `id: ${event.id}.${event.data.createdAt}\nevent: ${event.name}\ndata: ${JSON.stringify(wireOf(event))}\n\n`
}

export async function startWire(): Promise<Wire> {
  const conversations = new Map<string, Kept>()
  const held: (() => void)[] = []
  let nextId = 1
  let nextTime = Date.now()

  function keptOf(conversation: string): Kept {
    const kept = conversations.get(conversation) ?? { events: [], answered: new Map(), streams: new Set() }
    conversations.set(conversation, kept)
    return kept
  }

  function record(kept: Kept, name: Event['name'], data: Record<string, unknown>): Event {
    const event = { id: nextId++, name, data: { ...data, createdAt: nextTime++ } }
    kept.events.push(event)
    return event
  }

  function broadcast(kept: Kept, event: Event): void {
    for (const stream of kept.streams) stream.write(format(event).repeat(wire.twice ? 2 : 1))
  }

  function speak(kept: Kept, reply: Reply, inReplyTo?: string): Event {
    const { text, choices = [], citations = [] } = reply
    const event = record(kept, 'message', { text, choices, citations, ...(inReplyTo && { inReplyTo }) })
    broadcast(kept, event)
    return event
  }

  /** Stores once by clientId. */
  function store(posted: Posted): Event[] {
    const kept = keptOf(posted.conversation)
    const known = kept.answered.get(posted.clientId)
    if (known) return known
    record(kept, 'past', { clientId: posted.clientId, text: posted.text ?? posted.choice })
    const answers: Event[] = []
    kept.answered.set(posted.clientId, answers)
    const say = () =>
      void answers.push(...wire.answer(posted).map(reply => speak(kept, reply, posted.clientId)))
    if (wire.slow) held.push(say)
    else say()
    return answers
  }

  function fail(fault: Fault, posted: Posted, response: ServerResponse): void {
    if (typeof fault === 'string') {
      if (fault === 'stored-but-cut') store(posted)
      response.destroy()
      return
    }
    const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
    if (fault.body !== undefined) response.writeHead(fault.status).end(fault.body)
    else sendJson(response, fault.status, { error: { code: 'fault', message: fault.message } }, headers)
  }

  async function takePost(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const posted: Posted = JSON.parse(await readBody(request))
    wire.posted.push(posted)
    const fault = wire.faults.shift()
    if (fault) return fail(fault, posted, response)
    await wire.hold
    const answers = store(posted)
    const status = wire.slow && answers.length === 0 ? 202 : 200
    const bare = answers.map(({ id, data: { text, choices, citations } }) => ({
      id: String(id),
      text,
      choices,
      citations,
    }))
    sendJson(response, status, { conversation: posted.conversation, messages: bare })
  }

  function openStream(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const last = request.headers['last-event-id']
    wire.asked.push(typeof last === 'string' ? last : undefined)
    if (wire.streamStatus !== 200) {
      sendJson(response, wire.streamStatus, { error: {} })
      return
    }
    const name = url.searchParams.get('conversation') ?? ''
    const kept = keptOf(name)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 100\n\n')
    if (last !== undefined && kept.events.length === 0) response.write('event: gone\ndata: {}\n\n')
    const seen = kept.events.findIndex(one => `${one.id}.${one.data.createdAt}` === last)
    for (const event of kept.events.slice(seen + 1)) response.write(format(event).repeat(wire.twice ? 2 : 1))
    kept.streams.add(response)
    response.on('close', () => kept.streams.delete(response))
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://wire')
    const route = `${request.method} ${url.pathname}`
    if (route === 'POST /api/chat/messages') void takePost(request, response)
    else if (route === 'GET /api/chat/events') openStream(url, request, response)
    else if (route === 'GET /api/chat/about') sendJson(response, wire.about ? 200 : 404, wire.about ?? {})
    else void sendFile(url.pathname, response)
  })

  const wire: Wire = {
    url: '',
    posted: [],
    answer: () => [{ text: '好的。' }],
    faults: [],
    slow: false,
    hold: undefined,
    streamStatus: 200,
    twice: false,
    asked: [],
    about: { agency: '东海市人力资源和社会保障局', hotline: '12333' },
    release() {
      for (const say of held.splice(0)) say()
    },
    dropStreams() {
      for (const { streams } of conversations.values()) for (const stream of streams) stream.destroy()
    },
    forget(conversation) {
      const streams = [...keptOf(conversation).streams]
      conversations.delete(conversation)
      for (const stream of streams) stream.destroy()
    },
    backUp: () => nextId,
    restore(backup) {
      nextId = backup
      for (const kept of conversations.values()) kept.events = kept.events.filter(one => one.id < backup)
      wire.dropStreams()
    },
    push: (conversation, reply, inReplyTo) => void speak(keptOf(conversation), reply, inReplyTo),
    tell: (conversation, past) => void record(keptOf(conversation), 'past', past),
    texts: conversation => keptOf(conversation).events.map(event => String(event.data.text)),
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  wire.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return wire
}
