/** Requests without what is personal in them, as officials see them who have not asked for more. Pure. */
import { mask, maskPersonal } from '#base/personal'
import type { Case } from '#dossier'

/** The applicant's data and the third parties; the longest first, since a name may stand in another one. */
export function wordsOf({ name, idNumber, contact, address, consultations }: Case): string[] {
  const all = [name, idNumber, contact, address, ...consultations.map(({ party }) => party)]
  return all
    .filter((word): word is string => word !== null && word.length > 1)
    .sort((a, b) => b.length - a.length)
}

/** Every text in it with these words and all that looks personal taken out. */
export function without<T>(value: T, words: readonly string[]): T {
  if (typeof value === 'string')
    return maskPersonal(words.reduce<string>((text, word) => text.replaceAll(word, mask), value)) as T
  if (Array.isArray(value)) return value.map(item => without(item, words)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, without(item, words)])) as T
}
