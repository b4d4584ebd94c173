/**
 * The database and what protects it. One schema on two engines: SQLite embedded, PostgreSQL where several
 * processes share the work. Folders above declare statements, read through a `Store`, and write in units that hold
 * or fail as one; personal fields go through the `Vault`; what may be lost goes into the cache.
 */

export { type CacheOptions, createCache, sweepCache } from './cache.ts'
export { backupFile, type FileState, inspectFile, isAbsent, restoreFile } from './file.ts'

import type { DumpServer } from './postgres.ts'
import type { Store } from './store.ts'

/** Opens and migrates PostgreSQL. Its client is loaded only where it is used. Throws StorageFailure. */
export async function openPostgres(url: string): Promise<Store> {
  return (await import('./postgres.ts')).openPostgres(url)
}
/** Looks at PostgreSQL without changing it: how many migrations it waits for; undefined where none of ours was made. */
export async function inspectPostgres(url: string): Promise<{ pending: number } | undefined> {
  return (await import('./postgres.ts')).inspectPostgres(url)
}
/** Copies PostgreSQL to a file by pg_dump. Throws a Refusal. */
export async function dumpPostgres(server: DumpServer, target: string): Promise<void> {
  return (await import('./postgres.ts')).dumpPostgres(server, target)
}
/** Puts the content of a copy in the place of today's by pg_restore, all or nothing. Throws a Refusal. */
export async function restorePostgres(server: DumpServer, source: string): Promise<void> {
  return (await import('./postgres.ts')).restorePostgres(server, source)
}
export type { DumpServer } from './postgres.ts'
export { openSqlite } from './sqlite.ts'
export {
  Conflict,
  type Queries,
  type Row,
  type Statement,
  StorageFailure,
  type StorageTrouble,
  type Store,
  statement,
  type Write,
  write,
} from './store.ts'
export type { Tables } from './tables.ts'
export {
  createMasterKeyText,
  createVault,
  type DataKey,
  KeyFailure,
  type MasterKey,
  type MasterKeys,
  openKeyFile,
  parseMasterKey,
  parseMasterKeys,
  replaceKeyFile,
  type Vault,
} from './vault.ts'
