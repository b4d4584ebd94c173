/** The annual report of a made-up year: computed, written into, frozen, proved, compared, and reminded of. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AnnualDesk, createAnnualDesk, createAnnualStore, remindOfReport } from '#annual'
import { createCalendar } from '#base/workdays'
import { createDisclosureStore, createRegister } from '#disclosure'
import { createStaffDesk, createStaffStore, operator, type StaffDesk } from '#staff'
import { createVault, type Store, statement, write } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const dayMs = 86_400_000
const tamper = statement(db => db.updateTable('reports').set({ content: '{}' }).where('seq', '=', 1))
const figuresOf = (inForce: number, made = 3) => [
  { id: 'art20_1', rows: [{ key: 'normative_docs', values: [made, 1, inForce] }] },
  { id: 'art20_8', rows: [{ key: 'fees', values: ['12.50'] }] },
]
const texts = {
  overview:
    '2025年，本机关依法公开政府信息。新收到政府信息公开申请3件；上年结转1件，办理3件，结转下年度1件。',
  problems: '目录更新不够及时，2026年改为每月更新。',
  others: '收取信息处理费400.00元。',
}
const line = (ref: string, more: object) =>
  JSON.stringify({ ref, channel: 'letter', receivedOn: '2025-03-03', applicant: 'natural_person', ...more })
const lines = [
  line('2024-1', { receivedOn: '2024-12-30', repliedOn: '2025-01-10', disposition: 'granted' }),
  line('2025-1', { repliedOn: '2025-03-10', disposition: 'granted' }),
  line('2025-2', {
    applicant: 'org_research',
    repliedOn: '2025-03-31',
    disposition: 'denied_process',
    reviews: [{ kind: 'reconsideration', result: 'upheld', on: '2025-06-01' }],
  }),
  line('2025-3', { receivedOn: '2025-12-29' }),
]

describe.each(databases)('the annual report on $name', ({ make }) => {
  const master = createTestMaster()
  let database: TestDatabase
  let store: Store
  let clock: TestClock
  let staff: StaffDesk
  let desk: AnnualDesk

  const deskOn = (on: Store) =>
    createAnnualDesk({
      ...{ store: createAnnualStore(on), vault: createVault(on, () => [master]), clock },
      staff: createStaffDesk({ store: createStaffStore(on), clock }),
      calendar: async () => createCalendar(),
    })

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    clock = createTestClock(Date.UTC(2026, 0, 5, 1))
    staff = createStaffDesk({ store: createStaffStore(store), clock })
    desk = deskOn(store)
    const vault = createVault(store, () => [master])
    const register = createRegister({ store: createDisclosureStore(store), vault, staff, clock })
    const read = async function* () {
      yield* lines
    }
    await register.importLines(read, { by: operator, file: 'a.jsonl', read() {}, odd() {} })
    await staff.add({ name: '经办', roles: ['disclosure-officer'] }, operator)
    await staff.add({ name: '负责人', roles: ['head'] }, operator)
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  const figures = (year: number, table2: unknown, fees?: string) =>
    desk.keepFigures(year, { table2, fees }, { file: 'f.json', by: operator })
  const writeAll = async (given: object = {}) => {
    for (const [section, text] of Object.entries({ ...texts, ...given }))
      await desk.writeText(2025, { section, text }, '经办')
  }
  const failing = async () => (await desk.compute(2025, '2021')).checks.filter(({ holds }) => !holds)

  it('drafts its sections with the figures of its tables, and all that can be checked holds', async () => {
    const { text, checks, unassessed } = await desk.compute(2025, '2021')
    expect(text.overview).toContain('新收到政府信息公开申请3件；上年结转1件，办理3件')
    expect(text.overview).toContain('用时的中位数是8个工作日')
    expect(text.requests).toContain('予以公开2件，部分公开0件，不予公开1件')
    expect(text.reviews).toContain('行政复议1件')
    expect(checks.map(({ id }) => id)).toEqual(['C1', 'C2', 'C3', 'C4', 'C5', 'C10', 'C8'])
    expect(checks.filter(({ holds }) => !holds)).toEqual([])
    expect(unassessed.map(({ id }) => id)).toEqual(['C6', 'C9', 'C11', 'C12'])
  })

  it('keeps figures that no request can yield, of any layout, and refuses none that merely cannot be printed', async () => {
    expect(await figures(2025, { own: [1] })).toBe(false)
    expect((await desk.compute(2025, '2021')).table2).toEqual({ own: [1] })
    expect(await figures(2025, figuresOf(10))).toBe(true)
    await expect(figures(2025, figuresOf(-1))).rejects.toThrow(/规范性文件.*现行有效件数.*不能是 -1/)
    expect((await desk.compute(2025, '2021')).table2).toEqual(figuresOf(10))
  })

  it('holds what is in force against the year before', async () => {
    await figures(2024, figuresOf(8))
    await figures(2025, figuresOf(10))
    expect(await failing()).toEqual([])
    await figures(2025, figuresOf(11))
    expect(await failing()).toMatchObject([{ id: 'C6', detail: expect.stringContaining('11，应当是 10') }])
  })

  it('holds the items of 2019 against those of the year before', async () => {
    const items = (last: number, delta: number) => [
      { id: 'art20_5', rows: [{ key: 'licences', values: [last, delta, 0] }] },
    ]
    const failingOf2020 = async () =>
      (await desk.compute(2020, '2019')).checks.filter(({ holds }) => !holds).map(({ id }) => id)
    await figures(2019, items(6, -1))
    await figures(2020, items(5, 2))
    expect(await failingOf2020()).toEqual([])
    await figures(2020, items(6, 0))
    expect(await failingOf2020()).toEqual(['C7'])
  })

  it('finds a figure in an official’s text that is not the table’s', async () => {
    await writeAll({ overview: texts.overview.replace('申请3件', '申请30件') })
    expect(await failing()).toMatchObject([{ id: 'C8', detail: expect.stringMatching(/申请30件.*是 3/) }])
    await writeAll({ requests: '不予公开2件。' })
    expect(await failing()).toMatchObject([{ id: 'C8', detail: expect.stringMatching(/不予公开2件.*是 1/) }])
  })

  it('wants fees that were collected to be told', async () => {
    await figures(2025, figuresOf(10), '400.00')
    await writeAll({ others: '无' })
    expect(await failing()).toMatchObject([{ id: 'C9' }])
    await writeAll()
    expect(await failing()).toEqual([])
  })

  it('is written by whoever may, section by section', async () => {
    await expect(desk.writeText(2025, { section: 'other', text: 'a' }, '经办')).rejects.toThrow(/没有 other/)
    await expect(desk.writeText(2025, { section: 'others', text: ' ' }, '经办')).rejects.toThrow(/空的/)
    await staff.add({ name: '编辑', roles: ['editor'] }, operator)
    await expect(desk.writeText(2025, { section: 'others', text: 'a' }, '编辑')).rejects.toThrow(/权限/)
  })

  it('is frozen once by the head, when nothing is left open, and proves that it was not changed', async () => {
    await expect(desk.freeze(2025, { by: '经办' })).rejects.toThrow(/权限/)
    await expect(desk.freeze(2025, { by: '负责人' })).rejects.toThrow(/C11.*待填写/)
    await writeAll()
    await expect(desk.freeze(2025, { by: '负责人' })).rejects.toThrow(/publication 里还有“待填写”/)
    await figures(2025, figuresOf(10))
    const frozen = await desk.freeze(2025, { by: '负责人' })
    expect(frozen.report.checks.map(({ id }) => id)).toContain('C11')
    expect(frozen).toMatchObject({ seq: 1, staff: '负责人', on: '2026-01-05' })
    await expect(desk.freeze(2025, { by: '负责人' })).rejects.toThrow(/已经定稿.*--replace/)
    expect(await desk.verify(2025)).toEqual([{ seq: 1, hash: frozen.hash, whole: true }])

    await writeAll({ problems: '又想起一个问题。' })
    expect((await desk.findFrozen(2025))?.report.text.problems).toBe(texts.problems)
    expect((await desk.compute(2026, '2021')).text.overview).toContain('申请0件，比上一年减少3件')
    const again = await desk.freeze(2025, { by: '负责人', reason: '补充问题' })
    expect(again.seq).toBe(2)
    // As somebody with the database would.
    await store.commit([write(tamper, {})])
    expect((await desk.verify(2025)).map(({ whole }) => whole)).toEqual([false, true])
    await expect(desk.verify(2024)).rejects.toThrow(/没有定稿/)
  })

  it('stands beside the year before, row by row', async () => {
    const rows = await desk.compare(2025)
    expect(rows.find(({ key }) => key === 'new_received')).toMatchObject({ before: 1, now: 3 })
    expect(rows.find(({ key }) => key === 'carried_forward')).toMatchObject({ before: 1, now: 1 })
    expect(rows.find(({ key }) => key === 'reconsideration')).toMatchObject({ before: 0, now: 1 })
  })

  it('is reminded of before it is due, each time once, however many processes look', async () => {
    const told: number[] = []
    const other = await database.open()
    const both = [store, other].map(createAnnualStore)
    for (let day = 0; day < 40; day++) {
      for (const one of both)
        await remindOfReport({
          ...{ store: one, clock, calendar: async () => createCalendar() },
          async notify({ left }) {
            told.push(left)
            return []
          },
        })
      await clock.advance(dayMs)
    }
    await other.close()
    // 31 January 2026 is a Saturday.
    expect(told).toEqual([10, 5, 1, 0])
    const rows = await store.query(db => db.selectFrom('report_reminders').select('step'))
    expect(rows.map(({ step }) => step).sort((a, b) => b - a)).toEqual([10, 5, 1, 0])
  })
})
