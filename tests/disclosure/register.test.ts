/** An existing register taken over, and the annual report that comes out of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AnnualDesk, createAnnualDesk, createAnnualStore } from '#annual'
import { createCalendar } from '#base/workdays'
import { createDisclosureStore, createRegister, type Register } from '#disclosure'
import { createStaffDesk, createStaffStore, operator, type StaffStore } from '#staff'
import { createVault, type Store, statement, write } from '#storage'
import { createTestClock } from '../base/test-clock.ts'
import { createTestMaster } from '../delivery/post.ts'
import { readShared } from '../sources.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const marked = '甲乙丙丁'
/** As the desk seals it anew. */
const change = statement((db, p: { body: Uint8Array }) => db.updateTable('requests').set({ body: p.body }))
const record = (ref: string, more: object = {}) => ({
  ref,
  channel: 'letter',
  receivedOn: '2025-03-03',
  applicant: 'natural_person',
  name: marked,
  description: `${marked}的文件`,
  ...more,
})
const answered = { repliedOn: '2025-03-20', disposition: 'granted' }

interface Tables {
  table3: { rows: { key: string; label: string; values: Record<string, number | null> }[] }
  table4: { values: Record<string, Record<string, number>> }
}
const published = readShared<Tables>('data/report-2019-tables.json')

describe.each(databases)('a register of requests on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let register: Register
  let annual: AnnualDesk
  let staffStore: StaffStore
  const odd: number[] = []

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    const master = createTestMaster()
    const clock = createTestClock(Date.UTC(2026, 0, 5))
    staffStore = createStaffStore(store)
    const parts = {
      ...{ vault: createVault(store, () => [master]), clock },
      staff: createStaffDesk({ store: staffStore, clock }),
    }
    register = createRegister({ ...parts, store: createDisclosureStore(store) })
    const calendar = async () => createCalendar()
    annual = createAnnualDesk({ ...parts, store: createAnnualStore(store), calendar })
    odd.length = 0
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  const take = (...lines: (object | string)[]) => {
    const texts = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line)))
    const read = async function* () {
      yield* texts
    }
    return register.importLines(read, {
      by: operator,
      file: 'a.jsonl',
      read() {},
      odd: line => odd.push(line),
    })
  }
  const cellOf = async (key: string, column = 'total', year = 2025) => {
    const { table3 } = await annual.compute(year, year < 2021 ? '2019' : '2021')
    return table3.rows.find(row => row.key === key)?.values[column as 'total']
  }

  it('is taken over, again without doubling anything, and the trail tells it', async () => {
    expect(await take(record('a', answered), '', record('b'))).toEqual({ stored: 2, known: 0 })
    expect(await take(record('b'), record('a', answered), record('c'))).toEqual({ stored: 1, known: 2 })
    expect(await cellOf('new_received')).toBe(3)
    const trail = await staffStore.listAudit(0, 10)
    expect(trail.map(row => row.act)).toEqual(['disclosure.import', 'disclosure.import'])
  })

  it.each<[string, (object | string)[], RegExp]>([
    ['a line that is none', [record('a'), 'nonsense'], /第2行/],
    ['an impossible date', [record('a', { receivedOn: '2025-02-30' })], /第1行：receivedOn：没有 2025-02-30/],
    ['an unknown value', [record('a', { applicant: 'dog' })], /applicant 不能是 "dog"/],
    ['a reply before the receipt', [record('a', { ...answered, repliedOn: '2025-03-01' })], /比收到的/],
    ['a reply without its outcome', [record('a', { repliedOn: '2025-03-20' })], /没有 disposition/],
    ['an outcome without its reply', [record('a', { disposition: 'granted' })], /没有 repliedOn/],
    [
      'a number twice with another content',
      [record('a'), record('a', answered)],
      /第2行：编号 a 与第1行相同/,
    ],
  ])('is refused for %s, and nothing of it is stored', async (_, lines, words) => {
    await expect(take(...lines)).rejects.toThrow(words)
    expect(await cellOf('new_received')).toBe(0)
  })

  it('is known again line by line, whatever the office has done with a request since', async () => {
    await take(record('a'))
    const [row] = await store.query(db => db.selectFrom('requests').selectAll())
    await store.commit([write(change, { body: Buffer.concat([Buffer.from(row?.body ?? []), Buffer.of(1)]) })])
    expect(await take(record('a'))).toEqual({ stored: 0, known: 1 })
    await expect(take(record('a', { name: '别人' }))).rejects.toThrow(/内容不同/)
  })

  it('is refused where a number is there with another content', async () => {
    await take(record('a'))
    await expect(take(record('b'), record('a', answered))).rejects.toThrow(/第2行：编号 a 已经登记过/)
    expect(await cellOf('new_received')).toBe(1)
  })

  it('is taken over with what is merely odd, which is told', async () => {
    await take(
      record('a', { ...answered, disposition: 'other_no_supplement' }),
      record('b', { reviews: [{ kind: 'reconsideration', result: 'upheld', on: '2025-01-02' }] }),
    )
    expect(odd).toEqual([1, 2])
    expect(await cellOf('other_no_supplement')).toBe(1)
  })

  it('counts a withdrawn request among the others, and an open one into the next year', async () => {
    await take(
      record('a', { events: [{ type: 'withdrawn', on: '2025-04-01' }] }),
      record('b', { receivedOn: '2024-12-30', ...answered }),
      record('c', { receivedOn: '2025-12-30', repliedOn: '2026-01-05', disposition: 'partial' }),
    )
    expect(await cellOf('other')).toBe(1)
    expect([await cellOf('carried_over'), await cellOf('carried_forward')]).toEqual([1, 1])
    expect(await cellOf('carried_over', 'natural_person', 2026)).toBe(1)
    const { checks } = await annual.compute(2025, '2021')
    expect(checks.filter(check => !check.holds)).toEqual([])
    expect(checks.map(check => check.id)).toContain('C5')
  })

  it('counts reviews by kind and result', async () => {
    const reviews = [
      { kind: 'reconsideration', result: 'corrected', on: '2025-06-01' },
      { kind: 'litigation_direct', result: 'pending', on: '2025-07-01' },
      { kind: 'litigation_direct', result: 'upheld', on: '2024-07-01' },
    ]
    await take(record('a', { ...answered, reviews }))
    const { table4 } = await annual.compute(2025, '2021')
    expect(table4.values.reconsideration).toMatchObject({ corrected: 1, total: 1 })
    expect(table4.values.litigation_direct).toMatchObject({ pending: 1, upheld: 0, total: 1 })
  })

  it('holds no personal data in the clear', async () => {
    await take(record('a', { events: [{ type: 'consultation-sent', on: '2025-03-04', party: marked }] }))
    const rows = await store.query(db => db.selectFrom('requests').selectAll())
    const held = rows.map(
      row => Buffer.from(row.body).toString('utf8') + JSON.stringify({ ...row, body: '' }),
    )
    expect(held).toHaveLength(1)
    expect(held.join()).not.toContain(marked)
  })

  it.runIf(published)('of the agency’s year gives the tables that it published, to the digit', async () => {
    const { table3, table4 } = published as Tables
    const ends = ['new_received', 'carried_over', 'total_processed', 'carried_forward']
    const kinds = table3.rows.filter(({ key }) => !ends.includes(key))
    const carried = table3.rows.find(({ key }) => key === 'carried_over')?.values.natural_person ?? 0
    const lines = kinds
      .flatMap(({ key, values }) =>
        Object.entries(values).flatMap(([applicant, count]) =>
          applicant === 'total'
            ? []
            : Array.from({ length: count ?? 0 }, () => ({ applicant, disposition: key })),
        ),
      )
      .map((closed, i) =>
        record(`2019-${i}`, { receivedOn: '2019-06-03', repliedOn: '2019-06-28', ...closed }),
      )
    const natural = lines.findIndex(line => line.applicant === 'natural_person')
    for (let i = 0; i < carried; i++)
      Object.assign(lines[natural + i] ?? {}, { receivedOn: '2018-12-20', repliedOn: '2019-01-10' })
    await take(...lines)
    const report = await annual.compute(2019, '2019')
    const blankless = table3.rows.map(row => {
      return { ...row, values: Object.fromEntries(Object.entries(row.values).map(([c, n]) => [c, n ?? 0])) }
    })
    expect(report.table3.rows.map(({ key, values }) => ({ key, values }))).toEqual(
      blankless.map(({ key, values }) => ({ key, values })),
    )
    expect(report.table4.values).toEqual(table4.values)
    expect(report.checks.every(check => check.holds)).toBe(true)
  })
})
