/** Coarse recurring work: once a slot over all processes, by a unique row, and never twice at a time in one. */
import { type Clock, repeat } from '#base/clock'
import type { Log } from '#base/log'
import type { JobStore } from './store.ts'

const lookAgainMs = 60_000

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
  const stopping = new AbortController()
  const loops: Promise<void>[] = []

  async function attempt(job: RecurringJob): Promise<void> {
    const now = deps.clock.now()
    const slot = Math.floor(now / job.everyMs)
    try {
      const mine = await deps.store.takeSlot({ job: job.name, slot, process: deps.process, taken_at: now })
      if (mine) await job.run()
    } catch (error) {
      deps.log.error('job.failed', error, { job: job.name })
    }
  }

  async function keepDoing(job: RecurringJob): Promise<void> {
    await attempt(job)
    const everyMs = Math.min(job.everyMs, lookAgainMs)
    await repeat(() => attempt(job), { clock: deps.clock, everyMs, signal: stopping.signal })
  }

  return {
    start: jobs => void loops.push(...jobs.map(keepDoing)),
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}
