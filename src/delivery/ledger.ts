/** The outbox: a message is written into the ledger with whatever caused it, and only then carried. */
import type { Allowance, Channel, Document } from '#channel'
import { Conflict, type DataKey, type Row, type Vault, type Write } from '#storage'
import { type CourierOptions, createCourier } from './courier.ts'
import {
  type Address,
  type Content,
  carriedAs,
  type Draft,
  deliveryOf,
  keyNameOf,
  type Place,
  type Said,
} from './draft.ts'
import { partsOf, type Slot, type SlotRequest } from './passive.ts'
import type { DeliveryRow } from './store.ts'

const context = 'delivery'

export interface Ledger {
  attach(channel: Channel): void
  /** A draft as the drafts that it makes: one a message of the platform where each has its own fate, else itself. */
  parts(draft: Draft): Draft[]
  /** The write that puts a draft into the ledger; it belongs into the unit of what caused it. */
  enter(draft: Draft, key: DataKey): Write
  /** After the unit is committed: carries what was entered. `rows` are what the writes of `enter` returned. */
  carry(drafts: readonly Draft[], rows: readonly (Row[] | undefined)[]): void
  /** What was said in answer to these inbound rows, oldest first. */
  repliesTo(inReplyTo: readonly number[], key: DataKey): Promise<Said[]>
  /** What was said in a conversation without being asked. */
  unasked(conversation: number, key: DataKey): Promise<Said[]>
  /** The writes that remove a conversation's rows; they come before those that remove its messages. */
  erase(conversation: number): Write[]
  /** Nobody can be reached there any more: settles what waits to be sent as undeliverable, and gives how much it was. */
  giveUp(place: Place, reason: string): Promise<number>
  /**
   * The writes by which what waits to be sent goes with a chat that the platform has renamed, or that has become part
   * of another conversation. They turn into a Conflict when some of it leaves in this moment; `recover` carries the rest.
   */
  move(from: Address, to: Address): Promise<Write[]>
  /** The writes by which a citizen's message sets free what waited for it; they belong into the unit that stores it. */
  hear(conversation: number, allowance?: Allowance): Write[]
  /** After that unit: carries what was set free, and gives how much it was. `rows` are what the writes of `hear` returned. */
  carryReleased(rows: readonly Row[][], key: DataKey): number
  /** A request of the platform waits for what is said in this chat. */
  expect(place: Place, request: Omit<SlotRequest, 'chat'>): Slot
  /** The turn of a message is done: all that it says was carried. */
  answered(place: Place, nativeId: string): void
  /** Takes over what dead processes left; gives how many were listed as unknown. */
  recover(living: ReadonlySet<string>): Promise<{ carried: number; unknown: number }>
  stop(): Promise<void>
}

export function createLedger(options: CourierOptions & { vault: Vault }): Ledger {
  const { store, vault, process, log, clock } = options
  const courier = createCourier(options)
  const pulling = new Set<string>()
  // The same answer to many people is the same document: it is written out once.
  const written = new WeakMap<Document, Buffer>()

  function bytesOf({ document, label }: Content): Buffer {
    if (label !== undefined) return Buffer.from(JSON.stringify({ document, label }))
    const known = written.get(document)
    if (known) return known
    const bytes = Buffer.from(JSON.stringify(document))
    written.set(document, bytes)
    return bytes
  }

  function contentOf(row: DeliveryRow, key: DataKey): Content {
    const content: Document | Content = JSON.parse(key.open(row.body, context))
    return Array.isArray(content) ? { document: content } : content
  }

  function saidOf(row: DeliveryRow, key: DataKey): Said {
    const message = {
      id: String(row.seq),
      chat: row.chat,
      createdAt: row.created_at,
      document: contentOf(row, key).document,
    }
    return row.in_reply_to === null ? message : { ...message, inReplyToSeq: row.in_reply_to }
  }

  const traitsOf = (account: string) => courier.channels().find(one => one.account === account)?.traits

  /** `again`: something before it in its conversation got a later number, and so must it. */
  async function adopt(row: DeliveryRow, again: Set<number>): Promise<'carried' | 'unknown'> {
    if (row.state === 'attempting') {
      // It keeps its owner, who may yet come back with the true outcome.
      await store.takeOver(row, {
        to: row.process,
        state: 'unknown',
        reason: 'the process ended during the attempt',
        settled_at: null,
      })
      return 'unknown'
    }
    const key = await vault.find(keyNameOf(row))
    if (!key) throw new Error('a delivery without a data key')
    // Whoever entered it, as a command does, did not know that the far side reads the ledger itself.
    const pulled = pulling.has(row.account)
    const settled = pulled
      ? { state: 'sent' as const, settled_at: clock.now() }
      : { state: 'queued' as const, settled_at: null }
    await store.takeOver(row, { to: process, reason: null, ...settled })
    await carryLate(row, key, again)
    return 'carried'
  }

  /** Whoever entered it, as a command does, did not know how much one message of the platform holds. */
  async function carryLate(row: DeliveryRow, key: DataKey, again: Set<number>): Promise<void> {
    const { document, ...rest } = contentOf(row, key)
    const parts = partsOf(document, traitsOf(row.account))
    if (parts.length > 1) again.add(row.conversation)
    if (!again.has(row.conversation)) {
      courier.carry([deliveryOf(row, { document, ...rest })])
      return
    }
    const contents = parts.map((part, i): Content => ({ document: part, ...(i === 0 && rest) }))
    const bodies = contents.map(one => key.seal(bytesOf(one), context))
    const seqs = await store.divide({ ...row, process }, bodies)
    courier.carry(contents.map((one, i) => deliveryOf({ ...row, seq: seqs[i] ?? 0, attempts: 0 }, one)))
  }

  return {
    attach(channel) {
      courier.attach(channel)
      if (channel.traits.pulls) pulling.add(channel.account)
    },
    parts(draft) {
      const { document, label, inReplyTo, ...rest } = draft
      const parts = partsOf(document, traitsOf(draft.to.account))
      return parts.map((part, i) => ({
        ...rest,
        document: part,
        ...(label !== undefined && i === 0 && { label }),
        ...(inReplyTo && { inReplyTo: { ...inReplyTo, last: inReplyTo.last && i === parts.length - 1 } }),
      }))
    },
    enter({ to, document, label, inReplyTo, createdAt, expiresAt }, key) {
      const body = key.seal(bytesOf(label === undefined ? { document } : { document, label }), context)
      const times = { next_at: createdAt, expires_at: expiresAt ?? null, created_at: createdAt }
      const pulled = pulling.has(to.account)
      const state = pulled ? ('sent' as const) : ('queued' as const)
      const settled = { state, settled_at: pulled ? createdAt : null }
      return store.insert({ ...to, ...times, ...settled, in_reply_to: inReplyTo?.seq ?? null, body, process })
    },
    carry(drafts, rows) {
      courier.carry(drafts.map((draft, i) => carriedAs(draft, store.seqOf(rows[i]))))
    },
    async repliesTo(inReplyTo, key) {
      const rows = await store.listReplies(inReplyTo)
      return rows.map(row => saidOf(row, key))
    },
    async unasked(conversation, key) {
      const rows = await store.listUnasked(conversation)
      return rows.map(row => saidOf(row, key))
    },
    erase: conversation => store.deleteOfChat(conversation),
    giveUp: ({ account, chat }, reason) => store.giveUp({ account, chat, reason, now: clock.now() }),
    async move(from, to) {
      const [key, next] = [await vault.find(keyNameOf(from)), await vault.find(keyNameOf(to))]
      const renamed = from.conversation === to.conversation
      const bodyOf = ({ body }: DeliveryRow) => {
        if (renamed || !key || !next) return body
        return next.seal(key.open(body, context), context)
      }
      // As new rows, nobody's: who holds the old ones in memory knows the old name, and a number before the other
      // conversation's would stand behind it for ever.
      const queued = (await store.listQueued(from.conversation)).flatMap(({ seq, attempts: _, ...row }) => {
        const in_reply_to = renamed ? row.in_reply_to : null
        const moved = { ...row, ...to, in_reply_to, process: '', settled_at: null }
        return [
          store.deleteQueued(seq),
          store.insert({ ...moved, body: bodyOf({ seq, attempts: 0, ...row }) }),
        ]
      })
      return renamed ? [...queued, store.renameChat(from.conversation, to.chat)] : queued
    },
    async recover(living) {
      const accounts = courier.channels().map(c => c.account)
      const found = { carried: 0, unknown: 0 }
      if (accounts.length === 0) return found
      const again = new Set<number>()
      for (const row of await store.listOrphans(accounts, [...living])) {
        await adopt(row, again).then(
          outcome => void found[outcome]++,
          // Another process that lives was first.
          error => error instanceof Conflict || log.error('delivery.unrecovered', error, { seq: row.seq }),
        )
      }
      return found
    },
    hear: (conversation, allowance) => {
      const granted = allowance && { count: allowance.count, until: clock.now() + allowance.ms }
      return store.hear(conversation, process, granted)
    },
    carryReleased(rows, key) {
      const released = store.released(rows)
      courier.carry(released.map(row => deliveryOf(row, contentOf(row, key))))
      return released.length
    },
    expect: (place, request) => courier.expect(place, request),
    answered: (place, nativeId) => courier.answered(place, nativeId),
    stop: () => courier.stop(),
  }
}
