/** Examples of messages by kind, for the parts of the guard that learn, and an order that looks drawn by chance. */
import { readFileSync } from 'node:fs'

export interface Example {
  kind: string
  text: string
}

/** One a line under the name of their kind in square brackets; lines that begin with `# ` are comments. */
export function readExamples(file: string): Example[] {
  let kind = ''
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => {
      const head = /^\[([a-z-]+)\]$/.exec(line)
      if (head) kind = head[1] ?? ''
      return head || line.startsWith('# ') || line.trim() === '' ? [] : [{ kind, text: line }]
    })
}

/** A row of numbers that looks drawn by chance and is the same each time. */
function createDice(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

/** Gives a function that brings a list into another order each time it is called, and the same one in each run. */
export function createShuffle(): (list: unknown[]) => void {
  const dice = createDice()
  return list => {
    for (let i = list.length - 1; i > 0; i--) {
      const j = Math.floor(dice() * (i + 1))
      const [a, b] = [list[i], list[j]]
      list[i] = b
      list[j] = a
    }
  }
}
