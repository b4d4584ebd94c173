/** The typed outgoing document: what is said, never how a channel marks it up. */

export interface Heading {
  kind: 'heading'
  text: string
}
export interface Paragraph {
  kind: 'paragraph'
  text: string
}
export interface List {
  kind: 'list'
  items: string[]
}
/** Where an answer comes from. `law` is the title without 《》; `inForce` the date (YYYY-MM-DD) of the text quoted. */
export interface CitationBlock {
  kind: 'citation'
  law: string
  article: number | null
  title: string | null
  url: string | null
  inForce?: string
}
export interface Choice {
  /** What comes back when it is chosen; at most 64 bytes, as the narrowest channel allows. */
  id: string
  label: string
}
export interface Choices {
  kind: 'choices'
  /** What the choices are, where that is not clear from what stands before them. */
  label?: string
  options: Choice[]
}
export interface Link {
  kind: 'link'
  label: string
  url: string
}
export interface Picture {
  kind: 'picture'
  /** PNG bytes in base64. */
  data: string
  /** Says the same for those who cannot see it. */
  alternative: string
}

/** A document to keep: a receipt, a letter, a form. */
export interface File {
  kind: 'file'
  name: string
  /** A media type: application/pdf. */
  type: string
  /** Bytes in base64. */
  data: string
  /** Holds personal data: not sent over a channel outside the mainland (个人信息保护法 Art 38–40). */
  personal: boolean
}

export type Block = Heading | Paragraph | List | CitationBlock | Choices | Link | Picture | File
export type Document = Block[]

export const heading = (text: string): Heading => ({ kind: 'heading', text })
export const paragraph = (text: string): Paragraph => ({ kind: 'paragraph', text })
export const list = (items: string[]): List => ({ kind: 'list', items })
export const choices = (options: Choice[], label?: string): Choices =>
  label === undefined ? { kind: 'choices', options } : { kind: 'choices', label, options }
export const link = (label: string, url: string): Link => ({ kind: 'link', label, url })

/** One paragraph a line of text, and `- ` lines gathered into lists: the body of a knowledge entry as a document. */
export function parseBody(body: string): Document {
  const blocks: Document = []
  for (const line of body.split('\n').map(l => l.trim())) {
    if (line === '') continue
    const last = blocks.at(-1)
    if (!line.startsWith('- ')) blocks.push(paragraph(line))
    else if (last?.kind === 'list') last.items.push(line.slice(2))
    else blocks.push(list([line.slice(2)]))
  }
  return blocks
}

export function choicesOf(document: Document): Choice[] {
  return document.flatMap(block => (block.kind === 'choices' ? block.options : []))
}

export function citationsOf(document: Document): CitationBlock[] {
  return document.filter(block => block.kind === 'citation')
}
