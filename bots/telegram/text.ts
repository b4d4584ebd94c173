/** Text with its entities: pieces that must not be cut, packed into messages within Telegram's limits. Pure. */
import type { MessageEntity } from 'telegraf/types'
import { paragraph, splitPlain, type TextBudget } from '#channel'

/** https://core.telegram.org/bots/api#sendmessage: 4096 UTF-16 units after the entities are parsed. */
export const textBudget: TextBudget = { unit: 'utf16', max: 4096 }
/** Beyond the hundredth, entities are dropped without a word. */
const mostEntities = 100

export type Entity =
  | (MessageEntity.CommonMessageEntity & { type: 'bold' })
  | MessageEntity.TextLinkMessageEntity

export interface Passage {
  text: string
  entities: Entity[]
}

/** A message that shows nothing is refused as empty. */
const hasInk = ({ text }: Passage) => /[^\s\p{C}]/u.test(text)

/** What of the entities lies between two places, counted from the first. */
function cut({ text, entities }: Passage, from: number, to: number): Passage {
  const kept = entities.flatMap(entity => {
    const start = Math.max(entity.offset, from)
    const end = Math.min(entity.offset + entity.length, to)
    return end > start ? [{ ...entity, offset: start - from, length: end - start }] : []
  })
  return { text: text.slice(from, to), entities: kept }
}

/** A piece larger than a whole message, cut where plain text would be: by sentence, then between words. */
function breakPassage(passage: Passage): Passage[] {
  if (passage.text.length <= textBudget.max) return [passage]
  let at = 0
  return splitPlain([paragraph(passage.text)], textBudget).map(part => {
    const from = at
    at += part.length
    return cut(passage, from, at)
  })
}

export function join(first: Passage, second: Passage): Passage {
  const shift = first.text.length + 1
  const moved = second.entities.map(entity => ({ ...entity, offset: entity.offset + shift }))
  return { text: `${first.text}\n${second.text}`, entities: [...first.entities, ...moved] }
}

const fits = ({ text, entities }: Passage) => text.length <= textBudget.max && entities.length <= mostEntities

/** Pieces on lines of their own, as few messages as hold them; a piece is cut only where it alone is too large. */
export function packPassages(pieces: readonly Passage[]): Passage[] {
  const parts: Passage[] = []
  for (const piece of pieces.flatMap(breakPassage).filter(hasInk)) {
    const last = parts.at(-1)
    const longer = last && join(last, piece)
    if (longer && fits(longer)) parts[parts.length - 1] = longer
    else parts.push(piece)
  }
  return parts
}
