/** The gateway: a message is stored and so accepted, its turn is taken, and what is said leaves through the ledger. */
import { Refusal } from '#base/errors'
import { createLines } from '#base/lines'
import { cleanText, cutText } from '#base/text'
import {
  type Bookmark,
  type Channel,
  type ChannelCache,
  type ChannelHost,
  type ChatChange,
  choicesOf,
  guardJurisdiction,
  type Incoming,
  type Outgoing,
  type PassiveReply,
  type PassiveRequest,
  type Past,
} from '#channel'
import { type Address, keyNameOf, placeOf } from '#delivery'
import { createSession, longestMessage } from '#dialog'
import { createIdentityDesk } from '#identity'
import type { RecurringJob } from '#jobs'
import { Conflict, StorageFailure, type Write } from '#storage'
import { begin, type Conversation, createKnown, inboundContext } from './known.ts'
import { dayOf, type OrphanRow, type StaleRow } from './store.ts'
import { type Arrived, arrivedOf, type Body, createTurns, type TurnsOptions } from './turns.ts'

const dayMs = 24 * 60 * 60_000
const drainMs = 5_000
const mostMoves = 5

export type GatewayOptions = TurnsOptions & {
  /** A cache under the name of a channel's account. */
  cacheOf(account: string): Promise<ChannelCache>
}

export interface Gateway {
  /** What a channel is handed when it starts; from then on its messages are answered. */
  hostOf(channel: Channel): Promise<ChannelHost>
  /** Takes over the messages and deliveries of processes that have ended. */
  recover(): Promise<void>
  /** The jobs that the gateway wants done from time to time. */
  jobs(): RecurringJob[]
  /** No more messages are accepted; resolves when every turn under way is committed or left to others. */
  stop(): Promise<void>
}

type Place = Pick<Address, 'account' | 'chat'>

/** A conversation's past: what the citizen wrote, and what was said to them. */
interface Loaded {
  written: Past[]
  said: Outgoing[]
}

interface Kept {
  conversation: Conversation
  arrived: Arrived
}

function bodyOf({ text, choice, attachment, group }: Incoming): Body {
  return {
    text: cutText(cleanText(text), longestMessage + 1),
    ...(choice !== undefined && { choice }),
    ...(attachment && { attachment }),
    ...(group && { group }),
  }
}

function isConstraint(error: unknown): boolean {
  return error instanceof StorageFailure && error.trouble === 'constraint'
}

export function createGateway(options: GatewayOptions): Gateway {
  const { store, vault, ledger, clock, log, meter, wording, process } = options
  const known = createKnown(options)
  const channels = new Map<string, Channel>()
  const turns = createTurns({ ...options, known, channels })
  const identity = createIdentityDesk({ store: store.identity, clock })
  const lines = createLines()
  let stopped = false

  async function receive(channel: Channel, incoming: Incoming): Promise<'accepted' | 'duplicate'> {
    if (stopped) throw new Refusal('stopping', wording['zh-CN'].stopping)
    const place = { account: channel.account, chat: incoming.chat }
    try {
      const kept = await keep(place, incoming)
      meter.count('messages', { channel: channel.name, kind: kept ? 'received' : 'duplicate' })
      if (!kept) return 'duplicate'
      takeLater(kept.conversation, kept.arrived)
      return 'accepted'
    } catch (error) {
      if (!(error instanceof StorageFailure)) throw error
      log.error('message.unstored', error, { trouble: error.trouble })
      throw new Refusal('not-stored', wording['zh-CN'].notStored)
    }
  }

  /** Stores the message, and waits for the answer as long as the platform does. */
  async function exchange(
    channel: Channel,
    incoming: Incoming,
    request: PassiveRequest,
  ): Promise<PassiveReply> {
    const place = { account: channel.account, chat: incoming.chat }
    const { nativeId } = incoming
    const slot = ledger.expect(place, { nativeId, ...request })
    try {
      const receipt = await receive(channel, incoming)
      if (receipt === 'duplicate' && (await repliesTo(place, nativeId)).done) slot.answer()
    } catch (error) {
      slot.withdraw()
      throw error
    }
    return slot.reply
  }

  function takeLater(conversation: Conversation, arrived: Arrived): void {
    lines.enqueue(conversation.line, () => turns.take(conversation, arrived))
  }

  /** Stores the message; undefined when it was there before. */
  async function keep(place: Place, incoming: Incoming): Promise<Kept | undefined> {
    const conversation = await known.find(place)
    if (!conversation) return keepFirst(place, incoming)
    const now = clock.now()
    const body = bodyOf(incoming)
    const sealed = conversation.key.seal(JSON.stringify(body), inboundContext)
    const row = { native_id: incoming.nativeId, body: sealed, process, now }
    const { conversation: number } = conversation.address
    const insert = store.insertInbound(number, row)
    const [rows, ...heard] = await store.commit([insert, ...hear(place, number, incoming)]).catch(error => {
      // Another process has deleted the conversation since we knew it: this message begins a new one.
      if (!isConstraint(error)) throw error
      known.forget(place)
      return []
    })
    if (rows === undefined) return keepFirst(place, incoming)
    const released = heard.length > 0 && ledger.carryReleased(heard, conversation.key) > 0
    const seq = store.seqOf(rows)
    if (seq === undefined) return undefined
    const arrived = { seq, nativeId: incoming.nativeId, ...body, receivedAt: now, released }
    return { conversation, arrived }
  }

  /** What may be sent because of this message, and what waited for it: only where not all may be sent at any time. */
  function hear({ account }: Place, conversation: number, { window }: Incoming): Write[] {
    const limited = channels.get(account)?.traits.push !== 'always'
    return limited ? ledger.hear(conversation, window) : []
  }

  /** Stores a first message together with its conversation and key. */
  async function keepFirst(place: Place, incoming: Incoming): Promise<Kept | undefined> {
    const now = clock.now()
    const id = keyNameOf(place)
    const body = bodyOf(incoming)
    const session = createSession()
    vault.forget(id)
    const { key, writes } = await vault.findOrCreate(id, now)
    const sealed = key.seal(JSON.stringify(body), inboundContext)
    const row = { native_id: incoming.nativeId, body: sealed, process, now }
    const start = store.insertConversation({ id, language: session.language, now, day: dayOf(now) })
    try {
      const rows = await store.commit([start, store.insertFirst(id, row), ...writes])
      const [made = 0, seq = 0] = rows.map(r => store.seqOf(r))
      const fresh = begin({ conversation: made, ...place }, key, session.language)
      const rest = { line: String(made), lastDay: dayOf(now), current: !store.shared }
      const conversation: Conversation = { ...fresh, ...rest }
      known.add(conversation)
      const heard = hear(place, made, incoming)
      if (heard.length > 0) await store.commit(heard)
      return { conversation, arrived: { seq, nativeId: incoming.nativeId, ...body, receivedAt: now } }
    } catch (error) {
      // Two first messages at once: the second finds what the first made.
      known.forget(place)
      if ((error instanceof Conflict || isConstraint(error)) && (await known.find(place)))
        return keep(place, incoming)
      throw error
    }
  }

  async function adopt(row: OrphanRow): Promise<void> {
    const place = placeOf(row.id)
    const here = await known.find(place)
    // Another process has begun the conversation anew since we knew it.
    if (here?.address.conversation !== row.conversation) known.forget(place)
    const conversation = await known.find(place)
    if (!conversation) throw new Error('a message without a conversation')
    // Read before it is ours: what cannot be read now is left for the next look.
    const arrived = arrivedOf(row, conversation)
    await store.takeOver(row, process)
    takeLater(conversation, arrived)
  }

  async function recover(): Promise<void> {
    const living = await options.living()
    const orphans = await store.listOrphans([...living])
    // What was promised leaves before what is said in the turns that follow.
    const { carried, unknown } = await ledger.recover(living)
    for (const row of orphans) {
      await adopt(row).catch(error => {
        if (!(error instanceof Conflict)) log.error('message.unrecovered', error, { seq: row.seq })
      })
    }
    if (orphans.length + carried + unknown > 0)
      log.info('work.recovered', { messages: orphans.length, deliveries: carried, unknown })
  }

  async function history(place: Place, after?: Bookmark): Promise<Past[]> {
    const conversation = await known.find(place)
    if (!conversation) return []
    if (!after) return tell(await load(conversation, 0), 0)
    // Whoever comes back knows what is old; what they missed, from another tab too, is not much older than what they have.
    const since = Math.min(clock.now(), after.createdAt ?? clock.now()) - dayMs
    return (
      tellAfter(after, await load(conversation, since)) ??
      // They have what is not there, as after the restore of an older backup: they are told everything.
      tell(await load(conversation, 0), 0)
    )
  }

  async function load(conversation: Conversation, since: number): Promise<Loaded> {
    const { address, key } = conversation
    const incoming = await store.listInbound(address.conversation, since)
    const replies = await ledger.repliesTo(
      incoming.map(row => row.seq),
      key,
    )
    const outgoing = [...replies, ...(await ledger.unasked(address.conversation, key))]
    const labels = new Map(
      outgoing.flatMap(m => choicesOf(m.document)).map(choice => [choice.id, choice.label]),
    )
    const nativeIds = new Map(incoming.map(row => [row.seq, row.native_id]))
    const said = outgoing.map(({ inReplyToSeq, ...message }): Outgoing => {
      const inReplyTo = inReplyToSeq === undefined ? undefined : nativeIds.get(inReplyToSeq)
      return inReplyTo === undefined ? message : { ...message, inReplyTo }
    })
    const written = incoming.map((row): Past => {
      const { seq, nativeId, text, choice = '', receivedAt } = arrivedOf(row, conversation)
      const words = text || labels.get(choice) || choice
      return { kind: 'incoming', id: `i${seq}`, nativeId, text: words, createdAt: receivedAt }
    })
    return { written, said }
  }

  async function repliesTo(place: Place, nativeId: string): Promise<{ done: boolean; messages: Outgoing[] }> {
    const conversation = await known.find(place)
    const found = conversation && (await store.findInbound(conversation.address.conversation, nativeId))
    if (!conversation || !found) return { done: false, messages: [] }
    const replies = await ledger.repliesTo([found.seq], conversation.key)
    const messages = replies.map(({ inReplyToSeq, ...message }) => ({ ...message, inReplyTo: nativeId }))
    return { done: found.state === 'done', messages }
  }

  /** False when somebody uses the conversation in this moment. */
  async function erase(row: StaleRow): Promise<boolean> {
    try {
      await store.commit([...ledger.erase(row.seq), ...store.erase(row), vault.destroy(row.id)])
    } catch (error) {
      if (error instanceof Conflict) return false
      throw error
    }
    known.forget(placeOf(row.id))
    return true
  }

  async function sweep(): Promise<void> {
    const before = clock.now() - options.retentionDays * dayMs
    await identity.sweep(before)
    for (;;) {
      let count = 0
      for (const row of await store.listStale(before)) if (await erase(row)) count++
      // What is in use stays in the list: the next sweep looks at it again.
      if (count === 0) return
      log.info('conversations.deleted', { count })
    }
  }

  /** What the platform tells of a chat besides messages. */
  async function change(place: Place, told: ChatChange): Promise<void> {
    if (told.kind === 'unreachable') {
      const count = await ledger.giveUp(place, told.reason)
      log.info('chat.unreachable', { account: place.account, givenUp: count })
      return
    }
    const conversation = await known.find(place)
    if (!conversation || told.to === place.chat) return
    // No turn is taken meanwhile: what it says would go to the old chat.
    await inLine(conversation, () => moveSoon(conversation, told.to))
    log.info('chat.moved', { account: place.account })
    await ledger.recover(await options.living())
  }

  /** Does work between the turns of a conversation; what becomes of it is told. */
  function inLine(conversation: Conversation, work: () => Promise<void>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    lines.enqueue(conversation.line, () => work().then(resolve, reject))
    return promise
  }

  /** Again where a message left, or the other conversation was begun, in the same moment. */
  async function moveSoon(conversation: Conversation, to: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await move(conversation, to)
      } catch (error) {
        if (attempt === mostMoves || !(error instanceof Conflict || isConstraint(error))) throw error
      }
    }
  }

  async function move(conversation: Conversation, chat: string): Promise<void> {
    const { address } = conversation
    const [from, to] = [keyNameOf(address), keyNameOf({ ...address, chat })]
    const there = await known.find({ ...address, chat })
    if (there) {
      await store.commit(await ledger.move(address, there.address))
      return
    }
    const next = { ...address, chat }
    await store.commit([
      store.renameConversation(address.conversation, to),
      ...(await vault.rename(from, to, clock.now())),
      ...(await ledger.move(address, next)),
    ])
    known.forget(address)
    vault.forget(to)
    conversation.address = next
    known.add(conversation)
  }

  return {
    async hostOf(channel) {
      channels.set(channel.account, channel)
      ledger.attach(guardJurisdiction(channel))
      const place = (chat: string) => ({ account: channel.account, chat })
      return {
        clock,
        log,
        cache: await options.cacheOf(channel.account),
        receive: incoming => receive(channel, incoming),
        exchange: (incoming, request) => exchange(channel, incoming, request),
        change: (chat, told) => change(place(chat), told),
        history: (chat, after) => history(place(chat), after),
        repliesTo: (chat, nativeId) => repliesTo(place(chat), nativeId),
      }
    },
    recover,
    jobs: () => [{ name: 'conversation.sweep', everyMs: dayMs / 4, run: sweep }],
    async stop() {
      stopped = true
      const over = new AbortController()
      await Promise.race([lines.idle(), clock.sleep(drainMs, over.signal)])
      over.abort()
      turns.stop()
      await lines.idle()
    },
  }
}

/** What was said after a message; undefined where that message is not. */
function tellAfter({ id, createdAt }: Bookmark, past: Loaded): Past[] | undefined {
  const found = past.said.some(one => one.id === id && (createdAt ?? one.createdAt) === one.createdAt)
  return found ? tell(past, Number(id)) : undefined
}

function tell({ written, said }: Loaded, after: number): Past[] {
  const missed = said.filter(message => Number(message.id) > after)
  return interleave(
    written,
    missed.map((message): Past => ({ kind: 'outgoing', message })),
  )
}

/** What was said in the order of its numbers, each message before its first reply, the unanswered ones at the end. */
function interleave(written: readonly Past[], said: readonly Past[]): Past[] {
  const waiting = new Map(
    written.flatMap(past => (past.kind === 'incoming' ? [[past.nativeId, past] as const] : [])),
  )
  const order: Past[] = []
  for (const past of [...said].sort((a, b) => numberOf(a) - numberOf(b))) {
    const asked = past.kind === 'outgoing' ? (past.message.inReplyTo ?? '') : ''
    const question = waiting.get(asked)
    if (question) order.push(question)
    waiting.delete(asked)
    order.push(past)
  }
  return [...order, ...waiting.values()]
}

function numberOf(past: Past): number {
  return past.kind === 'outgoing' ? Number(past.message.id) : 0
}
