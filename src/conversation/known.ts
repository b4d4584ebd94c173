/** The conversations that this process knows: loaded once, kept while they are used, renamed, begun anew. */
import { LRUCache } from 'lru-cache'
import { choicesOf, type Document } from '#channel'
import { type Address, keyNameOf, placeOf } from '#delivery'
import { type Before, createSession, type Language, languages, type OpenForm, type Session } from '#dialog'
import { identityWording, type KeptRow } from '#identity'
import type { DataKey, Write } from '#storage'
import { type ConversationRow, dayOf, type NewConversation, type SealedSession } from './store.ts'
import type { TurnsOptions } from './turns.ts'

/** What an inbound row's body is sealed for. */
export const inboundContext = 'inbound'
const formsContext = 'forms'
const mostKnown = 20_000
const longestKnownMs = 60 * 60_000

export interface Conversation {
  /** Changes when the platform renames the chat, and when the conversation is begun anew. */
  address: Address
  key: DataKey
  /** What its messages wait for their turn under, whatever its number is. */
  readonly line: string
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

type Place = Pick<Address, 'account' | 'chat'>

export interface Known {
  /** From memory, or from the database; undefined when there is none. */
  find(place: Place): Promise<Conversation | undefined>
  /** Remembers one that was just made. */
  add(conversation: Conversation): void
  /** Loads what the database says now; gives the earliest message there that waits. */
  refresh(conversation: Conversation): Promise<number | null | 'gone'>
  /** The ids of the choices that were last offered. */
  listOffers(conversation: Conversation): Promise<readonly string[]>
  /** The last question, if it was answered after this moment. */
  findBefore(conversation: Conversation, since: number): Promise<Before | undefined>
  forget(place: Place): void
  /**
   * Deletes all that is kept of the person whose conversation this is, keys first of all, and begins the conversation
   * anew with nothing in it but the request as the words in which it was confirmed. Gives the number of that message,
   * and those of the conversations that are gone.
   */
  erase(conversation: Conversation, request: Request): Promise<{ seq: number; erased: number[] }>
}

/** A message that asks for deletion: its turn is to delete. */
export interface Request {
  seq: number
  nativeId: string
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

/** A conversation in which nothing was said yet. */
export function begin(address: Address, key: DataKey, language: Language) {
  const session: Session = { ...createSession(), language }
  const untouched = { owner: 'bot', offers: [], latest: null, before: null, lastDay: 0, current: false }
  return { address, key, session, formTaken: { process: '', at: 0 }, ...untouched }
}

/** The ids of the choices that stand last on the screen. */
export function offersOf(said: readonly Document[]): string[] {
  const offered = said.map(choicesOf).findLast(options => options.length > 0) ?? []
  return offered.map(choice => choice.id)
}

type KnownOptions = Pick<TurnsOptions, 'store' | 'vault' | 'ledger' | 'clock' | 'retentionDays' | 'process'>

export function createKnown(deps: KnownOptions): Known {
  const { store, vault, ledger, clock, process } = deps
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
    // The key that is in memory may be that of a conversation which was deleted and begun anew since.
    vault.forget(name)
    const key = row && (await vault.find(name))
    if (!row || !key) return undefined
    // Who asked at the same time, or made it in the meantime, holds the one object that there may be.
    const here = known.get(name)
    if (here) return here
    const address = { conversation: row.seq, account, chat }
    const conversation = { address, key, line: String(row.seq), ...stateOf(row, key) }
    known.set(name, conversation)
    return conversation
  }

  async function loadBefore({ address, latest, key }: Conversation): Promise<Conversation['before']> {
    const row = latest === null ? undefined : await store.findAnswered(address.conversation)
    if (!row) return null
    return { question: textOf(row.body, key), entry: row.entry, at: row.done_at ?? 0 }
  }

  function forget(name: string): void {
    known.delete(name)
    vault.forget(name)
  }

  /** The writes that take what hangs on a conversation, and then itself. */
  const eraseOne = (row: { seq: number; last_day: number }) => [
    ...ledger.erase(row.seq),
    store.identity.withdrawLeft(row.seq),
    ...store.erase(row),
  ]

  const reseal = (body: Uint8Array, from: DataKey, to: DataKey) =>
    to.seal(from.open(body, inboundContext), inboundContext)

  /** Messages that came after the request are the new conversation's first ones. */
  async function rehome({ address, key }: Conversation, next: DataKey, request: Request): Promise<Write[]> {
    const waiting = await store.identity.listWaiting(address.conversation)
    const later = waiting.filter(row => row.seq !== request.seq)
    return later.map(row =>
      store.identity.rehome({
        seq: row.seq,
        id: keyNameOf(address),
        body: reseal(row.body, key, next),
        // What another process holds it can no longer read: it is taken over as if that one had ended.
        process: row.process === process ? process : '',
      }),
    )
  }

  /** Another conversation of the person goes; where a message waits in it, that one begins it anew. */
  async function eraseOther(row: KeptRow, fresh: Omit<NewConversation, 'id'>): Promise<Write[]> {
    const waiting = await store.identity.listWaiting(row.seq)
    const gone = [...waiting.map(one => store.identity.takeRequest(one.seq)), ...eraseOne(row)]
    const key = waiting.length > 0 ? await vault.find(row.id) : undefined
    if (!key) return [...gone, vault.destroy(row.id)]
    const next = vault.replace(row.id, fresh.now)
    const again = waiting.map(({ native_id, body, received_at: now }) =>
      store.insertFirst(row.id, { native_id, body: reseal(body, key, next.key), process: '', now }),
    )
    const begun = store.insertConversation({ id: row.id, ...fresh })
    return [store.identity.setAside(row.seq), begun, ...again, ...gone, ...next.writes]
  }

  async function erase(conversation: Conversation, request: Request) {
    const { address, session } = conversation
    const id = keyNameOf(address)
    const now = clock.now()
    const all = await store.identity.listOfPerson(address.conversation)
    const own = all.filter(row => row.seq === address.conversation)
    const others = all.filter(row => row.seq !== address.conversation)
    const { key, writes } = vault.replace(id, now)
    const words = identityWording[session.language].eraseNow
    const body = key.seal(JSON.stringify({ text: words, erased: true }), inboundContext)
    const row = { native_id: request.nativeId, body, process: '', now }
    // What is begun is kept only as long as the platform may bring the request once more.
    const day = dayOf(now) - deps.retentionDays + 1
    const fresh = { language: session.language, now, day }
    const held = all.map(one => store.identity.hold(one.seq))
    const rows = await store.commit([
      ...held,
      store.identity.takeRequest(request.seq),
      store.identity.setAside(address.conversation),
      store.insertConversation({ id, ...fresh }),
      store.insertFirst(id, row),
      ...(await rehome(conversation, key, request)),
      ...own.flatMap(eraseOne),
      ...(await Promise.all(others.map(other => eraseOther(other, fresh)))).flat(),
      ...writes,
    ])
    const [made, left] = rows.slice(held.length + 2)
    for (const other of others) forget(other.id)
    vault.forget(id)
    const seq = store.seqOf(made) ?? 0
    Object.assign(conversation, begin({ conversation: seq, ...placeOf(id) }, key, session.language))
    conversation.lastDay = day
    return { seq: store.seqOf(left) ?? 0, erased: all.map(row => row.seq) }
  }

  return {
    erase,
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
    async listOffers(conversation) {
      const { offers, latest, key } = conversation
      if (offers) return offers
      const said = latest === null ? [] : await ledger.repliesTo([latest], key)
      conversation.offers = offersOf(said.map(message => message.document))
      return conversation.offers
    },
    async findBefore(conversation, since) {
      conversation.before ??= await loadBefore(conversation)
      const { before } = conversation
      return before && before.at >= since ? before : undefined
    },
    forget: place => forget(keyNameOf(place)),
  }
}
