/** The embedded database as a file: whether it is sound, a copy while it runs, and the way back. */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { connect, failureOf } from './sqlite.ts'
import { StorageFailure, type StorageTrouble } from './store.ts'

const probeTimeoutMs = 2000

/** What `check` reports of a database file. */
export interface FileState {
  state: 'sound' | 'absent' | StorageTrouble
  detail: string
}

/** Looks without changing anything: a locked file is told from a corrupt one. */
export function inspectFile(file: string): FileState {
  if (!existsSync(file)) return { state: 'absent', detail: 'it will be made at the first start' }
  let connection: DatabaseSync | undefined
  try {
    connection = new DatabaseSync(file, { readOnly: true, timeout: probeTimeoutMs })
    const rows = connection.prepare('pragma quick_check(3)').all()
    const words = rows.map(r => String(Object.values(r)[0])).join('; ')
    return words === 'ok'
      ? { state: 'sound', detail: 'quick_check: ok' }
      : { state: 'corrupt', detail: words }
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
  const found = inspectFile(source)
  if (found.state !== 'sound')
    throw new StorageFailure(found.state === 'absent' ? 'unreachable' : found.state, found.detail)
  const kept = `${file}.before-restore`
  if (!existsSync(file)) {
    copyFileSync(source, file)
    return { tables: 0, kept: '' }
  }
  await backupFile(file, kept)
  const connection = connect(file)
  try {
    return { tables: replaceContent(connection, source), kept }
  } catch (error) {
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
