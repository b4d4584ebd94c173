/** Entries that live in the database: they follow the folder until an official edits them, and change while people ask. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LibraryChange } from '#knowledge'
import { until } from '../base/until.ts'
import { databases } from '../storage/databases.ts'
import { folderOf } from './entries.ts'
import { type Office, openOffice, textOf, told } from './office.ts'

const dayMs = 24 * 60 * 60_000

describe.each(databases)('the library on $name', ({ make }) => {
  let office: Office
  let folder: string
  const stopping = new AbortController()

  beforeEach(async () => {
    office = await openOffice(await make())
    folder = await folderOf({ 'a.md': textOf('a', '一'), 'b.md': textOf('b', '一') })
  })
  afterEach(() => office.close())

  const open = (region?: string) => office.open({ folder, region })
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  const stateOf = async (entry: string) => (await office.desk.history(entry)).at(-1)?.state

  it('follows the folder: a new file, a changed one, one that is gone, one that is back', async () => {
    expect(told(await open())).toEqual({ a: '1 一', b: '1 一' })
    await write('a.md', textOf('a', '二'))
    await rm(join(folder, 'b.md'))
    await write('c.md', textOf('c', '一'))
    expect(told(await open())).toEqual({ a: '2 二', c: '1 一' })
    expect(told(await open())).toEqual({ a: '2 二', c: '1 一' })
    await write('b.md', textOf('b', '一'))
    expect(told(await open())).toEqual({ a: '2 二', b: '2 一', c: '1 一' })
  })

  it('writes nothing when nothing has changed', async () => {
    await open()
    const versions = () => office.store.query(db => db.selectFrom('entry_versions').selectAll())
    const changes = () => office.store.query(db => db.selectFrom('entry_changes').selectAll())
    const before = [await versions(), await changes()]
    await open()
    expect([await versions(), await changes()]).toEqual(before)
  })

  it('takes nothing away while something in the folder is broken, or the folder is empty', async () => {
    await open()
    await write('b.md', 'broken')
    await rm(join(folder, 'a.md'))
    expect(told(await open())).toEqual({ a: '1 一', b: '1 一' })
    await rm(join(folder, 'b.md'))
    expect(told(await open())).toEqual({ a: '1 一', b: '1 一' })
  })

  it('takes away what is gone although another entry has expired', async () => {
    await open()
    await write('b.md', textOf('b', '一', 'expires: 2026-01-01\n'))
    await rm(join(folder, 'a.md'))
    const library = await open()
    expect(told(library)).toEqual({})
    expect(library.problems()).toMatchObject([{ file: 'b.md', problem: expect.stringContaining('失效') }])
  })

  it('leaves alone what an official has edited or taken out of use', async () => {
    await open()
    await office.publish(textOf('a', '改'))
    await office.desk.withdraw('b', '审')
    await write('a.md', textOf('a', '二'))
    await write('b.md', textOf('b', '二'))
    expect(told(await open())).toEqual({ a: '2 改' })
    await rm(join(folder, 'a.md'))
    expect(told(await open())).toEqual({ a: '2 改' })
  })

  it('is brought up by two processes at once as by one', async () => {
    const both = await Promise.all([open(), open()])
    expect(both.map(told)).toEqual([
      { a: '1 一', b: '1 一' },
      { a: '1 一', b: '1 一' },
    ])
    expect(await office.desk.history('a')).toHaveLength(1)
  })

  it('tells of an edit within two seconds, in another process too', async () => {
    const [here, there] = [await open(), await open()]
    const changes: LibraryChange[] = []
    there.follow(change => void changes.push(change))
    void there.watch(stopping.signal)
    await office.publish(textOf('a', '改'))
    await office.clock.advance(2_000)
    await until('the edit is live', () => told(there).a === '2 改')
    expect(changes.flatMap(c => c.replaced).map(entry => entry.version)).toEqual([2])
    expect(told(here).a).toBe('1 一')
    await office.desk.withdraw('a', '审')
    await office.clock.advance(2_000)
    await until('it is gone', () => there.entries().length === 1)
    expect(changes.flatMap(c => c.removed)).toEqual(['a'])
  })

  it('tells of an edit that was committed late, under a lower number than one before', async () => {
    const library = await open()
    void library.watch(stopping.signal)
    const row = (seq: number) => ({ seq, entry: 'a', at: 1 })
    await office.store.query(db => db.insertInto('entry_changes').values(row(50)))
    await office.clock.advance(1_000)
    await until('it has looked', () => office.clock.sleepers() > 0)
    await office.publish(textOf('a', '改'))
    await office.clock.advance(1_000)
    await until('the edit is live', () => told(library).a === '2 改')
  })

  it('quotes a scheduled version from its day on, and the one before until then', async () => {
    const library = await open()
    void library.watch(stopping.signal)
    await office.publish(textOf('a', '明天'), '2026-11-24')
    await office.clock.advance(2_000)
    expect(told(library).a).toBe('1 一')
    await office.clock.advance(dayMs)
    await until('its day has come', () => told(library).a === '2 明天')
  })

  it('goes on with the text of before until a changed file takes effect', async () => {
    await open()
    await write('a.md', textOf('a', '新', 'effective: 2026-11-24\n'))
    const library = await open()
    void library.watch(stopping.signal)
    expect(told(library).a).toBe('1 一')
    await office.clock.advance(dayMs)
    await until('its day has come', () => told(library).a === '2 新')
  })

  it('stops quoting an entry when its last day is over, and says so', async () => {
    await write('a.md', textOf('a', '一', 'owner: 失业保险处\nexpires: 2026-11-23\n'))
    const library = await open()
    void library.watch(stopping.signal)
    expect(told(library).a).toBe('1 一')
    expect(library.problems()).toEqual([])
    await office.clock.advance(dayMs)
    await until('its last day is over', () => told(library).a === undefined)
    expect(library.problems()).toMatchObject([
      { file: 'a.md', entry: 'a', owner: '失业保险处', dropped: true },
    ])
  })

  it('says no more of a file that an official has replaced', async () => {
    await write('b.md', textOf('b', '一', 'expires: 2026-01-01\n'))
    await write('c.md', textOf('a', '又一'))
    await office.publish(textOf('b', '新'))
    expect((await open()).problems()).toMatchObject([
      { file: 'c.md', problem: expect.stringContaining('a.md') },
    ])
  })

  it('quotes nothing of an entry whose version was recalled', async () => {
    await open()
    await office.publish(textOf('a', '错'))
    await office.desk.recall({ entry: 'a', version: 2 }, '审', '数字写错')
    expect(told(await open())).toEqual({ b: '1 一' })
    expect((await office.desk.history('a')).map(row => row.state)).toEqual(['withdrawn', 'recalled'])
  })

  it('does not quote what another entry stands in for, as long as that one is quoted', async () => {
    await write('b.md', textOf('b', '一', 'supersedes: [a]\nexpires: 2026-11-23\n'))
    const library = await open()
    void library.watch(stopping.signal)
    expect(told(library)).toEqual({ b: '1 一' })
    expect(library.problems()).toMatchObject([{ entry: 'a', problem: expect.stringContaining('b') }])
    await office.clock.advance(dayMs)
    await until('the other has expired', () => told(library).a === '1 一')
  })

  it('keeps an edit without a folder', async () => {
    await office.publish(textOf('c', '新'))
    expect(told(await office.open())).toEqual({ c: '1 新' })
    expect(await stateOf('c')).toBe('published')
  })

  describe('local rules', () => {
    const local = (id: string, region: string, answer: string) =>
      `---\nid: ${id}\nextends: a\nregion: ${region}\nquestions:\n  - ${answer}在哪里问\nsources:\n  - law: 社会保险法\n    article: 45\n---\n${answer}\n`
    beforeEach(async () => {
      await write('a-jn.md', local('a-jn', '370100', '济南的标准。'))
      await write('a-sd.md', local('a-sd', '370000', '全省的标准。'))
      await write('c.md', textOf('c', '一', 'region: 370100\n'))
    })
    const answerIn = async (region?: string) => told(await open(region)).a

    it('stand behind what holds everywhere, in their own region and within it only', async () => {
      expect(await answerIn()).toBe('1 一')
      expect(await answerIn('110000')).toBe('1 一')
      expect(await answerIn('370000')).toBe('1 一\n\n当地规定：\n全省的标准。')
      expect(await answerIn('370100')).toBe('1 一\n\n当地规定：\n全省的标准。\n\n当地规定：\n济南的标准。')
    })

    it('bring their sources and questions along', async () => {
      const entry = (await open('370000')).entries().find(({ id }) => id === 'a')
      expect(entry?.sources.map(source => source.law)).toEqual(['失业保险条例', '社会保险法'])
      expect(entry?.questions).toEqual(['a怎么办', '全省的标准。在哪里问'])
    })

    it('are told nowhere else, also where they stand alone', async () => {
      expect(told(await open('370000')).c).toBeUndefined()
      expect(told(await open('370100')).c).toBe('1 一')
    })

    it('can be edited like any other entry', async () => {
      const library = await open('370000')
      const changes: LibraryChange[] = []
      library.follow(change => void changes.push(change))
      void library.watch(stopping.signal)
      await office.publish(local('a-sd', '370000', '新的标准。'))
      await office.clock.advance(2_000)
      await until('the edit is live', () => told(library).a === '1 一\n\n当地规定：\n新的标准。')
      expect(changes.flatMap(c => c.replaced).map(({ id }) => id)).toEqual(['a'])
      expect(changes.flatMap(c => c.removed)).toEqual([])
    })
  })
})
