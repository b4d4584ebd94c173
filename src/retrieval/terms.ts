/** The terms of documents: how much each counts where, how much it tells, and the phrases that it stands in. */
import type { Vocabulary } from './normalise.ts'

export interface RankedDocument {
  title: string
  questions: readonly string[]
  not: readonly string[]
  answer: string
  topic: string | null
}

/**
 * One set for every collection, chosen on two open question sets and on this project's own (bench/retrieval).
 * A field's weight multiplies its counts and its `B` is how far its length discounts them; `saturation` is the k1 of
 * BM25; `grain` weighs single characters against pairs; `wording` is what a like wording adds to a score, and `other`
 * what a liker `not` question takes from it.
 */
export const tuning = {
  title: 3,
  titleB: 0.85,
  question: 1,
  questionB: 0.8,
  answer: 1,
  answerB: 0.75,
  saturation: 2,
  grain: 1.2,
  rarity: 1.1,
  wording: 0.4,
  other: 0.5,
}

/** For each term the documents that hold it, and how much it counts there. */
export interface Postings {
  /** Where each term's run begins; one more than there are terms. */
  starts: Int32Array
  documents: Int32Array
  values: Float32Array
}

/** The terms of one document, and how much each counts. */
export interface Row {
  terms: Int32Array
  values: Float32Array
}

/** Phrases as runs of terms, laid end to end; those of a document follow each other. */
export interface Phrases {
  /** Where each document's phrases begin; one more than there are documents. */
  groups: number[]
  /** Where each phrase begins; one more than there are phrases. */
  starts: number[]
  terms: List<Int32Array>
}

/** The phrases of documents: their own wordings, those of others, and all their own as one. */
export interface PhraseSets {
  own: Phrases
  others: Phrases
  together: Phrases
}

const noPhrases = (): Phrases => ({ groups: [0], starts: [0], terms: createList(new Int32Array(256)) })

/** Says of each term whether it comes for the first time since the last `next`; a set for each phrase would take longer. */
function createFirstTimes() {
  let seen = new Int32Array(65_536)
  let now = 1
  return {
    next: () => void now++,
    isFirst(term: number): boolean {
      while (term >= seen.length) seen = enlarge(seen)
      if (seen[term] === now) return false
      seen[term] = now
      return true
    },
  }
}

type FirstTimes = ReturnType<typeof createFirstTimes>

/** The usual lengths of the fields, in characters: what is longer counts less. */
export interface UsualLengths {
  title: number
  questions: number
  answer: number
}

const lengthOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0)

const discount = (b: number, length: number, usual: number) => 1 - b + (b * length) / usual

export function usualLengths(documents: readonly RankedDocument[]): UsualLengths {
  const mean = (length: (d: RankedDocument) => number) =>
    documents.reduce((sum, d) => sum + length(d), 0) / documents.length || 1
  return {
    title: mean(d => d.title.length),
    questions: mean(d => lengthOf(d.questions)),
    answer: mean(d => d.answer.length),
  }
}

/** Reads documents; words that the vocabulary does not hold are learned. */
export function readDocuments(
  documents: readonly RankedDocument[],
  vocabulary: Vocabulary,
  usual: UsualLengths,
) {
  const phrases: PhraseSets = { own: noPhrases(), others: noPhrases(), together: noPhrases() }
  const rows = createRows()
  const firsts = createFirstTimes()
  for (const document of documents) {
    const title = vocabulary.learn(document.title)
    const questions = document.questions.map(vocabulary.learn)
    const answer = vocabulary.learn(document.answer)
    for (const phrase of [title, ...questions]) appendPhrase(phrases.own, [phrase], firsts)
    appendPhrase(phrases.together, [title, ...questions], firsts)
    for (const other of document.not) appendPhrase(phrases.others, [vocabulary.learn(other)], firsts)
    for (const set of Object.values(phrases)) set.groups.push(set.starts.length - 1)
    const length = lengthOf(document.questions)
    rows.add(title, tuning.title / discount(tuning.titleB, document.title.length, usual.title))
    for (const q of questions)
      rows.add(q, tuning.question / discount(tuning.questionB, length, usual.questions))
    rows.add(answer, tuning.answer / discount(tuning.answerB, document.answer.length, usual.answer))
    rows.end()
  }
  return { rows, phrases }
}

/** Each term of these runs once, as one phrase. */
function appendPhrase(phrases: Phrases, runs: readonly number[][], firsts: FirstTimes): void {
  firsts.next()
  for (const run of runs) for (const term of run) if (firsts.isFirst(term)) phrases.terms.push(term)
  phrases.starts.push(phrases.terms.length)
}

/** Gathers the terms of one document after another, and turns them into postings. */
function createRows() {
  const terms = createList(new Int32Array(256))
  const values = createList(new Float32Array(256))
  const ends: number[] = []
  const touched: number[] = []
  let counts = new Float64Array(65_536)

  function add(found: readonly number[], weight: number): void {
    for (const term of found) {
      while (term >= counts.length) counts = enlarge(counts)
      const count = counts[term] as number
      if (count === 0) touched.push(term)
      counts[term] = count + weight
    }
  }

  function end(): void {
    for (const term of touched) {
      const count = counts[term] as number
      terms.push(term)
      values.push((count * (tuning.saturation + 1)) / (count + tuning.saturation))
      counts[term] = 0
    }
    touched.length = 0
    ends.push(terms.length)
  }

  function toPostings(size: number): Postings {
    const starts = new Int32Array(size + 1)
    const [all, weights] = [terms.view(), values.view()]
    for (const term of all) starts[term + 1] = (starts[term + 1] as number) + 1
    for (let term = 0; term < size; term++)
      starts[term + 1] = (starts[term + 1] as number) + (starts[term] as number)
    const next = starts.slice()
    const postings = { starts, documents: new Int32Array(all.length), values: new Float32Array(all.length) }
    let row = 0
    for (const [document, end] of ends.entries())
      for (; row < end; row++) {
        const term = all[row] as number
        const at = next[term] as number
        next[term] = at + 1
        postings.documents[at] = document
        postings.values[at] = weights[row] as number
      }
    return postings
  }

  /** All that was added, as one document. */
  const toRow = (): Row => ({ terms: terms.toArray(), values: values.toArray() })

  return { add, end, toPostings, toRow }
}

export interface Weights {
  /** How much each term tells: the rarer the more. */
  terms: Float32Array
  /** What an unknown grain, an unknown pair would weigh. */
  grain: number
  pair: number
}

export function weighTerms(postings: Postings, count: number, vocabulary: Vocabulary): Weights {
  const weigh = (frequency: number, pair: boolean) =>
    Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** tuning.rarity * (pair ? 1 : tuning.grain)
  const terms = new Float32Array(vocabulary.size)
  for (let term = 0; term < terms.length; term++) {
    const frequency = (postings.starts[term + 1] as number) - (postings.starts[term] as number)
    terms[term] = weigh(frequency, vocabulary.isPair(term))
  }
  return { terms, grain: weigh(0, false), pair: weigh(0, true) }
}

type Numbers = Int32Array | Float32Array | Float64Array

/** The same numbers with as much room again. */
function enlarge<A extends Numbers>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(array.length * 2)
  larger.set(array)
  return larger
}

interface List<A extends Numbers> {
  readonly length: number
  push(value: number): void
  /** A copy, as long as need be. */
  toArray(): A
  /** The numbers as they lie, good until the next is pushed. */
  view(): A
}

/** Beyond so many numbers a list grows where it lies: what doubling leaves behind would stay with the process. */
const longestDoubled = 16_384
const mostBytes = 2 ** 31
const bytesAtOnce = 2 ** 20

/** More room: by doubling, then in a buffer that grows in place. */
function makeRoom<A extends Int32Array | Float32Array>(array: A): A {
  if (array.length < longestDoubled) return enlarge(array)
  const { buffer } = array
  if (buffer instanceof ArrayBuffer && buffer.resizable) {
    buffer.resize(buffer.byteLength + bytesAtOnce)
    return array
  }
  const growing = new ArrayBuffer(array.byteLength + bytesAtOnce, { maxByteLength: mostBytes })
  const larger = new (array.constructor as new (buffer: ArrayBuffer) => A)(growing)
  larger.set(array)
  return larger
}

/** Numbers that grow, from this room on: a plain array of as many would take twice the memory. */
function createList<A extends Int32Array | Float32Array>(first: A): List<A> {
  let values = first
  let length = 0
  return {
    get length() {
      return length
    },
    push(value) {
      if (length === values.length) values = makeRoom(values)
      values[length++] = value
    },
    toArray: () => values.slice(0, length) as A,
    view: () => values.subarray(0, length) as A,
  }
}
