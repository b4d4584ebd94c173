/** Officials and the trail of what they did: nothing can be taken out of it or changed unseen. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStaffDesk, createStaffStore, may, operator, type StaffDesk } from '#staff'
import type { Store } from '#storage'
import { createTestClock } from '../base/test-clock.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

describe.each(databases)('officials on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let desk: StaffDesk
  beforeEach(async () => {
    database = await make()
    store = await database.open()
    desk = createStaffDesk({ store: createStaffStore(store), clock: createTestClock(1_000) })
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  it('may do what their roles let them, until they are disabled', async () => {
    const account = await desk.add({ name: '张三', roles: ['editor'] }, operator)
    expect(may(account, 'edit')).toBe(true)
    expect(may(account, 'publish')).toBe(false)
    expect((await desk.get('张三', 'edit')).name).toBe('张三')
    await expect(desk.get('张三', 'publish')).rejects.toThrow(/权限/)
    await desk.disable('张三', operator)
    await expect(desk.get('张三', 'edit')).rejects.toThrow(/停用/)
  })

  it('are refused with a sentence when the name or the role is wrong', async () => {
    await desk.add({ name: '张三', roles: ['editor'] }, operator)
    await expect(desk.add({ name: '张三', roles: ['editor'] }, operator)).rejects.toThrow(/已经有/)
    await expect(desk.add({ name: '李四', roles: ['king'] }, operator)).rejects.toThrow(/角色/)
    await expect(desk.add({ name: ' ', roles: ['editor'] }, operator)).rejects.toThrow(/姓名/)
    await expect(desk.get('李四', 'edit')).rejects.toThrow(/没有工作人员/)
    await expect(desk.disable('李四', operator)).rejects.toThrow(/没有在用/)
  })

  it('cannot be named like nobody in particular, nor like one who has left', async () => {
    await expect(desk.add({ name: operator, roles: ['admin'] }, operator)).rejects.toThrow(/系统用的/)
    await expect(desk.add({ name: 'starter', roles: ['admin'] }, operator)).rejects.toThrow(/系统用的/)
    await desk.add({ name: '张三', roles: ['editor'] }, operator)
    await desk.disable('张三', operator)
    await expect(desk.add({ name: '张三', roles: ['editor'] }, operator)).rejects.toThrow(/已停用/)
  })

  it('are managed by those who have the right', async () => {
    await desk.add({ name: '管', roles: ['admin'] }, operator)
    await desk.add({ name: '写', roles: ['editor'] }, '管')
    await expect(desk.add({ name: '审', roles: ['reviewer'] }, '写')).rejects.toThrow(/管理账号的权限/)
    await expect(desk.disable('管', '写')).rejects.toThrow(/管理账号的权限/)
    await desk.disable('写', '管')
    expect((await desk.list()).map(({ name, disabledAt }) => [name, disabledAt])).toEqual([
      ['写', 1_000],
      ['管', null],
    ])
  })

  it('get a sentence when two do the same at the same time', async () => {
    const add = () => desk.add({ name: '张三', roles: ['editor'] }, operator)
    const both = await Promise.allSettled([add(), add()])
    expect(both.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(one => one.status === 'rejected')?.reason).toMatchObject({ name: 'Refusal' })
    expect((await desk.verify()).rows).toBe(1)
  })

  it('leave one unbroken trail, also when many act at once', async () => {
    const other = await database.open()
    const second = createStaffDesk({ store: createStaffStore(other), clock: createTestClock(2_000) })
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        (i % 2 ? desk : second).record({ by: operator, act: 'test', subject: String(i) }, []),
      ),
    )
    expect(await desk.verify()).toEqual({ rows: 8, broken: undefined })
    await other.close()
  })

  it('leave a row each for acts that are the same to the letter', async () => {
    const act = { by: operator, act: 'test', subject: '同一件事' }
    await Promise.all(Array.from({ length: 6 }, () => desk.record(act, [])))
    expect(await desk.verify()).toEqual({ rows: 6, broken: undefined })
  })

  it('do nothing without a row in the trail, and leave no row when nothing was done', async () => {
    await desk.add({ name: '张三', roles: ['editor'] }, operator)
    const again = createStaffStore(store).insertStaff({
      name: '张三',
      roles: '[]',
      created_at: 1,
      disabled_at: null,
    })
    await expect(desk.record({ by: operator, act: 'staff.add', subject: '张三' }, [again])).rejects.toThrow()
    expect((await desk.verify()).rows).toBe(1)
  })

  it('cannot change a row of the trail, or take one out, unseen', async () => {
    for (const subject of ['1', '2', '3']) await desk.record({ by: operator, act: 'test', subject }, [])
    await store.query(db => db.updateTable('audit').set({ staff: '别人' }).where('subject', '=', '2'))
    expect(await desk.verify()).toMatchObject({ broken: 2, row: { staff: '别人', subject: '2' } })
    await store.query(db => db.deleteFrom('audit').where('subject', '=', '2'))
    expect((await desk.verify()).broken).toBe(2)
  })
})
