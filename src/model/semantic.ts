/** How near each entry is to a text by meaning: a cosine each, to be one more piece of evidence and never the verdict. */
import type { Clock } from '#base/clock'
import { hasWords } from '#base/text'
import type { Model } from './model.ts'
import { dotOf } from './vectors.ts'

/** What is compared of an entry. */
export interface SemanticEntry {
  title: string
  questions: readonly string[]
}

export interface SemanticOptions {
  model: Pick<Model, 'embed'>
  entries: readonly SemanticEntry[]
  clock: Clock
}

export interface Semantic {
  /** Gets the vectors of all entries, from the cache or the server; true when they are there. */
  prepare(): Promise<boolean>
  /**
   * The cosine of each entry with the text, −1 to 1, in the order of the entries. Undefined while the entries are not
   * prepared (the first call begins it and does not wait), and whenever the server gives nothing in time.
   */
  similar(text: string, deadlineMs: number): Promise<Float32Array | undefined>
}

const preparedWithinMs = 120_000
/** After a failure the entries are not read again with every question. */
const prepareAgainMs = 60_000

export function createSemantic({ model, entries, clock }: SemanticOptions): Semantic {
  const texts = entries.map(({ title, questions }) => [title, ...questions].join('\n'))
  let vectors: readonly Float32Array[] | undefined
  let preparing: Promise<boolean> | undefined
  let notBefore = 0

  async function readEntries(): Promise<boolean> {
    const embedded = await model.embed({ texts, keep: true, deadlineMs: preparedWithinMs })
    if (embedded.ok) vectors = embedded.vectors
    else notBefore = clock.now() + prepareAgainMs
    preparing = undefined
    return embedded.ok
  }

  function prepare(): Promise<boolean> {
    if (vectors) return Promise.resolve(true)
    preparing ??= readEntries()
    return preparing
  }

  return {
    prepare,
    async similar(text, deadlineMs) {
      if (!vectors && clock.now() >= notBefore) void prepare()
      const known = vectors
      if (!known || !hasWords(text)) return undefined
      const embedded = await model.embed({ texts: [text], deadlineMs })
      const asked = embedded.ok ? embedded.vectors[0] : undefined
      if (!asked || known.some(vector => vector.length !== asked.length)) return undefined
      return Float32Array.from(known, vector => dotOf(vector, asked))
    },
  }
}
