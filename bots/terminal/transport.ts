/** Lines in, lines out. */
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export interface Terminal {
  lines: Interface
  print(text: string): Promise<void>
  close(): void
}

export function openTerminal(input: Readable, output: Writable): Terminal {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  return {
    lines,
    print: text =>
      new Promise((resolve, reject) => {
        output.write(`${text}\n\n`, error => (error ? reject(error) : resolve()))
      }),
    close: () => lines.close(),
  }
}
