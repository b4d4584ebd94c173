/** What every bot fulfils, and what it is handed. */
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import type { Document } from './document.ts'
import type { TextBudget } from './plain.ts'

/** A message from a citizen, decoded. */
export interface Incoming {
  /** The conversation as the platform names it; with the channel's account it makes the key of everything. */
  chat: string
  /** The platform's own id of this message: the same id again is the same message. */
  nativeId: string
  text: string
  /**
   * The id of the choice that was taken, where the channel has buttons; or what a deep link or the QR code of a scene
   * carries, beside the text that it opens the conversation with.
   */
  choice?: string
  /** What came with the text or instead of it. Its content stays with the platform: nothing of it is fetched or kept. */
  attachment?: Attachment
  /** Whether others read along, as in a group: nothing personal is asked or said there. */
  group?: boolean
  /** What the platform lets us send after this without being asked again, where it grants that only for a while. */
  window?: Allowance
}

/** So many messages within so many milliseconds. */
export interface Allowance {
  count: number
  ms: number
}

export const attachments = ['picture', 'document', 'voice', 'video', 'location', 'other'] as const
export type Attachment = (typeof attachments)[number]

/** What a platform tells of a chat besides messages. */
export type ChatChange =
  /** Blocked, left, removed, unfollowed: nothing can be sent until the citizen comes back. */
  | { kind: 'unreachable'; reason: string }
  /** The platform has given the chat another name; what was said and what waits goes with it. */
  | { kind: 'moved'; to: string }

/** A message to a citizen; its time in epoch milliseconds. */
export interface Outgoing {
  /** Unique in the ledger and rising within a chat; an older backup that is restored gives numbers away again. */
  id: string
  chat: string
  document: Document
  /** The native id of the message it answers. */
  inReplyTo?: string
  /** No more messages answer the same one. */
  last?: boolean
  createdAt: number
}

/** The last message that a reader has. Without its time it may be another one of the same number. */
export interface Bookmark {
  id: string
  createdAt?: number
}

/** One turn of the past: what the citizen wrote or what was said to them. */
export type Past =
  | { kind: 'incoming'; id: string; nativeId: string; text: string; createdAt: number }
  | { kind: 'outgoing'; message: Outgoing }

export interface ChannelTraits {
  /** Absent: no limit. */
  textBudget?: TextBudget
  choices: 'buttons' | 'numbers'
  pictures: boolean
  /**
   * Whether a message may be sent at any time, only within a window after the citizen wrote, or never but in answer to
   * the platform's own request. What the platform refuses may change it.
   */
  push: 'always' | 'window' | 'never'
  /** Replies go back in the platform's own request: how long one may take, and how often the platform asks. */
  passive?: { replyMs: number; tries: number }
  /** Whether the channel stands under mainland jurisdiction (个人信息保护法 Art 36). */
  mainland: boolean
  /** Whether the far side reads the ledger itself, from where it left off: what is committed there counts as sent. */
  pulls: boolean
  /** The least time between two messages, in milliseconds: in one chat, and over all chats of the account. */
  pacing: { perChatMs: number; overallMs: number }
}

export interface ChannelHealth {
  state: 'on' | 'off' | 'failing'
  detail?: string
}

/** What may be lost and is shared by all processes: access tokens, replay nonces. Times to live in milliseconds. */
export interface ChannelCache {
  get<T>(key: string): Promise<T | undefined>
  set<T>(key: string, value: T, ttlMs?: number): Promise<unknown>
  delete(key: string): Promise<boolean>
}

/** What a channel is handed when it starts. */
export interface ChannelHost {
  clock: Clock
  log: Log
  cache: ChannelCache
  /**
   * Resolves when the message is stored: from then on it will be answered whatever happens to this process.
   * `duplicate` when it was stored before. Rejects with a Refusal that says why it could not be stored.
   */
  receive(incoming: Incoming): Promise<'accepted' | 'duplicate'>
  /**
   * The same for a platform that takes the answer in its own request: stores the message, then waits for what may go
   * back there. `request` is when it came (epoch milliseconds) and when the platform gives up on it.
   */
  exchange(incoming: Incoming, request: PassiveRequest): Promise<PassiveReply>
  /** Resolves when the change is written down; a chat that is not known is nobody's, and no failure. */
  change(chat: string, change: ChatChange): Promise<void>
  /** The conversation after this message, oldest first; all that is kept where there is no (longer) such message. */
  history(chat: string, after?: Bookmark): Promise<Past[]>
  /** What was said in answer to one message, and whether its turn is done. */
  repliesTo(chat: string, nativeId: string): Promise<{ done: boolean; messages: Outgoing[] }>
}

export interface PassiveRequest {
  arrivedAt: number
  signal: AbortSignal
}

export type PassiveReply =
  /**
   * Goes back in this request: texts that together keep within the budget, or one picture. `settle` is called once:
   * `unsent` when nothing of it left, `unknown` when that cannot be told.
   */
  | { kind: 'reply'; documents: Document[]; settle(outcome: 'sent' | 'unsent' | 'unknown'): Promise<void> }
  /** Acknowledged; what comes later goes another way. */
  | { kind: 'nothing' }
  /** No answer at all: the platform is to ask again. */
  | { kind: 'again' }

/** What a channel counts for the operator, on purpose without chats or texts: shown at /metrics by channel. */
export interface ChannelReport {
  /** Whether the channel still hears its platform; false: the process ends with an error, to be started anew. */
  hears: boolean
  /** Named numbers: `ignored`, `late`, `token_age_seconds`, `pending_updates` …. */
  figures: Record<string, number>
}

export interface Channel {
  /** The folder under bots/. */
  readonly name: string
  /** What citizens call it: 网页对话, 微信公众号. Absent: its name. */
  readonly title?: string
  /** Unique among all channels that run: name and account. */
  readonly account: string
  readonly traits: ChannelTraits
  start(host: ChannelHost): Promise<void>
  stop(): Promise<void>
  /** Hands one message to the platform and gives its id there, if it has one. Throws ChannelFailure. */
  send(message: Outgoing): Promise<{ nativeId?: string }>
  /** Web-standard handler, where the channel is reached over HTTP. */
  readonly fetch?: (request: Request) => Promise<Response>
  health(): ChannelHealth
  /** Absent: there is nothing to tell but health. */
  report?(): ChannelReport
}
