/** Who the officials are, what they may do, and the trail of what they did. */
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import { Conflict, type Row, type Write } from '#storage'
import { type Account, may, type Right, type Role, roles, words } from './account.ts'
import { type Act, type AuditRow, beginning, createAuditRow, findBreak } from './audit.ts'
import type { StaffStore } from './store.ts'

const mostAttempts = 20
const auditPage = 5_000
/** Who acts when the operator types a command on the server, where there is no official yet. */
export const operator = '系统管理员'
/** Who acts when a citizen files a request. */
export const applicant = '申请人'
/** Names that stand for no person: `starter` is the author of what came with the product. */
const reserved: readonly string[] = [operator, applicant, 'starter']

export interface StaffDesk {
  list(): Promise<Account[]>
  /** The official of this name, who may do this. Throws a Refusal that says why not. */
  get(name: string, right: Right): Promise<Account>
  add(account: { name: string; roles: readonly string[] }, by: string): Promise<Account>
  disable(name: string, by: string): Promise<void>
  /** Writes an act into the trail together with what it changes: both stand or neither. */
  record(act: Act, writes: readonly Write[]): Promise<Row[][]>
  /** Goes through the whole trail, and shows each row that is whole. */
  verify(see?: (row: AuditRow) => void): Promise<Verdict>
}

/** `rows` are those that were read; `broken` is counted from 1, and `row` is what stands there now. */
export interface Verdict {
  rows: number
  broken: number | undefined
  row?: AuditRow
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

  async function get(name: string, right: Right): Promise<Account> {
    const account = (await list()).find(a => a.name === name)
    if (!account) throw new Refusal('staff', `没有工作人员“${name}”，请先用 staff add 添加。`)
    if (account.disabledAt !== null)
      throw new Refusal('staff', `工作人员“${name}”已停用，请由在用的人员办理。`)
    if (!may(account, right))
      throw new Refusal('right', `“${name}”没有${words[right]}的权限，请由有权限的人办理。`)
    return account
  }

  /** Whoever types commands on the server manages accounts; of the officials, only those with the right. */
  async function mayManage(by: string): Promise<void> {
    if (by !== operator) await get(by, 'staff')
  }

  function nameOf(name: string, taken: readonly Account[]): string {
    const clean = name.trim()
    if (clean === '' || clean.length > 40) throw new Refusal('name', '姓名需要1到40个字。')
    if (reserved.includes(clean)) throw new Refusal('name', `“${clean}”是系统用的名字，请换一个。`)
    const same = taken.find(account => account.name === clean)
    if (same && same.disabledAt !== null)
      throw new Refusal('name', `“${clean}”已停用，记录里的名字不能再给别人用，请加上工号等区别。`)
    if (same) throw new Refusal('name', `已经有工作人员“${clean}”，同名的请加上工号等区别。`)
    return clean
  }

  return {
    list,
    record,
    get,
    async add({ name, roles }, by) {
      await mayManage(by)
      const clean = nameOf(name, await list())
      const account = { name: clean, roles: rolesOf(roles), createdAt: clock.now(), disabledAt: null }
      const row = {
        name: clean,
        roles: JSON.stringify(account.roles),
        created_at: account.createdAt,
        disabled_at: null,
      }
      const act = { by, act: 'staff.add', subject: clean, detail: { roles: account.roles.join(' ') } }
      await record(act, [store.insertStaff(row)]).catch(refuseConflict)
      return account
    },
    async disable(name, by) {
      await mayManage(by)
      const account = (await list()).find(a => a.name === name && a.disabledAt === null)
      if (!account) throw new Refusal('staff', `没有在用的工作人员“${name}”，请用 staff list 核对。`)
      const writes = [store.disableStaff(name, clock.now())]
      await record({ by, act: 'staff.disable', subject: name }, writes).catch(refuseConflict)
    },
    async verify(see = () => {}) {
      let [rows, after, previous] = [0, 0, beginning]
      for (;;) {
        const page = await store.listAudit(after, auditPage)
        const last = page.at(-1)
        if (!last) return { rows, broken: undefined }
        const broken = findBreak(page, previous)
        for (const whole of page.slice(0, broken && broken - 1)) see(whole)
        const row = broken && page[broken - 1]
        if (row) return { rows: rows + page.length, broken: rows + broken, row }
        rows += page.length
        after = last.seq
        previous = last.hash
      }
    },
  }
}

function refuseConflict(error: unknown): never {
  if (!(error instanceof Conflict)) throw error
  throw new Refusal('moved', '刚刚有人改过这个账号，请用 staff list 看一看再办。')
}
