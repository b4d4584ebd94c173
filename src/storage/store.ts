/** What the floors above see of a database: reads, and units of writes that hold or fail as one. */
import type { Compilable } from 'kysely'
import type { DialectName } from './schema.ts'
import type { Queries, Statement, Write } from './statement.ts'

export type Row = Record<string, unknown>

export interface Store {
  readonly dialect: DialectName
  /** Whether other machines may work on the same database. */
  readonly shared: boolean
  all<P extends object, R>(statement: Statement<P, R>, params: P): Promise<R[]>
  first<P extends object, R>(statement: Statement<P, R>, params: P): Promise<R | undefined>
  /** For queries whose shape is only known when they are asked: compiled each time. */
  query<R>(build: (db: Queries) => Compilable<R>): Promise<R[]>
  /**
   * All writes or none, durable when it resolves; the rows that each returned. Rejects with Conflict when an
   * expectation failed, with StorageFailure when the database could not do it.
   */
  commit(writes: readonly Write[]): Promise<Row[][]>
  /** Migrations that are not applied; empty when the schema is current. */
  pendingMigrations(): Promise<string[]>
  close(): Promise<void>
}

/** An expectation of a unit did not hold: somebody else was there first. Nothing of the unit was written. */
export class Conflict extends Error {
  constructor(sql: string) {
    super(`expectation not met by: ${sql}`)
    this.name = 'Conflict'
  }
}

export const storageTroubles = [
  'full',
  'locked',
  'corrupt',
  'not-a-database',
  'read-only',
  'unreachable',
  /** A rule of the schema: a key that is there already, or one that is no longer there. */
  'constraint',
  /** A later version of the product has worked on it. */
  'newer',
  'other',
] as const
export type StorageTrouble = (typeof storageTroubles)[number]

/** The database could not do what was asked, and nothing of it was done. */
export class StorageFailure extends Error {
  readonly trouble: StorageTrouble
  constructor(trouble: StorageTrouble, reason: string, cause?: unknown) {
    super(reason, { cause })
    this.name = 'StorageFailure'
    this.trouble = trouble
  }
}
