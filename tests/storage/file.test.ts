import { existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from '#base/errors'
import { backupFile, inspectFile, isAbsent, openSqlite, restoreFile, statement, write } from '#storage'
import { temporaryFolder } from './databases.ts'

const put = statement((db, p: { key: string; value: string }) =>
  db
    .insertInto('cache')
    .values({ key: p.key, value: p.value, expires_at: null })
    .onConflict(c => c.column('key').doUpdateSet({ value: p.value })),
)
const get = statement((db, p: { key: string }) =>
  db.selectFrom('cache').select('value').where('key', '=', p.key),
)

/** As another program would. */
function change(file: string, sql: string): void {
  const connection = new DatabaseSync(file)
  connection.exec(sql)
  connection.close()
}

describe('the database file', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let file: string
  beforeEach(() => {
    folder = temporaryFolder()
    file = join(folder.path, 'test.sqlite')
  })
  afterEach(() => folder.remove())

  it('is told sound, absent, corrupt and no database at all', async () => {
    expect(inspectFile(file).state).toBe('absent')
    const store = await openSqlite(file)
    for (let i = 0; i < 200; i++) await store.commit([write(put, { key: `k${i}`, value: 'x'.repeat(500) })])
    await store.close()
    expect(inspectFile(file).state).toBe('sound')
    truncateSync(file, 40_000)
    expect(inspectFile(file).state).toBe('corrupt')
    writeFileSync(file, 'this is a text, and a long one, so that it fills the header of a page'.repeat(100))
    expect(inspectFile(file).state).toBe('not-a-database')
  })

  it('is told locked, not corrupt, while another program holds it alone', async () => {
    await (await openSqlite(file)).close()
    const holder = new DatabaseSync(file)
    holder.exec('pragma journal_mode = delete; begin exclusive')
    expect(inspectFile(file).state).toBe('locked')
    holder.close()
  })

  it('is copied while it is written to, and the copy is whole', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: 'before' })])
    const copy = join(folder.path, 'copy.sqlite')
    const writing = (async () => {
      for (let i = 0; i < 50; i++) await store.commit([write(put, { key: `w${i}`, value: 'y' })])
    })()
    await backupFile(file, copy)
    await writing
    expect(inspectFile(copy).state).toBe('sound')
    expect(existsSync(`${copy}-wal`)).toBe(false)
    await store.close()
  })

  it('is restored under a running product, and what was there before is kept', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: 'old' })])
    const copy = join(folder.path, 'copy.sqlite')
    await backupFile(file, copy)
    await store.commit([write(put, { key: 'a', value: 'new' }), write(put, { key: 'b', value: 'later' })])
    const { kept } = await restoreFile(file, copy)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: 'old' })
    expect(await store.first(get, { key: 'b' })).toBeUndefined()
    await store.close()
    const before = await openSqlite(kept)
    expect(await before.first(get, { key: 'b' })).toEqual({ value: 'later' })
    await before.close()
  })

  it('is not replaced by something that is no backup', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: '1' })])
    const wrong = join(folder.path, 'wrong')
    writeFileSync(wrong, 'no database'.repeat(1000))
    await expect(restoreFile(file, wrong)).rejects.toBeInstanceOf(Refusal)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: '1' })
    await store.close()
  })

  it('that cannot be looked at is not told absent', () => {
    symlinkSync(file, file)
    expect(isAbsent(file)).toBe(false)
    expect(inspectFile(file).state).toBe('unreachable')
  })

  it('is told from a database without a table and from that of another program', async () => {
    writeFileSync(file, '')
    expect(inspectFile(file).state).toBe('empty')
    change(file, 'create table notes (text)')
    expect(inspectFile(file)).toEqual({ state: 'foreign', detail: 'notes' })
    await expect(backupFile(file, join(folder.path, 'copy'))).rejects.toBeInstanceOf(Refusal)
    expect(readdirSync(folder.path)).toEqual(['test.sqlite'])
  })

  it('is not overwritten by its own backup, nor restored from itself', async () => {
    await (await openSqlite(file)).close()
    const link = join(folder.path, 'link')
    symlinkSync(file, link)
    for (const same of [file, link, `${folder.path}/./test.sqlite`, `${file}-wal`]) {
      await expect(backupFile(file, same)).rejects.toBeInstanceOf(Refusal)
      await expect(restoreFile(file, same)).rejects.toBeInstanceOf(Refusal)
    }
    expect(inspectFile(file).state).toBe('sound')
  })

  it('is not waited for without end when another program holds it alone', async () => {
    await (await openSqlite(file)).close()
    const holder = new DatabaseSync(file)
    holder.exec('pragma journal_mode = delete; begin exclusive')
    await expect(backupFile(file, join(folder.path, 'copy'))).rejects.toMatchObject({ trouble: 'locked' })
    holder.close()
  })

  it('is not replaced by an empty, foreign, cut or later one, and the copy kept before stays', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: 'first' })])
    const copy = join(folder.path, 'copy')
    await backupFile(file, copy)
    await store.commit([write(put, { key: 'a', value: 'second' })])
    const { kept } = await restoreFile(file, copy)
    const [keptBytes, files] = [readFileSync(kept), readdirSync(folder.path)]
    const wrong = ['empty', 'foreign', 'cut', 'later', 'nowhere'].map(name => join(folder.path, name))
    const [empty = '', foreign = '', cut = '', later = ''] = wrong
    writeFileSync(empty, '')
    change(foreign, 'create table conversations (x)')
    writeFileSync(cut, readFileSync(copy).subarray(0, 40_000))
    await backupFile(file, later)
    change(later, "insert into kysely_migration values ('2099-01-01-later', '2099-01-01T00:00:00Z')")
    for (const source of wrong)
      await expect(restoreFile(file, source), source).rejects.toBeInstanceOf(Refusal)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: 'first' })
    expect(readFileSync(kept).equals(keptBytes)).toBe(true)
    expect(readdirSync(folder.path).filter(name => !wrong.includes(join(folder.path, name)))).toEqual(files)
    await store.close()
  })

  it('is restored from the copy that the last restore kept', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: 'first' })])
    const copy = join(folder.path, 'copy.sqlite')
    await backupFile(file, copy)
    await store.commit([write(put, { key: 'a', value: 'second' })])
    const { kept } = await restoreFile(file, copy)
    await restoreFile(file, kept)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: 'second' })
    await store.close()
  })

  it('is restored from the backup of an earlier version, and is of today’s schema afterwards', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: 'old' })])
    const copy = join(folder.path, 'copy')
    await backupFile(file, copy)
    change(
      copy,
      `drop table request_attachments; delete from kysely_migration where name like '%attachments'`,
    )
    await store.commit([write(put, { key: 'a', value: 'new' })])
    await restoreFile(file, copy)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: 'old' })
    expect(await store.pendingMigrations()).toEqual([])
    await store.close()
  })

  it('is restored where there is no data folder yet', async () => {
    await (await openSqlite(file)).close()
    const copy = join(folder.path, 'copy.sqlite')
    await backupFile(file, copy)
    const fresh = join(folder.path, 'new/folder/test.sqlite')
    await restoreFile(fresh, copy)
    expect(readdirSync(join(folder.path, 'new/folder'))).toEqual(['test.sqlite'])
    expect(inspectFile(fresh).state).toBe('sound')
  })

  it('that is corrupt, foreign or half moved away is not restored over', async () => {
    await (await openSqlite(file)).close()
    const copy = join(folder.path, 'copy')
    await backupFile(file, copy)
    const places = ['corrupt', 'foreign', 'half'].map(name => join(folder.path, `${name}.sqlite`))
    const [corrupt = '', foreign = '', half = ''] = places
    writeFileSync(corrupt, 'no database, but long enough to have a header of its own'.repeat(100))
    change(foreign, 'create table notes (text)')
    writeFileSync(`${half}-wal`, '')
    for (const place of places) await expect(restoreFile(place, copy)).rejects.toBeInstanceOf(Refusal)
    expect(inspectFile(foreign).state).toBe('foreign')
    expect(isAbsent(half)).toBe(true)
  })

  it('of a later version is not opened', async () => {
    await (await openSqlite(file)).close()
    change(file, "insert into kysely_migration values ('2099-01-01-later', '2099-01-01T00:00:00Z')")
    await expect(openSqlite(file)).rejects.toMatchObject({ trouble: 'newer' })
  })

  it('is not made, without end, where no folder may be made', async () => {
    await expect(openSqlite('/proc/gongkai/test.sqlite')).rejects.toThrow(/ENOENT/)
  })

  it('tells a full disk apart and loses nothing that was there', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: '1' })])
    await store.query(
      () => ({ compile: () => ({ sql: 'pragma max_page_count = 1', parameters: [] }) }) as never,
    )
    const flood = write(put, { key: 'big', value: 'z'.repeat(3_000_000) })
    await expect(store.commit([flood])).rejects.toMatchObject({ trouble: 'full' })
    expect(await store.first(get, { key: 'a' })).toEqual({ value: '1' })
    await store.close()
  })

  it('says why it cannot be opened', async () => {
    writeFileSync(file, 'not a database at all, but long enough to have a header of its own'.repeat(100))
    await expect(openSqlite(file)).rejects.toMatchObject({ trouble: 'not-a-database' })
  })
})
