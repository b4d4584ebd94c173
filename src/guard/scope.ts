/** How strange a message is to our field: learned from what people ask us and what they ask others. */
import { normalise } from '#retrieval'
import { places } from './places.ts'
import shipped from './scope-weights.json' with { type: 'json' }

/** Fitted by `bench/scope`: the log odds of a message with nothing known in it, and a weight for each bucket of n-grams. */
export interface ScopeWeights {
  constant: number
  /** Of 8 bits each, in base64; one is worth `unit`. */
  weights: string
  unit: number
}

export const buckets = 1 << 16
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

export interface Scope {
  constant: number
  weights: Int8Array
  unit: number
}

export const readScope = ({ constant, weights, unit }: ScopeWeights): Scope => ({
  constant,
  weights: new Int8Array(Buffer.from(weights, 'base64')),
  unit,
})

const learned = readScope(shipped)

/** The log odds that a message is none of ours, by its wording alone; below 0 it rather is. */
export function strangeness(text: string, { constant, weights, unit }: Scope = learned): number {
  const found = bucketsOf(text)
  const sum = found.reduce((total, bucket) => total + (weights[bucket] as number), 0)
  return constant + (sum * unit) / Math.sqrt(found.length)
}
