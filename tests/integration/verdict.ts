/** Whether every message was answered once and in order, by the rows of the database and by the API. */
import type { DeliveryFact, Evidence, InboundFact } from './evidence.ts'
import { readStream } from './evidence.ts'
import { type SentConversation, sendUntilAnswered } from './load.ts'

const atOnce = 16

export interface Verdict {
  messages: number
  answered: number
  unknown: number
  lost: number
  twice: number
  outOfOrder: number
  /** The first few faults, in words. */
  faults: string[]
}

interface Case {
  conversation: SentConversation
  rows: InboundFact[]
  replies: Map<number, DeliveryFact[]>
  left: number
  note(kind: 'lost' | 'twice' | 'outOfOrder' | 'answered', words: string): void
}

const same = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((x, i) => x === b[i])
const isRising = (numbers: readonly number[]) =>
  numbers.every((n, i) => i === 0 || n >= (numbers[i - 1] ?? 0))

/** The privacy notice comes with the first answer: two replies to the first message, one to each other. */
const expectedReplies = (rows: readonly InboundFact[], row: InboundFact) => (rows[0] === row ? 2 : 1)

function judgeRows({ conversation, rows, replies, left, note }: Case): void {
  for (const { clientId, replies: heard } of conversation.messages) {
    const found = rows.filter(row => row.native_id === clientId)
    const [row] = found
    const said = row ? (replies.get(row.seq) ?? []) : []
    const words = `${conversation.id} ${clientId}: ${found.length} rows, ${said.length} replies`
    if (row?.state !== 'done' || said.length === 0 || !heard) note('lost', `${words}, state ${row?.state}`)
    else if (found.length > 1 || said.length > expectedReplies(rows, row)) note('twice', words)
    else if (said.length < expectedReplies(rows, row)) note('lost', `${words}, too few`)
    else if (
      !same(
        heard,
        said.map(s => String(s.seq)),
      )
    )
      note('twice', `${words}, heard ${heard}`)
    else note('answered', words)
  }
  if (rows.length > conversation.messages.length) note('twice', `${conversation.id}: ${rows.length} rows`)
  if (left > conversation.left) note('twice', `${conversation.id}: ${left} messages left for the staff`)
  if (left < conversation.left) note('lost', `${conversation.id}: ${left} messages left for the staff`)
}

/** Wave after wave, and all that belongs to one message together. */
function isOrdered({ conversation }: Case, ids: readonly string[]): boolean {
  const waves = new Map(conversation.messages.map(m => [m.clientId, m.wave]))
  const whole = ids.filter((id, i) => id !== ids[i - 1])
  return new Set(whole).size === whole.length && isRising(whole.map(id => waves.get(id) ?? -1))
}

function judgeOrder(one: Case): void {
  const { conversation, rows, replies, note } = one
  const stored = rows.map(row => row.native_id)
  if (!isOrdered(one, stored)) note('outOfOrder', `${conversation.id}: stored ${stored}`)
  const said = rows.flatMap(row => (replies.get(row.seq) ?? []).map(r => ({ seq: r.seq, to: row.native_id })))
  const to = said.sort((a, b) => a.seq - b.seq).map(s => s.to)
  if (!isOrdered(one, to)) note('outOfOrder', `${conversation.id}: replies to ${to}`)
}

/** The same message again gives the same replies, from whichever process. */
async function judgeRepeats({ conversation, note }: Case, ports: readonly number[]): Promise<void> {
  for (const [i, { clientId, text, replies }] of conversation.messages.entries()) {
    const again = await sendUntilAnswered(ports, { conversation: conversation.id, clientId, text }, i + 1)
    if (!again) note('lost', `${conversation.id} ${clientId}: no answer to a repeat`)
    else if (replies && !same(again, replies))
      note('twice', `${conversation.id} ${clientId}: ${replies}, then ${again}`)
  }
}

async function judgeStream(one: Case, port: number): Promise<void> {
  const { conversation, rows, replies, note } = one
  const wanted = rows.flatMap(row => (replies.get(row.seq) ?? []).map(r => String(r.seq)))
  const events = await readStream(port, conversation.id, wanted.length + rows.length)
  const messages = events.filter(e => e.kind === 'message')
  const ids = messages.map(m => m.id)
  if (wanted.some(id => !ids.includes(id)))
    note('lost', `${conversation.id}: the stream has ${ids}, not ${wanted}`)
  if (ids.length > wanted.length) note('twice', `${conversation.id}: the stream has ${ids}, not ${wanted}`)
  const to = messages.map(m => m.inReplyTo ?? '')
  if (!isOrdered(one, to) || !isRising(ids.map(Number)))
    note('outOfOrder', `${conversation.id}: the stream has ${ids} to ${to}`)
  const own = events.filter(e => e.kind === 'past').map(e => e.id)
  if (own.length !== rows.length || !isOrdered(one, own))
    note('outOfOrder', `${conversation.id}: the stream has the citizen's own ${own}`)
}

function gather<T>(items: readonly T[], keyOf: (item: T) => string | number): Map<string | number, T[]> {
  const groups = new Map<string | number, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** Looks at everything; `ports` serve the same database, with nothing else going on. */
export async function judge(
  conversations: readonly SentConversation[],
  evidence: Evidence,
  ports: readonly number[],
): Promise<Verdict> {
  const counts = { answered: 0, lost: 0, twice: 0, outOfOrder: 0 }
  const faults: string[] = []
  const note: Case['note'] = (kind, words) => {
    counts[kind]++
    if (kind !== 'answered' && faults.length < 10) faults.push(`${kind}: ${words}`)
  }
  const inbound = gather(evidence.inbound, row => row.chat)
  const replies = gather(evidence.deliveries, row => row.in_reply_to ?? 0) as Map<number, DeliveryFact[]>
  const waiting = conversations.map((conversation): Case => {
    const rows = inbound.get(conversation.id) ?? []
    return { conversation, rows, replies, left: evidence.left.get(conversation.id) ?? 0, note }
  })
  const messages = conversations.reduce((sum, c) => sum + c.messages.length, 0)
  async function work(): Promise<void> {
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      judgeRows(one)
      judgeOrder(one)
      await judgeRepeats(one, ports)
      await judgeStream(one, ports[waiting.length % ports.length] ?? 0)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const unsettled = evidence.deliveries.filter(d => d.state !== 'sent' && d.state !== 'unknown')
  for (const { seq, state } of unsettled) note('lost', `delivery ${seq} is ${state}`)
  const unknown = evidence.deliveries.filter(d => d.state === 'unknown').length
  return { messages, unknown, ...counts, faults }
}
