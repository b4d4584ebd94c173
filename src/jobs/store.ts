/** Queries on the processes that are alive and on the slots of recurring jobs. */
import { type Store, statement, write } from '#storage'

const upsertProcess = statement(
  (db, p: { id: string; host: string; pid: number; started_at: number; lease_until: number }) =>
    db
      .insertInto('processes')
      .values({ id: p.id, host: p.host, pid: p.pid, started_at: p.started_at, lease_until: p.lease_until })
      .onConflict(c => c.column('id').doUpdateSet({ lease_until: p.lease_until })),
)
const deleteProcess = statement((db, p: { id: string }) => db.deleteFrom('processes').where('id', '=', p.id))
const listProcesses = statement(db => db.selectFrom('processes').select(['id', 'host', 'pid', 'lease_until']))
const takeSlot = statement((db, p: SlotRow) =>
  db
    .insertInto('job_slots')
    .values({ job: p.job, slot: p.slot, process: p.process, taken_at: p.taken_at })
    .onConflict(c => c.doNothing())
    .returning('slot'),
)
const forgetSlots = statement((db, p: { job: string; slot: number }) =>
  db.deleteFrom('job_slots').where('job', '=', p.job).where('slot', '<', p.slot),
)

export interface ProcessRow {
  id: string
  host: string
  pid: number
  started_at: number
  lease_until: number
}

/** The slots of a job count from the epoch; `taken_at` in epoch milliseconds. */
export interface SlotRow {
  job: string
  slot: number
  process: string
  taken_at: number
}

export function createJobStore(store: Store) {
  return {
    putProcess: (row: ProcessRow) => store.commit([write(upsertProcess, row)]),
    removeProcess: (id: string) => store.commit([write(deleteProcess, { id })]),
    listProcesses: () => store.all(listProcesses, {}),
    /** True for the one process that takes the slot. */
    async takeSlot(slot: SlotRow): Promise<boolean> {
      const [taken] = await store.commit([write(takeSlot, slot), write(forgetSlots, slot)])
      return taken?.length === 1
    },
  }
}

export type JobStore = ReturnType<typeof createJobStore>
