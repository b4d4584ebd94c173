/** The real databases that a contract suite runs on: SQLite always, PostgreSQL where TEST_DATABASE_URL names a server. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openPostgres, openSqlite, type Store } from '#storage'

export interface TestDatabase {
  /** Opens another connection to the same database, as a second process would. */
  open(): Promise<Store>
  remove(): Promise<void>
}

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'gongkai-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

async function makeSqlite(): Promise<TestDatabase> {
  const folder = temporaryFolder()
  const file = join(folder.path, 'test.sqlite')
  return { open: () => openSqlite(file), remove: async () => folder.remove() }
}

async function withServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** An empty database of its own on the server; its URL. */
export async function createPostgresDatabase(
  server: string,
): Promise<{ url: string; remove(): Promise<void> }> {
  const name = `t_${randomUUID().replaceAll('-', '')}`
  await withServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, remove: () => withServer(server, `drop database ${name} with (force)`) }
}

async function makePostgres(server: string): Promise<TestDatabase> {
  const { url, remove } = await createPostgresDatabase(server)
  return { open: () => openPostgres(url), remove }
}

const server = process.env.TEST_DATABASE_URL

export const databases: { name: string; make: () => Promise<TestDatabase> }[] = [
  { name: 'SQLite', make: makeSqlite },
  ...(server ? [{ name: 'PostgreSQL', make: () => makePostgres(server) }] : []),
]
