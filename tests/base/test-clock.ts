/** A clock that a test sets: sleeps end when the test advances it. */
import type { Clock } from '#base/clock'

export interface TestClock extends Clock {
  /** Moves time on and wakes whoever slept until then; resolves after they ran. */
  advance(ms: number): Promise<void>
  /** How many are asleep. */
  sleepers(): number
}

export function createTestClock(start: number): TestClock {
  let now = start
  const asleep = new Set<{ until: number; wake: () => void }>()
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise(resolve => {
        if (signal?.aborted) return resolve()
        const sleeper = { until: now + ms, wake: done }
        function done(): void {
          asleep.delete(sleeper)
          resolve()
        }
        asleep.add(sleeper)
        signal?.addEventListener('abort', done, { once: true })
      }),
    async advance(ms) {
      now += ms
      for (const sleeper of [...asleep]) if (sleeper.until <= now) sleeper.wake()
      await settle()
    },
    sleepers: () => asleep.size,
  }
}

/** Lets everything that waits for nothing but its turn run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}
