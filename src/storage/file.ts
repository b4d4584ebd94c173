/** The embedded database as a file: whether it is sound, a copy while it runs, and the way back. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Refusal } from '#base/errors'
import { ownTables } from './schema.ts'
import { connect, failureOf, makeFolder, openSqlite } from './sqlite.ts'
import { StorageFailure, type StorageTrouble } from './store.ts'

const probeTimeoutMs = 2000

/** What `check` reports of a database file. */
export interface FileState {
  /** `empty`: a database without a table; `foreign`: a sound one, and none of ours. */
  state: 'sound' | 'absent' | 'empty' | 'foreign' | StorageTrouble
  detail: string
}

/** Whether there is no such file; a file that one may not look at is not absent. */
export function isAbsent(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}

/** Looks without changing anything: a locked file is told from a corrupt one. */
export function inspectFile(file: string): FileState {
  if (isAbsent(file)) return { state: 'absent', detail: 'it will be made at the first start' }
  let connection: DatabaseSync | undefined
  try {
    connection = new DatabaseSync(file, { readOnly: true, timeout: probeTimeoutMs })
    const rows = connection.prepare('pragma quick_check(3)').all()
    const words = rows.map(r => String(Object.values(r)[0])).join('; ')
    if (words !== 'ok') return { state: 'corrupt', detail: words }
    return recognise(tablesOf(connection, 'main'))
  } catch (error) {
    const failure = failureOf(error)
    if (failure instanceof StorageFailure) return { state: failure.trouble, detail: failure.message }
    throw error
  } finally {
    connection?.close()
  }
}

function recognise(tables: readonly string[]): FileState {
  if (tables.length === 0) return { state: 'empty', detail: 'no tables' }
  return ownTables.every(table => tables.includes(table))
    ? { state: 'sound', detail: 'quick_check: ok' }
    : { state: 'foreign', detail: tables.slice(0, 5).join(', ') }
}

/** Copies the database to `target` while others read and write it; the copy is checked before it gets its name. */
export async function backupFile(file: string, target: string): Promise<void> {
  if (isSame(file, target))
    throw new Refusal('same', `${target} 是正在用的数据库，不能备份到它自己。请换一个文件名。`)
  const draft = `${target}.part`
  try {
    copyFile(file, draft)
    renameSync(draft, target)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Whether both are the database, or a file that belongs to it. */
function isSame(file: string, other: string): boolean {
  const real = (path: string) => (existsSync(path) ? realpathSync(path) : resolve(path))
  return ['', '-wal', '-shm', '.restoring'].some(end => real(file) + end === real(other))
}

/**
 * One reading of the whole, which neither waits for those who write nor starts again because of them, as SQLite's own
 * backup does. Free pages, where deleted rows may still stand, are not copied.
 */
function copyFile(file: string, copy: string): void {
  rmSync(copy, { force: true })
  let source: DatabaseSync | undefined
  try {
    source = new DatabaseSync(file, { readOnly: true, timeout: probeTimeoutMs })
    source.prepare('vacuum into ?').run(copy)
  } catch (error) {
    throw failureOf(error)
  } finally {
    source?.close()
  }
  const { state, detail } = inspectFile(copy)
  if (state === 'foreign' || state === 'empty')
    throw new Refusal('foreign', `${file} 里没有公开的数据（${detail}）。请检查 GONGKAI_DATA 或 --data。`)
  if (state !== 'sound') throw new StorageFailure('corrupt', `the copy is not sound: ${detail}`)
  settle(copy)
}

/** `vacuum into` leaves it to the system when the copy reaches the disk. */
function settle(copy: string): void {
  const handle = openSync(copy, 'r+')
  fsyncSync(handle)
  closeSync(handle)
}

function tablesOf(connection: DatabaseSync, schema: string): string[] {
  const rows = connection
    .prepare(
      `select name from ${schema}.sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`,
    )
    .all()
  return rows.map(r => String(r.name))
}

function columnsOf(connection: DatabaseSync, schema: string, table: string): string {
  const rows = connection.prepare('select name from pragma_table_info(?, ?)').all(table, schema)
  return rows.map(r => `"${String(r.name)}"`).join(', ')
}

/** Why a file is no backup. */
const faults: Partial<Record<FileState['state'], string>> = {
  absent: '没有这个文件',
  empty: '里面什么都没有',
  foreign: '是别的程序的数据库',
  'not-a-database': '不是数据库文件',
  corrupt: '已损坏',
  newer: '是更新版本的程序做的，请先升级程序',
}

function refuseSource(source: string, { state, detail }: FileState): Refusal {
  const fault = faults[state] ?? '打不开，请检查它的权限，关闭占用它的程序'
  return new Refusal(
    'source',
    `不能从 ${source} 恢复：${fault}（${detail}）。什么都没有改动，请给出 backup 命令写的文件。`,
  )
}

/** Throws where today's file cannot be kept before it is replaced. */
function checkToday(file: string, { state, detail }: FileState): void {
  if (state !== 'absent') accessSync(file, constants.W_OK)
  const wal = `${file}-wal`
  const moved = `请停止产品，把 ${file}（连同旁边的 -wal、-shm）移到别处，再恢复。`
  if (state === 'foreign')
    throw new Refusal('foreign', `${file} 是别的程序的数据库（${detail}），没有改动。请检查 GONGKAI_DATA。`)
  if (state === 'corrupt' || state === 'not-a-database')
    throw new Refusal('corrupt', `现在的数据库 ${file} 已损坏，没法先另存一份，没有改动。${moved}`)
  if (state === 'absent' && !isAbsent(wal))
    throw new Refusal('left-over', `${wal} 是以前的数据库留下的，没有改动。${moved}`)
}

/**
 * Puts the content of a backup in the place of today's, in one transaction, also while the product runs. The backup
 * is copied aside first and brought to today's schema there. The content of before is kept beside it as
 * `<file>.before-restore`.
 */
export async function restoreFile(file: string, source: string): Promise<{ tables: number; kept: string }> {
  if (isSame(file, source)) throw new Refusal('same', `${source} 就是正在用的数据库。请给出备份文件。`)
  const found = inspectFile(source)
  if (found.state !== 'sound') throw refuseSource(source, found)
  const today = inspectFile(file)
  checkToday(file, today)
  makeFolder(dirname(file))
  const copy = `${file}.restoring`
  try {
    copyFile(source, copy)
    await upgrade(copy, source)
    if (today.state !== 'absent') return await replace(file, copy)
    renameSync(copy, file)
    return { tables: 0, kept: '' }
  } finally {
    rmSync(copy, { force: true })
  }
}

async function upgrade(copy: string, source: string): Promise<void> {
  try {
    await (await openSqlite(copy)).close()
  } catch (error) {
    if (!(error instanceof StorageFailure) || error.trouble !== 'newer') throw error
    throw refuseSource(source, { state: 'newer', detail: error.message })
  }
}

async function replace(file: string, copy: string): Promise<{ tables: number; kept: string }> {
  await (await openSqlite(file)).close()
  const kept = `${file}.before-restore`
  // It is no backup yet: a restore that fails leaves the one that was kept before.
  const keeping = `${kept}.new`
  const connection = connect(file)
  try {
    await backupFile(file, keeping)
    const tables = replaceContent(connection, copy)
    renameSync(keeping, kept)
    return { tables, kept }
  } catch (error) {
    throw failureOf(error)
  } finally {
    rmSync(keeping, { force: true })
    connection.close()
  }
}

function replaceContent(connection: DatabaseSync, copy: string): number {
  connection.prepare('attach database ? as old').run(copy)
  // Who runs now is not what the backup remembers.
  const tables = tablesOf(connection, 'old').filter(table => table !== 'processes')
  connection.exec('begin immediate')
  try {
    for (const table of tables) {
      const columns = columnsOf(connection, 'old', table)
      connection.exec(
        `delete from main."${table}"; insert into main."${table}" (${columns}) select ${columns} from old."${table}"`,
      )
    }
    connection.exec('commit')
  } catch (error) {
    if (connection.isTransaction) connection.exec('rollback')
    throw error
  }
  return tables.length
}
