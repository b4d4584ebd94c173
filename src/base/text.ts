/** What a person typed, made safe to store, compare and show. */

// Controls except tab and line feed; direction marks and overrides; the byte-order mark.
const unwanted = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** Removes control and direction characters, unifies line ends, trims. Never throws; may give ''. */
export function cleanText(raw: string): string {
  return raw.toWellFormed().replace(/\r\n?/g, '\n').replace(unwanted, '').trim()
}

/** The number of characters as a person counts them (code points). */
export function lengthOf(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** At most `max` code points, with an ellipsis where something was left out. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text
  const points = [...text]
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`
}

/** Whether the text holds at least one letter, number or ideograph (not only emoji, punctuation, blanks). */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}

/** Whether the text holds at least one Chinese character. */
export function hasChinese(text: string): boolean {
  return /\p{Script=Han}/u.test(text)
}
