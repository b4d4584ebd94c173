/** The one source of time: everything else is handed a `Clock`, so that tests set their own. */

export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number
  /** Resolves after about `ms` milliseconds of this clock; `signal` ends the wait early without an error. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

// Timers count in 31 bits: a longer wait is made of several.
const longestTimerMs = 2 ** 31 - 1

function waitOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
  })
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; !signal?.aborted; left -= longestTimerMs) {
      await waitOnce(Math.min(left, longestTimerMs), signal)
      if (left <= longestTimerMs) return
    }
  },
}

/** Does `work` again and again, `everyMs` milliseconds apart, until the signal; its failures are its own. */
export async function repeat(
  work: () => Promise<void>,
  { clock, everyMs, signal }: { clock: Clock; everyMs: number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal)
    if (!signal.aborted) await work()
  }
}

const shanghai = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

/** The legal date (`YYYY-MM-DD`, Asia/Shanghai) of an instant in epoch milliseconds. */
export function formatLegalDate(ms: number): string {
  return shanghai.format(ms)
}
