/** What goes over the wire, and the parsing of what comes from it: nothing unexpected gets past here. */

export interface Choice {
  id: string
  label: string
}

export interface Citation {
  law: string
  article: number | null
  title: string | null
  url: string | null
  inForce: string | null
}

export interface Picture {
  /** A PNG as a data URL. */
  url: string
  alternative: string
}

/** What the agency says. */
export interface Message {
  id: string
  text: string
  choices: Choice[]
  citations: Citation[]
  pictures: Picture[]
  /** Epoch milliseconds by the server's clock; absent in the answer to a POST. */
  createdAt: number | undefined
  /** The `clientId` of the message that it answers. */
  inReplyTo: string | undefined
}

/** What the citizen said earlier. */
export interface Past {
  clientId: string
  text: string
  createdAt: number
}

type Fields = Record<string, unknown>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseChoice({ id, label }: Fields): Choice[] {
  return typeof id === 'string' && typeof label === 'string' ? [{ id, label }] : []
}

function parseCitation({ law, article, title, url, inForce }: Fields): Citation[] {
  if (typeof law !== 'string') return []
  const link = textOf(url) ?? ''
  return [
    {
      law,
      article: numberOf(article) ?? null,
      title: textOf(title) ?? null,
      url: /^https?:\/\//i.test(link) ? link : null,
      inForce: textOf(inForce) ?? null,
    },
  ]
}

function parsePicture({ data, alternative }: Fields): Picture[] {
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/]+=*$/.test(data)) return []
  return [{ url: `data:image/png;base64,${data}`, alternative: textOf(alternative) ?? '' }]
}

export function parseMessage(value: unknown): Message | undefined {
  const { id, text, choices, citations, pictures, createdAt, inReplyTo } = fieldsOf(value)
  if (typeof id !== 'string' || typeof text !== 'string') return undefined
  return {
    id,
    text,
    choices: listOf(choices).flatMap(parseChoice),
    citations: listOf(citations).flatMap(parseCitation),
    pictures: listOf(pictures).flatMap(parsePicture),
    createdAt: numberOf(createdAt),
    inReplyTo: textOf(inReplyTo),
  }
}

export function parsePast(value: unknown): Past | undefined {
  const { clientId, text, createdAt } = fieldsOf(value)
  if (typeof clientId !== 'string' || typeof text !== 'string' || typeof createdAt !== 'number')
    return undefined
  return { clientId, text, createdAt }
}

/** The replies in the answer to a POST; undefined when this is not our server's answer (a captive portal, say). */
export function parseReplies(value: unknown): Message[] | undefined {
  const { messages } = fieldsOf(value)
  return Array.isArray(messages) ? messages.flatMap(message => parseMessage(message) ?? []) : undefined
}

/** The server's own sentence about what is wrong. */
export function parseProblem(value: unknown): string | undefined {
  return textOf(fieldsOf(fieldsOf(value).error).message)
}
