/** The open question sets: each suite a knowledge base of its own, with questions whose right entries are known. */
import { readFileSync } from 'node:fs'

export interface Item {
  id: string
  question: string
  variants: string[]
  answer: string
}

export interface Query {
  query: string
  /** The same with typing errors. */
  typo: string
  /** Any of these is right; empty where the suite has no answer. */
  gold: string[]
}

export interface Suite {
  name: string
  items: Item[]
  queries: Query[]
  /** Questions that the suite cannot answer. */
  strangers: string[]
}

type Line = { suite: string } & (
  | ({ type: 'kb' } & Item)
  | ({ type: 'query' } & Query)
  | { type: 'oos'; query: string }
)

export function readSuites(path: string): Suite[] {
  const lines: Line[] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const names = [...new Set(lines.map(line => line.suite))]
  return names.map(name => {
    const own = lines.filter(line => line.suite === name)
    return {
      name,
      items: own.filter(line => line.type === 'kb'),
      queries: own.filter(line => line.type === 'query'),
      strangers: own.filter(line => line.type === 'oos').map(line => line.query),
    }
  })
}
