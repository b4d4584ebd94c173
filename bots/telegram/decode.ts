/** Updates of the Bot API → ours. Pure. */
import { z } from 'zod'
import type { Attachment, ChatChange, Incoming } from '#channel'

/** The kinds of update that are asked for. */
export const allowedUpdates = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const

const person = z.object({ id: z.int(), is_bot: z.boolean().optional() })
const chat = z.object({ id: z.int(), type: z.string() })
const entity = z.object({
  type: z.string(),
  offset: z.int(),
  length: z.int(),
  user: z.object({ id: z.int() }).optional(),
})
const there = z.unknown().optional()

const message = z.object({
  message_id: z.int(),
  date: z.int(),
  edit_date: z.int().optional(),
  chat,
  from: person.optional(),
  sender_chat: z.object({ id: z.int() }).optional(),
  is_automatic_forward: z.boolean().optional(),
  is_topic_message: z.boolean().optional(),
  message_thread_id: z.int().optional(),
  reply_to_message: z.object({ from: person.optional() }).optional(),
  text: z.string().optional(),
  entities: z.array(entity).optional(),
  caption: z.string().optional(),
  caption_entities: z.array(entity).optional(),
  migrate_to_chat_id: z.int().optional(),
  photo: there,
  document: there,
  animation: there,
  voice: there,
  video: there,
  video_note: there,
  location: there,
  venue: there,
  audio: there,
  sticker: there,
  contact: there,
  dice: there,
  poll: there,
  story: there,
  game: there,
  paid_media: there,
})

const shape = z.object({
  update_id: z.int(),
  message: message.optional(),
  edited_message: message.optional(),
  callback_query: z
    .object({
      id: z.string().min(1),
      from: person,
      data: z.string().optional(),
      message: message.pick({ chat: true, is_topic_message: true, message_thread_id: true }).optional(),
    })
    .optional(),
  my_chat_member: z
    .object({ chat, new_chat_member: z.object({ status: z.string(), can_send_messages: there }) })
    .optional(),
})

export type Update = z.infer<typeof shape>
type Message = z.infer<typeof message>

/** What the bot is called, to know when it is spoken to. */
export interface Me {
  id: number
  username: string
}

export type Decoded =
  | { kind: 'message'; incoming: Incoming; callback?: string; sentAt?: number }
  | { kind: 'change'; chat: string; change: ChatChange }
  | { kind: 'ignored'; reason: string }

/** Undefined for what is no update that we know. */
export function parseUpdate(value: unknown): Update | undefined {
  return shape.safeParse(value).data
}

/** The number of whatever arrived, also where the rest of it cannot be read; 0 where it has none. */
export function numberOf(update: unknown): number {
  const number = (update as { update_id?: unknown } | null)?.update_id
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : 0
}

/** Whose order it belongs to; undefined where that cannot be read. */
export function chatIdOf(update: unknown): number | undefined {
  const known = parseUpdate(update)
  const told =
    known?.message ?? known?.edited_message ?? known?.callback_query?.message ?? known?.my_chat_member
  return told?.chat.id
}

const ignored = (reason: string): Decoded => ({ kind: 'ignored', reason })

export function decode(update: Update, me: Me): Decoded {
  if (update.message) return decodeMessage(update.message, me)
  if (update.edited_message) return decodeEdit(update.edited_message, me)
  if (update.callback_query) return decodeCallback(update.callback_query)
  if (update.my_chat_member) return decodeMember(update.my_chat_member)
  return ignored('kind')
}

type Place = Pick<Message, 'chat' | 'is_topic_message' | 'message_thread_id'>

/** Threads of a forum are conversations of their own; the thread of a mere reply is none. */
function chatOf({ chat, is_topic_message, message_thread_id }: Place): string {
  return is_topic_message && message_thread_id !== undefined
    ? `${chat.id}/${message_thread_id}`
    : `${chat.id}`
}

const isGroup = ({ chat }: Pick<Message, 'chat'>) => chat.type === 'group' || chat.type === 'supergroup'

// In this order: a GIF comes as an animation and as a document, a venue with its location.
const media: readonly (readonly [keyof Message, Attachment])[] = [
  ['photo', 'picture'],
  ['animation', 'video'],
  ['document', 'document'],
  ['voice', 'voice'],
  ['video', 'video'],
  ['video_note', 'video'],
  ['location', 'location'],
  ['venue', 'location'],
  ['audio', 'other'],
  ['sticker', 'other'],
  ['contact', 'other'],
  ['dice', 'other'],
  ['poll', 'other'],
  ['story', 'other'],
  ['game', 'other'],
  ['paid_media', 'other'],
]

const attachmentOf = (message: Message) => media.find(([field]) => message[field] !== undefined)?.[1]

function wordsOf({ text, entities, caption, caption_entities }: Message) {
  const words = text ?? caption ?? ''
  const marks = (text === undefined ? caption_entities : entities) ?? []
  return {
    words,
    marks: marks.map(mark => ({ ...mark, text: words.slice(mark.offset, mark.offset + mark.length) })),
  }
}

type Mark = ReturnType<typeof wordsOf>['marks'][number]

const isOwn = (name: string | undefined, me: Me) => name?.toLowerCase() === me.username.toLowerCase()

function isMention(mark: Mark, me: Me): boolean {
  if (mark.type === 'mention') return isOwn(mark.text.slice(1), me)
  return mark.type === 'text_mention' && mark.user?.id === me.id
}

/** `/help`, or `/help@thisbot`; what is for another bot is not for us. */
function isCommand(mark: Mark, me: Me): boolean {
  if (mark.type !== 'bot_command' || mark.offset > 0) return false
  const [, target] = mark.text.split('@')
  return target === undefined || isOwn(target, me)
}

function isAddressed(message: Message, marks: readonly Mark[], me: Me): boolean {
  if (message.reply_to_message?.from?.id === me.id) return true
  return marks.some(mark => isMention(mark, me) || isCommand(mark, me))
}

/** The words without the bot's own name, which is said to reach it and not to tell it anything. */
function withoutName(words: string, marks: readonly Mark[], me: Me): string {
  let rest = words
  for (const mark of [...marks].sort((a, b) => b.offset - a.offset)) {
    const command = isCommand(mark, me)
    if (!command && !(mark.type === 'mention' && isMention(mark, me))) continue
    const kept = command ? mark.text.split('@')[0] : ''
    rest = rest.slice(0, mark.offset) + kept + rest.slice(mark.offset + mark.length)
  }
  return rest.trim()
}

/** `https://t.me/<bot>?start=<payload>` arrives as the words `/start <payload>`. */
function openingOf(text: string): { text: string; choice?: string } {
  const payload = /^\/start[ \n]+([\w-]{1,64})$/.exec(text)?.[1]
  return payload === undefined ? { text } : { text: '/start', choice: payload }
}

function decodeMessage(message: Message, me: Me): Decoded {
  if (message.migrate_to_chat_id !== undefined)
    return {
      kind: 'change',
      chat: `${message.chat.id}`,
      change: { kind: 'moved', to: `${message.migrate_to_chat_id}` },
    }
  return decodeWords(message, me, String(message.message_id))
}

/** What is corrected is asked anew; a location that moves on is not. */
function decodeEdit(message: Message, me: Me): Decoded {
  if (message.text === undefined && message.caption === undefined) return ignored('edit')
  return decodeWords(message, me, `${message.message_id}e${message.edit_date ?? message.date}`)
}

function decodeWords(message: Message, me: Me, nativeId: string): Decoded {
  const group = isGroup(message)
  const attachment = attachmentOf(message)
  if (!group && message.chat.type !== 'private') return ignored('channel')
  if (message.text === undefined && attachment === undefined) return ignored('event')
  if (message.is_automatic_forward) return ignored('forward')
  // Administrators who stay anonymous speak through a bot of Telegram's, in the name of the group.
  if (message.from?.is_bot && !message.sender_chat) return ignored('bot')
  const { words, marks } = wordsOf(message)
  if (group && !isAddressed(message, marks, me)) return ignored('not-addressed')
  const incoming = {
    chat: chatOf(message),
    nativeId,
    ...openingOf(withoutName(words, marks, me)),
    ...(attachment && { attachment }),
    ...(group && { group }),
  }
  return { kind: 'message', incoming, sentAt: (message.edit_date ?? message.date) * 1000 }
}

function decodeCallback({ id, data, message }: NonNullable<Update['callback_query']>): Decoded {
  if (!message || data === undefined || data === '') return ignored('callback')
  const incoming = { chat: chatOf(message), nativeId: id, text: '', choice: data }
  return {
    kind: 'message',
    incoming: isGroup(message) ? { ...incoming, group: true } : incoming,
    callback: id,
  }
}

/** Added and unblocked is told by the next message; only what makes us mute is written down. */
function decodeMember({ chat, new_chat_member }: NonNullable<Update['my_chat_member']>): Decoded {
  const { status, can_send_messages } = new_chat_member
  const mute = status === 'restricted' && can_send_messages === false
  if (status !== 'kicked' && status !== 'left' && !mute) return ignored('member')
  const reason = chat.type === 'private' ? 'blocked by the citizen' : mute ? 'muted in the group' : 'removed'
  return { kind: 'change', chat: `${chat.id}`, change: { kind: 'unreachable', reason } }
}
