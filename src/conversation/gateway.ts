/** The gateway: a message is stored and so accepted, its turn is taken, and what is said leaves through the ledger. */
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Log } from '#base/log'
import type { Meter } from '#base/meter'
import { cleanText, cutText } from '#base/text'
import type { Channel, ChannelHost, Incoming, Outgoing, Past } from '#channel'
import type { Ledger } from '#delivery'
import type { RecurringJob } from '#jobs'
import { Conflict, type DataKey, StorageFailure, type Vault, type Write } from '#storage'
import { createLines } from '#base/lines'
import type { ConversationStore, OrphanRow } from './store.ts'
import { longestMessage } from './turn.ts'
import { type Arrived, createTurns, type TurnsOptions } from './turns.ts'

const inboundContext = 'inbound'
const dayMs = 24 * 60 * 60_000

export interface GatewayOptions extends TurnsOptions {
  store: ConversationStore
  vault: Vault
  ledger: Ledger
  clock: Clock
  log: Log
  meter: Meter
}

export interface Gateway {
  /** What a channel is handed when it starts; from then on its messages are answered. */
  hostOf(channel: Channel): ChannelHost
  /** Takes over the messages and deliveries of processes that have ended. */
  recover(): Promise<void>
  /** The jobs that the gateway wants done from time to time. */
  jobs(): RecurringJob[]
  /** No more messages are accepted; resolves when every turn under way is committed or left to others. */
  stop(): Promise<void>
}

/** What is sealed of a message; a text beyond the limit is kept only as far as the limit shows that it is. */
interface Body {
  text: string
  choice?: string
}

function bodyOf(incoming: Incoming): Body {
  const text = cutText(cleanText(incoming.text), longestMessage + 1)
  return incoming.choice === undefined ? { text } : { text, choice: incoming.choice }
}

export function createGateway(options: GatewayOptions): Gateway {
  const { store, vault, ledger, clock, log, meter, wording, process } = options
  const turns = createTurns(options)
  const lines = createLines()
  let stopped = false

  async function receive(channel: Channel, incoming: Incoming): Promise<'accepted' | 'duplicate'> {
    if (stopped) throw new Refusal('stopping', wording['zh-CN'].stopping)
    const conversation = `${channel.account}|${incoming.chat}`
    try {
      const arrived = await keep(conversation, incoming)
      meter.count('messages', { channel: channel.name, kind: arrived ? 'received' : 'duplicate' })
      if (!arrived) return 'duplicate'
      lines.enqueue(conversation, () => turns.take(arrived))
      return 'accepted'
    } catch (error) {
      if (!(error instanceof StorageFailure)) throw error
      log.error('message.unstored', error, { trouble: error.trouble })
      throw new Refusal('not-stored', wording['zh-CN'].notStored)
    }
  }

  /** Stores the message; undefined when it was there before. */
  async function keep(conversation: string, incoming: Incoming): Promise<Arrived | undefined> {
    const now = clock.now()
    const body = bodyOf(incoming)
    const { key, writes } = await vault.findOrCreate(conversation, now)
    const row = { conversation, native_id: incoming.nativeId, process, now }
    const insert = store.insertInbound({ ...row, body: key.seal(JSON.stringify(body), inboundContext) })
    try {
      const rows = await store.commit([insert, ...firstContact(conversation, key, writes, now)])
      const seq = store.seqOf(rows[0])
      return seq === undefined
        ? undefined
        : { seq, conversation, nativeId: incoming.nativeId, ...body, receivedAt: now }
    } catch (error) {
      // Two first messages at once: the second finds the conversation that the first made.
      if (!(error instanceof Conflict)) throw error
      return keep(conversation, incoming)
    }
  }

  function firstContact(conversation: string, key: DataKey, keyWrites: Write[], now: number): Write[] {
    if (keyWrites.length === 0) return []
    return [...keyWrites, store.insertConversation(conversation, turns.firstSession(key, now), now)]
  }

  async function adopt(row: OrphanRow): Promise<void> {
    const key = await vault.find(row.conversation)
    if (!key) throw new Error('a message without a data key')
    await store.takeOver(row, process)
    const body: Body = JSON.parse(key.open(row.body, inboundContext))
    const arrived = { seq: row.seq, conversation: row.conversation, nativeId: row.native_id, receivedAt: row.received_at }
    lines.enqueue(row.conversation, () => turns.take({ ...arrived, ...body }))
  }

  async function recover(): Promise<void> {
    const living = await options.living()
    const orphans = await store.listOrphans([...living])
    for (const row of orphans) {
      await adopt(row).catch(error => {
        if (!(error instanceof Conflict)) log.error('message.unrecovered', error, { seq: row.seq })
      })
    }
    const { carried, unknown } = await ledger.recover(living)
    if (orphans.length + carried + unknown > 0)
      log.info('work.recovered', { messages: orphans.length, deliveries: carried, unknown })
  }

  async function history(conversation: string, after?: string): Promise<Past[]> {
    const key = await vault.find(conversation)
    if (!key) return []
    const outgoing = await ledger.history(conversation, key, after)
    // A page that comes back knows its own messages; those of another tab are recent.
    const since = after === undefined ? 0 : clock.now() - dayMs
    const incoming = await store.listInbound(conversation, since)
    const nativeIds = new Map(incoming.map(row => [row.seq, row.native_id]))
    const said = outgoing.map((message): Past => ({ kind: 'outgoing', message: named(message, nativeIds) }))
    const written = incoming.map((row): Past => {
      const { text, choice }: Body = JSON.parse(key.open(row.body, inboundContext))
      return {
        kind: 'incoming',
        id: `i${row.seq}`,
        nativeId: row.native_id,
        text: text || choice || '',
        createdAt: row.received_at,
      }
    })
    return [...written, ...said].sort((a, b) => timeOf(a) - timeOf(b))
  }

  async function repliesTo(conversation: string, nativeId: string) {
    const found = await store.findInbound(conversation, nativeId)
    const key = await vault.find(conversation)
    if (!found || !key) return { done: false, messages: [] }
    const messages = await ledger.repliesTo(conversation, key, found.seq)
    return { done: found.state === 'done', messages: messages.map(m => ({ ...m, inReplyTo: nativeId })) }
  }

  async function sweep(): Promise<void> {
    const before = clock.now() - options.retentionDays * dayMs
    for (let page = await store.listStale(before); page.length > 0; page = await store.listStale(before)) {
      for (const { id } of page) {
        vault.forget(id)
        await store.commit([...store.eraseStale(id, before), ledger.erase(id), vault.destroy(id)]).catch(error => {
          if (!(error instanceof Conflict)) throw error
        })
      }
      log.info('conversations.deleted', { count: page.length })
    }
  }

  return {
    hostOf(channel) {
      ledger.attach(channel)
      const id = (chat: string) => `${channel.account}|${chat}`
      return {
        clock,
        log,
        receive: incoming => receive(channel, incoming),
        history: (chat, after) => history(id(chat), after),
        repliesTo: (chat, nativeId) => repliesTo(id(chat), nativeId),
      }
    },
    recover,
    jobs: () => [{ name: 'conversation.sweep', everyMs: dayMs / 4, run: sweep }],
    async stop() {
      stopped = true
      const patience = clock.sleep(5_000)
      await Promise.race([lines.idle(), patience])
      turns.stop()
      await lines.idle()
    },
  }
}

function named(message: Outgoing & { inReplyToSeq?: number }, nativeIds: ReadonlyMap<number, string>): Outgoing {
  const { inReplyToSeq, ...rest } = message
  const nativeId = inReplyToSeq === undefined ? undefined : nativeIds.get(inReplyToSeq)
  return nativeId === undefined ? rest : { ...rest, inReplyTo: nativeId }
}

function timeOf(past: Past): number {
  return past.kind === 'incoming' ? past.createdAt : past.message.createdAt
}
