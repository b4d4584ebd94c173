/** The code that is read on one channel and typed on another: how it is made, recognised, and kept as a hash only. */
import { createHash, randomInt } from 'node:crypto'

// No letters or digits that are taken for one another.
const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
export const codeLength = 8

/** Eight characters: one of 8·10¹¹. */
export function createCode(): string {
  return Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('')
}

/** What is kept of a code. It is worthless when the code is over, so a plain hash will do. */
export function hashCode(code: string): string {
  return createHash('sha256').update(`link ${code}`).digest('base64url')
}

const typed = /^(?:(?:关联|绑定)[\s:：「“"]*|\/?link[\s:：]+)([a-z0-9][a-z0-9\s-]{3,15})[」”"。.]?$/i

/** The code in 「关联 代码」, right or wrong; undefined where the text is something else, as 关联企业怎么认定. */
export function parseLinkCode(text: string): string | undefined {
  const [, code] = typed.exec(text.normalize('NFKC').trim()) ?? []
  return code?.replace(/[\s-]/g, '').toUpperCase()
}
