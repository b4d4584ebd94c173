/** Which processes work on this database: each holds a lease; what a dead one left is taken over by the living. */
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Clock, repeat } from '#base/clock'
import type { Log } from '#base/log'
import type { JobStore } from './store.ts'

const leaseMs = 15_000
const renewMs = 4_000

export interface Membership {
  /** The name under which this process takes work. */
  readonly id: string
  start(): Promise<void>
  stop(): Promise<void>
  /** The ids of the processes whose work must not be touched; whoever is not named here is dead. */
  living(): Promise<Set<string>>
}

export interface MembershipOptions {
  id: string
  store: JobStore
  clock: Clock
  log: Log
}

function runsHere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The machine as far as process numbers mean the same: a container has its own. */
function processNamespace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

export function createMembership({ id, store, clock, log }: MembershipOptions): Membership {
  const host = processNamespace()
  const startedAt = clock.now()
  const stopping = new AbortController()

  const renew = () =>
    store.putProcess({
      id,
      host,
      pid: process.pid,
      started_at: startedAt,
      lease_until: clock.now() + leaseMs,
    })

  return {
    id,
    async start() {
      await renew()
      const keep = () => renew().then(ignore, e => log.error('lease.failed', e))
      void repeat(keep, { clock, everyMs: renewMs, signal: stopping.signal })
    },
    async stop() {
      stopping.abort()
      await store.removeProcess(id)
    },
    async living() {
      const rows = await store.listProcesses()
      const now = clock.now()
      // On the same machine a dead process is known at once; elsewhere its lease has to run out.
      const alive = rows.filter(r => r.lease_until > now && (r.host !== host || runsHere(r.pid)))
      return new Set([id, ...alive.map(r => r.id)])
    },
  }
}

function ignore(): void {}
