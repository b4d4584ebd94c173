/** Whether every Telegram message was answered once and in order, by the database and by what stands in the chats. */
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Place } from './product.ts'
import type { Screens, SentChat } from './telegram-load.ts'

export interface TelegramVerdict {
  messages: number
  answered: number
  /** Deliveries of which nobody can say whether they arrived. */
  unknown: number
  lost: number
  twice: number
  outOfOrder: number
  faults: string[]
}

interface InboundFact {
  seq: number
  chat: string
  nativeId: string
  state: string
}

interface DeliveryFact {
  seq: number
  chat: string
  inReplyTo: number | null
  state: string
  nativeId: string | null
  reason: string | null
}

export interface Facts {
  inbound: InboundFact[]
  deliveries: DeliveryFact[]
  left: Map<string, number>
}

type Row = Record<string, unknown>

async function openDatabase(
  place: Place,
): Promise<{ ask(sql: string): Promise<Row[]>; close(): Promise<void> }> {
  if (place.name === 'sqlite') {
    const connection = new DatabaseSync(place.database, { readOnly: true, timeout: 5_000 })
    return { ask: async sql => connection.prepare(sql).all(), close: async () => connection.close() }
  }
  const client = new pg.Client(place.database)
  await client.connect()
  return { ask: async sql => (await client.query(sql)).rows, close: () => client.end() }
}

const inboundSql = `select i.seq, c.id, i.native_id, i.state from inbound i
  join conversations c on c.seq = i.conversation order by i.seq`
const deliveriesSql = `select d.seq, c.id, d.in_reply_to, d.state, d.native_id, d.reason from deliveries d
  join conversations c on c.seq = d.conversation order by d.seq`
const leftSql = `select c.id, count(*) as n from left_messages l
  join conversations c on c.seq = l.conversation group by c.id`
const attemptingSql = `select seq from deliveries where state = 'attempting'`

const chatOf = (row: Row) => String(row.id).split('|')[1] ?? ''
const wordOf = (value: unknown) => (value === null ? null : String(value))

export async function gatherFacts(place: Place): Promise<Facts> {
  const { ask, close } = await openDatabase(place)
  const inbound = (await ask(inboundSql)).map(row => ({
    seq: Number(row.seq),
    chat: chatOf(row),
    nativeId: String(row.native_id),
    state: String(row.state),
  }))
  const deliveries = (await ask(deliveriesSql)).map(row => ({
    seq: Number(row.seq),
    chat: chatOf(row),
    inReplyTo: row.in_reply_to === null ? null : Number(row.in_reply_to),
    state: String(row.state),
    nativeId: wordOf(row.native_id),
    reason: wordOf(row.reason),
  }))
  const left = new Map((await ask(leftSql)).map(row => [chatOf(row), Number(row.n)]))
  await close()
  return { inbound, deliveries, left }
}

/** The sends that were under way when the process died. */
export async function listInFlight(place: Place): Promise<number[]> {
  const { ask, close } = await openDatabase(place)
  const rows = await ask(attemptingSql)
  await close()
  return rows.map(row => Number(row.seq))
}

interface Case {
  sent: SentChat
  inbound: InboundFact[]
  deliveries: DeliveryFact[]
  shown: string[]
  left: number
  note(kind: 'lost' | 'twice' | 'outOfOrder' | 'answered', words: string): void
}

const isRising = (numbers: readonly number[]) => numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? 0))

function judgeMessages({ sent, inbound, deliveries, note }: Case): void {
  for (const nativeId of sent.sent) {
    const rows = inbound.filter(row => row.nativeId === nativeId)
    const [row] = rows
    const said = deliveries.filter(one => one.inReplyTo === row?.seq)
    const wanted = row === inbound[0] ? 2 : 1
    const words = `${sent.chat} ${nativeId}: ${rows.length} rows, ${row?.state}, ${said.length} replies of ${wanted}`
    if (row?.state !== 'done' || said.length < wanted) note('lost', words)
    else if (rows.length > 1 || said.length > wanted) note('twice', words)
    else note('answered', words)
  }
  if (inbound.length > sent.sent.length) note('twice', `${sent.chat}: ${inbound.length} rows`)
}

/** Each message that stands in the chat is a delivery that was sent, or one of those that are listed as unknown. */
function judgeScreen({ sent, deliveries, shown, note }: Case): void {
  const told = deliveries.flatMap(one =>
    one.state === 'sent' && one.nativeId !== null ? [one.nativeId] : [],
  )
  const unknown = deliveries.filter(one => one.state === 'unknown').length
  if (new Set(told).size < told.length) note('twice', `${sent.chat}: two deliveries are one message`)
  const missing = told.filter(id => !shown.includes(id))
  if (missing.length > 0) note('lost', `${sent.chat}: ${missing} were sent and do not stand there`)
  const others = shown.filter(id => !told.includes(id))
  if (others.length > unknown)
    note('twice', `${sent.chat}: ${others.length} messages, ${unknown} unknown deliveries`)
  for (const { seq, state, reason } of deliveries)
    if (state !== 'sent' && state !== 'unknown') note('lost', `delivery ${seq} is ${state}: ${reason}`)
  if (!isRising(told.map(Number))) note('outOfOrder', `${sent.chat}: shown ${told}`)
}

function judgeOrder({ sent, inbound, deliveries, left, note }: Case): void {
  const stored = inbound.map(row => sent.sent.indexOf(row.nativeId))
  if (!isRising(stored)) note('outOfOrder', `${sent.chat}: stored ${stored}`)
  const answered = [...new Set(deliveries.map(one => one.inReplyTo ?? 0))]
  if (!isRising(answered)) note('outOfOrder', `${sent.chat}: answered ${answered}`)
  if (left !== sent.left)
    note(left > sent.left ? 'twice' : 'lost', `${sent.chat}: ${left} messages for the staff`)
}

export function judgeTelegram(chats: readonly SentChat[], facts: Facts, screens: Screens): TelegramVerdict {
  const counts = { answered: 0, lost: 0, twice: 0, outOfOrder: 0 }
  const faults: string[] = []
  const note: Case['note'] = (kind, words) => {
    counts[kind]++
    if (kind !== 'answered' && faults.length < 10) faults.push(`${kind}: ${words}`)
  }
  const inbound = Map.groupBy(facts.inbound, row => row.chat)
  const deliveries = Map.groupBy(facts.deliveries, row => row.chat)
  for (const sent of chats) {
    const chat = String(sent.chat)
    const one: Case = {
      sent,
      inbound: inbound.get(chat) ?? [],
      deliveries: deliveries.get(chat) ?? [],
      shown: screens.of(chat).map(message => String(message.message_id)),
      left: facts.left.get(chat) ?? 0,
      note,
    }
    judgeMessages(one)
    judgeScreen(one)
    judgeOrder(one)
  }
  const messages = chats.reduce((sum, chat) => sum + chat.sent.length, 0)
  const unknown = facts.deliveries.filter(one => one.state === 'unknown').length
  return { messages, unknown, ...counts, faults }
}
