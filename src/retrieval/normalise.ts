/** What people type, made comparable: one width, one case, no signs; and the n-grams by which it is searched. */
import { ConverterFactory } from 'opencc-js/core'
import characters from 'opencc-js/dict/TSCharacters'
import phrases from 'opencc-js/dict/TSPhrases'
import variants from 'opencc-js/dict/TWVariantsRev'

/** Letters, digits and ideographs in one width and case; every run of anything else is one blank. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** The key under which two texts are the same question: normalised, and without blanks beside ideographs. */
export function comparable(text: string): string {
  return normalise(text).replace(/(?<=\p{Script=Han}) | (?=\p{Script=Han})/gu, '')
}

/** The grains of a text: each ideograph alone, each run of other letters or digits as a whole. */
export function grainsOf(text: string): string[] {
  return normalise(text).match(/\p{Script=Han}|[^\p{Script=Han} ]+/gu) ?? []
}

/** Terms that a vocabulary does not hold: a grain, and a pair of grains. */
export const unknownGrain = -1
export const unknownPair = -2

export interface Vocabulary {
  /** How many terms it holds; they are numbered from 0. */
  readonly size: number
  /** Whether this term is a pair of grains. */
  isPair(term: number): boolean
  /** The terms of a text in order, grains and pairs of neighbours; unknown ones are learned and numbered. */
  learn(text: string): number[]
  /** The same, with unknown ones marked as unknown. */
  read(text: string): number[]
}

/** Numbers for character n-grams: every grain, and every pair of neighbouring grains. */
export function createVocabulary(): Vocabulary {
  const grains = new Map<string, number>()
  const pairs = new Map<number, number>()
  const grainNumbers: number[] = []
  const pairFlags: boolean[] = []

  // Pairs are keyed by the running numbers of their grains, which stay small: a map of small integers is fast.
  const keyOf = (left: number, right: number) =>
    ((grainNumbers[left] as number) << 16) ^ (grainNumbers[right] as number)

  function learnGrain(grain: string): number {
    grainNumbers[pairFlags.length] = grains.size
    grains.set(grain, pairFlags.length)
    return pairFlags.push(false) - 1
  }

  function learnPair(key: number): number {
    pairs.set(key, pairFlags.length)
    return pairFlags.push(true) - 1
  }

  function termsOf(text: string, learning: boolean): number[] {
    const terms: number[] = []
    let previous = unknownGrain
    for (const grain of grainsOf(text)) {
      const term = grains.get(grain) ?? (learning ? learnGrain(grain) : unknownGrain)
      if (terms.length > 0) terms.push(pairOf(previous, term, learning))
      terms.push(term)
      previous = term
    }
    return terms
  }

  function pairOf(left: number, right: number, learning: boolean): number {
    if (left < 0 || right < 0) return unknownPair
    const key = keyOf(left, right)
    return pairs.get(key) ?? (learning ? learnPair(key) : unknownPair)
  }

  return {
    get size() {
      return pairFlags.length
    },
    isPair: term => pairFlags[term] === true,
    learn: text => termsOf(text, true),
    read: text => termsOf(text, false),
  }
}

/** The dictionary without characters that simplified texts use too: 怎么 must not become 怎幺, nor 著名 着名. */
const safe = (dictionary: string): string =>
  dictionary
    .split('|')
    .filter(pair => !/^[么著覆]/u.test(pair))
    .join('|')

/** The text in simplified characters; the words stay as they are. */
export const simplify: (text: string) => string = ConverterFactory(
  [safe(variants)],
  [phrases, safe(characters)],
)
