/** What officials do with entries: nobody approves alone, nothing is lost, everything stands in the trail. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKnowledgeDesk, createKnowledgeStore, type KnowledgeDesk } from '#knowledge'
import { operator } from '#staff'
import { databases } from '../storage/databases.ts'
import { folderOf } from './entries.ts'
import { type Office, openOffice, textOf, told } from './office.ts'

describe.each(databases)('an official on $name', ({ make }) => {
  let office: Office
  let desk: KnowledgeDesk
  let folder: string
  beforeEach(async () => {
    office = await openOffice(await make())
    desk = office.desk
    folder = await folderOf({ 'a.md': textOf('a', '一') })
    await office.open({ folder })
  })
  afterEach(() => office.close())

  async function submit(content: string, by = '写') {
    const which = await desk.draft(content, by)
    await desk.submit(which, by)
    return which
  }

  it('is told what is wrong with a draft, and nothing is kept of it', async () => {
    await expect(desk.draft('---\nid: a\n---\n', '写')).rejects.toThrow(/第/)
    const beyond = textOf('a', '一').replace('article: 14', 'article: 99')
    await expect(desk.draft(beyond, '写')).rejects.toThrow(/第99条/)
    await expect(desk.draft(textOf('a', '一'), '没有这个人')).rejects.toThrow(/staff add/)
    expect(await desk.history('a')).toHaveLength(1)
  })

  it('does not approve her own version, unless she is the only one who may', async () => {
    await office.staff.add({ name: '独', roles: ['reviewer'] }, operator)
    const which = await submit(textOf('a', '改'), '独')
    await expect(desk.approve(which, '独')).rejects.toThrow(/审/)
    await expect(desk.approve(which, '写')).rejects.toThrow(/权限/)
    await office.staff.disable('审', operator)
    await desk.approve(which, '独')
    expect((await desk.history('a')).at(-1)?.state).toBe('published')
    expect((await office.trail()).at(-1)?.detail).toMatchObject({ alone: true })
  })

  it('can send a version back with a reason, and put an earlier one in its place', async () => {
    const which = await submit(textOf('a', '改'))
    await expect(desk.reject(which, '审', ' ')).rejects.toThrow(/理由/)
    await desk.reject(which, '审', '写得不清楚')
    await expect(desk.approve(which, '审')).rejects.toThrow(/已提交/)
    expect((await desk.history('a')).at(-1)).toMatchObject({ state: 'rejected', note: '写得不清楚' })
    await desk.rollback({ entry: 'a', version: 1 }, '写')
    expect((await desk.history('a')).at(-1)).toMatchObject({ state: 'drafted', version: 3 })
    expect(await desk.diff('a', 1, 2)).toContain('+改')
    await expect(desk.diff('a', 1, 9)).rejects.toThrow(/第9版/)
  })

  it('has a second look where answers would get worse', async () => {
    const strict = createKnowledgeDesk({
      ...office,
      store: createKnowledgeStore(office.store),
      measure: async () => ['答对的比例从80.0%降到70.0%'],
    })
    const which = await submit(textOf('a', '改'))
    await expect(strict.approve(which, '审')).rejects.toThrow(/70.0%/)
    await strict.approve(which, '审', { despite: true })
    expect((await strict.history('a')).at(-1)?.state).toBe('published')
  })

  it('cannot put what was written earlier over what was published since', async () => {
    const earlier = await submit(textOf('a', '早'))
    await office.publish(textOf('a', '晚'))
    await expect(desk.approve(earlier, '审')).rejects.toThrow(/第3版在用/)
    expect(told(await office.open({ folder }))).toEqual({ a: '3 晚' })
  })

  it('can prepare what holds from a later day on, and publish it for that day', async () => {
    const later = textOf('a', '新', 'effective: 2026-12-01\n')
    await desk.approve(await submit(later), '审', { from: '2026-11-30' })
    expect((await desk.history('a')).at(-1)).toMatchObject({ effective_from: '2026-12-01' })
    const library = await office.open()
    expect(told(library)).toEqual({ a: '1 一' })
    await office.clock.advance(9 * 24 * 60 * 60_000)
    expect(told(await office.open())).toEqual({ a: '2 新' })
  })

  it.each(['2026-13-01', '明天', ''])('cannot publish from %j on', async from => {
    await expect(desk.approve(await submit(textOf('a', '改')), '审', { from })).rejects.toThrow(/YYYY-MM-DD/)
  })

  it('publishes at once what was to hold from a day in the past', async () => {
    await desk.approve(await submit(textOf('a', '改')), '审', { from: '2026-01-01' })
    expect((await desk.history('a')).at(-1)).toMatchObject({ effective_from: null })
  })

  it('is not lost beside another who does the same at the same time', async () => {
    const drafts = ['一', '二', '三', '四'].map(answer => desk.draft(textOf('a', answer), '写'))
    const versions = (await Promise.all(drafts)).map(which => which.version)
    expect(versions.sort()).toEqual([2, 3, 4, 5])
    const which = { entry: 'a', version: 3 }
    await desk.submit(which, '写')
    const both = await Promise.allSettled([desk.approve(which, '审'), desk.reject(which, '审', '不行')])
    expect(both.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await office.staff.verify()).broken).toBeUndefined()
  })

  it('leaves a row in the trail with everything that is done, and no personal data in it', async () => {
    await office.publish(textOf('a', '改'))
    await desk.recall({ entry: 'a', version: 2 }, '审', '王先生13800138000说数字写错')
    const trail = await office.trail()
    expect(trail.map(({ act, staff }) => `${act} ${staff}`)).toEqual([
      'entry.draft 写',
      'entry.submit 写',
      'entry.publish 审',
      'entry.recall 审',
    ])
    expect(trail.at(-1)?.detail).toMatchObject({ version: 2, note: expect.stringContaining('数字写错') })
    expect(JSON.stringify(trail)).not.toContain('13800138000')
  })

  it('sees which versions another one has replaced', async () => {
    await office.publish(textOf('a', '二'))
    await office.publish(textOf('a', '明天'), '2026-11-24')
    await desk.draft(textOf('a', '三'), '写')
    const states = async () => (await desk.history('a')).map(row => row.state)
    expect(await states()).toEqual(['replaced', 'published', 'published', 'drafted'])
    await desk.recall({ entry: 'a', version: 1 }, '审', '当时就写错了')
    expect(await states()).toEqual(['recalled', 'published', 'published', 'drafted'])
  })

  it('sees what is in use as text', async () => {
    await office.publish(textOf('b', '新'))
    expect(await desk.published()).toEqual([
      { entry: 'a', version: 1, content: textOf('a', '一') },
      { entry: 'b', version: 1, content: textOf('b', '新') },
    ])
  })
})
