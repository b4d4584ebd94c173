import { existsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from '#base/errors'
import { backupFile, inspectFile, openSqlite, restoreFile, StorageFailure, statement, write } from '#storage'
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
    await expect(restoreFile(file, wrong)).rejects.toBeInstanceOf(StorageFailure)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: '1' })
    await store.close()
  })

  it('is not overwritten by its own backup, nor restored from itself', async () => {
    await (await openSqlite(file)).close()
    await expect(backupFile(file, file)).rejects.toBeInstanceOf(Refusal)
    await expect(restoreFile(file, file)).rejects.toBeInstanceOf(Refusal)
    expect(inspectFile(file).state).toBe('sound')
  })

  it('is not replaced by an empty file or the database of another program', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: '1' })])
    const [empty, other] = [join(folder.path, 'empty'), join(folder.path, 'other')]
    writeFileSync(empty, '')
    const foreign = new DatabaseSync(other)
    foreign.exec('create table notes (text)')
    foreign.close()
    expect(inspectFile(other).state).toBe('foreign')
    for (const source of [empty, other, join(folder.path, 'nowhere')])
      await expect(restoreFile(file, source)).rejects.toBeInstanceOf(Refusal)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: '1' })
    await store.close()
  })

  it('is restored from the copy that the last restore kept, and a refused restore leaves that copy', async () => {
    const store = await openSqlite(file)
    await store.commit([write(put, { key: 'a', value: 'first' })])
    const copy = join(folder.path, 'copy.sqlite')
    await backupFile(file, copy)
    await store.commit([write(put, { key: 'a', value: 'second' })])
    const { kept } = await restoreFile(file, copy)
    await expect(restoreFile(file, join(folder.path, 'nowhere'))).rejects.toBeInstanceOf(Refusal)
    await restoreFile(file, kept)
    expect(await store.first(get, { key: 'a' })).toEqual({ value: 'second' })
    await store.close()
  })

  it('is restored where there is no data folder yet', async () => {
    await (await openSqlite(file)).close()
    const copy = join(folder.path, 'copy.sqlite')
    await backupFile(file, copy)
    const fresh = join(folder.path, 'new/folder/test.sqlite')
    await restoreFile(fresh, copy)
    expect(inspectFile(fresh).state).toBe('sound')
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
