/** Our typed document → lines of text. Pure. */
import { type Document, formatPlain } from '#channel'

/** Choices are numbered: the number can be typed back. */
export function encode(document: Document): string {
  return formatPlain(document)
}
