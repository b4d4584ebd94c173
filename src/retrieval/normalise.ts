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

/** What a UTF-16 unit is, wherever it stands; `mixed`: that depends on its neighbours, or it becomes another. */
const [unseen, ideograph, alphanumeric, sign, mixed] = [0, 1, 2, 3, 4] as const
/** What was found out about each unit; most texts hold a few thousand plain ones, which need no more than a look here. */
const kinds = new Uint8Array(65_536)

function kindOf(unit: number): number {
  const known = kinds[unit] as number
  if (known !== unseen) return known
  const character = String.fromCharCode(unit)
  const normal = character.normalize('NFKC')
  if (/^[a-z0-9]$/.test(character)) kinds[unit] = alphanumeric
  else if (character === normal && /^(?=\p{Script=Han})[\p{L}\p{N}]$/u.test(character))
    kinds[unit] = ideograph
  else if (/^[^\p{L}\p{N}\p{M}\p{Cs}]+$/u.test(normal)) kinds[unit] = sign
  else kinds[unit] = mixed
  return kinds[unit] as number
}

/** The key under which two texts are the same question: normalised, and without blanks beside ideographs. */
export function comparable(text: string): string {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    const kind = at === text.length ? sign : kindOf(text.charCodeAt(at))
    if (kind === mixed) return withoutBlanks(normalise(text))
    if (kind !== sign) continue
    if (at > from && endsInWord(parts.at(-1)) && kindOf(text.charCodeAt(from)) !== ideograph) parts.push(' ')
    if (at > from) parts.push(text.slice(from, at))
    from = at + 1
  }
  // Joined, even where it is one: a slice would hold on to the whole text.
  return parts.join('')
}

const endsInWord = (part: string | undefined): boolean =>
  part !== undefined && kindOf(part.charCodeAt(part.length - 1)) !== ideograph

const withoutBlanks = (text: string) => text.replace(/(?<=\p{Script=Han}) | (?=\p{Script=Han})/gu, '')

/** The grains of a text: each ideograph alone, each run of other letters or digits as a whole. */
export function grainsOf(text: string): string[] {
  const grains: string[] = []
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    const kind = at === text.length ? sign : kindOf(text.charCodeAt(at))
    if (kind === mixed) return normalise(text).match(/\p{Script=Han}|[^\p{Script=Han} ]+/gu) ?? []
    if (kind === alphanumeric) continue
    if (at > from) grains.push(text.slice(from, at))
    if (kind === ideograph) grains.push(text.charAt(at))
    from = at + 1
  }
  return grains
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
  /** Grains have running numbers of their own, one more than there are before them; 0 is none. */
  const ideographs = new Int32Array(65_536)
  const words = new Map<string, number>()
  const grainTerms = [unknownGrain]
  const pairs = createPairs()
  const pairFlags: boolean[] = []

  function learnGrain(): number {
    grainTerms.push(pairFlags.push(false) - 1)
    return grainTerms.length - 1
  }

  function ideographOf(unit: number, learning: boolean): number {
    if (ideographs[unit] === 0 && learning) ideographs[unit] = learnGrain()
    return ideographs[unit] as number
  }

  function wordOf(word: string, learning: boolean): number {
    const known = words.get(word)
    if (known !== undefined || !learning) return known ?? 0
    words.set(word, learnGrain())
    return grainTerms.length - 1
  }

  function grainOf(grain: string, learning: boolean): number {
    const unit = grain.charCodeAt(0)
    const alone = grain.length === 1 && kindOf(unit) === ideograph
    return alone ? ideographOf(unit, learning) : wordOf(grain, learning)
  }

  function termsOf(text: string, learning: boolean): number[] {
    const terms: number[] = []
    let previous = 0
    for (const one of grainsOf(text)) {
      const grain = grainOf(one, learning)
      if (terms.length > 0) terms.push(pairOf(previous, grain, learning))
      terms.push(grainTerms[grain] as number)
      previous = grain
    }
    return terms
  }

  function pairOf(left: number, right: number, learning: boolean): number {
    if (left === 0 || right === 0) return unknownPair
    const known = pairs.get(left, right)
    if (known >= 0) return known
    if (!learning) return unknownPair
    pairs.set(left, right, pairFlags.length)
    return pairFlags.push(true) - 1
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

export interface Pairs {
  /** What was set for these two; −1 where nothing was. */
  get(left: number, right: number): number
  /** A number that is not negative. */
  set(left: number, right: number, value: number): void
}

/** A number for each pair of small numbers: where a million pairs are looked up in a second, a Map is felt. */
export function createPairs(): Pairs {
  let keys = new Int32Array(1 << 12)
  /** One more than the number; 0 where the place is free. */
  let values = new Int32Array(1 << 12)
  let count = 0

  const keyOf = (left: number, right: number) => (left << 16) ^ right

  /** The place of this key, or the free one where it belongs. */
  function placeOf(key: number): number {
    const last = keys.length - 1
    let place = (Math.imul(key, 0x9e3779b1) >>> 7) & last
    while (values[place] !== 0 && keys[place] !== key) place = (place + 1) & last
    return place
  }

  function put(key: number, value: number): void {
    const place = placeOf(key)
    if (values[place] === 0) count++
    keys[place] = key
    values[place] = value
  }

  function enlarge(): void {
    const [oldKeys, oldValues] = [keys, values]
    keys = new Int32Array(oldKeys.length * 2)
    values = new Int32Array(oldKeys.length * 2)
    count = 0
    for (const [i, value] of oldValues.entries()) if (value !== 0) put(oldKeys[i] as number, value)
  }

  return {
    get: (left, right) => (values[placeOf(keyOf(left, right))] as number) - 1,
    set(left, right, value) {
      put(keyOf(left, right), value + 1)
      if (count * 2 > keys.length) enlarge()
    },
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
