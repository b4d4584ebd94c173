/** How like the wordings of a document are to a question: the cosine over weighted terms, phrase by phrase. */
import type { PhraseSets, Phrases } from './terms.ts'

/** The question at hand. */
export interface Asks {
  /** The squared weight of each of its terms; 0 for all others. */
  marks: Float32Array
  /** The root of the sum of its squared weights, unknown terms too. */
  length: number
  /** The weight of every term. */
  weights: Float32Array
}

export interface Nearness {
  /** The likeness of the nearest of the document's own wordings, 0–1. */
  wording: number
  /** The likeness of the nearest question that it does not answer, 0–1. */
  other: number
  /** The weight of the question's terms that lie in the document's own wordings together. */
  overlap: number
}

/** How near the question is to the document at this position. */
export function createNearness(
  { own, others, together }: PhraseSets,
  weights: Float32Array,
): (index: number, asks: Asks) => Nearness {
  const wording = createLikeness(own, weights)
  const other = createLikeness(others, weights)
  const overlap = createOverlap(together)
  return (index, asks) => ({
    wording: wording(index, asks),
    other: other(index, asks),
    overlap: overlap(index, asks),
  })
}

/** The cosine between the question and the nearest phrase of a document. */
function createLikeness(phrases: Phrases, weights: Float32Array): (index: number, asks: Asks) => number {
  const groups = Int32Array.from(phrases.groups)
  const starts = Int32Array.from(phrases.starts)
  const terms = phrases.terms.toArray()
  const lengths = new Float32Array(starts.length - 1).map((_, phrase) => {
    let squares = 0
    for (let at = starts[phrase] as number; at < (starts[phrase + 1] as number); at++)
      squares += (weights[terms[at] as number] as number) ** 2
    return Math.sqrt(squares)
  })

  return (index, { marks, length }) => {
    let best = 0
    for (let phrase = groups[index] as number; phrase < (groups[index + 1] as number); phrase++) {
      let shared = 0
      const end = starts[phrase + 1] as number
      for (let at = starts[phrase] as number; at < end; at++) shared += marks[terms[at] as number] as number
      best = Math.max(best, shared / (length * (lengths[phrase] as number) || 1))
    }
    return best
  }
}

/** The weight of the question's terms in the only phrase of a document. */
function createOverlap({ starts, terms: list }: Phrases): (index: number, asks: Asks) => number {
  const terms = list.toArray()
  return (index, { marks, weights }) => {
    let weight = 0
    for (let at = starts[index] as number; at < (starts[index + 1] as number); at++) {
      const term = terms[at] as number
      if (marks[term] !== 0) weight += weights[term] as number
    }
    return weight
  }
}
