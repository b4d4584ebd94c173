/** What stands in the chats, and what the Bot API says to what is sent there. */

export interface Entity {
  type: string
  offset: number
  length: number
  url?: string
}

/** A message that the bot has sent. */
export interface Shown {
  chat: string
  message_id: number
  method: string
  /** The text, or the caption of a picture or document. */
  text: string
  entities: Entity[]
  buttons: { text: string; callback_data: string }[]
  thread?: number
  replyTo?: number
  file?: { field: string; name: string; type: string; bytes: Uint8Array }
}

export interface Params {
  [name: string]: unknown
}

/** A refusal as the platform words it. */
export class ApiError extends Error {
  readonly code: number
  readonly parameters: Record<string, unknown> | undefined

  constructor(code: number, description: string, parameters?: Record<string, unknown>) {
    super(description)
    this.code = code
    this.parameters = parameters
  }
}

export interface Chats {
  readonly shown: Shown[]
  /** From now on nothing can be sent there; the words are the platform's. */
  close(chat: number, code: number, description: string): void
  open(chat: number): void
  /** The group is now a supergroup of another id. */
  migrate(from: number, to: number): void
  nextId(chat: number | string): number
  /** Carries out sendMessage, sendPhoto or sendDocument; gives the message as the platform does. */
  send(method: string, params: Params): Record<string, unknown>
  edit(params: Params): Record<string, unknown>
}

const bad = (description: string) => new ApiError(400, `Bad Request: ${description}`)

/** Forms and query strings carry what is no text as JSON. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function entitiesOf(params: Params, field: string, text: string): Entity[] {
  const given = (parsed(params[field]) ?? []) as Entity[]
  for (const { offset, length } of given)
    if (offset < 0 || length <= 0 || offset + length > text.length) throw bad('entity has invalid bounds')
  // Those beyond the hundredth are dropped without a word.
  return given.slice(0, 100)
}

function buttonsOf(params: Params): Shown['buttons'] {
  const markup = parsed(params.reply_markup) as { inline_keyboard?: Shown['buttons'][] } | undefined
  const buttons = markup?.inline_keyboard?.flat() ?? []
  for (const { text, callback_data: data } of buttons) {
    if (text.trim() === '') throw bad('Text buttons are unallowed in the inline keyboard')
    if (data !== undefined && (data === '' || Buffer.byteLength(data) > 64)) throw bad('BUTTON_DATA_INVALID')
  }
  return buttons
}

function wordsOf(method: string, params: Params): { text: string; entities: Entity[] } {
  if (method === 'sendMessage') {
    const text = String(params.text ?? '')
    if (!text.isWellFormed()) throw bad('text must be encoded in UTF-8')
    if (text.trim() === '') throw bad('message text is empty')
    if (text.length > 4096) throw bad('message is too long')
    return { text, entities: entitiesOf(params, 'entities', text) }
  }
  const text = String(params.caption ?? '')
  if (text.length > 1024) throw bad('message caption is too long')
  return { text, entities: entitiesOf(params, 'caption_entities', text) }
}

function fileOf(method: string, params: Params): Shown['file'] {
  if (method === 'sendMessage') return undefined
  const field = method === 'sendPhoto' ? 'photo' : 'document'
  const file = params[field] as { name: string; type: string; bytes: Uint8Array } | undefined
  if (!file?.bytes || file.bytes.length === 0) throw bad(`there is no ${field} in the request`)
  if (field === 'photo' && file.bytes[0] !== 0x89 && file.bytes[0] !== 0xff) throw bad('IMAGE_PROCESS_FAILED')
  return { field, name: file.name, type: file.type, bytes: file.bytes }
}

export function createChats(bot: Record<string, unknown>): Chats {
  const shown: Shown[] = []
  const closed = new Map<string, ApiError>()
  const moved = new Map<string, string>()
  const ids = new Map<string, number>()

  function nextId(chat: number | string): number {
    const id = (ids.get(String(chat)) ?? 0) + 1
    ids.set(String(chat), id)
    return id
  }

  function checkChat(chat: string): void {
    if (chat === '' || chat === 'undefined') throw bad('chat_id is empty')
    const to = moved.get(chat)
    if (to !== undefined)
      throw new ApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: Number(to),
      })
    const error = closed.get(chat)
    if (error) throw error
  }

  const told = ({ chat, message_id, text, method, entities }: Shown) => ({
    message_id,
    from: bot,
    chat: { id: Number(chat), type: chat.startsWith('-') ? 'supergroup' : 'private' },
    date: Math.floor(Date.now() / 1000),
    ...(method === 'sendMessage' ? { text, entities } : { caption: text }),
  })

  return {
    shown,
    nextId,
    close: (chat, code, description) => void closed.set(String(chat), new ApiError(code, description)),
    open: chat => void closed.delete(String(chat)),
    migrate: (from, to) => void moved.set(String(from), String(to)),
    send(method, params) {
      const chat = String(params.chat_id)
      checkChat(chat)
      const { text, entities } = wordsOf(method, params)
      const file = fileOf(method, params)
      const reply = parsed(params.reply_parameters) as { message_id: number } | undefined
      const message: Shown = {
        chat,
        message_id: nextId(chat),
        method,
        text,
        entities,
        buttons: buttonsOf(params),
        ...(params.message_thread_id !== undefined && { thread: Number(params.message_thread_id) }),
        ...(reply && { replyTo: reply.message_id }),
        ...(file && { file }),
      }
      shown.push(message)
      return told(message)
    },
    edit(params) {
      const message = shown.find(
        one => one.chat === String(params.chat_id) && one.message_id === Number(params.message_id),
      )
      if (!message) throw bad('message to edit not found')
      const { text, entities } = wordsOf('sendMessage', params)
      Object.assign(message, { text, entities, buttons: buttonsOf(params) })
      return told(message)
    },
  }
}
