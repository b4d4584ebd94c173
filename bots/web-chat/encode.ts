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
  /** What the choices are, where they need a word. */
  choicesLabel?: string
  choices: Choice[]
  citations: WireCitation[]
}

/** One message as the contract has it. */
export function encode({ id, document }: Outgoing): WireMessage {
  const spoken = document.filter(block => block.kind !== 'choices' && block.kind !== 'citation')
  return {
    id,
    text: formatPlain(spoken),
    ...labelOf(document),
    choices: choicesOf(document),
    citations: citationsOf(document).map(({ law, article, title, url, inForce }) => ({
      law,
      article,
      title,
      url,
      inForce: inForce ?? null,
    })),
  }
}

function labelOf(document: Outgoing['document']): { choicesLabel?: string } {
  const label = document.find(block => block.kind === 'choices')?.label
  return label === undefined ? {} : { choicesLabel: label }
}

function event(name: string, id: string | undefined, data: object): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** A message as a server-sent event; its id is where a broken stream takes up again. */
export function encodeMessageEvent(message: Outgoing): string {
  const { createdAt, inReplyTo } = message
  return event('message', message.id, { ...encode(message), createdAt, ...(inReplyTo && { inReplyTo }) })
}

/** The past of a conversation, the citizen's own messages too. */
export function encodePastEvent(past: Past): string {
  if (past.kind === 'outgoing') return encodeMessageEvent(past.message)
  const { id, nativeId, text, createdAt } = past
  return event('past', undefined, { id, clientId: nativeId, text, createdAt })
}

export const goneEvent = event('gone', undefined, {})
