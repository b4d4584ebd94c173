/** A message before it is a delivery: where it goes, what is said, what of it is sealed. */
import type { Document, Outgoing } from '#channel'
import type { Delivery } from './delivery.ts'
import type { DeliveryRow } from './store.ts'

/** Where a message goes: a conversation by its number, on a channel's account, in a chat there. */
export interface Address {
  conversation: number
  account: string
  chat: string
}

export type Place = Pick<Address, 'account' | 'chat'>

/** The name of a conversation's data key. */
export function keyNameOf({ account, chat }: Place): string {
  return `${account}|${chat}`
}

/** `<account>|<chat>` taken apart. */
export function placeOf(id: string): Place {
  const bar = id.indexOf('|')
  return { account: id.slice(0, bar), chat: id.slice(bar + 1) }
}

/** What is to be said, before it has a number. */
export interface Draft {
  to: Address
  document: Document
  /** The inbound row that it answers, that message's native id, and whether nothing more answers it. */
  inReplyTo?: { seq: number; nativeId: string; last: boolean }
  /** Names the question, for a platform that may only take the answer with the citizen's next message. */
  label?: string
  /** Epoch milliseconds. */
  createdAt: number
  expiresAt?: number
}

/** A message of the past; `inReplyToSeq` is the inbound row it answered. */
export type Said = Outgoing & { inReplyToSeq?: number }

/** What is sealed of a message. */
export interface Content {
  document: Document
  label?: string
}

/** What comes back from the ledger comes late. */
export function deliveryOf(row: DeliveryRow, content: Content): Delivery {
  const { seq, conversation, account, chat, attempts } = row
  const times = { nextAt: row.next_at, expiresAt: row.expires_at, createdAt: row.created_at }
  return { seq, conversation, account, chat, ...content, late: true, attempts, ...times }
}

export function carriedAs(
  { to, document, label, inReplyTo, createdAt, expiresAt }: Draft,
  seq: number,
): Delivery {
  const times = { nextAt: createdAt, expiresAt: expiresAt ?? null, createdAt }
  const content = label === undefined ? { document } : { document, label }
  const delivery = { seq, ...to, ...content, attempts: 0, ...times }
  return inReplyTo ? { ...delivery, inReplyTo: inReplyTo.nativeId, last: inReplyTo.last } : delivery
}
