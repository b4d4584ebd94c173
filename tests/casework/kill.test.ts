/** A process that is killed in the middle of anything: no request is lost or numbered twice, and nothing told twice. */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import type { Case } from '#dossier'
import { createMasterKeyText, openPostgres, openSqlite, parseMasterKey, type Store } from '#storage'
import { createPostgresDatabase, temporaryFolder } from '../storage/databases.ts'
import { monday, type Office, openOffice } from './office.ts'

const server = process.env.TEST_DATABASE_URL
const program = resolve(import.meta.dirname, 'clerk.ts')
const key = createMasterKeyText()

/** Lets a clerk work until it has said so many lines, and kills it there and then; gives what it said. */
async function workUntil(place: string, lines: number): Promise<string[]> {
  const clerk = spawn(process.execPath, [program, place, key], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  for await (const line of createInterface({ input: clerk.stdout })) {
    said.push(line)
    if (said.length === lines) clerk.kill('SIGKILL')
  }
  return said
}

async function casesOf({ store, vault }: Office): Promise<Case[]> {
  const rows = await store.query(db => db.selectFrom('cases').select(['ref', 'body']).orderBy('ref'))
  return Promise.all(
    rows.map(async ({ ref, body }) =>
      JSON.parse((await vault.find(`request|${ref}`))?.open(body, 'case') ?? ''),
    ),
  )
}

async function check(store: Store, said: readonly string[]): Promise<void> {
  const office = await openOffice(store, monday, parseMasterKey(key))
  const cases = await casesOf(office)
  expect(cases.map(({ ref }) => ref)).toEqual(cases.map((_, i) => `2025-${String(i + 1).padStart(4, '0')}`))
  const stateOf = new Map(cases.map(({ ref, state }) => [ref, state]))
  for (const line of said) {
    const [what, ref = ''] = line.split(' ')
    expect(stateOf.has(ref)).toBe(true)
    if (what === 'sent') expect(stateOf.get(ref)).toBe('replied')
  }
  const told = await office.told()
  for (const { ref, told: kept } of cases)
    expect([ref, told.filter(one => one.ref === ref).length]).toEqual([ref, kept.length])
  expect(await office.desk.verify()).toMatchObject({ broken: undefined, audit: { broken: undefined } })
  const counted = await store.query(db => db.selectFrom('requests').select('ref'))
  expect(counted).toHaveLength(cases.length)
}

async function killAgain(place: string, open: () => Promise<Store>): Promise<void> {
  const first = await open()
  // The officials are hired once, under the key that every later process has.
  const { staff } = await openOffice(first)
  expect((await staff.list()).length).toBeGreaterThan(0)
  const said: string[] = []
  for (const lines of [1, 2, 3, 5, 8, 13]) said.push(...(await workUntil(place, lines)))
  expect(said.length).toBeGreaterThan(30)
  await check(first, said)
  await first.close()
}

it('on SQLite', async () => {
  const folder = temporaryFolder()
  const file = join(folder.path, 'test.sqlite')
  await killAgain(file, () => openSqlite(file))
  folder.remove()
})

it.runIf(server)('on PostgreSQL', async () => {
  const { url, remove } = await createPostgresDatabase(server ?? '')
  await killAgain(url, () => openPostgres(url))
  await remove()
})
