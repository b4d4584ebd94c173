/** Our typed document → the calls of the Bot API that show it. Pure. */
import type { InlineKeyboardButton } from 'telegraf/types'
import { type Block, type Choice, choicesOf, type Document, formatCitation } from '#channel'
import { type Passage, packPassages } from './text.ts'

/** Bytes of UTF-8 that come back when a button is pressed. https://core.telegram.org/bots/api#inlinekeyboardbutton */
const longestData = 64
const longestCaption = 1024
const mostButtons = 100
/** What a button shows of its label on a narrow phone; a Chinese character counts for two. */
const widestButton = 40
const widestRow = 32
const mostInRow = 3

export interface Upload {
  field: 'photo' | 'document'
  name: string
  type: string
  data: Buffer
}

/** One call, but for whom it goes to. */
export interface Call {
  method: 'sendMessage' | 'sendPhoto' | 'sendDocument'
  fields: Record<string, unknown>
  upload?: Upload
  /** What to say where Telegram does not take the picture. */
  instead?: Call
}

type Button = InlineKeyboardButton.CallbackButton

const plain = (text: string): Passage => ({ text: text.toWellFormed(), entities: [] })

function bold(text: string): Passage {
  const passage = plain(text)
  return { ...passage, entities: [{ type: 'bold', offset: 0, length: passage.text.length }] }
}

/** Telegram drops a link whose address it does not like and says nothing: then the address stands in the text. */
function linked(before: string, label: string, url: string): Passage {
  const { text } = plain(before + (label || url))
  const known = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  if (!known) return plain(label ? `${text} ${url}` : text)
  return {
    text,
    entities: [{ type: 'text_link', offset: before.length, length: text.length - before.length, url }],
  }
}

const widthOf = (text: string) => [...text].reduce((sum, c) => sum + (c > '\u2e7f' ? 2 : 1), 0)

function cutLabel(label: string, widest: number): string {
  if (widthOf(label) <= widest) return label
  let short = ''
  for (const c of label) {
    if (widthOf(short) + widthOf(c) > widest - 2) break
    short += c
  }
  return `${short}…`
}

const fitsButton = ({ id, label }: Choice) =>
  id !== '' && Buffer.byteLength(id) <= longestData && label.trim() !== '' && widthOf(label) <= widestButton

/** Where a label does not fit its button, all of them stand in the text under their numbers. */
const isNumbered = (all: readonly Choice[]) => all.length > mostButtons || !all.every(fitsButton)

function buttonsOf(all: readonly Choice[]): Button[] {
  const numbered = isNumbered(all)
  return all.slice(0, mostButtons).flatMap(({ id, label }, i) => {
    if (id === '' || Buffer.byteLength(id) > longestData) return []
    const words = numbered ? `${i + 1}. ${label}`.trim() : label
    return [{ text: cutLabel(words.toWellFormed(), widestButton), callback_data: id }]
  })
}

/** Short ones beside each other, long ones in rows of their own. */
function rowsOf(buttons: readonly Button[]): Button[][] {
  const rows: Button[][] = []
  for (const button of buttons) {
    const row = rows.at(-1) ?? []
    const wider = [...row, button]
    const widest = Math.max(...wider.map(b => widthOf(b.text))) + 2
    if (row.length > 0 && wider.length <= mostInRow && widest * wider.length <= widestRow) row.push(button)
    else rows.push([button])
  }
  return rows
}

/** A stretch of text, or something that is a message of its own. */
type Segment = Passage[] | Call

function uploadOf(method: 'sendPhoto' | 'sendDocument', caption: string, upload: Upload): Call {
  const fields = caption.trim() === '' ? {} : { caption: caption.toWellFormed() }
  return { method, fields, upload }
}

function pictureOf(data: string, alternative: string): Call {
  const caption = alternative.length <= longestCaption ? alternative : ''
  const upload = { name: 'picture.png', type: 'image/png', data: Buffer.from(data, 'base64') }
  return {
    ...uploadOf('sendPhoto', caption, { field: 'photo', ...upload }),
    // Telegram refuses pictures that are very long or large, and takes them as documents.
    instead: uploadOf('sendDocument', caption, { field: 'document', ...upload }),
  }
}

function segmentsOf(block: Block, number: (choice: Choice) => string | undefined): Segment[] {
  switch (block.kind) {
    case 'heading':
      return [[bold(block.text)]]
    case 'paragraph':
      return [[plain(block.text)]]
    case 'list':
      return [block.items.map(item => plain(`· ${item}`))]
    case 'citation':
      return [[linked('依据：', formatCitation(block), block.url ?? '')].map(withoutBlank)]
    case 'choices': {
      const numbered = block.options.flatMap(option => number(option) ?? [])
      return [[...(block.label ? [block.label] : []), ...numbered].map(plain)]
    }
    case 'link':
      return [[linked('', block.label, block.url)]]
    case 'picture': {
      const tooLong = block.alternative.length > longestCaption
      return [pictureOf(block.data, block.alternative), tooLong ? [plain(block.alternative)] : []]
    }
    case 'file': {
      const { name, type, data } = block
      const upload = { field: 'document', name, type, data: Buffer.from(data, 'base64') } as const
      return [uploadOf('sendDocument', '', upload)]
    }
  }
}

/** A citation without an address leaves none behind. */
const withoutBlank = (passage: Passage): Passage => ({ ...passage, text: passage.text.trimEnd() })

/** The pieces of all text that stands together, and between them what is a message of its own. */
function gather(document: Document): Segment[] {
  const all = choicesOf(document)
  const numbers = new Map(all.map((choice, i) => [choice, `${i + 1}. ${choice.label}`]))
  const numbered = isNumbered(all)
  const segments: Segment[] = []
  for (const segment of document.flatMap(block =>
    segmentsOf(block, c => (numbered ? numbers.get(c) : undefined)),
  )) {
    const last = segments.at(-1)
    if (Array.isArray(segment) && Array.isArray(last)) last.push(...segment)
    else segments.push(segment)
  }
  return segments
}

/** Previews are switched off: a page about one citation would push the answer off the screen. */
function messageOf({ text, entities }: Passage): Call {
  const fields = {
    text,
    link_preview_options: { is_disabled: true },
    ...(entities.length > 0 && { entities }),
  }
  return { method: 'sendMessage', fields }
}

function withKeyboard(call: Call, rows: Button[][]): Call {
  const fields = { ...call.fields, reply_markup: { inline_keyboard: rows } }
  return { ...call, fields, ...(call.instead && { instead: withKeyboard(call.instead, rows) }) }
}

/** The messages of a document in their order; the buttons stand under the last one. */
export function encode(document: Document): Call[] {
  const calls = gather(document).flatMap(s => (Array.isArray(s) ? packPassages(s).map(messageOf) : [s]))
  const rows = rowsOf(buttonsOf(choicesOf(document)))
  if (rows.length === 0) return calls
  const last = calls.pop() ?? messageOf(plain('请选择：'))
  return [...calls, withKeyboard(last, rows)]
}

export interface Target {
  chatId: string
  fields: Record<string, unknown>
}

/** `-100123/7` is a thread of a group. In a group the answer stands under the question. */
export function targetOf(chat: string, inReplyTo: string | undefined): Target {
  const [chatId = '', thread] = chat.split('/')
  const asked = chatId.startsWith('-') ? /^(\d{1,10})(?:e\d+)?$/.exec(inReplyTo ?? '')?.[1] : undefined
  return {
    chatId,
    fields: {
      ...(thread && { message_thread_id: Number(thread) }),
      ...(asked && { reply_parameters: { message_id: Number(asked), allow_sending_without_reply: true } }),
    },
  }
}
