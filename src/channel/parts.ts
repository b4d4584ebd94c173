/** A document as several, each of which one message of the platform can hold. */
import type { Block, Document } from './document.ts'
import { list, paragraph } from './document.ts'
import { breakPiece, formatPlain, sizeOf, type TextBudget } from './plain.ts'

/** A block in pieces that must not be cut; choices stay together, since their numbers are typed back. */
function piecesOf(block: Block, budget: TextBudget): Block[] {
  switch (block.kind) {
    case 'list':
      return block.items.flatMap(item => breakPiece(item, budget)).map(item => list([item]))
    case 'paragraph':
      return breakPiece(block.text, budget).map(paragraph)
    default:
      return [block]
  }
}

const standsAlone = ({ kind }: Block) => kind === 'picture' || kind === 'file'

/** Whether these can go in one message: texts within the budget, or one picture or file. */
export function fitsOne(document: Document, budget: TextBudget): boolean {
  if (document.some(standsAlone)) return document.length === 1
  return sizeOf(formatPlain(document), budget.unit) <= budget.max
}

/** The end of a part with a piece behind it; items of one list stay one list. */
function append(part: Document, piece: Block): Document {
  const last = part.at(-1)
  if (piece.kind !== 'list' || last?.kind !== 'list') return [...part, piece]
  return [...part.slice(0, -1), list([...last.items, ...piece.items])]
}

/**
 * Divides a document: pictures and files stand alone, texts are packed within the budget, and nothing that must not
 * be cut is cut unless it alone is larger than a message.
 */
export function divide(document: Document, budget: TextBudget): Document[] {
  if (fitsOne(document, budget)) return [document]
  const parts: Document[] = []
  // Beside a list item stands its bullet.
  const inner = { ...budget, max: budget.max - 8 }
  for (const piece of document.flatMap(block => piecesOf(block, inner))) {
    const last = parts.at(-1)
    const longer = last && !last.some(standsAlone) ? append(last, piece) : undefined
    if (longer && fitsOne(longer, budget)) parts[parts.length - 1] = longer
    else parts.push([piece])
  }
  return parts
}
