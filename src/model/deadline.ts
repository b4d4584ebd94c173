/** A hard end for work that may hang anywhere: connecting, waiting for headers, or in the middle of a body. */
import type { Clock } from '#base/clock'

export interface Deadline {
  deadlineMs: number
  /** Ends the work before its deadline, as if it were over. */
  signal?: AbortSignal | undefined
}

/** What the work gives, or undefined when the deadline passes first; the work is told to stop and not waited for. */
export async function within<T>(
  clock: Clock,
  { deadlineMs, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const over = new AbortController()
  const giveUp = () => over.abort()
  signal?.addEventListener('abort', giveUp, { once: true })
  const late = clock.sleep(deadlineMs, over.signal).then(() => undefined)
  const done = work(over.signal)
  // After the deadline nobody waits for it any more.
  done.catch(() => {})
  try {
    return await Promise.race([done, late])
  } finally {
    over.abort()
    signal?.removeEventListener('abort', giveUp)
  }
}
