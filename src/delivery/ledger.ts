/** The outbox: a message is written into the ledger with whatever caused it, and only then carried. */
import type { Channel, Document, Outgoing } from '#channel'
import type { DataKey, Row, Vault, Write } from '#storage'
import { createCourier, type CourierOptions } from './courier.ts'
import type { Delivery } from './delivery.ts'
import type { DeliveryRow } from './store.ts'

const context = 'delivery'

/** What is to be said, before it has a number. */
export interface Draft {
  /** `<account>|<chat>` */
  conversation: string
  document: Document
  /** The inbound row that it answers, and that message's native id. */
  inReplyTo?: { seq: number; nativeId: string; last: boolean }
  createdAt: number
  expiresAt?: number
}

export interface Ledger {
  attach(channel: Channel): void
  /** The write that puts a draft into the ledger; it belongs into the unit of what caused it. */
  enter(draft: Draft, key: DataKey): Write
  /** After the unit is committed: carries what was entered. `rows` are what the writes of `enter` returned. */
  carry(drafts: readonly Draft[], rows: readonly (Row[] | undefined)[]): void
  /** What was said in a conversation after a message id, oldest first. */
  history(conversation: string, key: DataKey, after?: string): Promise<(Outgoing & { inReplyToSeq?: number })[]>
  repliesTo(conversation: string, key: DataKey, inReplyTo: number): Promise<Outgoing[]>
  /** The write that removes a conversation's rows. */
  erase(conversation: string): Write
  /** Takes over what dead processes left; gives how many were listed as unknown. */
  recover(living: ReadonlySet<string>): Promise<{ carried: number; unknown: number }>
  stop(): Promise<void>
}

/** Splits a conversation's id into the channel's account and the chat there. */
export function parseConversation(conversation: string): { account: string; chat: string } {
  const bar = conversation.indexOf('|')
  return { account: conversation.slice(0, bar), chat: conversation.slice(bar + 1) }
}

export function createLedger(options: CourierOptions & { vault: Vault }): Ledger {
  const { store, vault, process, log } = options
  const courier = createCourier(options)

  const documentOf = (row: DeliveryRow, key: DataKey): Document => JSON.parse(key.open(row.body, context))

  function outgoingOf(row: DeliveryRow, key: DataKey): Outgoing & { inReplyToSeq?: number } {
    const message = { id: String(row.seq), chat: parseConversation(row.conversation).chat, createdAt: row.created_at }
    const document = documentOf(row, key)
    return row.in_reply_to === null ? { ...message, document } : { ...message, document, inReplyToSeq: row.in_reply_to }
  }

  async function adopt(row: DeliveryRow): Promise<'carried' | 'unknown'> {
    const channel = courier.channels().find(c => c.account === row.account)
    if (row.state === 'attempting' && !channel?.traits.deduplicates) {
      await store.takeOver(row, process, 'unknown', 'the process ended during the attempt')
      return 'unknown'
    }
    const key = await vault.find(row.conversation)
    if (!key) throw new Error('a delivery without a data key')
    await store.takeOver(row, process, 'queued', null)
    courier.carry([deliveryOf(row, documentOf(row, key))])
    return 'carried'
  }

  return {
    attach: channel => courier.attach(channel),
    enter: (draft, key) =>
      store.insert({
        conversation: draft.conversation,
        account: parseConversation(draft.conversation).account,
        in_reply_to: draft.inReplyTo?.seq ?? null,
        body: key.seal(JSON.stringify(draft.document), context),
        next_at: draft.createdAt,
        expires_at: draft.expiresAt ?? null,
        process,
        created_at: draft.createdAt,
      }),
    carry(drafts, rows) {
      courier.carry(drafts.map((draft, i) => carried(draft, store.seqOf(rows[i]))))
    },
    async history(conversation, key, after) {
      const rows = await store.listOfChat(conversation, Number(after ?? 0))
      return rows.map(row => outgoingOf(row, key))
    },
    async repliesTo(conversation, key, inReplyTo) {
      const rows = await store.listReplies(conversation, inReplyTo)
      return rows.map(row => outgoingOf(row, key))
    },
    erase: conversation => store.deleteOfChat(conversation),
    async recover(living) {
      const accounts = courier.channels().map(c => c.account)
      const found = { carried: 0, unknown: 0 }
      if (accounts.length === 0) return found
      for (const row of await store.listOrphans(accounts, [...living])) {
        await adopt(row).then(
          outcome => void found[outcome]++,
          error => log.error('delivery.unrecovered', error, { seq: row.seq }),
        )
      }
      return found
    },
    stop: () => courier.stop(),
  }
}

function deliveryOf(row: DeliveryRow, document: Document): Delivery {
  return {
    seq: row.seq,
    ...parseConversation(row.conversation),
    conversation: row.conversation,
    document,
    attempts: row.attempts,
    nextAt: row.next_at,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}

function carried(draft: Draft, seq: number): Delivery {
  const { conversation, document, createdAt, inReplyTo } = draft
  const fresh = { seq, ...parseConversation(conversation), conversation, document, attempts: 0, createdAt }
  const delivery = { ...fresh, nextAt: createdAt, expiresAt: draft.expiresAt ?? null }
  return inReplyTo ? { ...delivery, inReplyTo: inReplyTo.nativeId, last: inReplyTo.last } : delivery
}
