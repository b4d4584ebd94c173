/** Our typed document → what the page shows. Pure. */
import { type Choice, choicesOf, citationsOf, formatPlain, type Outgoing, type Past } from '#channel'

export interface WireCitation {
  law: string
  article: number | null
  title: string | null
  url: string | null
  inForce: string | null
}

export interface WireMessage {
  id: string
  /** Line feeds between blocks, `· ` before list items; choices and citations stand beside it. */
  text: string
  choices: Choice[]
  citations: WireCitation[]
  /** PNG in base64; what each shows stands in the text too. Absent where there is none. */
  pictures?: { data: string; alternative: string }[]
}

/** One message as the contract has it. */
export function encode({ id, document }: Outgoing): WireMessage {
  const pictures = document.filter(block => block.kind === 'picture')
  const spoken = document.filter(block => block.kind !== 'choices' && block.kind !== 'citation')
  return {
    id,
    text: formatPlain(spoken) + labelOf(document),
    choices: choicesOf(document),
    citations: citationsOf(document).map(({ law, article, title, url, inForce }) => ({
      law,
      article,
      title,
      url,
      inForce: inForce ?? null,
    })),
    ...(pictures.length > 0 && {
      pictures: pictures.map(({ data, alternative }) => ({ data, alternative })),
    }),
  }
}

/** The words over the choices close the text: the page puts them to its buttons. */
function labelOf(document: Outgoing['document']): string {
  const label = document.find(block => block.kind === 'choices')?.label
  return label === undefined ? '' : `\n${label}`
}

// The same answer to many people is the same document: all but its id is written out once.
const written = new WeakMap<Outgoing['document'], Buffer>()

function bytesOf(message: Outgoing): Buffer {
  const known = written.get(message.document)
  if (known) return known
  const { id, ...rest } = encode(message)
  const bytes = Buffer.from(JSON.stringify(rest).slice(1))
  written.set(message.document, bytes)
  return bytes
}

/** The answer to a request: the conversation and its messages, as JSON. */
export function encodeReplies(conversation: string, messages: readonly Outgoing[]): Buffer {
  const parts: Buffer[] = []
  messages.forEach((message, i) => {
    const before = i === 0 ? `{"conversation":"${conversation}","messages":[` : ','
    parts.push(Buffer.from(`${before}{"id":"${message.id}",`), bytesOf(message))
  })
  if (parts.length === 0) return Buffer.from(JSON.stringify({ conversation, messages: [] }))
  return Buffer.concat([...parts, Buffer.from(']}')])
}

function event(name: string, id: string | undefined, data: object): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Where a broken stream takes up again, as the id of an event. */
export const formatBookmark = ({ id, createdAt }: Outgoing): string => `${id}.${createdAt}`

/** A message as a server-sent event. */
export function encodeMessageEvent(message: Outgoing): string {
  const { createdAt, inReplyTo } = message
  return event('message', formatBookmark(message), {
    ...encode(message),
    createdAt,
    ...(inReplyTo && { inReplyTo }),
  })
}

/** The past of a conversation, the citizen's own messages too. */
export function encodePastEvent(past: Past): string {
  if (past.kind === 'outgoing') return encodeMessageEvent(past.message)
  const { id, nativeId, text, createdAt } = past
  return event('past', undefined, { id, clientId: nativeId, text, createdAt })
}

export const goneEvent = event('gone', undefined, {})
