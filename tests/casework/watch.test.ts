/** Dates under watch: notices that change the calendar under open requests, and reminders that come once. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '#storage'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { type Office, officials as o, openOffice, someone } from './office.ts'

const notice = (more: object = {}) =>
  JSON.stringify({
    year: 2025,
    holidays: ['2025-03-10', '2025-03-11'],
    workdays: ['2025-03-08'],
    source: '国办发明电〔2025〕9号',
    ...more,
  })

describe.each(databases)('dates on $name', ({ make }) => {
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
  const who = { ref: '2025-0001', by: o.officer }

  it('are computed anew when a notice is loaded, with the old one and the reason kept', async () => {
    await office.desk.register(someone, o.officer)
    expect(await office.desk.loadNotice(notice(), o.officer)).toEqual({
      fresh: true,
      changed: [{ ref: '2025-0001', from: '2025-03-31', to: '2025-04-01' }],
    })
    const { one, history } = await office.desk.show(who)
    const recomputed = {
      on: '2025-03-03',
      from: '2025-03-31',
      to: '2025-04-01',
      reason: '国办发明电〔2025〕9号',
    }
    expect(one).toMatchObject({ dueOn: '2025-04-01', recomputed: [recomputed] })
    expect(history.at(-1)).toMatchObject({
      verb: 'recompute',
      old: { dueOn: '2025-03-31' },
      new: { dueOn: '2025-04-01' },
    })
    expect(await office.desk.loadNotice(notice(), o.officer)).toEqual({ fresh: false, changed: [] })
    expect((await office.desk.register(someone, o.officer)).dueOn).toBe('2025-04-01')
    expect(await office.desk.verify()).toMatchObject({ events: 3, broken: undefined })
  })

  it('leave alone what is closed, and what came with a date of its own', async () => {
    await office.desk.register(someone, o.officer)
    await office.desk.withdraw(who, { note: '来电' })
    await office.desk.registerAssisted(
      { from: '省政府', description: '某事', dueOn: '2025-03-31' },
      o.officer,
    )
    expect((await office.desk.loadNotice(notice(), o.officer)).changed).toEqual([])
  })

  it.each([
    ['no JSON', 'nonsense', /year/],
    ['an impossible day', notice({ holidays: ['2025-02-30'] }), /没有 2025-02-30/],
    ['a day of another year', notice({ holidays: ['2027-02-01'] }), /2027-02-01 不在2025年/],
    ['a day off and worked', notice({ workdays: ['2025-03-10'] }), /又放假又上班/],
    ['no source', notice({ source: '' }), /文号/],
    ['no days at all', notice({ holidays: [], workdays: [] }), /都是空的/],
  ])('stay as they are under a notice with %s', async (_, text, words) => {
    await office.desk.register(someone, o.officer)
    await expect(office.desk.loadNotice(text, o.officer)).rejects.toThrow(words)
    expect(await office.dossier.listNotices()).toEqual([])
  })

  it('are reminded of five, two and no working days ahead and each day late, once', async () => {
    await office.desk.register(someone, o.officer)
    const told: [string, string, number][] = []
    for (const day of [
      '2025-03-03',
      '2025-03-23',
      '2025-03-24',
      '2025-03-25',
      '2025-03-27',
      '2025-03-28',
      '2025-03-31',
      '2025-04-01',
      '2025-04-02',
    ]) {
      await office.goTo(day)
      const before = (await office.reminders()).length
      await office.desk.remind()
      expect(await office.desk.remind()).toBe(0)
      for (const { what, left } of (await office.reminders()).slice(before)) told.push([day, what, left])
    }
    expect(told.filter(([, what]) => what === 'reply')).toEqual([
      ['2025-03-24', 'reply', 5],
      ['2025-03-27', 'reply', 2],
      ['2025-03-31', 'reply', 0],
      ['2025-04-01', 'reply', -1],
      ['2025-04-02', 'reply', -2],
    ])
  })

  it('are told by one of two processes, and hold no personal data', async () => {
    await office.desk.register(someone, o.officer)
    await office.goTo('2025-03-31')
    const other = await database.open()
    await Promise.all([office.desk.remind(), office.beside(other).remind(), office.desk.remind()])
    const told = (await office.reminders()).filter(({ what }) => what === 'reply')
    expect(told).toEqual([{ ref: '2025-0001', what: 'reply', dueOn: '2025-03-31', left: 0, assignee: null }])
    await other.close()
  })

  it('of supplements and consultations are watched too, and no reply is asked for while the applicant has the word', async () => {
    await office.desk.register(someone, o.officer)
    await office.desk.askSupplement(who, { points: '哪一年', days: 5 })
    await office.goTo('2025-03-10')
    await office.desk.remind()
    expect((await office.reminders()).map(({ what, left }) => [what, left])).toEqual([['supplement', 0]])
    await office.desk.supplied(who, { text: '2024年' })
    await office.desk.consult(who, { party: '某公司', kind: 'third-party' })
    await office.goTo('2025-03-31')
    await office.desk.remind()
    const consulted = (await office.reminders()).filter(({ what }) => what === 'consultation')
    expect(consulted).toEqual([
      { ref: '2025-0001', what: 'consultation', dueOn: '2025-03-31', left: 0, assignee: null },
    ])
  })
})
