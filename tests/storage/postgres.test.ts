import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from '#base/errors'
import {
  type DumpServer,
  dumpPostgres,
  inspectPostgres,
  openPostgres,
  restorePostgres,
  type Store,
  statement,
  write,
} from '#storage'
import { createPostgresDatabase, temporaryFolder } from './databases.ts'

const put = statement((db, p: { key: string; value: string }) =>
  db
    .insertInto('cache')
    .values({ key: p.key, value: p.value, expires_at: null })
    .onConflict(c => c.column('key').doUpdateSet({ value: p.value })),
)
const get = statement((db, p: { key: string }) =>
  db.selectFrom('cache').select('value').where('key', '=', p.key),
)

const environmentWith = (more: Record<string, string>) => ({ ...process.env, ...more })

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())
const inFolder = (name: string) => join(folder.path, name)

describe('the password of PostgreSQL', () => {
  it.each([
    'postgres://office:p%40ss%2Fword@127.0.0.1/gongkai',
    'postgres://office@127.0.0.1/gongkai?password=p%40ss%2Fword',
  ])('is handed to its tools without standing in the list of processes: %s', async url => {
    const tool = inFolder('pg_dump')
    writeFileSync(
      tool,
      `#!/bin/sh\nprintf '%s\\n' "$@" "$PGPASSWORD" > ${inFolder('given')}\n: > ${inFolder('b.part')}\n`,
    )
    chmodSync(tool, 0o700)
    await dumpPostgres(
      { url, environmentWith: more => environmentWith({ ...more, PATH: folder.path }) },
      inFolder('b'),
    )
    const given = readFileSync(inFolder('given'), 'utf8').trimEnd().split('\n')
    expect(given.pop()).toBe('p@ss/word')
    expect(given.join(' ')).toContain('office@127.0.0.1/gongkai')
    expect(given.join(' ')).not.toMatch(/word/)
  })
})

const address = process.env.TEST_DATABASE_URL ?? ''

describe.skipIf(address === '')('a copy of PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>
  let server: DumpServer
  beforeEach(async () => {
    database = await createPostgresDatabase(address)
    server = { url: database.url, environmentWith }
  })
  afterEach(() => database.remove())

  async function query(sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client(database.url)
    await client.connect()
    try {
      return await client.query(sql)
    } finally {
      await client.end()
    }
  }

  it('is put back under a running product', async () => {
    const store: Store = await openPostgres(database.url)
    await store.commit([write(put, { key: 'a', value: 'old' })])
    await dumpPostgres(server, inFolder('copy'))
    await store.commit([write(put, { key: 'a', value: 'new' })])
    await restorePostgres(server, inFolder('copy'))
    expect(await store.first(get, { key: 'a' })).toEqual({ value: 'old' })
    await store.close()
    expect(readdirSync(folder.path)).toEqual(['copy'])
  })

  it('is told from anything else before the database is changed', async () => {
    await query('create table notes (body text)')
    await dumpPostgres(server, inFolder('foreign'))
    await query('drop table notes')
    writeFileSync(inFolder('text'), 'no backup')
    for (const source of ['foreign', 'text', 'nowhere'])
      await expect(restorePostgres(server, inFolder(source))).rejects.toBeInstanceOf(Refusal)
    expect((await query(`select to_regclass('notes') as there`)).rows).toEqual([{ there: null }])
  })

  it('that fails leaves the earlier one of the same name', async () => {
    writeFileSync(inFolder('copy'), 'earlier')
    const url = new URL(database.url)
    url.pathname = '/nowhere'
    const failing = dumpPostgres({ ...server, url: url.href }, inFolder('copy'))
    await expect(failing).rejects.toThrow(/DATABASE_URL/)
    expect(readFileSync(inFolder('copy'), 'utf8')).toBe('earlier')
    expect(readdirSync(folder.path)).toEqual(['copy'])
  })

  it('is not needed to look at the database, which stays as it is', async () => {
    expect(await inspectPostgres(database.url)).toBeUndefined()
    const tables = "select count(*)::int as tables from pg_tables where schemaname = 'public'"
    expect((await query(tables)).rows).toEqual([{ tables: 0 }])
    await (await openPostgres(database.url)).close()
    expect(await inspectPostgres(database.url)).toEqual({ pending: 0 })
    await query(`delete from kysely_migration where name like '%knowledge'`)
    expect(await inspectPostgres(database.url)).toEqual({ pending: 1 })
    expect(await inspectPostgres(database.url)).toEqual({ pending: 1 })
  })

  it('cannot be made, nor the database be opened, where user or name are wrong', async () => {
    const [user, name] = [new URL(database.url), new URL(database.url)]
    user.username = 'nobody-here'
    name.pathname = '/nowhere'
    for (const { href } of [user, name])
      await expect(openPostgres(href)).rejects.toMatchObject({ trouble: 'unreachable' })
  })
})
