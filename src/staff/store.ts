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

interface CredentialRow {
  name: string
  password: string
  totp: Uint8Array | null
  totp_step: number
  failures: number
  locked_until: number
  changed_at: number
}
interface InvitationRow {
  hash: string
  name: string | null
  expires_at: number
}

const findCredential = statement((db, p: { name: string }) =>
  db.selectFrom('staff_credentials').selectAll().where('name', '=', p.name),
)
const anyCredential = statement(db => db.selectFrom('staff_credentials').select('name').limit(1))
const putPassword = statement((db, p: { name: string; password: string; now: number }) =>
  db
    .insertInto('staff_credentials')
    .values({
      name: p.name,
      password: p.password,
      totp: null,
      totp_step: 0,
      failures: 0,
      locked_until: 0,
      changed_at: p.now,
    })
    .onConflict(c =>
      c.column('name').doUpdateSet({ password: p.password, failures: 0, locked_until: 0, changed_at: p.now }),
    ),
)
const putTotp = statement((db, p: { name: string; totp: Uint8Array | null; step: number }) =>
  db.updateTable('staff_credentials').set({ totp: p.totp, totp_step: p.step }).where('name', '=', p.name),
)
/** One more wrong try, if nobody counted one in between. */
const countFailure = statement(
  (db, p: { name: string; failures: number; before: number; lockedUntil: number }) =>
    db
      .updateTable('staff_credentials')
      .set({ failures: p.failures, locked_until: p.lockedUntil })
      .where('name', '=', p.name)
      .where('failures', '=', p.before),
)
/** A code of the second factor counts once: whoever used this step or a later one before was first. */
const succeed = statement((db, p: { name: string; step: number; before: number }) =>
  db
    .updateTable('staff_credentials')
    .set({ failures: 0, locked_until: 0, totp_step: p.step })
    .where('name', '=', p.name)
    .where('totp_step', '=', p.before),
)
const insertInvitation = statement((db, p: InvitationRow) =>
  db
    .insertInto('staff_invitations')
    .values({ hash: p.hash, name: p.name, expires_at: p.expires_at, used_at: null }),
)
const findInvitation = statement((db, p: { hash: string; now: number }) =>
  db
    .selectFrom('staff_invitations')
    .select(['name', 'expires_at'])
    .where('hash', '=', p.hash)
    .where('expires_at', '>', p.now)
    .where('used_at', 'is', null),
)
const takeInvitation = statement((db, p: { hash: string; now: number }) =>
  db
    .updateTable('staff_invitations')
    .set({ used_at: p.now })
    .where('hash', '=', p.hash)
    .where('used_at', 'is', null),
)
const sweepInvitations = statement((db, p: { before: number }) =>
  db.deleteFrom('staff_invitations').where('expires_at', '<', p.before),
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
    findCredential: (name: string): Promise<CredentialRow | undefined> =>
      store.first(findCredential, { name }),
    hasCredentials: async () => (await store.first(anyCredential, {})) !== undefined,
    putPassword: (name: string, password: string, now: number): Write =>
      write(putPassword, { name, password, now }),
    /** `totp` is sealed; null takes it away. */
    putTotp: (name: string, totp: Uint8Array | null, step: number): Write =>
      write(putTotp, { name, totp, step }, 1),
    countFailure: (row: { name: string; failures: number; before: number; lockedUntil: number }): Write =>
      write(countFailure, row, 1),
    succeed: (row: { name: string; step: number; before: number }): Write => write(succeed, row, 1),
    insertInvitation: (row: InvitationRow): Write => write(insertInvitation, row, 1),
    findInvitation: (hash: string, now: number) => store.first(findInvitation, { hash, now }),
    takeInvitation: (hash: string, now: number): Write => write(takeInvitation, { hash, now }, 1),
    sweepInvitations: (before: number) => store.commit([write(sweepInvitations, { before })]),
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type StaffStore = ReturnType<typeof createStaffStore>
