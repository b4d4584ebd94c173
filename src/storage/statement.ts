/**
 * A query that is compiled once and run many times. It is written with Kysely over named parameters; compiling
 * costs more than running on the embedded database, so the hot path must not compile.
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
import type { DialectName, Tables } from './schema.ts'

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
