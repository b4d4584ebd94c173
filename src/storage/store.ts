/**
 * What the floors above see of a database: queries that are compiled once and run many times, reads, and units of
 * writes that hold or fail as one. A query is written with Kysely over named parameters; compiling costs more than
 * running on the embedded database, so the hot path must not compile.
 */
import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely'
import type { DialectName } from './schema.ts'
import type { Tables } from './tables.ts'

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

/** What a query is written against: Kysely that only compiles. */
export type Queries = Kysely<Tables>

class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) })

export interface Statement<P, R> {
  /** @internal */
  readonly build: (db: Queries, p: P) => Compilable<R>
}

/** Declares a statement; `p` stands for the parameters: `statement((db, p: { id: string }) => db.select…)`. */
export function statement<P, R>(build: (db: Queries, p: P) => Compilable<R>): Statement<P, R> {
  return { build }
}

/** One write of a unit. */
export interface Write {
  // biome-ignore lint/suspicious/noExplicitAny: a unit mixes statements of all kinds; `write` checks each pair
  readonly statement: Statement<any, unknown>
  readonly params: object
  /** How many rows it must touch (or return); otherwise the whole unit is undone with a Conflict. */
  readonly expect?: number
}

export function write<P extends object, R>(statement: Statement<P, R>, params: P, expect?: number): Write {
  return expect === undefined ? { statement, params } : { statement, params, expect }
}

/** SQL with the names of its parameters in order; where the name is undefined a constant stands. */
export interface Compiled {
  readonly sql: string
  readonly names: readonly (string | undefined)[]
  readonly constants: readonly unknown[]
}

/** The values for one run, in the order in which the SQL wants them. */
export function bind(compiled: Compiled, params: object): unknown[] {
  const given = params as Record<string, unknown>
  const values: unknown[] = []
  for (let i = 0; i < compiled.names.length; i++) {
    const name = compiled.names[i]
    values.push(name === undefined ? compiled.constants[i] : given[name])
  }
  return values
}

const dialects = {
  sqlite: () => ({ adapter: new SqliteAdapter(), compiler: new SqliteQueryCompiler() }),
  postgres: () => ({ adapter: new PostgresAdapter(), compiler: new PostgresQueryCompiler() }),
}

/** Kysely that compiles for a database and never runs anything. */
export function createQueries(dialect: DialectName): Queries {
  const { adapter, compiler } = dialects[dialect]()
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => adapter,
      createDriver: () => new DummyDriver(),
      createIntrospector: () => {
        throw new Error('this Kysely only compiles')
      },
      createQueryCompiler: () => compiler,
    },
  })
}

export function compile<P, R>(queries: Queries, statement: Statement<P, R>): Compiled {
  const { sql, parameters }: CompiledQuery<R> = statement.build(queries, slots as P).compile()
  const names = parameters.map(p => (p instanceof Slot ? p.name : undefined))
  return { sql, names, constants: parameters }
}
