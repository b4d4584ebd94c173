/** Waiting for what other work brings about, without a sleep: looks again whenever the event loop has gone round. */
import { settle } from './test-clock.ts'

const patienceMs = 15_000

/** Resolves when the condition holds; throws, naming it, when it does not come to hold. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`)
    await settle()
  }
}
