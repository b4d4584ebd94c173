/** Which entries are nearest to a question: BM25 over character n-grams, then the wording of each near entry. */
import { createVocabulary, unknownGrain, type Vocabulary } from './normalise.ts'

export interface RankedDocument {
  title: string
  questions: readonly string[]
  not: readonly string[]
  answer: string
  topic: string | null
}

/** How near one document is; the shares compare between questions and between collections, the score does not. */
export interface Ranked {
  /** The position of the document among those handed in. */
  index: number
  score: number
  /** The part of the highest score that the question could reach anywhere, 0–1. */
  share: number
  /** The likeness of its nearest wording (title or question) to the question, 0–1. */
  wording: number
  /** The likeness of the nearest question that it does not answer, 0–1. */
  other: number
  /** The part of the question's weight that lies in n-grams of its title and questions together, 0–1. */
  asked: number
  /** The part of the ten nearest that have its topic, 0–1 (a half without topics): strange questions scatter. */
  agreement: number
}

export interface Ranking {
  /** Best first. */
  ranked: Ranked[]
  /** The part of the question's weight that lies in n-grams found anywhere in the collection, 0–1. */
  known: number
  /** The question's whole weight, in n-grams of the rarest kind. */
  mass: number
}

export interface Ranker {
  /** The nearest documents; `without` leaves one out. */
  rank(text: string, limit: number, without?: number): Ranking
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

/** How many of the best by BM25 have their wordings compared; those behind them follow in the order of BM25. */
const compared = 12

export function createRanker(documents: readonly RankedDocument[]): Ranker {
  const vocabulary = createVocabulary()
  const { postings, own, others, together } = readDocuments(documents, vocabulary)
  const weights = weighTerms(postings, documents.length, vocabulary)
  /** The squared weight of each term of the question at hand; 0 for all others. */
  const marks = new Float32Array(vocabulary.size)
  const likeness = createLikeness(own, weights.terms, marks)
  const otherLikeness = createLikeness(others, weights.terms, marks)
  const weightAsked = createOverlap(together, weights.terms, marks)
  const scores = new Float32Array(documents.length)

  function compare(index: number, question: Question): Ranked {
    const base = scores[index] as number
    const wording = likeness(index, Math.sqrt(question.squares))
    const other = otherLikeness(index, Math.sqrt(question.squares))
    const lost = tuning.other * Math.max(0, other - wording)
    const share = base / (question.weight * (tuning.saturation + 1))
    const asked = weightAsked(index) / question.weight
    const total = base * (1 + tuning.wording * wording) * (1 - lost)
    return { index, score: total, share, wording, other, asked, agreement: 0 }
  }

  return {
    rank(text, limit, without = -1) {
      const question = markQuestion(vocabulary.read(text), weights, marks)
      score(question, { postings, weights, scores })
      if (without >= 0) scores[without] = 0
      const best = bestOf(scores, Math.max(limit, compared))
      const near = best.slice(0, compared).map(index => compare(index, question))
      near.sort((a, b) => b.score - a.score || a.index - b.index)
      const ranked = [...near, ...best.slice(compared).map(index => compare(index, question))]
      judgeAgreement(ranked, documents)
      for (const term of question.terms) marks[term] = 0
      return {
        ranked: ranked.slice(0, limit),
        known: question.weight === 0 ? 0 : 1 - question.unknown / question.weight,
        mass: question.weight / weights.pair,
      }
    },
  }
}

interface Question {
  /** Those that the collection holds, each once. */
  terms: number[]
  /** Of all its terms, known or not. */
  weight: number
  unknown: number
  squares: number
}

/** Weighs a question's terms, each once, and marks those that the collection holds. */
function markQuestion(read: readonly number[], weights: Weights, marks: Float32Array): Question {
  const question: Question = { terms: [], weight: 0, unknown: 0, squares: 0 }
  for (const term of read) {
    if (term >= 0 && marks[term] !== 0) continue
    const unknown = term === unknownGrain ? weights.grain : weights.pair
    const weight = term >= 0 ? (weights.terms[term] as number) : unknown
    question.weight += weight
    question.squares += weight * weight
    if (term < 0) question.unknown += weight
    else {
      marks[term] = weight * weight
      question.terms.push(term)
    }
  }
  return question
}

/** The score of every document, terms weighted. */
function score(question: Question, { weights, postings, scores }: Scoring): void {
  // Held in constants: the loop runs ten thousand times a question, and a look-up in an object is felt there.
  const { starts, documents, values } = postings
  scores.fill(0)
  for (const term of question.terms) {
    const weight = weights.terms[term] as number
    const end = starts[term + 1] as number
    for (let at = starts[term] as number; at < end; at++) {
      const index = documents[at] as number
      scores[index] = (scores[index] as number) + weight * (values[at] as number)
    }
  }
}

/** How many of the nearest tell what the question is about. */
const judged = 10

function judgeAgreement(ranked: readonly Ranked[], documents: readonly RankedDocument[]): void {
  const topicOf = ({ index }: Ranked) => documents[index]?.topic ?? null
  const topics = ranked.slice(0, judged).map(topicOf)
  const counts = new Map<string | null, number>()
  for (const topic of topics) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  for (const candidate of ranked) {
    const topic = topicOf(candidate)
    candidate.agreement = topic === null ? 0.5 : (counts.get(topic) ?? 0) / topics.length
  }
}

/** For each term the documents that hold it, and how much it counts there. */
interface Postings {
  /** Where each term's run begins; one more than there are terms. */
  starts: Int32Array
  documents: Int32Array
  values: Float32Array
}

/** Phrases as runs of terms, laid end to end; those of a document follow each other. */
interface Phrases {
  /** Where each document's phrases begin; one more than there are documents. */
  groups: number[]
  /** Where each phrase begins; one more than there are phrases. */
  starts: number[]
  terms: IntegerList
}

const noPhrases = (): Phrases => ({ groups: [0], starts: [0], terms: createIntegerList() })

function readDocuments(documents: readonly RankedDocument[], vocabulary: Vocabulary) {
  const own = noPhrases()
  const others = noPhrases()
  const together = noPhrases()
  const usual = usualLengths(documents)
  const rows = createRows()
  for (const document of documents) {
    const title = vocabulary.learn(document.title)
    const questions = document.questions.map(vocabulary.learn)
    const answer = vocabulary.learn(document.answer)
    appendPhrases(own, [title, ...questions])
    appendPhrases(together, [[title, ...questions].flat()])
    appendPhrases(others, document.not.map(vocabulary.learn))
    const length = lengthOf(document.questions)
    rows.add(title, tuning.title / discount(tuning.titleB, document.title.length, usual.title))
    for (const q of questions)
      rows.add(q, tuning.question / discount(tuning.questionB, length, usual.questions))
    rows.add(answer, tuning.answer / discount(tuning.answerB, document.answer.length, usual.answer))
    rows.end()
  }
  return { postings: rows.toPostings(vocabulary.size), own, others, together }
}

const lengthOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0)

const discount = (b: number, length: number, usual: number) => 1 - b + (b * length) / usual

function usualLengths(documents: readonly RankedDocument[]) {
  const mean = (length: (d: RankedDocument) => number) =>
    documents.reduce((sum, d) => sum + length(d), 0) / documents.length || 1
  return {
    title: mean(d => d.title.length),
    questions: mean(d => lengthOf(d.questions)),
    answer: mean(d => d.answer.length),
  }
}

function appendPhrases(phrases: Phrases, texts: readonly number[][]): void {
  for (const terms of texts) {
    for (const term of new Set(terms)) phrases.terms.push(term)
    phrases.starts.push(phrases.terms.length)
  }
  phrases.groups.push(phrases.starts.length - 1)
}

/** Gathers the terms of one document after another, and turns them into postings. */
function createRows() {
  const terms = createIntegerList()
  const values: number[] = []
  const ends: number[] = []
  const touched: number[] = []
  let counts = new Float64Array(65_536)

  function add(found: readonly number[], weight: number): void {
    for (const term of found) {
      if (term >= counts.length) counts = enlarge(counts)
      const count = counts[term] as number
      if (count === 0) touched.push(term)
      counts[term] = count + weight
    }
  }

  function end(): void {
    for (const term of touched.splice(0)) {
      const count = counts[term] as number
      terms.push(term)
      values.push((count * (tuning.saturation + 1)) / (count + tuning.saturation))
      counts[term] = 0
    }
    ends.push(terms.length)
  }

  function toPostings(size: number): Postings {
    const starts = new Int32Array(size + 1)
    const all = terms.toArray()
    for (const term of all) starts[term + 1] = (starts[term + 1] as number) + 1
    for (let term = 0; term < size; term++)
      starts[term + 1] = (starts[term + 1] as number) + (starts[term] as number)
    const next = starts.slice()
    const postings = { starts, documents: new Int32Array(all.length), values: new Float32Array(all.length) }
    let document = 0
    for (let row = 0; row < all.length; row++) {
      while (row >= (ends[document] as number)) document++
      const term = all[row] as number
      const at = next[term] as number
      next[term] = at + 1
      postings.documents[at] = document
      postings.values[at] = values[row] as number
    }
    return postings
  }

  return { add, end, toPostings }
}

interface Scoring {
  postings: Postings
  weights: Weights
  scores: Float32Array
}

interface Weights {
  /** How much each term tells: the rarer the more. */
  terms: Float32Array
  /** What an unknown grain, an unknown pair would weigh. */
  grain: number
  pair: number
}

function weighTerms(postings: Postings, count: number, vocabulary: Vocabulary): Weights {
  const weigh = (frequency: number, pair: boolean) =>
    Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** tuning.rarity * (pair ? 1 : tuning.grain)
  const terms = new Float32Array(vocabulary.size)
  for (let term = 0; term < terms.length; term++) {
    const frequency = (postings.starts[term + 1] as number) - (postings.starts[term] as number)
    terms[term] = weigh(frequency, vocabulary.isPair(term))
  }
  return { terms, grain: weigh(0, false), pair: weigh(0, true) }
}

/** The cosine between the marked question, of this length, and the nearest phrase of a document. */
function createLikeness(phrases: Phrases, weights: Float32Array, marks: Float32Array) {
  const { groups, starts } = phrases
  const terms = phrases.terms.toArray()
  const lengths = new Float32Array(starts.length - 1).map((_, phrase) => {
    let squares = 0
    for (let at = starts[phrase] as number; at < (starts[phrase + 1] as number); at++)
      squares += (weights[terms[at] as number] as number) ** 2
    return Math.sqrt(squares)
  })

  return (index: number, length: number): number => {
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

/** The weight of the marked terms in the only phrase of a document. */
function createOverlap({ starts, terms: list }: Phrases, weights: Float32Array, marks: Float32Array) {
  const terms = list.toArray()
  return (index: number): number => {
    let weight = 0
    for (let at = starts[index] as number; at < (starts[index + 1] as number); at++) {
      const term = terms[at] as number
      if (marks[term] !== 0) weight += weights[term] as number
    }
    return weight
  }
}

/** The positions of the highest scores above 0, highest first. */
function bestOf(scores: Float32Array, limit: number): number[] {
  const best: number[] = []
  let least = 0
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] as number
    if (score <= least) continue
    let place = best.length < limit ? best.length : limit - 1
    for (; place > 0 && (scores[best[place - 1] as number] as number) < score; place--) {
      best[place] = best[place - 1] as number
    }
    best[place] = index
    if (best.length === limit) least = scores[best[limit - 1] as number] as number
  }
  return best
}

/** The same numbers with as much room again. */
function enlarge<A extends Int32Array | Float64Array>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(array.length * 2)
  larger.set(array)
  return larger
}

interface IntegerList {
  readonly length: number
  push(value: number): void
  toArray(): Int32Array
}

/** Integers that grow by doubling: a plain array of as many would take twice the memory. */
function createIntegerList(): IntegerList {
  let values = new Int32Array(1024)
  let length = 0
  return {
    get length() {
      return length
    },
    push(value) {
      if (length === values.length) values = enlarge(values)
      values[length++] = value
    },
    toArray: () => values.slice(0, length),
  }
}
