/** Which entries are nearest to a question: BM25 over character n-grams, then the wording of each near entry. */
import { grainsOf, normalise } from './normalise.ts'

export interface RankedDocument {
  title: string
  questions: readonly string[]
  answer: string
}

export interface Ranked {
  /** The position of the document among those handed in. */
  index: number
  score: number
}

export interface Ranker {
  /** The best documents, best first. */
  rank(text: string, limit: number): Ranked[]
}

const weights = { title: 2, question: 1, answer: 1, k1: 1.2, b: 0.5 }

export function termsOf(text: string): string[] {
  const grains = grainsOf(normalise(text))
  return grains.concat(grains.slice(1).map((grain, i) => grains[i] + grain))
}

export function createRanker(documents: readonly RankedDocument[]): Ranker {
  const postings = new Map<string, { index: number; weight: number }[]>()
  const lengths: number[] = []
  documents.forEach((document, index) => {
    const counts = new Map<string, number>()
    const add = (text: string, weight: number) => {
      for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + weight)
    }
    add(document.title, weights.title)
    for (const question of document.questions) add(question, weights.question)
    add(document.answer, weights.answer)
    let length = 0
    for (const [term, weight] of counts) {
      length += weight
      const list = postings.get(term)
      if (list) list.push({ index, weight })
      else postings.set(term, [{ index, weight }])
    }
    lengths.push(length)
  })
  const average = lengths.reduce((sum, n) => sum + n, 0) / Math.max(1, lengths.length)

  return {
    rank(text, limit) {
      const scores = new Map<number, number>()
      for (const term of termsOf(text)) {
        const list = postings.get(term)
        if (list === undefined) continue
        const idf = Math.log(1 + (documents.length - list.length + 0.5) / (list.length + 0.5))
        for (const { index, weight } of list) {
          const norm = weights.k1 * (1 - weights.b + (weights.b * (lengths[index] ?? 0)) / average)
          scores.set(index, (scores.get(index) ?? 0) + (idf * weight * (weights.k1 + 1)) / (weight + norm))
        }
      }
      return [...scores]
        .map(([index, score]) => ({ index, score }))
        .sort((a, b) => b.score - a.score)
        .slice(0, limit)
    },
  }
}
