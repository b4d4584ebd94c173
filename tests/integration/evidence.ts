/** What the database and the API show after the load: every row of it, read past the product. */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Place } from './product.ts'

const silenceMs = 5_000

export interface InboundFact {
  seq: number
  chat: string
  native_id: string
  state: string
}

export interface DeliveryFact {
  seq: number
  in_reply_to: number | null
  state: string
}

export interface Evidence {
  inbound: InboundFact[]
  deliveries: DeliveryFact[]
  /** How many messages for the staff each chat has left. */
  left: Map<string, number>
}

const inboundSql = `select i.seq, c.id, i.native_id, i.state from inbound i
  left join conversations c on c.seq = i.conversation order by i.seq`
const deliveriesSql = 'select seq, in_reply_to, state from deliveries order by seq'
const leftSql = `select c.id, count(*) as n from left_messages l
  join conversations c on c.seq = l.conversation group by c.id`

type Ask = (sql: string) => Promise<Record<string, unknown>[]>

async function openDatabase(place: Place): Promise<{ ask: Ask; close(): Promise<void> }> {
  if (place.name === 'sqlite') {
    const connection = new DatabaseSync(place.database, { readOnly: true, timeout: 5_000 })
    return { ask: async sql => connection.prepare(sql).all(), close: async () => connection.close() }
  }
  const client = new pg.Client(place.database)
  await client.connect()
  return { ask: async sql => (await client.query(sql)).rows, close: () => client.end() }
}

const chatOf = (id: unknown) => String(id).split('|')[1] ?? ''

export async function gatherEvidence(place: Place): Promise<Evidence> {
  const { ask, close } = await openDatabase(place)
  const inbound = (await ask(inboundSql)).map(r => ({
    seq: Number(r.seq),
    chat: chatOf(r.id),
    native_id: String(r.native_id),
    state: String(r.state),
  }))
  const deliveries = (await ask(deliveriesSql)).map(r => ({
    seq: Number(r.seq),
    in_reply_to: r.in_reply_to === null ? null : Number(r.in_reply_to),
    state: String(r.state),
  }))
  const left = new Map((await ask(leftSql)).map(r => [chatOf(r.id), Number(r.n)]))
  await close()
  return { inbound, deliveries, left }
}

export interface StreamEvent {
  kind: 'message' | 'past'
  /** The id of the reply; for the citizen's own message its client id. */
  id: string
  inReplyTo?: string
}

function parseEvent(text: string): StreamEvent | undefined {
  const kind = /^event: (message|past)$/m.exec(text)?.[1]
  const data = /^data: (.*)$/m.exec(text)?.[1]
  if (!data || (kind !== 'message' && kind !== 'past')) return undefined
  const { id, clientId, inReplyTo } = JSON.parse(data)
  return { kind, id: kind === 'past' ? clientId : id, ...(inReplyTo && { inReplyTo }) }
}

/** The event stream of a conversation from its beginning: until `count` events came or none came for a while. */
export async function readStream(port: number, conversation: string, count: number): Promise<StreamEvent[]> {
  const over = new AbortController()
  const url = `http://127.0.0.1:${port}/api/chat/events?conversation=${conversation}`
  const response = await fetch(url, { signal: over.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const events: StreamEvent[] = []
  let rest = ''
  let until = performance.now() + silenceMs
  // Heartbeats come as long as the stream is open: only events put the end off.
  while (reader && events.length < count && performance.now() < until) {
    const part = await Promise.race([reader.read(), delay(silenceMs, undefined, { ref: false })])
    if (!part || part.done) break
    const blocks = (rest + part.value).split('\n\n')
    rest = blocks.pop() ?? ''
    const told = blocks.map(parseEvent).filter(e => e !== undefined)
    events.push(...told)
    if (told.length > 0) until = performance.now() + silenceMs
  }
  over.abort()
  await reader?.cancel().catch(() => {})
  return events
}
