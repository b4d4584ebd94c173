/** Coarse recurring work: once a slot over all processes, by a unique row, and never twice at a time in one. */
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import type { JobStore } from './store.ts'

export interface RecurringJob {
  name: string
  /** The length of a slot in milliseconds; the job runs at most once in each. */
  everyMs: number
  run(): Promise<void>
}

export interface Recurring {
  start(jobs: readonly RecurringJob[]): void
  /** Resolves when what is running has ended. */
  stop(): Promise<void>
}

export function createRecurring(deps: {
  store: JobStore
  clock: Clock
  log: Log
  process: string
}): Recurring {
  const timers: NodeJS.Timeout[] = []
  const running = new Map<string, Promise<void>>()

  async function attempt(job: RecurringJob): Promise<void> {
    const now = deps.clock.now()
    try {
      const mine = await deps.store.takeSlot(job.name, Math.floor(now / job.everyMs), deps.process, now)
      if (mine) await job.run()
    } catch (error) {
      deps.log.error('job.failed', error, { job: job.name })
    }
  }

  function tick(job: RecurringJob): void {
    if (running.has(job.name)) return
    running.set(
      job.name,
      attempt(job).finally(() => running.delete(job.name)),
    )
  }

  return {
    start(jobs) {
      for (const job of jobs) {
        tick(job)
        timers.push(setInterval(() => tick(job), Math.min(job.everyMs, 60_000)).unref())
      }
    },
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}
