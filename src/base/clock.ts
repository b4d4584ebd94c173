/** The one source of time: everything else is handed a `Clock`, so that tests set their own. */

export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number
  /** Resolves after about `ms` milliseconds of this clock; `signal` ends the wait early without an error. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const timer = setTimeout(done, ms)
      function done(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      signal?.addEventListener('abort', done, { once: true })
    }),
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
