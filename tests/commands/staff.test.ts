/** The officials' e-mail addresses, as they are typed; and where notices go, as `check` tells it. */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDesk, type Desk, type Ran } from '../command-line.ts'

describe('the address of an official', () => {
  let desk: Desk
  let ran: Ran[]
  const settings = {
    SMTP_URL: 'smtps://notice%40example.cn:my-password@smtp.example.cn',
    WECOM_ROBOT_URL: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=my-key',
  }

  beforeAll(async () => {
    desk = createDesk()
    ran = await desk.runAll([
      [['staff', 'add', '--name', '张三', '--role', 'reviewer', '--email', 'zhangsan@example.cn']],
      [['staff', 'add', '--name', '李四', '--role', 'reviewer', '--email', 'example.cn']],
      [['staff', 'email', '李四', 'lisi@example.cn']],
      [['staff', 'email', '张三']],
      [['staff', 'email', '张三', 'z3@example.cn', '--remove']],
      [['staff', 'email', '张三', 'z3@example.cn']],
      [['staff', 'list']],
      [['staff', 'email', '张三', '--remove']],
      [['audit', 'verify']],
      [['check'], settings],
    ])
  })
  afterAll(() => desk.remove())

  it('is written down with the account or later, changed, and taken away', () => {
    expect(ran.map(({ code }) => code)).toEqual([0, 1, 1, 1, 1, 0, 0, 0, 0, expect.anything()])
    expect(ran[1]?.stderr).toContain('电子邮箱的写法不对')
    expect(ran[2]?.stderr).toContain('没有在用的工作人员')
    expect(ran[3]?.stderr).toContain('--remove')
  })

  it('that is wrong keeps the account from being made', () => {
    expect(ran[6]?.stdout).toBe('张三\treviewer\t在用\n')
  })

  it('is said by no command and lies in no file in the clear', () => {
    const files = readdirSync(desk.file('data')).map(name =>
      readFileSync(desk.file(`data/${name}`), 'latin1'),
    )
    const all = [...ran.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...files].join('\n')
    expect(files.join('')).toContain('staff_addresses')
    for (const secret of ['zhangsan@example.cn', 'z3@example', 'my-password', 'my-key'])
      expect(all).not.toContain(secret)
  })

  it('gets what is sent over the ways that are set', () => {
    expect(ran.at(-1)?.stderr).toContain('✓ 渠道：mail 开（只发不收，经 smtp.example.cn:465）')
    expect(ran.at(-1)?.stderr).toContain('✓ 渠道：wecom-robot 开')
  })
})
