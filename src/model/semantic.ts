/** How near each entry is to a text by meaning: a cosine each, to be one more piece of evidence and never the verdict. */
import type { Clock } from '#base/clock'
import { hasWords } from '#base/text'
import type { Model } from './model.ts'
import { dotOf } from './vectors.ts'

/** What is compared of an entry: how it is asked for, and what it says; the nearer of the two counts. */
export interface SemanticEntry {
  id: string
  title: string
  questions: readonly string[]
  answer: string
}

export interface SemanticOptions {
  model: Pick<Model, 'embed'>
  clock: Clock
}

export interface Semantic {
  /** Takes in new and edited entries and drops others; an entry has no cosine until it was read. */
  change(replaced: readonly SemanticEntry[], removed: readonly string[]): void
  /** Gets the vectors that are missing, from the cache or the server; true when all are there. */
  prepare(): Promise<boolean>
  /**
   * The cosine of each entry with the text, −1 to 1, by id; what was not read yet is left out. Undefined while most
   * entries were not read (a call begins it and does not wait), and whenever the server gives nothing in time.
   */
  similar(text: string, deadlineMs: number): Promise<ReadonlyMap<string, number> | undefined>
}

/** So many entries are read at once; what was read is not lost when the next ones cannot be. */
const mostAtOnce = 50
const readWithinMs = 120_000
/** After a failure the entries are not read again with every question. */
const readAgainMs = 60_000
/** With fewer of all entries read, the nearest of them may not be the nearest. */
const enough = 0.9

/** Holds the vectors of the entries that it is told of; none at first. */
export function createSemantic({ model, clock }: SemanticOptions): Semantic {
  const known = new Map<string, readonly Float32Array[]>()
  const missing = new Map<string, SemanticEntry>()
  let reading: Promise<boolean> | undefined
  let notBefore = 0
  let atOnce = mostAtOnce

  /** Reads the next entries; false where they cannot be had now. */
  async function readNext(): Promise<boolean> {
    const batch = [...missing.values()].slice(0, atOnce)
    const texts = batch.flatMap(textsOf)
    const embedded = await model.embed({ texts, keep: true, deadlineMs: readWithinMs })
    if (embedded.ok) {
      const vectors = [...embedded.vectors]
      for (const entry of batch) settle(entry, vectors.splice(0, textsOf(entry).length))
      atOnce = Math.min(mostAtOnce, atOnce * 2)
    } else if (embedded.failure === 'refused') {
      // One text that offends the server must not keep the others from being read: it is looked for one by one.
      atOnce = 1
      if (batch.length === 1) settle(batch[0] as SemanticEntry, [])
    }
    return embedded.ok || (embedded.failure === 'refused' && batch.length > 1)
  }

  /** Takes in what was read, unless the entry was edited or dropped meanwhile. */
  function settle(entry: SemanticEntry, vectors: readonly Float32Array[]): void {
    if (missing.get(entry.id) !== entry) return
    missing.delete(entry.id)
    if (vectors.length > 0) known.set(entry.id, vectors)
  }

  async function readMissing(): Promise<boolean> {
    let going = true
    while (going && missing.size > 0) going = await readNext()
    if (!going) notBefore = clock.now() + readAgainMs
    reading = undefined
    return going
  }

  async function prepare(): Promise<boolean> {
    if (missing.size > 0) reading ??= readMissing()
    return reading ?? true
  }

  return {
    change(replaced, removed) {
      for (const id of [...removed, ...replaced.map(entry => entry.id)]) {
        known.delete(id)
        missing.delete(id)
      }
      for (const entry of replaced) missing.set(entry.id, entry)
    },
    prepare,
    async similar(text, deadlineMs) {
      if (missing.size > 0 && clock.now() >= notBefore) void prepare()
      if (known.size === 0 || known.size < enough * (known.size + missing.size)) return undefined
      if (!hasWords(text)) return undefined
      const embedded = await model.embed({ texts: [text], deadlineMs })
      const asked = embedded.ok ? embedded.vectors[0] : undefined
      return asked && cosinesOf(known, asked)
    },
  }
}

function textsOf({ title, questions, answer }: SemanticEntry): string[] {
  return [[title, ...questions].join('\n'), answer].filter(hasWords)
}

/** Undefined where the vectors are not of one length: the server has another model now. */
function cosinesOf(
  known: ReadonlyMap<string, readonly Float32Array[]>,
  asked: Float32Array,
): ReadonlyMap<string, number> | undefined {
  const cosines = new Map<string, number>()
  for (const [id, vectors] of known) {
    if (vectors.some(vector => vector.length !== asked.length)) return undefined
    cosines.set(id, Math.max(...vectors.map(vector => dotOf(vector, asked))))
  }
  return cosines
}
