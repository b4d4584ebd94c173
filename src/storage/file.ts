/** The embedded database as a file: whether it is sound, a copy while it runs, and the way back. */
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { Refusal } from '#base/errors'
import { connect, failureOf } from './sqlite.ts'
import { StorageFailure, type StorageTrouble } from './store.ts'

const probeTimeoutMs = 2000

/** What `check` reports of a database file. */
export interface FileState {
  /** `foreign`: a sound database, and none of ours. */
  state: 'sound' | 'absent' | 'foreign' | StorageTrouble
  detail: string
}

/** Tables that every version of ours has. */
const ours = ['conversations', 'inbound', 'deliveries', 'data_keys']

/** Whether there is no such file; throws where that cannot be told, for want of a right. */
function isAbsent(file: string): boolean {
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
    const known = tablesOf(connection, 'main')
    return ours.every(table => known.includes(table))
      ? { state: 'sound', detail: 'quick_check: ok' }
      : { state: 'foreign', detail: known.join(', ') || 'no tables' }
  } catch (error) {
    const failure = failureOf(error)
    if (failure instanceof StorageFailure) return { state: failure.trouble, detail: failure.message }
    throw error
  } finally {
    connection?.close()
  }
}

/** Copies the database to `target` while others read and write it; the copy is checked before it gets its name. */
export async function backupFile(file: string, target: string): Promise<void> {
  if (isSame(file, target))
    throw new Refusal('same', `${target} 是正在用的数据库，不能备份到它自己。请换一个文件名。`)
  const draft = `${target}.part`
  rmSync(draft, { force: true })
  const source = connect(file)
  try {
    await backup(source, draft)
  } finally {
    source.close()
  }
  // A copy in WAL mode would need two more files beside it.
  const copy = new DatabaseSync(draft)
  copy.exec('pragma journal_mode = delete')
  copy.close()
  const found = inspectFile(draft)
  if (found.state !== 'sound') throw new StorageFailure('corrupt', `the copy is not sound: ${found.detail}`)
  renameSync(draft, target)
}

/** Whether both are the database, or a file that belongs to it. */
function isSame(file: string, other: string): boolean {
  const real = (path: string) => (existsSync(path) ? realpathSync(path) : resolve(path))
  return ['', '-wal', '-shm'].some(end => real(file) + end === real(other))
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

/**
 * Puts the content of a backup in the place of today's, in one transaction, also while the product runs. The
 * content of before is kept beside it as `<file>.before-restore`.
 */
export async function restoreFile(file: string, source: string): Promise<{ tables: number; kept: string }> {
  if (isSame(file, source)) throw new Refusal('same', `${source} 就是正在用的数据库。请给出备份文件。`)
  const found = inspectFile(source)
  if (found.state === 'foreign' || found.state === 'absent')
    throw new Refusal(
      'foreign',
      `${source} 不是公开的备份（${found.detail}），什么都没有改动。请给出 backup 命令写的文件。`,
    )
  if (found.state !== 'sound') throw new StorageFailure(found.state, found.detail)
  const kept = `${file}.before-restore`
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    copyFileSync(source, file, constants.COPYFILE_EXCL)
    return { tables: 0, kept: '' }
  }
  // The copy kept at the last restore may be what is restored now, and a restore that fails leaves it as it is.
  const keeping = `${kept}.new`
  await backupFile(file, keeping)
  const connection = connect(file)
  try {
    const tables = replaceContent(connection, source)
    renameSync(keeping, kept)
    return { tables, kept }
  } catch (error) {
    rmSync(keeping, { force: true })
    throw failureOf(error)
  } finally {
    connection.close()
  }
}

function replaceContent(connection: DatabaseSync, source: string): number {
  connection.prepare('attach database ? as old').run(source)
  const tables = tablesOf(connection, 'old')
  const today = new Set(tablesOf(connection, 'main'))
  const unknown = tables.filter(t => !today.has(t))
  if (unknown.length > 0)
    throw new StorageFailure('other', `the backup was made by another version: it has ${unknown.join(', ')}`)
  connection.exec('begin immediate')
  try {
    // Who runs now is not what the backup remembers.
    for (const table of tables.filter(t => t !== 'processes')) {
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
