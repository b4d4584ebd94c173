/**
 * The embedded database: node:sqlite in WAL mode with synchronous FULL. Units of one tick share one transaction
 * and so one fsync; each unit still holds or fails alone.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type Compilable, Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import { migrate, pendingMigrations } from './schema.ts'
import {
  bind,
  type Compiled,
  Conflict,
  compile,
  createQueries,
  type Queries,
  type Row,
  type Statement,
  StorageFailure,
  type StorageTrouble,
  type Store,
  type Write,
} from './store.ts'

const busyTimeoutMs = 5000

// https://www.sqlite.org/rescode.html: primary result codes are the low byte.
const troubles: Record<number, StorageTrouble> = {
  5: 'locked',
  6: 'locked',
  8: 'read-only',
  10: 'other',
  11: 'corrupt',
  13: 'full',
  14: 'unreachable',
  19: 'constraint',
  26: 'not-a-database',
}

/** Any error of node:sqlite as a StorageFailure; other errors unchanged. */
export function failureOf(error: unknown): unknown {
  const code = (error as { errcode?: number }).errcode
  if (typeof code !== 'number') return error
  const reason = (error as Error).message
  return new StorageFailure(troubles[code & 0xff] ?? 'other', reason, error)
}

interface Prepared {
  compiled: Compiled
  run: StatementSync
  /** How rows come back: not at all, as SQLite gives them, or as the number that the inserted row got. */
  gives: 'nothing' | 'rows' | 'seq'
}

// RETURNING costs a table of its own for one number that the connection knows anyhow.
const returningSeq = /^(insert into .*) returning "seq"$/s

interface Waiting {
  writes: readonly Write[]
  resolve: (rows: Row[][]) => void
  reject: (error: unknown) => void
}

/** Makes the folder, for its owner only, where it is not there. */
export function makeFolder(path: string): void {
  // Node's own way to make the parents too never returns where none may be made, under /proc for one.
  if (!existsSync(dirname(path))) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process may have made it a moment ago.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

/** Opens the database file with the settings that every connection of ours has. */
export function connect(file: string): DatabaseSync {
  try {
    makeFolder(dirname(file))
    const connection = new DatabaseSync(file, { timeout: busyTimeoutMs })
    // What is deleted is overwritten: a key that was thrown away must not lie in the file still.
    connection.exec(
      'pragma secure_delete = on; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -16000; pragma wal_autocheckpoint = 4000',
    )
    return connection
  } catch (error) {
    throw failureOf(error)
  }
}

/** Kysely's own dialect wants better-sqlite3; this is as much of it as it calls. */
function kyselyOver(connection: DatabaseSync): Kysely<never> {
  const database: SqliteDatabase = {
    close: () => {},
    prepare: sql => {
      const run = connection.prepare(sql)
      const values = (p: readonly unknown[]) => p as SQLInputValue[]
      return {
        reader: run.columns().length > 0,
        all: p => run.all(...values(p)),
        run: p => run.run(...values(p)),
        iterate: p => run.iterate(...values(p)) as IterableIterator<unknown>,
      }
    },
  }
  return new Kysely({ dialect: new SqliteDialect({ database }) })
}

/** A commit costs more than the units in it: so many turns of the event loop it may wait for more of them. */
const mostTurns = 8

const noRows: Row[] = []

function execute({ run, gives }: Prepared, values: SQLInputValue[]): { rows: Row[]; touched: number } {
  if (gives === 'rows') {
    const rows = run.all(...values) as Row[]
    return { rows, touched: rows.length }
  }
  const { changes, lastInsertRowid } = run.run(...values)
  const inserted = gives === 'seq' && changes === 1
  return { rows: inserted ? [{ seq: Number(lastInsertRowid) }] : noRows, touched: Number(changes) }
}

class SqliteStore implements Store {
  readonly dialect = 'sqlite'
  readonly shared = false
  readonly #connection: DatabaseSync
  readonly #queries = createQueries('sqlite')
  readonly #prepared = new Map<Statement<never, unknown>, Prepared>()
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  readonly #waiting: Waiting[] = []

  constructor(connection: DatabaseSync) {
    this.#connection = connection
    this.#begin = connection.prepare('begin immediate')
    this.#commit = connection.prepare('commit')
    this.#rollback = connection.prepare('rollback')
  }

  async all<P extends object, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
    const prepared = this.#prepare(statement)
    try {
      return prepared.run.all(...(bind(prepared.compiled, params) as SQLInputValue[])) as R[]
    } catch (error) {
      throw failureOf(error)
    }
  }

  async first<P extends object, R>(statement: Statement<P, R>, params: P): Promise<R | undefined> {
    const prepared = this.#prepare(statement)
    try {
      return prepared.run.get(...(bind(prepared.compiled, params) as SQLInputValue[])) as R | undefined
    } catch (error) {
      throw failureOf(error)
    }
  }

  async query<R>(build: (db: Queries) => Compilable<R>): Promise<R[]> {
    const { sql, parameters } = build(this.#queries).compile()
    try {
      return this.#connection.prepare(sql).all(...(parameters as SQLInputValue[])) as R[]
    } catch (error) {
      throw failureOf(error)
    }
  }

  commit(writes: readonly Write[]): Promise<Row[][]> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#flushSoon(0, 1)
      this.#waiting.push({ writes, resolve, reject })
    })
  }

  pendingMigrations(): Promise<string[]> {
    return pendingMigrations(kyselyOver(this.#connection), 'sqlite')
  }

  async close(): Promise<void> {
    this.#flush()
    if (this.#connection.isOpen) this.#connection.close()
  }

  /** At once, but as long as more comes in with every turn of the event loop, that much is taken along. */
  #flushSoon(before: number, turn: number): void {
    setImmediate(() => {
      const now = this.#waiting.length
      if (now > before && turn < mostTurns) this.#flushSoon(now, turn + 1)
      else this.#flush()
    })
  }

  /** All that waits in one transaction; when a unit fails, each again in a transaction of its own. */
  #flush(units: readonly Waiting[] = this.#waiting.splice(0)): void {
    if (units.length === 0) return
    try {
      const results = this.#transact(() => units.map(unit => this.#run(unit.writes)))
      units.forEach((unit, i) => {
        unit.resolve(results[i] ?? [])
      })
    } catch (error) {
      if (units.length === 1) units[0]?.reject(failureOf(error))
      else for (const unit of units) this.#flush([unit])
    }
  }

  #transact<T>(work: () => T): T {
    this.#begin.run()
    try {
      const result = work()
      this.#commit.run()
      return result
    } catch (error) {
      // A full disk or an I/O error may already have rolled everything back.
      if (this.#connection.isTransaction) this.#rollback.run()
      throw error
    }
  }

  #run(writes: readonly Write[]): Row[][] {
    const results: Row[][] = []
    for (const { statement, params, expect } of writes) {
      const prepared = this.#prepare(statement)
      const values = bind(prepared.compiled, params) as SQLInputValue[]
      const { rows, touched } = execute(prepared, values)
      if (expect !== undefined && touched !== expect) throw new Conflict(prepared.compiled.sql)
      results.push(rows)
    }
    return results
  }

  #prepare<P, R>(statement: Statement<P, R>): Prepared {
    const key = statement as Statement<never, unknown>
    const known = this.#prepared.get(key)
    if (known) return known
    const compiled = compile(this.#queries, statement)
    const insert = returningSeq.exec(compiled.sql)?.[1]
    const run = this.#connection.prepare(insert ?? compiled.sql)
    const rows = run.columns().length > 0 ? 'rows' : 'nothing'
    const prepared: Prepared = { compiled, run, gives: insert === undefined ? rows : 'seq' }
    this.#prepared.set(key, prepared)
    return prepared
  }
}

/** Opens (and creates, and migrates) the embedded database. Throws StorageFailure that names the trouble. */
export async function openSqlite(file: string): Promise<Store> {
  const connection = connect(file)
  try {
    await migrate(kyselyOver(connection), 'sqlite')
    return new SqliteStore(connection)
  } catch (error) {
    connection.close()
    throw failureOf(error)
  }
}
