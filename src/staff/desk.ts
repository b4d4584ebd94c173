/** Who the officials are, what they may do, and the trail of what they did. */
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import { Conflict, type Row, type Write } from '#storage'
import { type Account, may, type Right, type Role, roles } from './account.ts'
import { type Act, beginning, createAuditRow, findBreak } from './audit.ts'
import type { StaffStore } from './store.ts'

const mostAttempts = 20
const auditPage = 5_000
/** Who acts when the operator types a command on the server, where there is no official yet. */
export const operator = '系统管理员'

export interface StaffDesk {
  list(): Promise<Account[]>
  /** The official of this name, who may do this. Throws a Refusal that says why not. */
  get(name: string, right: Right): Promise<Account>
  add(account: { name: string; roles: readonly string[] }, by: string): Promise<Account>
  disable(name: string, by: string): Promise<void>
  /** Writes an act into the trail together with what it changes: both stand or neither. */
  record(act: Act, writes: readonly Write[]): Promise<Row[][]>
  /** How many rows the trail has, and the first that is broken (counted from 1). */
  verify(): Promise<{ rows: number; broken: number | undefined }>
}

export function createStaffDesk({ store, clock }: { store: StaffStore; clock: Clock }): StaffDesk {
  async function list(): Promise<Account[]> {
    const rows = await store.listStaff()
    return rows.map(({ name, roles, created_at, disabled_at }) => {
      return { name, roles: JSON.parse(roles), createdAt: created_at, disabledAt: disabled_at }
    })
  }

  async function record(act: Act, writes: readonly Write[]): Promise<Row[][]> {
    for (let attempt = 1; ; attempt++) {
      const previous = (await store.findLast()) ?? beginning
      const row = createAuditRow(act, clock.now(), previous)
      try {
        const [, ...rows] = await store.commit([store.insertAudit(row), ...writes])
        return rows
      } catch (error) {
        // Somebody else's act came in between: ours follows that one. Otherwise what we wanted to change has changed.
        const moved = ((await store.findLast()) ?? beginning) !== previous
        if (!(error instanceof Conflict) || !moved || attempt === mostAttempts) throw error
      }
    }
  }

  function rolesOf(names: readonly string[]): Role[] {
    const known = roles.filter(role => names.includes(role))
    if (known.length === 0 || known.length < new Set(names).size)
      throw new Refusal('role', `角色只能是 ${roles.join('、')}，至少一个。`)
    return known
  }

  return {
    list,
    record,
    async get(name, right) {
      const account = (await list()).find(a => a.name === name)
      if (!account) throw new Refusal('staff', `没有工作人员“${name}”，请先用 staff add 添加。`)
      if (account.disabledAt !== null) throw new Refusal('staff', `工作人员“${name}”已停用。`)
      if (!may(account, right)) throw new Refusal('right', `“${name}”没有这项权限，请由有权限的人办理。`)
      return account
    },
    async add({ name, roles }, by) {
      const clean = name.trim()
      if (clean === '' || clean.length > 40) throw new Refusal('name', '姓名需要1到40个字。')
      const account = { name: clean, roles: rolesOf(roles), createdAt: clock.now(), disabledAt: null }
      if ((await list()).some(a => a.name === clean)) throw new Refusal('name', `已经有工作人员“${clean}”。`)
      const row = {
        name: clean,
        roles: JSON.stringify(account.roles),
        created_at: account.createdAt,
        disabled_at: null,
      }
      const act = { by, act: 'staff.add', subject: clean, detail: { roles: account.roles.join(' ') } }
      await record(act, [store.insertStaff(row)])
      return account
    },
    async disable(name, by) {
      const account = (await list()).find(a => a.name === name && a.disabledAt === null)
      if (!account) throw new Refusal('staff', `没有在用的工作人员“${name}”。`)
      await record({ by, act: 'staff.disable', subject: name }, [store.disableStaff(name, clock.now())])
    },
    async verify() {
      const rows = []
      for (let after = 0; ; ) {
        const page = await store.listAudit(after, auditPage)
        if (page.length === 0) return { rows: rows.length, broken: findBreak(rows) }
        rows.push(...page)
        after = page.at(-1)?.seq ?? after
      }
    },
  }
}
