/** Every query on officials and on the audit trail. */
import { type Store, statement, type Write, write } from '#storage'
import type { AuditRow } from './audit.ts'

interface StaffRow {
  name: string
  roles: string
  created_at: number
  disabled_at: number | null
}

const insertStaff = statement((db, p: StaffRow) =>
  db
    .insertInto('staff')
    .values({ name: p.name, roles: p.roles, created_at: p.created_at, disabled_at: p.disabled_at })
    .onConflict(c => c.doNothing()),
)
const disableStaff = statement((db, p: { name: string; now: number }) =>
  db
    .updateTable('staff')
    .set({ disabled_at: p.now })
    .where('name', '=', p.name)
    .where('disabled_at', 'is', null),
)
const listStaff = statement(db => db.selectFrom('staff').selectAll().orderBy('name'))

const insertAudit = statement((db, p: AuditRow) =>
  db
    .insertInto('audit')
    .values({
      at: p.at,
      staff: p.staff,
      act: p.act,
      subject: p.subject,
      detail: p.detail,
      previous: p.previous,
      hash: p.hash,
    })
    // Two identical acts at the same millisecond have the same hash too: either of the two keys may be taken.
    .onConflict(c => c.doNothing()),
)
const findLast = statement(db => db.selectFrom('audit').select('hash').orderBy('seq', 'desc').limit(1))
const listAudit = statement((db, p: { after: number; limit: number }) =>
  db.selectFrom('audit').selectAll().where('seq', '>', p.after).orderBy('seq').limit(p.limit),
)

const putAddress = statement((db, p: { name: string; address: Uint8Array }) =>
  db
    .insertInto('staff_addresses')
    .values({ name: p.name, address: p.address })
    .onConflict(c => c.column('name').doUpdateSet({ address: p.address })),
)
const deleteAddress = statement((db, p: { name: string }) =>
  db.deleteFrom('staff_addresses').where('name', '=', p.name),
)
const findAddress = statement((db, p: { name: string }) =>
  db.selectFrom('staff_addresses').select('address').where('name', '=', p.name),
)

export function createStaffStore(store: Store) {
  return {
    insertStaff: (row: StaffRow): Write => write(insertStaff, row, 1),
    disableStaff: (name: string, now: number): Write => write(disableStaff, { name, now }, 1),
    listStaff: (): Promise<StaffRow[]> => store.all(listStaff, {}),
    /** Follows the row with the hash `previous`, or nothing is written: two rows never follow the same one. */
    insertAudit: (row: AuditRow): Write => write(insertAudit, row, 1),
    findLast: async (): Promise<string | undefined> => (await store.first(findLast, {}))?.hash,
    listAudit: (after: number, limit: number) => store.all(listAudit, { after, limit }),
    /** `address` is sealed. */
    putAddress: (name: string, address: Uint8Array): Write => write(putAddress, { name, address }),
    deleteAddress: (name: string): Write => write(deleteAddress, { name }),
    findAddress: async (name: string): Promise<Uint8Array | undefined> =>
      (await store.first(findAddress, { name }))?.address,
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type StaffStore = ReturnType<typeof createStaffStore>
