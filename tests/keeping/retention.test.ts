/** How long requests are kept, and what is left of them afterwards. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAnnualDesk, createAnnualStore } from '#annual'
import { createCalendar } from '#base/workdays'
import { createDisclosureStore, createRegister } from '#disclosure'
import { createKeeping, keptUntil, recordOf } from '#keeping'
import { operator } from '#staff'
import type { Store } from '#storage'
import { type Office, officials as o, openOffice, someone } from '../casework/office.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const as = (ref: string, by: string) => ({ ref, by })
const told = { access: '随信附上' }
const line = (ref: string, more: object = {}) => ({
  ...{ ref, channel: 'letter', receivedOn: '2024-03-04', applicant: 'org_research', name: '甲乙丙丁研究所' },
  ...{ description: '某事', repliedOn: '2024-03-20', disposition: 'partial', ...more },
})

it('counts from the end of the year in which a request ended', () => {
  expect(keptUntil('2025-01-01', 10)).toBe('2035-12-31')
  expect(keptUntil('2025-12-31', 1)).toBe('2026-12-31')
})

describe.each(databases)('requests that are kept no longer, on $name,', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let office: Office

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    office = await openOffice(store)
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  const keeping = (years = 10) => {
    const { dossier, desk, staff, clock } = office
    return createKeeping({ store: dossier, casebook: desk.casebook, staff, clock, years })
  }
  const parts = () => ({ vault: office.vault, staff: office.staff, clock: office.clock })
  const report = async (year: number) => {
    const annual = createAnnualDesk({
      ...{ ...parts(), store: createAnnualStore(store), calendar: async () => createCalendar() },
    })
    const { table3, table4 } = await annual.compute(year, '2021')
    return { table3, table4 }
  }
  const take = (...lines: object[]) => {
    const register = createRegister({ ...parts(), store: createDisclosureStore(store) })
    const read = async function* () {
      for (const one of lines) yield JSON.stringify(one)
    }
    return register.importLines(read, { by: operator, file: 'a.jsonl', read() {}, odd() {} })
  }
  async function replied(): Promise<string> {
    const { desk } = office
    const { ref } = await desk.register(someone, o.officer)
    await desk.draft(as(ref, o.officer), { disposition: 'granted', told })
    await desk.review(as(ref, o.reviewer), { approve: true })
    await desk.sign(as(ref, o.head))
    await desk.send(as(ref, o.officer))
    return ref
  }
  const dump = async () =>
    JSON.stringify(
      await Promise.all(
        (['requests', 'cases', 'request_events', 'data_keys', 'deliveries'] as const).map(table =>
          store.query(db => db.selectFrom(table).selectAll()),
        ),
      ),
    )

  it('lose all that is personal and nothing that is counted, and the chains still hold', async () => {
    const ref = await replied()
    await take(line('2024-1'), line('2024-2', { receivedOn: '2024-12-30', repliedOn: '2025-01-10' }))
    const before = [await report(2024), await report(2025)]
    await office.goTo('2035-12-31')
    expect(await keeping().retire()).toBe(1)
    await office.goTo('2036-01-01')
    expect(await keeping().retire()).toBe(2)
    expect(await keeping().retire()).toBe(0)
    expect([await report(2024), await report(2025)]).toEqual(before)
    const verdict = await office.desk.verify()
    expect([verdict.audit.broken, verdict.broken]).toEqual([undefined, undefined])
    for (const one of [ref, '2024-1'])
      await expect(office.desk.show(as(one, o.officer))).rejects.toThrow(/已经到期删除/)
    expect(await office.desk.status(ref, 'ABC234')).toBeUndefined()
    const rows = await store.query(db =>
      db.selectFrom('data_keys').select('id').where('id', 'like', 'request|%'),
    )
    expect(rows).toEqual([])
    const trail = await store.query(db =>
      db.selectFrom('audit').selectAll().where('act', '=', 'request.delete'),
    )
    expect(trail.map(({ subject }) => subject).sort()).toEqual(['2024-1', '2024-2', ref].sort())
  })

  it('do not come back with the register that they came with', async () => {
    await take(line('2024-1'))
    await office.goTo('2036-01-01')
    await keeping().retire()
    await expect(take(line('2024-1'))).rejects.toThrow(/已经到期删除，不再登记/)
  })

  it('are not counted again from their register after they were merged', async () => {
    const open = { repliedOn: undefined, disposition: undefined, receivedOn: '2025-02-03' }
    const lines = [line('2025-1', open), line('2025-2', open)]
    await take(...lines)
    await office.desk.merge(as('2025-2', o.officer), '2025-1')
    expect(await take(...lines)).toEqual({ stored: 0, known: 2 })
    const { table3 } = await report(2025)
    expect(table3.rows.find(({ key }) => key === 'new_received')?.values.total).toBe(1)
  })

  it('are kept while they are open, while a review goes on or is young, and while somebody holds them', async () => {
    const open = await office.desk.register(someone, o.officer)
    const [suit, held, old] = [await replied(), await replied(), await replied()]
    await office.desk.recordReview(as(suit, o.officer), { kind: 'reconsideration', result: 'pending' })
    await expect(
      office.desk.hold(as(held, o.officer), { until: '2040-01-01', reason: '涉诉' }),
    ).rejects.toThrow()
    await office.desk.hold(as(held, o.head), { until: '2040-01-01', reason: '涉诉' })
    await office.goTo('2036-01-05')
    expect((await keeping().listDue(o.auditor, 2036)).map(({ ref, held: until }) => [ref, until])).toEqual([
      [held, '2040-01-01'],
      [old, null],
    ])
    expect(await keeping().retire()).toBe(1)
    for (const { ref } of [open, { ref: suit }, { ref: held }]) await office.desk.show(as(ref, o.officer))
    await office.desk.release(as(held, o.head))
    expect(await keeping().retire()).toBe(1)
    await office.desk.recordReview(as(suit, o.officer), { kind: 'reconsideration', result: 'upheld' })
    expect(await keeping().retire()).toBe(0)
    await office.goTo('2047-01-05')
    expect(await keeping().retire()).toBe(1)
  })

  it('are kept for ever where the rule says so', async () => {
    await replied()
    await office.goTo('2099-01-05')
    expect(await keeping(0).retire()).toBe(0)
    await expect(keeping(0).listDue(o.auditor, 2099)).rejects.toThrow(/REQUEST_RETENTION_YEARS/)
  })

  it('are deleted by one of two processes, and nothing of them is left readable', async () => {
    await replied()
    await office.goTo('2036-01-05')
    const both = await Promise.all([keeping().retire(), keeping().retire()])
    expect(both.reduce((sum, one) => sum + one, 0)).toBe(1)
    expect(await dump()).not.toContain('甲乙丙丁')
  })
})

describe('what is given to the person', () => {
  it('is all that they said and were told, and nothing of others', async () => {
    const [database] = [await databases[0]?.make()]
    if (!database) throw new Error('no database')
    const store = await database.open()
    const office = await openOffice(store)
    const { ref } = await office.desk.register(someone, o.officer)
    await office.desk.consult(as(ref, o.officer), { party: '某某有限公司', kind: 'third-party' })
    const { one, history } = await office.desk.show(as(ref, o.officer), { reveal: true })
    const record = JSON.stringify(recordOf(one, history))
    for (const words of [someone.name, someone.idNumber, someone.contact, '政府信息公开申请登记回执'])
      expect(record).toContain(words)
    expect(record).not.toContain('某某有限公司')
    await store.close()
    await database.remove()
  })
})
