/** Entries that live in the database: they follow the folder until an official edits them, and change while people ask. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import {
  createKnowledgeDesk,
  createKnowledgeStore,
  type KnowledgeDesk,
  type Library,
  type LibraryChange,
  openLibrary,
} from '#knowledge'
import { createStaffDesk, createStaffStore, operator, type StaffDesk } from '#staff'
import type { Store } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { folderOf } from './entries.ts'

const start = Date.parse('2026-11-23T09:00:00+08:00')

const textOf = (id: string, answer: string, rest = '') =>
  `---\nid: ${id}\ntitle: ${id}要符合哪些条件？\nquestions:\n  - ${id}怎么办\nsources:\n  - law: 失业保险条例\n    article: 14\n${rest}---\n${answer}\n`

describe.each(databases)('the library on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let clock: TestClock
  let desk: KnowledgeDesk
  let staff: StaffDesk
  let dir: string
  const stopping = new AbortController()

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    clock = createTestClock(start)
    staff = createStaffDesk({ store: createStaffStore(store), clock })
    desk = createKnowledgeDesk({ store: createKnowledgeStore(store), staff, clock })
    await staff.add({ name: '写', roles: ['editor'] }, operator)
    await staff.add({ name: '审', roles: ['reviewer'] }, operator)
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  const open = (region?: string): Promise<Library> =>
    openLibrary({ store: createKnowledgeStore(store), clock, log: silentLog, folder: dir, region })
  const told = (library: Library) =>
    Object.fromEntries(library.entries().map(entry => [entry.id, `${entry.version} ${entry.answer}`]))

  async function publish(content: string, from?: string): Promise<void> {
    const which = await desk.draft(content, '写')
    await desk.submit(which, '写')
    await desk.approve(which, '审', from === undefined ? {} : { from })
  }

  it('follows the folder: a new file, a changed one, one that is gone', async () => {
    dir = await folderOf({ 'a.md': textOf('a', '一'), 'b.md': textOf('b', '一') })
    expect(told(await open())).toEqual({ a: '1 一', b: '1 一' })
    await writeFile(join(dir, 'a.md'), textOf('a', '二'))
    await rm(join(dir, 'b.md'))
    await writeFile(join(dir, 'c.md'), textOf('c', '一'))
    expect(told(await open())).toEqual({ a: '2 二', c: '1 一' })
    expect(told(await open())).toEqual({ a: '2 二', c: '1 一' })
  })

  it('takes nothing away while something in the folder is broken', async () => {
    dir = await folderOf({ 'a.md': textOf('a', '一'), 'b.md': textOf('b', '一') })
    await open()
    await writeFile(join(dir, 'b.md'), 'broken')
    expect(told(await open())).toEqual({ a: '1 一', b: '1 一' })
  })

  it('leaves alone what an official has edited', async () => {
    dir = await folderOf({ 'a.md': textOf('a', '一') })
    await open()
    await publish(textOf('a', '改'))
    await writeFile(join(dir, 'a.md'), textOf('a', '二'))
    expect(told(await open())).toEqual({ a: '2 改' })
  })

  it('tells of an edit within two seconds, in another process too', async () => {
    dir = await folderOf({ 'a.md': textOf('a', '一') })
    const [here, there] = [await open(), await open()]
    const changes: LibraryChange[] = []
    there.follow(change => void changes.push(change))
    void there.watch(stopping.signal)
    await publish(textOf('a', '改'))
    await clock.advance(2_000)
    await until('the edit is live', () => told(there).a === '2 改')
    expect(changes.flatMap(c => c.replaced).map(entry => entry.version)).toEqual([2])
    expect(told(here)).toEqual({ a: '1 一' })
    await desk.withdraw('a', '审')
    await clock.advance(2_000)
    await until('it is gone', () => there.entries().length === 0)
    expect(changes.flatMap(c => c.removed)).toEqual(['a'])
  })

  it('quotes a scheduled version from its day on, and the one before until then', async () => {
    dir = await folderOf({ 'a.md': textOf('a', '一') })
    const library = await open()
    void library.watch(stopping.signal)
    await publish(textOf('a', '明天'), '2026-11-24')
    await clock.advance(2_000)
    expect(told(library)).toEqual({ a: '1 一' })
    await clock.advance(24 * 60 * 60_000)
    await until('its day has come', () => told(library).a === '2 明天')
  })

  it('quotes nothing of an entry whose version was recalled', async () => {
    dir = await folderOf({ 'a.md': textOf('a', '一') })
    await open()
    await publish(textOf('a', '错'))
    await desk.recall({ entry: 'a', version: 2 }, '审', '数字写错')
    expect((await open()).entries()).toEqual([])
    expect((await desk.history('a')).map(row => row.state)).toEqual(['withdrawn', 'recalled'])
  })

  it('shows what is decided locally behind what holds everywhere, in its own region only', async () => {
    const local =
      '---\nid: a-sd\nextends: a\nregion: "370000"\nsources:\n  - law: 社会保险法\n    article: 45\n---\n每月按当地标准。\n'
    dir = await folderOf({ 'a.md': textOf('a', '一'), 'regions/370000/a.md': local })
    expect((await open()).entries()[0]?.answer).toBe('一')
    const [entry] = (await open('370000')).entries()
    expect(entry?.answer).toBe('一\n\n当地规定：\n每月按当地标准。')
    expect(entry?.sources.map(source => source.law)).toEqual(['失业保险条例', '社会保险法'])
  })

  describe('an official', () => {
    beforeEach(async () => {
      dir = await folderOf({ 'a.md': textOf('a', '一') })
      await open()
    })

    it('is told what is wrong with a draft, and nothing is kept of it', async () => {
      await expect(desk.draft('---\nid: a\n---\n', '写')).rejects.toThrow(/第/)
      await expect(desk.draft(textOf('a', '一').replace('article: 14', 'article: 99'), '写')).rejects.toThrow(
        /第99条/,
      )
      expect(await desk.history('a')).toHaveLength(1)
    })

    it('does not approve her own version, unless she is the only one who may', async () => {
      await staff.add({ name: '独', roles: ['reviewer'] }, operator)
      const which = await desk.draft(textOf('a', '改'), '独')
      await desk.submit(which, '独')
      await expect(desk.approve(which, '独')).rejects.toThrow(/审/)
      await expect(desk.approve(which, '写')).rejects.toThrow(/权限/)
      await staff.disable('审', operator)
      await desk.approve(which, '独')
      expect((await desk.history('a')).at(-1)?.state).toBe('published')
      const trail = await createStaffStore(store).listAudit(0, 100)
      expect(JSON.parse(trail.at(-1)?.detail ?? '{}')).toMatchObject({ alone: true })
    })

    it('can send a version back, and put an earlier one in its place', async () => {
      const which = await desk.draft(textOf('a', '改'), '写')
      await desk.submit(which, '写')
      await desk.reject(which, '审', '写得不清楚')
      await expect(desk.approve(which, '审')).rejects.toThrow(/已提交/)
      expect((await desk.history('a')).at(-1)).toMatchObject({ state: 'rejected', note: '写得不清楚' })
      await desk.rollback({ entry: 'a', version: 1 }, '写')
      expect((await desk.history('a')).at(-1)).toMatchObject({ state: 'drafted', version: 3 })
      expect(await desk.diff('a', 1, 2)).toContain('+改')
    })

    it('has a second look where answers would get worse', async () => {
      const strict = createKnowledgeDesk({
        store: createKnowledgeStore(store),
        staff,
        clock,
        measure: async () => ['答对的比例从80.0%降到70.0%'],
      })
      const which = await strict.draft(textOf('a', '改'), '写')
      await strict.submit(which, '写')
      await expect(strict.approve(which, '审')).rejects.toThrow(/70.0%/)
      await strict.approve(which, '审', { despite: true })
      expect((await strict.history('a')).at(-1)?.state).toBe('published')
    })

    it('leaves a row in the trail with everything that is done', async () => {
      await publish(textOf('a', '改'))
      await desk.withdraw('a', '审')
      const trail = await createStaffStore(store).listAudit(0, 100)
      const acts = trail.map(row => row.act).filter(act => act.startsWith('entry'))
      expect(acts).toEqual(['entry.draft', 'entry.submit', 'entry.publish', 'entry.withdraw'])
      expect((await staff.verify()).broken).toBeUndefined()
    })
  })
})
