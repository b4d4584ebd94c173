/** A document as plain text, and its division into parts within a channel's budget. */
import type { Block, CitationBlock, Document } from './document.ts'

/** 《失业保险条例》第14条（2019-03-24起施行） */
export function formatCitation(citation: CitationBlock): string {
  const article = citation.article === null ? '' : `第${citation.article}条`
  const inForce = citation.inForce ? `（${citation.inForce}起施行）` : ''
  return `《${citation.law}》${article}${inForce}`
}

/** The pieces of one block that must not be cut. Choices are numbered, so that a number can be typed back. */
function piecesOf(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`【${block.text}】`]
    case 'paragraph':
      return [block.text]
    case 'list':
      return block.items.map(item => `· ${item}`)
    case 'citation':
      return [`依据：${formatCitation(block)}${block.url ? ` ${block.url}` : ''}`]
    case 'choices':
      return [
        ...(block.label ? [block.label] : []),
        ...block.options.map((option, i) => `${i + 1}. ${option.label}`),
      ]
    case 'link':
      return [`${block.label} ${block.url}`]
    case 'picture':
      return [`［图片］${block.alternative}`]
    case 'file':
      return [`［文件］${block.name}`]
  }
}

/** The whole document as text: blocks on lines of their own. */
export function formatPlain(document: Document): string {
  return document.flatMap(piecesOf).join('\n')
}

export interface TextBudget {
  /** How the platform counts: UTF-16 code units, or bytes of UTF-8. */
  unit: 'utf16' | 'bytes'
  max: number
}

export function sizeOf(text: string, unit: TextBudget['unit']): number {
  return unit === 'bytes' ? Buffer.byteLength(text) : text.length
}

const sentenceEnds = /(?<=[。！？；\n])/
// A link, a document number as in 人社部发〔2019〕12号, a run of letters and digits, or else one character.
const grain = /https?:\/\/[!-~]+|\p{Script=Han}{0,8}〔\d{4}〕\d+号|[A-Za-z0-9.@_-]+|./gsu

/** A piece longer than the whole budget: by sentence, then by what must not be cut, then by character. */
export function breakPiece(piece: string, budget: TextBudget): string[] {
  const fits = (text: string) => sizeOf(text, budget.unit) <= budget.max
  if (fits(piece)) return [piece]
  const grains = piece
    .split(sentenceEnds)
    .flatMap(s => (fits(s) ? [s] : (s.match(grain) ?? [])))
    .flatMap(g => (fits(g) ? [g] : [...g]))
  return pack(grains, budget, '')
}

function pack(pieces: string[], budget: TextBudget, joint: string): string[] {
  const parts: string[] = []
  let current: string | undefined
  for (const piece of pieces) {
    const longer: string = current === undefined ? piece : current + joint + piece
    if (sizeOf(longer, budget.unit) <= budget.max) current = longer
    else {
      if (current !== undefined) parts.push(current)
      current = piece
    }
  }
  if (current !== undefined) parts.push(current)
  return parts
}

/**
 * The document as texts that each keep within the budget. No citation, link or list item is cut unless it alone
 * is larger than a whole message; joined by line feeds the parts give `formatPlain` back.
 */
export function splitPlain(document: Document, budget: TextBudget): string[] {
  const pieces = document.flatMap(piecesOf)
  return pack(
    pieces.flatMap(piece => breakPiece(piece, budget)),
    budget,
    '\n',
  )
}
