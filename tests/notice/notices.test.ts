/** Notices are told once each, to the group and to those concerned, whatever happens to the process. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog, silentLog, silentMeter } from '#base/log'
import { createDeliveryStore, createLedger, type Ledger } from '#delivery'
import {
  count,
  createNoticeStore,
  createNotices,
  date,
  type Line,
  line,
  type Notice,
  type Notices,
  ref,
} from '#notice'
import { Conflict, createVault, type Store, type Vault } from '#storage'
import { createTestClock, settle } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createFakeChannel, type FakeChannel, offline } from '../delivery/fake-channel.ts'
import { createTestMaster, start } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const notice: Notice = {
  key: 'due/2026-00001',
  subject: line`有 ${count(1)} 件申请即将到期`,
  lines: [line`申请 ${ref('2026-00001')} 应在 ${date('2026-12-01')} 前答复`],
  to: ['张三', '李四'],
}

interface Office {
  store: Store
  vault: Vault
  ledger: Ledger
  group: FakeChannel
  mail: FakeChannel
  notices: Notices
  logLines: string[]
  close(): Promise<void>
}

interface OfficeOptions {
  process?: string
  hasGroup?: boolean
  /** A command: no channel is open in it. */
  command?: boolean
}

describe.each(databases)('notices on $name', ({ make }) => {
  const master = createTestMaster()
  const clock = createTestClock(start)
  let database: TestDatabase
  const opened: Office[] = []

  async function open({ process = 'p1', hasGroup = true, command = false }: OfficeOptions = {}) {
    const store = await database.open()
    const vault = createVault(store, () => [master])
    const common = { clock, log: silentLog, meter: silentMeter, random: () => 0.5, process, vault }
    const ledger = createLedger({ ...common, store: createDeliveryStore(store) })
    const [group, mail] = [createFakeChannel({}, 'group'), createFakeChannel({}, 'mail')]
    if (!command) for (const channel of [group, mail]) ledger.attach(channel)
    const logLines: string[] = []
    const notices = createNotices({
      store: createNoticeStore(store),
      ledger,
      vault,
      clock,
      log: createLog('debug', text => void logLines.push(text)),
      group: hasGroup ? { account: group.account, chat: 'officials' } : undefined,
      // 李四 has no address.
      placeOf: async name => (name === '李四' ? undefined : { account: mail.account, chat: `staff/${name}` }),
      publicUrl: undefined,
    })
    const office = {
      ...{ store, vault, ledger, group, mail, notices, logLines },
      async close() {
        await ledger.stop()
        await store.close()
      },
    }
    opened.push(office)
    return office
  }

  const states = async ({ store }: Office) =>
    (await store.query(db => db.selectFrom('deliveries').select('state').orderBy('seq'))).map(r => r.state)

  beforeEach(async () => {
    database = await make()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(office => office.close()))
    await database.remove()
  })

  it('reach the group and everybody concerned who has an address', async () => {
    const { notices, group, mail } = await open()
    expect(await notices.tell(notice)).toBe('told')
    await until('both are told', () => group.taken.length === 1 && mail.taken.length === 1)
    expect(group.taken[0]).toBe('【有 1 件申请即将到期】\n· 申请 2026-00001 应在 2026-12-01 前答复')
    expect(mail.messages[0]?.chat).toBe('staff/张三')
  })

  it('are told once for a key, and once to somebody who is named twice', async () => {
    const { notices, group, mail } = await open({ hasGroup: false })
    expect(await notices.tell({ ...notice, to: ['张三', '张三'] })).toBe('told')
    expect(await notices.tell({ ...notice, subject: line`另一句` })).toBe('known')
    await until('it is told', () => mail.taken.length === 1)
    await settle()
    expect([...group.taken, ...mail.taken]).toHaveLength(1)
  })

  it('are told once by processes that come at the same time', async () => {
    const offices = await Promise.all(['p1', 'p2', 'p3'].map(process => open({ process })))
    const told = await Promise.all(
      offices.flatMap(({ notices }) => [notices.tell(notice), notices.tell(notice)]),
    )
    expect(told.filter(outcome => outcome === 'told')).toHaveLength(1)
    const [first] = offices
    await until('all is sent', async () => (await states(first!)).every(state => state === 'sent'))
    expect(offices.flatMap(({ group }) => group.taken)).toHaveLength(1)
  })

  it('all arrive when many different ones are told at the same time by several processes', async () => {
    const offices = await Promise.all(['p1', 'p2'].map(process => open({ process })))
    const keys = Array.from({ length: 20 }, (_, i) => `n${i}`)
    await Promise.all(keys.map((key, i) => offices[i % 2]!.notices.tell({ ...notice, key })))
    await until('all are sent', async () => {
      // Whoever comes behind what another process has under way looks again after a while.
      await clock.advance(100)
      const all = await states(offices[0]!)
      return all.length === 40 && all.every(state => state === 'sent')
    })
    expect(offices.flatMap(({ group }) => group.taken)).toHaveLength(20)
  })

  it('that a command told are carried by the product that runs', async () => {
    const command = await open({ process: 'command', command: true })
    expect(await command.notices.tell(notice)).toBe('told')
    const product = await open({ process: 'product' })
    await product.ledger.recover(new Set(['product']))
    await until('they are told', () => product.group.taken.length + product.mail.taken.length === 2)
  })

  it('hold up nobody else when one of the ways is closed', async () => {
    const { notices, group, mail } = await open()
    mail.misbehave('staff/张三', offline(), offline(), offline())
    await notices.tell(notice)
    await notices.tell({ ...notice, key: 'other' })
    await until('the group is told both', () => group.taken.length === 2)
    expect(mail.taken).toEqual([])
  })

  it('stand or fall with the unit of what they tell of', async () => {
    const { notices, store, group } = await open()
    const prepared = await notices.prepare(notice)
    await expect(store.commit([...prepared!.writes, ...prepared!.writes])).rejects.toThrow(Conflict)
    prepared!.forget()
    expect(await store.query(db => db.selectFrom('notices').selectAll())).toEqual([])
    const again = await notices.prepare(notice)
    again!.carry(await store.commit(again!.writes))
    await until('the group is told', () => group.taken.length === 1)
    const third = await notices.prepare(notice)
    await expect(store.commit(third!.writes)).rejects.toThrow(Conflict)
  })

  it.each(['13900001234', '11010519491231002X', 'zhangsan@example.cn'])(
    'with personal data are refused and logged without it: %s',
    async personal => {
      const { notices, store, logLines } = await open()
      const smuggled = { ...notice, lines: [`申请人电话 ${personal}` as unknown as Line] }
      expect(await notices.tell(smuggled)).toBe('refused')
      expect(await store.query(db => db.selectFrom('deliveries').select('seq'))).toEqual([])
      expect(logLines.join()).toContain('notice.refused')
      expect(logLines.join()).not.toContain(personal)
    },
  )

  it('keep their keys as hashes, and their words sealed', async () => {
    const { notices, store } = await open()
    await notices.tell(notice)
    const [row] = await store.query(db => db.selectFrom('notices').selectAll())
    expect(row?.key).toMatch(/^[0-9a-f]{64}$/)
    const [sent] = await store.query(db => db.selectFrom('deliveries').select(['body', 'conversation']))
    expect(Buffer.from(sent?.body ?? []).toString()).not.toContain('2026-00001')
    expect(Number(sent?.conversation)).toBeLessThan(0)
  })

  it('say nothing where there is nobody to tell, and say nothing later either', async () => {
    const { notices, store } = await open({ hasGroup: false })
    expect(await notices.tell({ ...notice, to: ['李四'] })).toBe('told')
    expect(await store.query(db => db.selectFrom('deliveries').select('seq'))).toEqual([])
    expect(await notices.tell(notice)).toBe('known')
  })
})
