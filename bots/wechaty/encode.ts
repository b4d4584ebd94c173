/** Our typed document → the messages of one chat, in order. Pure. */
import { type Document, formatPlain, splitPlain, type TextBudget } from '#channel'

/** WeChat takes more at once, but long messages are folded on the telephone and read by nobody. */
export const textBudget: TextBudget = { unit: 'utf16', max: 2000 }

export type Part =
  | { kind: 'text'; text: string }
  | {
      kind: 'file'
      name: string
      /** Bytes in base64. */
      data: string
      /** What is said where the puppet cannot send files. */
      instead: string
    }

/** A picture has no caption on WeChat: what is on it is at least its name, for whoever saves it. */
function nameOf(alternative: string): string {
  return (
    alternative
      .replace(/[\\/:*?"<>|.\s]+/g, ' ')
      .trim()
      .slice(0, 60) || 'picture'
  )
}

/** Choices are numbered: the number can be typed back. */
export function encode(document: Document): Part[] {
  const parts: Part[] = []
  let words: Document = []
  const flush = () => {
    for (const text of splitPlain(words, textBudget)) if (text !== '') parts.push({ kind: 'text', text })
    words = []
  }
  for (const block of document) {
    if (block.kind !== 'picture' && block.kind !== 'file') {
      words.push(block)
      continue
    }
    flush()
    const name = block.kind === 'file' ? block.name : `${nameOf(block.alternative)}.png`
    parts.push({ kind: 'file', name, data: block.data, instead: formatPlain([block]) })
  }
  flush()
  return parts
}
