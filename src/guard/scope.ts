/** How strange a message is to our field: learned from what people ask us and what they ask others. */
import { normalise } from '#retrieval'
import { places } from './places.ts'
import shipped from './scope-weights.json' with { type: 'json' }

/** Fitted by `bench/scope`: the log odds of a message with nothing known in it, and a weight for each bucket of n-grams. */
export interface ScopeWeights {
  constant: number
  /** Of 8 bits each, in base64; one is worth `unit`. */
  weights: string
}

export const buckets = 1 << 16
export const unit = 1 / 20
const anyPlace = new RegExp(places.source, 'gu')

/** FNV-1a over the code units, its bits mixed: which bucket an n-gram falls into. */
function bucketOf(text: string, from: number, to: number): number {
  let hash = 2_166_136_261
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 12)) >>> 0) % buckets
}

/** The buckets of its characters and pairs of characters, each once; one place is like another, and so is a number. */
export function bucketsOf(text: string): number[] {
  const plain = text.replace(anyPlace, '‹').replace(/\d+/g, '0')
  const letters = `^${normalise(plain)}$`
  const found = new Set<number>()
  for (let at = 0; at < letters.length; at++) {
    found.add(bucketOf(letters, at, at + 1))
    if (at + 2 <= letters.length) found.add(bucketOf(letters, at, at + 2))
  }
  return [...found]
}

export type Scope = readonly [constant: number, weights: Int8Array]

export const readScope = ({ constant, weights }: ScopeWeights): Scope => [
  constant,
  new Int8Array(Buffer.from(weights, 'base64')),
]

const learned = readScope(shipped)

/** A few characters tell little: each bucket that is missing to so many counts for us, in log odds. */
const enough = 24
const doubtEach = 0.25

/** The log odds that a message is none of ours, by its wording alone; below 0 it rather is. */
export function strangeness(text: string, [constant, weights]: Scope = learned): number {
  const found = bucketsOf(text)
  const sum = found.reduce((total, bucket) => total + (weights[bucket] as number), 0)
  const doubt = doubtEach * Math.max(0, enough - found.length)
  return constant + (sum * unit) / Math.sqrt(found.length) - doubt
}

/**
 * How much stranger its words may make a message than its nearest entry makes it ours, in log odds: chosen on an exam
 * that was then learned from, beside the tuning half of the project's questions (docs/evaluation.md).
 */
const mostStrange = -3.5
/** Entries stranger than this speak of what was not learned: of a field that an agency has added. */
const unlearned = -3
/** Below these log odds the words are ours. */
const surelyOurs = -5

const logitOf = (confidence: number) => Math.log((confidence + 1e-4) / (1 - confidence + 1e-4))

/** The wordings of an entry. */
interface Worded {
  title: string
  questions: readonly string[]
}

export interface ScopeSense {
  /** Whether the words of a message are so strange that the nearest entry, of this confidence, is not its answer. */
  isStrange(text: string, nearest: Worded | undefined, confidence: number): boolean
  /** Whether the words are so much ours that what lies near is worth offering, however little it says. */
  isOurs(text: string): boolean
}

/** How strange each entry itself is, is remembered. */
export function createScopeSense(): ScopeSense {
  const known = new WeakMap<Worded, number>()

  function ownOf(entry: Worded): number {
    const wordings = [entry.title, ...entry.questions]
    const own = known.get(entry) ?? wordings.reduce((sum, w) => sum + strangeness(w), 0) / wordings.length
    known.set(entry, own)
    return own
  }

  return {
    isStrange: (text, nearest, confidence) =>
      strangeness(text) - logitOf(confidence) > mostStrange && (!nearest || ownOf(nearest) < unlearned),
    isOurs: text => strangeness(text) < surelyOurs,
  }
}
