/** The conversations that this process knows: key and session, loaded once and kept while they are used. */
import { LRUCache } from 'lru-cache'
import { choicesOf, type Document } from '#channel'
import { type Address, keyNameOf, type Ledger } from '#delivery'
import type { DataKey, Vault } from '#storage'
import type { OpenForm } from './form.ts'
import type { ConversationRow, ConversationStore } from './store.ts'
import { type Before, createSession, type Session } from './turn.ts'
import { type Language, languages } from './wording.ts'

/** What an inbound row's body is sealed for. */
export const inboundContext = 'inbound'
const formsContext = 'forms'
const mostKnown = 20_000
const longestKnownMs = 60 * 60_000

export interface Conversation {
  readonly address: Address
  readonly key: DataKey
  /** Whether what is in memory is what the database says; where others serve the same conversation it never is for long. */
  current: boolean
  owner: string
  session: Session
  /** Who took the last turn in an open form, and when (epoch milliseconds). */
  formTaken: { process: string; at: number }
  /** The ids of the choices that were last offered; undefined when they have to be looked up. */
  offers: readonly string[] | undefined
  /** The number of the last message whose turn was taken; null before the first. */
  latest: number | null
  /** The last question and when it was answered (epoch milliseconds); undefined when it has to be looked up. */
  before: (Before & { at: number }) | null | undefined
  lastDay: number
}

/** A session as it is kept: open forms hold what was filled in, so they are sealed. */
export interface SealedSession {
  language: string
  forms: Buffer | null
}

type Place = Pick<Address, 'account' | 'chat'>

export interface Known {
  /** From memory, or from the database; undefined when there is none. */
  find(place: Place): Promise<Conversation | undefined>
  /** Remembers one that was just made. */
  add(conversation: Conversation): void
  /** Loads what the database says now; gives the earliest message there that waits. */
  refresh(conversation: Conversation): Promise<number | null | 'gone'>
  /** The choice of this number among those last offered. */
  findOffer(conversation: Conversation, number: number): Promise<string | undefined>
  /** The last question, if it was answered after this moment. */
  findBefore(conversation: Conversation, since: number): Promise<Before | undefined>
  forget(place: Place): void
}

type SealedForms = { forms: OpenForm[] } & Conversation['formTaken']

/** What a citizen wrote, from the stored body of the message. */
export function textOf(body: Uint8Array, key: DataKey): string {
  const { text }: { text: string } = JSON.parse(key.open(body, inboundContext))
  return text
}

/** Seals the open forms with who took the turn and when. */
export function sealSession(
  { language, forms }: Session,
  key: DataKey,
  taken: Conversation['formTaken'],
): SealedSession {
  const content: SealedForms = { forms: [...forms], ...taken }
  return { language, forms: forms.length === 0 ? null : key.seal(JSON.stringify(content), formsContext) }
}

function openSession(row: ConversationRow, key: DataKey): Pick<Conversation, 'session' | 'formTaken'> {
  const language: Language = languages.find(l => l === row.language) ?? createSession().language
  if (!row.forms) return { session: { language, forms: [] }, formTaken: { process: '', at: 0 } }
  const { forms, process, at }: SealedForms = JSON.parse(key.open(row.forms, formsContext))
  return { session: { language, forms }, formTaken: { process, at } }
}

/** The ids of the choices that the last of these documents offers. */
export function offersOf(said: readonly Document[]): string[] {
  const last = said.at(-1)
  return last ? choicesOf(last).map(choice => choice.id) : []
}

export function createKnown(deps: { store: ConversationStore; vault: Vault; ledger: Ledger }): Known {
  const { store, vault, ledger } = deps
  const known = new LRUCache<string, Conversation>({ max: mostKnown, ttl: longestKnownMs })

  const stateOf = (row: ConversationRow, key: DataKey) => ({
    ...openSession(row, key),
    owner: row.owner,
    offers: undefined,
    before: undefined,
    latest: row.latest,
    lastDay: row.last_day,
    current: false,
  })

  async function load(name: string, { account, chat }: Place): Promise<Conversation | undefined> {
    const row = await store.findConversation(name)
    const key = row && (await vault.find(name))
    if (!row || !key) return undefined
    // Who asked at the same time, or made it in the meantime, holds the one object that there may be.
    const here = known.get(name)
    if (here) return here
    const conversation = { address: { conversation: row.seq, account, chat }, key, ...stateOf(row, key) }
    known.set(name, conversation)
    return conversation
  }

  async function loadBefore({ address, latest, key }: Conversation): Promise<Conversation['before']> {
    const row = latest === null ? undefined : await store.findAnswered(address.conversation)
    if (!row) return null
    return { question: textOf(row.body, key), entry: row.entry, at: row.done_at ?? 0 }
  }

  return {
    async find(place) {
      const name = keyNameOf(place)
      return known.get(name) ?? load(name, place)
    },
    add: conversation => void known.set(keyNameOf(conversation.address), conversation),
    async refresh(conversation) {
      const row = await store.findConversation(keyNameOf(conversation.address))
      if (row?.seq !== conversation.address.conversation) return 'gone'
      Object.assign(conversation, stateOf(row, conversation.key), { current: !store.shared })
      return row.earliest
    },
    async findOffer(conversation, number) {
      const { offers, latest, key } = conversation
      if (offers) return offers[number - 1]
      const said = latest === null ? [] : await ledger.repliesTo([latest], key)
      conversation.offers = offersOf(said.map(message => message.document))
      return conversation.offers[number - 1]
    },
    async findBefore(conversation, since) {
      conversation.before ??= await loadBefore(conversation)
      const { before } = conversation
      return before && before.at >= since ? before : undefined
    },
    forget(place) {
      known.delete(keyNameOf(place))
      vault.forget(keyNameOf(place))
    },
  }
}
