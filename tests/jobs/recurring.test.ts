import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Log, silentLog } from '#base/log'
import { createJobStore, createRecurring, type Recurring, type RecurringJob } from '#jobs'
import type { Store } from '#storage'
import { createTestClock, settle, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const hourMs = 3_600_000
const lookMs = 60_000

describe.each(databases)('recurring jobs on $name', ({ make }) => {
  let database: TestDatabase
  let stores: Store[]
  let clock: TestClock
  let started: Recurring[]
  let failed: string[]

  /** The jobs of one process, on a connection of its own. */
  async function run(process: string, jobs: RecurringJob[]): Promise<Recurring> {
    const store = await database.open()
    stores.push(store)
    const log: Log = { ...silentLog, error: (event, error) => void failed.push(`${event}: ${String(error)}`) }
    const recurring = createRecurring({ store: createJobStore(store), clock, log, process })
    started.push(recurring)
    recurring.start(jobs)
    return recurring
  }
  const slots = () =>
    stores[0]?.query(db => db.selectFrom('job_slots').select(['job', 'process']).orderBy('job'))
  /** So many jobs wait for their next look. */
  const waiting = (count: number) => until(`${count} jobs wait`, () => clock.sleepers() === count)

  beforeEach(async () => {
    database = await make()
    clock = createTestClock(Math.floor(Date.UTC(2026, 10, 23) / hourMs) * hourMs)
    stores = []
    started = []
    failed = []
  })
  afterEach(async () => {
    for (const recurring of started) await recurring.stop()
    for (const store of stores) await store.close()
    await database.remove()
  })

  it('run once a slot over two processes, and again in the next slot', async () => {
    const runs: string[] = []
    const jobOf = (process: string): RecurringJob => ({
      name: 'sweep',
      everyMs: hourMs,
      run: async () => void runs.push(process),
    })
    await run('a', [jobOf('a')])
    await run('b', [jobOf('b')])
    await waiting(2)
    expect(runs).toHaveLength(1)
    for (let minute = 1; minute < 60; minute++) {
      await clock.advance(lookMs)
      await waiting(2)
    }
    expect(runs).toHaveLength(1)
    await clock.advance(lookMs)
    await waiting(2)
    expect(runs).toHaveLength(2)
    expect(await slots()).toHaveLength(1)
  })

  it('do not run again in a slot that ran before a restart', async () => {
    let runs = 0
    const job = { name: 'sweep', everyMs: hourMs, run: async () => void runs++ }
    const first = await run('a', [job])
    await until('it has run', () => runs === 1)
    await first.stop()
    const second = await run('b', [job])
    await second.stop()
    expect(runs).toBe(1)
  })

  it('are not stopped by one that fails, which is logged and tried in the next slot', async () => {
    const ran: string[] = []
    const jobs: RecurringJob[] = [
      {
        name: 'broken',
        everyMs: hourMs,
        async run() {
          ran.push('broken')
          throw new Error('out of order')
        },
      },
      { name: 'sound', everyMs: hourMs, run: async () => void ran.push('sound') },
    ]
    await run('a', jobs)
    await waiting(2)
    expect(ran.sort()).toEqual(['broken', 'sound'])
    expect(failed).toEqual(['job.failed: Error: out of order'])
    await clock.advance(hourMs)
    await waiting(2)
    expect(ran).toHaveLength(4)
    expect(ran.filter(name => name === 'broken')).toHaveLength(2)
  })

  it('do not overlap themselves in one process when one takes longer than its slot', async () => {
    const gate = Promise.withResolvers<void>()
    let running = 0
    let most = 0
    const job = {
      name: 'slow',
      everyMs: hourMs,
      async run() {
        most = Math.max(most, ++running)
        await gate.promise
        running--
      },
    }
    await run('a', [job])
    await until('it runs', () => running === 1)
    await clock.advance(hourMs)
    await clock.advance(hourMs)
    expect(most).toBe(1)
    gate.resolve()
    await waiting(1)
  })

  it('are waited for when the process stops', async () => {
    const gate = Promise.withResolvers<void>()
    let over = false
    const job = {
      name: 'slow',
      everyMs: hourMs,
      async run() {
        await gate.promise
        over = true
      },
    }
    const recurring = await run('a', [job])
    await settle()
    const stopped = recurring.stop()
    gate.resolve()
    await stopped
    expect(over).toBe(true)
    expect(clock.sleepers()).toBe(0)
  })
})
