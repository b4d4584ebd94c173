/** One conversation at a time, in order: work under the same key waits for what came before it. */

export interface Lines {
  /** Runs `work` after everything under the same key. Work is expected to deal with its own failures. */
  enqueue(key: string, work: () => Promise<void>): void
  /** How many keys have work now. */
  size(): number
  /** Resolves when no work is left. */
  idle(): Promise<void>
}

export function createLines(): Lines {
  const tails = new Map<string, Promise<void>>()
  return {
    enqueue(key, work) {
      const before = tails.get(key)
      const tail = (before ? before.then(work) : work()).catch(ignore).then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
      tails.set(key, tail)
    },
    size: () => tails.size,
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values())
    },
  }
}

/** What failed must not keep the next from its turn; whoever handed it in has logged it. */
function ignore(): void {}
