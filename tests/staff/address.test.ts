/** Where officials are told that there is something to do. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type AddressBook,
  createAddressBook,
  createStaffDesk,
  createStaffStore,
  operator,
  type StaffDesk,
} from '#staff'
import { createVault, type Store } from '#storage'
import { createTestClock } from '../base/test-clock.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

describe.each(databases)('the address of an official on $name', ({ make }) => {
  const master = createTestMaster()
  const clock = createTestClock(1_000)
  let database: TestDatabase
  let store: Store
  let staff: StaffDesk
  let book: AddressBook

  const bookOn = (on: Store) =>
    createAddressBook({
      ...{ clock, staff: createStaffDesk({ store: createStaffStore(on), clock }) },
      ...{ store: createStaffStore(on), vault: createVault(on, () => [master]) },
    })

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    staff = createStaffDesk({ store: createStaffStore(store), clock })
    book = bookOn(store)
    await staff.add({ name: '张三', roles: ['editor'] }, operator)
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  it('is found again, by every process, and can be changed and taken away', async () => {
    expect(await book.find('张三')).toBeUndefined()
    await book.put('张三', ' zhangsan@example.cn ', operator)
    expect(await book.find('张三')).toBe('zhangsan@example.cn')
    const other = await database.open()
    expect(await bookOn(other).find('张三')).toBe('zhangsan@example.cn')
    await other.close()
    await book.put('张三', 'z3@example.cn', operator)
    expect(await book.find('张三')).toBe('z3@example.cn')
    await book.put('张三', undefined, operator)
    expect(await book.find('张三')).toBeUndefined()
  })

  it('lies sealed in the database, and stands in no row of the trail', async () => {
    await book.put('张三', 'zhangsan@example.cn', operator)
    const [row] = await store.query(db => db.selectFrom('staff_addresses').selectAll())
    expect(Buffer.from(row?.address ?? []).toString()).not.toContain('example')
    const trail = await store.query(db => db.selectFrom('audit').selectAll())
    expect(trail.map(({ act }) => act)).toContain('staff.email')
    expect(JSON.stringify(trail)).not.toContain('example.cn')
    expect((await staff.verify()).broken).toBeUndefined()
  })

  it('opens under no other name', async () => {
    await book.put('张三', 'zhangsan@example.cn', operator)
    await staff.add({ name: '李四', roles: ['editor'] }, operator)
    await store.query(db => db.updateTable('staff_addresses').set({ name: '李四' }))
    await expect(book.find('李四')).rejects.toThrow()
  })

  it('is nobody’s any more when the account is disabled', async () => {
    await book.put('张三', 'zhangsan@example.cn', operator)
    await staff.disable('张三', operator)
    expect(await book.find('张三')).toBeUndefined()
  })

  it.each(['张三', 'a@b', 'a@b.cn\nBcc: c@d.cn', '<a@b.cn>', 'a@b.cn,c@d.cn'])(
    'is refused where it is none: %j',
    async bad => {
      await expect(book.put('张三', bad, operator)).rejects.toThrow(/电子邮箱/)
    },
  )

  it('is written down by those who manage accounts, for officials that there are', async () => {
    await expect(book.put('李四', 'a@example.cn', operator)).rejects.toThrow(/没有在用/)
    await expect(book.put('张三', 'a@example.cn', '张三')).rejects.toThrow(/管理账号的权限/)
  })

  it('is written down for several at the same time by processes that have no key yet', async () => {
    await staff.add({ name: '李四', roles: ['editor'] }, operator)
    const other = await database.open()
    const second = bookOn(other)
    await Promise.all([
      book.put('张三', 'a@example.cn', operator),
      second.put('李四', 'b@example.cn', operator),
    ])
    expect([await book.find('张三'), await book.find('李四')]).toEqual(['a@example.cn', 'b@example.cn'])
    await other.close()
  })
})
