import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import { createJobStore, createMembership, type Membership } from '#jobs'
import type { Store } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const leaseMs = 15_000

/** The number of a process that has just ended. */
async function findDeadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

describe.each(databases)('membership on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let clock: TestClock
  let members: Membership[]

  async function join(id: string): Promise<Membership> {
    const member = createMembership({ id, store: createJobStore(store), clock, log: silentLog })
    members.push(member)
    await member.start()
    return member
  }
  const hostOf = async (id: string) => {
    const rows = await store.query(db => db.selectFrom('processes').select('host').where('id', '=', id))
    return rows[0]?.host ?? ''
  }
  /** Writes down a process as it would itself. */
  async function note(id: string, host: string, pid: number): Promise<void> {
    const times = { started_at: clock.now(), lease_until: clock.now() + leaseMs }
    await createJobStore(store).putProcess({ id, host, pid, ...times })
  }

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    clock = createTestClock(Date.UTC(2026, 10, 23))
    members = []
  })
  afterEach(async () => {
    for (const member of members) await member.stop()
    await store.close()
    await database.remove()
  })

  it('names all processes that run', async () => {
    const a = await join('a')
    const b = await join('b')
    expect(await a.living()).toEqual(new Set(['a', 'b']))
    expect(await b.living()).toEqual(new Set(['a', 'b']))
  })

  it('renews the lease of a process as long as it runs', async () => {
    const a = await join('a')
    await join('b')
    for (let renewed = 0; renewed < 10; renewed++) {
      await until('both wait to renew', () => clock.sleepers() === 2)
      await clock.advance(4_000)
    }
    await until('both wait to renew', () => clock.sleepers() === 2)
    expect(await a.living()).toEqual(new Set(['a', 'b']))
  })

  it('forgets a process that stops', async () => {
    const a = await join('a')
    const b = await join('b')
    await b.stop()
    expect(await a.living()).toEqual(new Set(['a']))
  })

  it('knows at once that a process on this machine is dead', async () => {
    const a = await join('a')
    await note('dead', await hostOf('a'), await findDeadPid())
    expect(await a.living()).toEqual(new Set(['a']))
  })

  it('takes a process elsewhere for living until its lease has run out', async () => {
    const a = await join('a')
    await note('far', 'another machine', await findDeadPid())
    await clock.advance(leaseMs - 1)
    expect(await a.living()).toEqual(new Set(['a', 'far']))
    await clock.advance(1)
    expect(await a.living()).toEqual(new Set(['a']))
  })

  it('does not trust the number of a process beyond the lease: another may have got it', async () => {
    const a = await join('a')
    await note('old', await hostOf('a'), process.pid)
    expect(await a.living()).toEqual(new Set(['a', 'old']))
    await clock.advance(leaseMs)
    expect(await a.living()).toEqual(new Set(['a']))
  })

  it('always counts itself, even when its own lease has run out', async () => {
    const a = await join('a')
    await clock.advance(10 * leaseMs)
    expect((await a.living()).has('a')).toBe(true)
  })
})
