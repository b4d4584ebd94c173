/** How applicants are told and officials reminded: by rows of the ledger, in the unit of what they tell of. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import type { DisclosureDesk } from '#casework'
import type { Config } from '#config'
import { createNoticeStore, createNotices } from '#notice'
import { openDisclosure, requestChats } from '#requests'
import { createStaffDesk, createStaffStore, operator } from '#staff'
import { createVault, type Store, type Vault } from '#storage'
import { createTestClock, type TestClock } from './base/test-clock.ts'
import { monday, someone, venue } from './casework/office.ts'
import { createTestMaster } from './delivery/post.ts'
import { databases, type TestDatabase } from './storage/databases.ts'

const settings = { agency: { name: '某某厅' }, reconsideration: venue } as Config
const withMail = { ...settings, mail: {} } as Config
const granted = { disposition: 'granted' as const, told: { access: '随信附上' } }

describe.each(databases)('requests on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let vault: Vault
  let clock: TestClock
  let open: (config: Config) => DisclosureDesk

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    clock = createTestClock(monday)
    const master = createTestMaster()
    vault = createVault(store, () => [master])
    const staff = createStaffDesk({ store: createStaffStore(store), clock })
    for (const [name, role] of [
      ['经办', 'disclosure-officer'],
      ['审核', 'reviewer'],
    ] as const)
      await staff.add({ name, roles: [role] }, operator)
    const log = silentLog
    open = config =>
      openDisclosure(
        config,
        { store, vault, clock, staff },
        {
          log,
          noticesOver: ledger =>
            createNotices({
              ...{ store: createNoticeStore(store), ledger, vault, clock, log, publicUrl: undefined },
              group: { account: 'group:default', chat: 'officials' },
              placeOf: async name => ({ account: 'mail:default', chat: `staff/${name}` }),
            }),
        },
      )
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  const listDeliveries = () =>
    store.query(db =>
      db.selectFrom('deliveries').select(['conversation', 'account', 'chat', 'state', 'body']).orderBy('seq'),
    )

  async function reply(desk: DisclosureDesk, ref: string): Promise<void> {
    await desk.draft({ ref, by: '经办' }, granted)
    await desk.review({ ref, by: '审核' }, { approve: true })
    const other = { ref, by: '审核' }
    await desk.sign(other)
    await desk.send({ ref, by: '经办' })
  }

  it('filed in a conversation are told there, and on paper once it is deleted', async () => {
    const id = 'web-chat:default|chat-1'
    const { key, writes } = await vault.findOrCreate(id, clock.now())
    await store.commit(writes)
    await store.query(db =>
      db.insertInto('conversations').values({
        id,
        owner: 'bot',
        language: 'zh-CN',
        forms: null,
        created_at: 0,
        last_day: 0,
        person: null,
      }),
    )
    const [row] = await store.query(db => db.selectFrom('conversations').select('seq'))
    const conversation = Number(row?.seq)
    const desk = open(settings)
    const { ref } = await desk.register({ ...someone, conversation }, '经办')
    await reply(desk, ref)
    const rows = await listDeliveries()
    expect(rows.map(({ account, chat, state }) => [account, chat, state])).toEqual(
      Array.from({ length: 2 }, () => ['web-chat:default', 'chat-1', 'queued']),
    )
    expect(key.open(rows[1]?.body as Uint8Array, 'delivery')).toMatch(/答复书/)
    const later = await desk.register({ ...someone, conversation }, '经办')
    await store.query(db => db.deleteFrom('conversations'))
    const asked = await desk.askSupplement({ ref: later.ref, by: '经办' }, { points: '哪一年' })
    expect(asked.told.map(({ via }) => via)).toEqual(['product', 'paper'])
  })

  it('are answered by mail where the applicant chose so, to an address that no row shows', async () => {
    const desk = open(withMail)
    const address = 'someone@example.com'
    const { ref } = await desk.register({ ...someone, delivery: 'email', address }, '经办')
    await reply(desk, ref)
    const rows = await listDeliveries()
    expect(rows.map(({ account, chat }) => [account, chat])).toEqual(
      Array.from({ length: 2 }, () => ['mail:default', `${requestChats}${ref}`]),
    )
    expect(rows.every(({ conversation }) => Number(conversation) < 0)).toBe(true)
    expect(await desk.mailboxOf(ref)).toBe(address)
    expect(Buffer.from(rows[1]?.body as Uint8Array).includes(address)).toBe(false)
  })

  it('remind the officials by notices with numbers and dates alone, once', async () => {
    const desk = open(settings)
    await desk.register(someone, '经办')
    await clock.advance(28 * 86_400_000)
    await desk.remind()
    await desk.remind()
    const rows = await listDeliveries()
    expect(rows.map(({ account, chat }) => `${account}|${chat}`).sort()).toEqual(
      ['group:default|officials', 'mail:default|staff/经办'].flatMap(place => [place, place]),
    )
    const texts = await Promise.all(
      rows.map(async ({ account, chat, body }) =>
        (await vault.find(`${account}|${chat}`))?.open(body, 'delivery'),
      ),
    )
    expect(texts.join()).toMatch(/2025-0001.*答复期限 2025-03-31.*就是今天/)
    expect(texts.join()).not.toMatch(/甲乙丙丁|失业保险/)
  })
})
