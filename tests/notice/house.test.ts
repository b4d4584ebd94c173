/** The wired house tells officials by mail and in their group: real servers on the loopback, the settings as they are read. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { silentLog } from '#base/log'
import { line, ref } from '#notice'
import { operator } from '#staff'
import { noticeWays, planChannels } from '../../src/channels.ts'
import { readConfig } from '../../src/config.ts'
import { openDesks, openHouse, openOffice } from '../../src/house.ts'
import { until } from '../base/until.ts'
import { createMailEmulator } from '../emulators/mail/index.ts'
import { parseMail, textOf } from '../emulators/mail/mime.ts'
import { createRobotEmulator } from '../emulators/wecom-robot/index.ts'
import { temporaryFolder } from '../storage/databases.ts'

const notice = {
  key: 'new/2026-00001',
  subject: line`收到新的申请`,
  lines: [line`申请 ${ref('2026-00001')}`],
  link: { label: line`打开`, path: line`/console/requests/${ref('2026-00001')}` },
  to: ['张三', '李四'],
}

async function openServers() {
  const folder = temporaryFolder()
  const [mail, robot] = await Promise.all([createMailEmulator(), createRobotEmulator()])
  onTestFinished(async () => {
    await Promise.all([mail.close(), robot.close()])
    folder.remove()
  })
  const config = readConfig(
    { data: folder.path },
    {
      SMTP_URL: `smtp://127.0.0.1:${mail.port}/?from=notice@example.cn&tls=unverified`,
      WECOM_ROBOT_URL: robot.url,
      PUBLIC_URL: 'https://chat.example.gov.cn/',
      KNOWLEDGE_DIR: folder.path,
      AGENCY_NAME: '测试局',
    },
  )
  return { mail, robot, config }
}

describe('the house', () => {
  it('carries what a command told to whoever has an address, and to the group', async () => {
    const { mail, robot, config } = await openServers()
    const office = await openOffice(config, silentLog)
    await office.staff.add({ name: '张三', roles: ['editor'] }, operator)
    await office.staff.add({ name: '李四', roles: ['editor'] }, operator)
    await office.addresses.put('张三', 'zhangsan@example.cn', operator)
    expect(await openDesks(office, silentLog).notices.tell(notice)).toBe('told')
    await office.store.close()

    const house = await openHouse(config, silentLog)
    onTestFinished(() => house.close())
    const plans = planChannels(config).filter(plan => plan.missing === undefined)
    for (const plan of plans) await house.open(await plan.make(house))
    const ways = noticeWays(config)
    expect(house.channels().map(({ account }) => account)).toEqual([ways.mail, ways.group?.account])
    await house.startWork()
    await until('both are told', () => mail.received.length === 1 && robot.shown.length === 1)
    const [letter] = mail.received
    expect(letter?.to).toEqual(['zhangsan@example.cn'])
    const parsed = parseMail(letter?.raw ?? '')
    expect(parsed.headers.get('subject')).toBe('收到新的申请')
    expect(textOf(parsed, 'text/plain')).toContain('https://chat.example.gov.cn/console/requests/2026-00001')
    expect(robot.shown[0]?.content).toContain('申请 2026-00001')

    expect(await house.notices.tell(notice)).toBe('known')
    expect(await house.addressOf('staff/张三')).toBe('zhangsan@example.cn')
    expect(await house.addressOf('staff/李四')).toBeUndefined()
    expect(await house.addressOf('张三')).toBeUndefined()
  })

  it('has neither way where neither is set', () => {
    const config = readConfig({}, {})
    expect(noticeWays(config)).toEqual({ mail: undefined, group: undefined })
    const off = planChannels(config).flatMap(({ missing }) => missing ?? [])
    expect(off).toEqual(expect.arrayContaining(['没有设置 SMTP_URL', '没有设置 WECOM_ROBOT_URL']))
  })
})
