/** What people type, made comparable: one width, one case, no signs; and the n-grams by which it is searched. */

/**
 * Letters, digits and ideographs in one width and case; every run of anything else is one blank. This is the single
 * place where traditional characters will become simplified ones.
 */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** The key under which two texts are the same question: normalised, and without blanks between ideographs. */
export function comparable(text: string): string {
  return normalise(text).replace(/(?<=\p{Script=Han}) | (?=\p{Script=Han})/gu, '')
}

/** The grains of a normalised text: each ideograph alone, each run of other letters or digits as a whole. */
export function grainsOf(normalised: string): string[] {
  return normalised.match(/\p{Script=Han}|[^\p{Script=Han} ]+/gu) ?? []
}
