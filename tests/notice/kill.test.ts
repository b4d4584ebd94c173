/** A process that is killed while it tells: nothing is told twice, and what cannot be known is listed. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createAddressBook, createStaffDesk, createStaffStore, operator } from '#staff'
import { createVault, openKeyFile, openSqlite } from '#storage'
import { createTestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createMailEmulator } from '../emulators/mail/index.ts'
import { createRobotEmulator } from '../emulators/wecom-robot/index.ts'
import { temporaryFolder } from '../storage/databases.ts'

const program = join(import.meta.dirname, 'teller.ts')

it('that is killed while a mail is under way tells nothing twice, and leaves the mail as unknown', async () => {
  const folder = temporaryFolder()
  const [mail, robot] = await Promise.all([createMailEmulator(), createRobotEmulator()])
  const store = await openSqlite(join(folder.path, 'gongkai.sqlite'))
  const children: ChildProcessWithoutNullStreams[] = []
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all([store.close(), mail.close(), robot.close()])
    folder.remove()
  })
  const clock = createTestClock(1_000)
  const staff = createStaffDesk({ store: createStaffStore(store), clock })
  await staff.add({ name: '张三', roles: ['editor'] }, operator)
  const vault = createVault(store, openKeyFile(join(folder.path, 'master.key')))
  const book = createAddressBook({ store: createStaffStore(store), staff, vault, clock })
  await book.put('张三', 'zhangsan@example.cn', operator)

  function tell(): { child: ChildProcessWithoutNullStreams; said: Promise<string> } {
    const child = spawn(process.execPath, [program, 'new/2026-00001'], {
      cwd: folder.path,
      env: {
        PATH: process.env.PATH,
        GONGKAI_DATA: folder.path,
        KNOWLEDGE_DIR: folder.path,
        SMTP_URL: `smtp://127.0.0.1:${mail.port}/?from=notice@example.cn&tls=unverified`,
        WECOM_ROBOT_URL: robot.url,
      },
    })
    children.push(child)
    return { child, said: once(child.stdout, 'data').then(([words]) => String(words).trim()) }
  }
  const states = async () => {
    const rows = await store.query(db => db.selectFrom('deliveries').select(['account', 'state']))
    return Object.fromEntries(rows.map(({ account, state }) => [account.split(':')[0], state]))
  }

  mail.misbehave({ at: 'end', silent: true })
  const first = tell()
  expect(await first.said).toBe('told')
  await until('the group has it and the mail is under way', async () => {
    const { mail: mailed, 'wecom-robot': shown } = await states()
    return mail.planned() === 0 && mailed === 'attempting' && shown === 'sent'
  })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')

  expect(await tell().said).toBe('known')
  await until('the mail is listed', async () => (await states()).mail === 'unknown')
  expect(robot.shown).toHaveLength(1)
  expect(mail.received).toEqual([])
})
