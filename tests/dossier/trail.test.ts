/** The chain of what happened to requests: whole as long as nobody touched it, and no longer. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyTrails } from '#dossier'
import { createVault, type Store } from '#storage'
import { type Office, officials as o, openOffice, someone } from '../casework/office.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

describe.each(databases)('the trail of requests on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let office: Office
  beforeEach(async () => {
    database = await make()
    store = await database.open()
    office = await openOffice(store)
    for (let i = 0; i < 2; i++) await office.desk.register(someone, o.officer)
    const who = { ref: '2025-0001', by: o.officer }
    await office.desk.triage(who, { kind: '政府信息', note: '' })
    await office.desk.withdraw(who, { note: '本人来电' })
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })
  const verify = () => office.desk.verify()

  it('is whole', async () => {
    expect(await verify()).toMatchObject({ events: 4, broken: undefined, audit: { broken: undefined } })
  })

  it.each<[string, (at: Store) => Promise<unknown>, object]>([
    [
      'a changed verb',
      at => at.query(db => db.updateTable('request_events').set({ verb: 'merge' }).where('seq', '=', 2)),
      { ref: '2025-0001', seq: 2 },
    ],
    [
      'another official',
      at => at.query(db => db.updateTable('request_events').set({ staff: '别人' }).where('seq', '=', 3)),
      { ref: '2025-0001', seq: 3, staff: '别人' },
    ],
    [
      'one in the middle taken out',
      at => at.query(db => db.deleteFrom('request_events').where('seq', '=', 2)),
      { ref: '2025-0001', seq: 3 },
    ],
    [
      'the last one taken out',
      at => at.query(db => db.deleteFrom('request_events').where('seq', '=', 3)),
      { ref: '2025-0001', seq: 0, why: '审计记录里有，办理记录里没有了' },
    ],
    [
      'a whole request taken out',
      at => at.query(db => db.deleteFrom('request_events').where('ref', '=', '2025-0002')),
      { ref: '2025-0002', verb: 'register' },
    ],
    [
      'another content under the same seal',
      async at => {
        const [row] = await at.query(db => db.selectFrom('request_events').selectAll().where('seq', '=', 2))
        const changes = row?.changes as Uint8Array
        await at.query(db => db.updateTable('request_events').set({ changes }).where('seq', '=', 3))
      },
      { ref: '2025-0001', seq: 3, why: '内容与摘要不符' },
    ],
    [
      'an earlier state of a case put back',
      async at => {
        await at.query(db => db.updateTable('cases').set({ version: 2 }).where('ref', '=', '2025-0001'))
      },
      { ref: '2025-0001', why: '办理的状态与记录不符' },
    ],
  ])('tells of %s, and where it is', async (_, tamper, broken) => {
    await tamper(store)
    expect((await verify()).broken).toMatchObject(broken)
  })

  it('stays whole when personal data is deleted, with its key or by itself', async () => {
    await store.commit([office.vault.destroy('request|2025-0001')])
    await store.query(db =>
      db.updateTable('request_events').set({ changes: null, salt: null }).where('ref', '=', '2025-0002'),
    )
    office.vault.forget('request|2025-0001')
    expect(await verify()).toMatchObject({ events: 4, broken: undefined })
    await expect(office.desk.show({ ref: '2025-0001', by: o.officer })).rejects.toThrow(/到期删除/)
  })

  it('stays whole under a new master key', async () => {
    const fresh = createTestMaster()
    expect(await createVault(store, () => [fresh, office.master]).rewrap()).toBeGreaterThan(0)
    const vault = createVault(store, () => [fresh])
    const verdict = await verifyTrails(office.staff, { store: office.dossier, vault })
    expect(verdict).toMatchObject({ events: 4, broken: undefined })
  })
})
