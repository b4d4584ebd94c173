/** Signing in, with a second factor, against guesses, and by a link that is good once. */
import { Secret, TOTP } from 'otpauth'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createSignInDesk,
  createStaffDesk,
  createStaffStore,
  operator,
  type SignInDesk,
  type StaffDesk,
} from '#staff'
import { createVault, type Store } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const password = '梅花 三弄 城北 旧书店'

describe.each(databases)('an official on $name', ({ make }) => {
  const master = createTestMaster()
  let clock: TestClock
  let database: TestDatabase
  let store: Store
  let staff: StaffDesk
  let desk: SignInDesk

  beforeEach(async () => {
    clock = createTestClock(Date.UTC(2026, 10, 23, 1))
    database = await make()
    store = await database.open()
    staff = createStaffDesk({ store: createStaffStore(store), clock })
    const parts = { store: createStaffStore(store), vault: createVault(store, () => [master]) }
    desk = createSignInDesk({ ...parts, staff, clock, agency: '某厅' })
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  async function joined(name = '张三'): Promise<void> {
    await staff.add({ name, roles: ['editor'] }, operator)
    const { token } = await desk.invite(name, operator)
    await desk.join({ token, password })
  }
  const signIn = (given: { password?: string; code?: string; name?: string } = {}) =>
    desk.signIn({ name: '张三', password, ...given })
  const codeOf = (secret: string) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() })

  it('who is the first names themselves by a link that is good once, and is the administrator', async () => {
    const first = await desk.inviteFirst()
    const token = first?.token ?? ''
    expect(await desk.invited(token)).toEqual({ name: null })
    await expect(desk.join({ token, name: '张三', password: '太短' })).rejects.toThrow(/至少12个字/)
    await expect(desk.join({ token, name: '张三', password: '张三张三张三张三张三张三' })).rejects.toThrow(
      /好猜/,
    )
    expect(await desk.join({ token, name: '张三', password })).toBe('张三')
    await expect(desk.join({ token, name: '李四', password })).rejects.toThrow(/用过了/)
    expect(await desk.inviteFirst()).toBeUndefined()
    expect(await signIn()).toMatchObject({ account: { name: '张三', roles: ['admin'] } })
  })

  it('joins only while the link is good, and nobody else is invited by who may not', async () => {
    await staff.add({ name: '张三', roles: ['editor'] }, operator)
    await staff.add({ name: '李四', roles: ['editor'] }, operator)
    await expect(desk.invite('张三', '李四')).rejects.toThrow(/权限/)
    const { token } = await desk.invite('张三', operator)
    await clock.advance(25 * 3_600_000)
    await expect(desk.join({ token, password })).rejects.toThrow(/过期/)
  })

  it('signs in with the password alone, and with nothing else', async () => {
    await joined()
    expect(await signIn()).toMatchObject({ account: { name: '张三' } })
    for (const given of [{ password: `${password} ` }, { password: '' }, { name: '李四' }])
      await expect(signIn(given)).rejects.toThrow('姓名、密码或者动态码不对')
    await staff.disable('张三', operator)
    await expect(signIn()).rejects.toThrow('不对')
  })

  it('is locked out for longer and longer by wrong tries, also when the right password comes then', async () => {
    await joined()
    for (let i = 0; i < 6; i++)
      await expect(signIn({ password: '不对的密码不对的密码' })).rejects.toThrow('不对')
    await expect(signIn()).rejects.toThrow(/1分钟以后再试/)
    await clock.advance(61_000)
    await expect(signIn({ password: '又不对的密码' })).rejects.toThrow('不对')
    await expect(signIn()).rejects.toThrow(/2分钟以后再试/)
    await clock.advance(121_000)
    expect(await signIn()).toMatchObject({ account: { name: '张三' } })
    await expect(signIn({ password: '一次不对' })).rejects.toThrow('不对')
    expect(await signIn()).toMatchObject({ account: { name: '张三' } })
  })

  it('needs the code of the second factor once there is one, and each code counts once', async () => {
    await joined()
    const { secret, uri } = desk.beginTotp('张三')
    expect(uri).toMatch(/^otpauth:\/\/totp\//)
    await expect(desk.confirmTotp('张三', { secret, code: '000000' })).rejects.toThrow(/动态码不对/)
    await desk.confirmTotp('张三', { secret, code: codeOf(secret) })
    expect(await signIn()).toEqual({ needs: 'code' })
    // The code that confirmed it is used up.
    await expect(signIn({ code: codeOf(secret) })).rejects.toThrow('不对')
    await clock.advance(30_000)
    expect(await signIn({ code: codeOf(secret) })).toMatchObject({ account: { name: '张三' } })
    await expect(signIn({ code: codeOf(secret) })).rejects.toThrow('不对')
    await desk.removeTotp('张三', operator)
    expect(await signIn()).toMatchObject({ account: { name: '张三' } })
  })

  it('leaves neither password nor secret readable in the database, and a row for every act', async () => {
    await joined()
    const { secret } = desk.beginTotp('张三')
    await desk.confirmTotp('张三', { secret, code: codeOf(secret) })
    await desk.changePassword('张三', { old: password, fresh: `${password}新` })
    const kept = await store.query(db => db.selectFrom('staff_credentials').selectAll())
    expect(kept[0]?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(Buffer.from(kept[0]?.totp ?? []).toString('latin1')).not.toContain(secret)
    const trail = await store.query(db => db.selectFrom('audit').select('act'))
    expect(trail.map(({ act }) => act)).toEqual([
      'staff.add',
      'staff.invite',
      'staff.join',
      'staff.totp',
      'staff.password',
    ])
    expect((await staff.verify()).broken).toBeUndefined()
  })
})
