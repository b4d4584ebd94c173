/** The plain text of a message as what it consists of: headings in 【】, lists with "· ", paragraphs, links. Pure. */

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: string[] }

const headingLine = /^【([^【】]+)】$/
const itemLine = /^· +(.*)$/

export function parseBlocks(text: string): Block[] {
  const blocks: Block[] = []
  for (const line of text.split('\n').map(one => one.trim())) {
    const last = blocks[blocks.length - 1]
    const heading = headingLine.exec(line)?.[1]
    const item = itemLine.exec(line)?.[1]
    if (heading !== undefined) blocks.push({ kind: 'heading', text: heading })
    else if (item === undefined) blocks.push({ kind: 'paragraph', text: line })
    else if (last?.kind === 'list') last.items.push(item)
    else blocks.push({ kind: 'list', items: [item] })
  }
  return blocks.filter(block => block.kind === 'list' || block.text !== '')
}

export interface Span {
  text: string
  url?: string
}

/** Addresses end at the first character that is not ASCII: Chinese text follows them without a space. */
const address = /https?:\/\/[!-~]+/gi
const trailing = /[.,;:!?)\]}'"]+$/

export function parseSpans(text: string): Span[] {
  const spans: Span[] = []
  let from = 0
  for (const match of text.matchAll(address)) {
    const url = match[0].replace(trailing, '')
    const at = match.index ?? 0
    spans.push({ text: text.slice(from, at) }, { text: url, url })
    from = at + url.length
  }
  spans.push({ text: text.slice(from) })
  return spans.filter(span => span.text !== '')
}
