/** Which documents are nearest to a question: BM25 over character n-grams, then the wording of each near one. */
import { createNearness } from './nearness.ts'
import { createVocabulary, unknownGrain } from './normalise.ts'
import {
  type Postings,
  type RankedDocument,
  type Row,
  readDocuments,
  tuning,
  usualLengths,
  type Weights,
  weighTerms,
} from './terms.ts'

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
  /** The nearest documents, of all or of those that `among` names. */
  rank(text: string, limit: number, among?: (index: number) => boolean): Ranking
  /**
   * Puts another document in the place of this one, or behind the last; gives its position. What is rare stays judged
   * as it was at the beginning: after some hundred changes a new ranker ranks a little better and faster.
   */
  put(document: RankedDocument, index?: number): number
  /** Takes a document out; the positions of the others stay. */
  remove(index: number): void
}

/** How many of the best by BM25 have their wordings compared; those behind them follow in the order of BM25. */
const compared = 12
/** How many of the nearest tell what the question is about. */
const judged = 10
/** For how many new documents, or new terms, room is made at once. */
const room = 256

/** A document that was put in after the beginning. */
type Late = Row & { nearness: ReturnType<typeof createNearness> }

export function createRanker(documents: readonly RankedDocument[]): Ranker {
  const topics = documents.map(document => document.topic)
  const vocabulary = createVocabulary()
  const usual = usualLengths(documents)
  const { rows, phrases } = readDocuments(documents, vocabulary, usual)
  const postings = rows.toPostings(vocabulary.size)
  const weights = weighTerms(postings, documents.length, vocabulary)
  const nearness = createNearness(phrases, weights.terms)
  /** The squared weight of each term of the question at hand; 0 for all others. */
  let marks = new Float32Array(vocabulary.size)
  let scores = new Float32Array(documents.length)
  /** By position; undefined what was taken out. */
  const late = new Map<number, Late | undefined>()

  function compare(index: number, question: Question): Ranked {
    const base = scores[index] as number
    const asks = { marks, weights: weights.terms, length: Math.sqrt(question.squares) }
    const { wording, other, overlap } = late.get(index)?.nearness(0, asks) ?? nearness(index, asks)
    const lost = tuning.other * Math.max(0, other - wording)
    const share = base / (question.weight * (tuning.saturation + 1))
    const total = base * (1 + tuning.wording * wording) * (1 - lost)
    return { index, score: total, share, wording, other, asked: overlap / question.weight, agreement: 0 }
  }

  /** Room for terms and documents that were not there at the beginning; a new term weighs as one never seen. */
  function makeRoom(): void {
    if (scores.length < topics.length) scores = new Float32Array(topics.length + room)
    if (marks.length >= vocabulary.size) return
    const known = weights.terms
    marks = new Float32Array(vocabulary.size + room)
    weights.terms = new Float32Array(marks.length).map((_, term) => {
      if (term < known.length) return known[term] as number
      return term < vocabulary.size && vocabulary.isPair(term) ? weights.pair : weights.grain
    })
  }

  return {
    rank(text, limit, among) {
      const question = markQuestion(vocabulary.read(text), weights, marks)
      score(question, { postings, weights, scores })
      for (const [index, row] of late) scores[index] = row ? scoreRow(row, marks, weights) : 0
      if (among) for (let i = 0; i < scores.length; i++) if (scores[i] !== 0 && !among(i)) scores[i] = 0
      const best = bestOf(scores, Math.max(limit, compared))
      const near = best.slice(0, compared).map(index => compare(index, question))
      near.sort((a, b) => b.score - a.score || a.index - b.index)
      const ranked = [...near, ...best.slice(compared).map(index => compare(index, question))]
      judgeAgreement(ranked, topics)
      for (const term of question.terms) marks[term] = 0
      return {
        ranked: ranked.slice(0, limit),
        known: question.weight === 0 ? 0 : 1 - question.unknown / question.weight,
        mass: question.weight / weights.pair,
      }
    },
    put(document, index = topics.length) {
      topics[index] = document.topic
      const read = readDocuments([document], vocabulary, usual)
      makeRoom()
      late.set(index, { ...read.rows.toRow(), nearness: createNearness(read.phrases, weights.terms) })
      return index
    },
    remove: index => void late.set(index, undefined),
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

interface Scoring {
  postings: Postings
  weights: Weights
  scores: Float32Array
}

/** The score of every document of the beginning, terms weighted. */
function score(question: Question, { weights, postings, scores }: Scoring): void {
  // Held in constants: the loop runs ten thousand times a question, and a look-up in an object is felt there.
  const { starts, documents, values } = postings
  scores.fill(0)
  for (const term of question.terms) {
    const weight = weights.terms[term] as number
    const end = starts[term + 1] ?? 0
    for (let at = starts[term] ?? 0; at < end; at++) {
      const index = documents[at] as number
      scores[index] = (scores[index] as number) + weight * (values[at] as number)
    }
  }
}

function scoreRow({ terms, values }: Row, marks: Float32Array, weights: Weights): number {
  let sum = 0
  terms.forEach((term, at) => {
    if (marks[term] !== 0) sum += (weights.terms[term] as number) * (values[at] as number)
  })
  return sum
}

function judgeAgreement(ranked: readonly Ranked[], topics: readonly (string | null)[]): void {
  const near = ranked.slice(0, judged).map(({ index }) => topics[index] ?? null)
  const counts = new Map<string | null, number>()
  for (const topic of near) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  for (const candidate of ranked) {
    const topic = topics[candidate.index] ?? null
    candidate.agreement = topic === null ? 0.5 : (counts.get(topic) ?? 0) / near.length
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
