/**
 * The database and what protects it. One schema on two engines: SQLite embedded, PostgreSQL where several
 * processes share the work. Folders above declare statements, read through a `Store`, and write in units that hold
 * or fail as one; personal fields go through the `Vault`; what may be lost goes into the cache.
 */

export { type CacheOptions, createCache, sweepCache } from './cache.ts'
export { backupFile, type FileState, inspectFile, restoreFile } from './file.ts'

import type { Store } from './store.ts'

/** Opens and migrates PostgreSQL. Its client is loaded only where it is used. Throws StorageFailure. */
export async function openPostgres(url: string): Promise<Store> {
  return (await import('./postgres.ts')).openPostgres(url)
}
/** Looks at PostgreSQL without changing it: how many migrations it waits for; undefined where none of ours was made. */
export async function inspectPostgres(url: string): Promise<{ pending: number } | undefined> {
  return (await import('./postgres.ts')).inspectPostgres(url)
}
export type { Tables } from './schema.ts'
export { openSqlite } from './sqlite.ts'
export { type Queries, type Statement, statement, type Write, write } from './statement.ts'
export { Conflict, type Row, StorageFailure, type StorageTrouble, type Store } from './store.ts'
export {
  createMasterKeyText,
  createVault,
  type DataKey,
  type MasterKey,
  type MasterKeys,
  openKeyFile,
  parseMasterKey,
  parseMasterKeys,
  replaceKeyFile,
  type Vault,
} from './vault.ts'
