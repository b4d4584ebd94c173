/** Questions that ask the same in other words, brought together by the pairs of characters that they share. */
import { normalise } from './normalise.ts'

/** So alike (0–1) must a question be to the first of a cluster to belong to it. */
const leastLike = 0.45

function pairsOf(text: string): Set<string> {
  const letters = normalise(text).replaceAll(' ', '')
  return new Set(Array.from({ length: Math.max(1, letters.length - 1) }, (_, i) => letters.slice(i, i + 2)))
}

/** The share of character pairs that two questions have in common, 0–1 (Dice). */
export function likenessOf(one: string, other: string): number {
  const [a, b] = [pairsOf(one), pairsOf(other)]
  return (2 * [...a].filter(pair => b.has(pair)).length) / (a.size + b.size)
}

export interface Labelled {
  seq: number
  label: string
}

/** The cluster that a question belongs to, by its label; undefined when it is the first of its kind. */
export function findCluster<C extends Labelled>(question: string, clusters: readonly C[]): C | undefined {
  let best: C | undefined
  let most = leastLike
  for (const cluster of clusters) {
    const likeness = likenessOf(question, cluster.label)
    if (likeness >= most) [best, most] = [cluster, likeness]
  }
  return best
}
