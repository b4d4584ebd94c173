/**
 * PostgreSQL, where several processes share the work: a unit is one transaction on one pooled connection. Copied to
 * a file by pg_dump while it runs, and back by pg_restore.
 */
import { spawn } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { type Compilable, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { Refusal } from '#base/errors'
import { migrate, ownTables, pendingMigrations } from './schema.ts'
import {
  bind,
  type Compiled,
  Conflict,
  compile,
  createQueries,
  type Row,
  type Statement,
  StorageFailure,
  type StorageTrouble,
  type Store,
  type Write,
} from './store.ts'

const poolSize = 10
const connectTimeoutMs = 5000

// https://www.postgresql.org/docs/current/errcodes-appendix.html: the class is the first two characters.
function troubleOf(code: string): StorageTrouble {
  if (code === '53100') return 'full'
  if (code === '25006' || code === '42501') return 'read-only'
  if (code.startsWith('23')) return 'constraint'
  if (code.startsWith('40') || code.startsWith('55')) return 'locked'
  if (code.startsWith('XX')) return 'corrupt'
  // No such user, a wrong password, no such database: from here it is as little to be reached as without a server.
  if (/^(?:08|28|3D|57|E)/.test(code)) return 'unreachable'
  return 'other'
}

function failureOf(error: unknown): unknown {
  if (error instanceof Conflict) return error
  const code = (error as { code?: unknown }).code
  const message = error instanceof Error ? error.message : String(error)
  if (typeof code === 'string') return new StorageFailure(troubleOf(code), message, error)
  // node-postgres reports a lost connection without a code.
  return /connection|timeout/i.test(message) ? new StorageFailure('unreachable', message, error) : error
}

const int8 = 20

function openPool(url: string): pg.Pool {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === int8 ? Number : (pg.types.getTypeParser(oid, format as 'text') as never),
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    types,
  })
  // A connection that breaks says so to whoever uses it, and the pool replaces it; unheard, it would end the process.
  pool.on('error', () => {})
  pool.on('connect', client => void client.on('error', () => {}))
  return pool
}

interface Named {
  name: string
  compiled: Compiled
}

/** Opens and migrates. Throws StorageFailure when the server cannot be reached. */
export async function openPostgres(url: string): Promise<Store> {
  const pool = openPool(url)
  const kysely = new Kysely<never>({ dialect: new PostgresDialect({ pool }) })
  const queries = createQueries('postgres')
  const named = new Map<Statement<never, unknown>, Named>()

  function prepare<P, R>(statement: Statement<P, R>): Named {
    const key = statement as Statement<never, unknown>
    const known = named.get(key)
    if (known) return known
    const made = { name: `s${named.size}`, compiled: compile(queries, statement) }
    named.set(key, made)
    return made
  }

  async function all<P extends object, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
    const { name, compiled } = prepare(statement)
    try {
      const result = await pool.query({ name, text: compiled.sql, values: bind(compiled, params) })
      return result.rows
    } catch (error) {
      throw failureOf(error)
    }
  }

  async function run(client: pg.PoolClient, { statement, params, expect }: Write): Promise<Row[]> {
    const { name, compiled } = prepare(statement)
    const result = await client.query({ name, text: compiled.sql, values: bind(compiled, params) })
    if (expect !== undefined && result.rowCount !== expect) throw new Conflict(compiled.sql)
    return result.rows
  }

  async function transact(client: pg.PoolClient, writes: readonly Write[]): Promise<Row[][]> {
    const rows: Row[][] = []
    await client.query('begin')
    for (const one of writes) rows.push(await run(client, one))
    await client.query('commit')
    return rows
  }

  async function commit(writes: readonly Write[]): Promise<Row[][]> {
    let client: pg.PoolClient | undefined
    try {
      client = await pool.connect()
      const rows = await transact(client, writes)
      client.release()
      return rows
    } catch (error) {
      if (client) await undo(client)
      throw failureOf(error)
    }
  }

  try {
    await migrate(kysely, 'postgres')
  } catch (error) {
    await pool.end()
    throw failureOf(error)
  }
  return {
    dialect: 'postgres',
    shared: true,
    all,
    first: async (statement, params) => (await all(statement, params))[0],
    query: async <R>(build: (db: typeof queries) => Compilable<R>) => {
      const { sql, parameters } = build(queries).compile()
      try {
        return (await pool.query(sql, [...parameters])).rows
      } catch (error) {
        throw failureOf(error)
      }
    },
    commit,
    pendingMigrations: () => pendingMigrations(kysely, 'postgres'),
    close: () => pool.end(),
  }
}

/** Back to the pool when the rollback went through; otherwise the connection is thrown away. */
async function undo(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('rollback')
    client.release()
  } catch {
    client.release(true)
  }
}

/** Looks without changing anything: how many migrations are pending; undefined where none was made. */
export async function inspectPostgres(url: string): Promise<{ pending: number } | undefined> {
  const pool = openPool(url)
  try {
    const { rows } = await pool.query("select to_regclass('kysely_migration') as there")
    if (rows[0]?.there == null) return undefined
    const kysely = new Kysely<never>({ dialect: new PostgresDialect({ pool }) })
    return { pending: (await pendingMigrations(kysely, 'postgres')).length }
  } catch (error) {
    throw failureOf(error)
  } finally {
    await pool.end()
  }
}

/** Where the database is, and what programs that we start are given: our environment and more. */
export interface DumpServer {
  url: string
  environmentWith(more: Record<string, string>): NodeJS.ProcessEnv
}

/** The password goes by the environment: every user of the machine sees the arguments in the list of processes. */
function connectionOf({ url, environmentWith }: DumpServer) {
  const { password } = new pg.Client({ connectionString: url })
  const address = new URL(url)
  address.password = ''
  address.searchParams.delete('password')
  return {
    argument: `--dbname=${address.href}`,
    env: environmentWith(password ? { PGPASSWORD: password } : {}),
  }
}

/** Runs a tool of PostgreSQL and gives what it wrote. Throws a Refusal with its complaint. */
async function runTool(tool: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const ended = new Promise<number | null>((done, fail) => {
    child.once('close', done)
    child.once('error', fail)
  })
  ended.catch(() => {})
  const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)])
  const code = await ended.catch(() => {
    throw new Refusal('no-tool', `需要 PostgreSQL 的客户端程序 ${tool}，请先安装 postgresql-client。`)
  })
  if (code === 0) return output
  const words = complaint.trim()
  throw new Refusal(
    'tool',
    `${tool} 没有成功（退出码 ${code}），数据库没有改动。请按它的提示处理，连接的地址和用户在 DATABASE_URL 里：\n${words}`,
  )
}

/** Copies the database to `target`, which gets its name when the copy is whole. */
export async function dumpPostgres(server: DumpServer, target: string): Promise<void> {
  const { argument, env } = connectionOf(server)
  const draft = `${target}.part`
  try {
    await runTool('pg_dump', ['--format=custom', `--file=${draft}`, argument], env)
    renameSync(draft, target)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Throws unless the file is a copy of ours. */
async function checkDump(source: string, env: NodeJS.ProcessEnv): Promise<void> {
  const list = await runTool('pg_restore', ['--list', source], env).catch(error => {
    if (error instanceof Refusal && error.code === 'tool') return ''
    throw error
  })
  if (!ownTables.every(table => list.includes(` TABLE public ${table} `)))
    throw new Refusal(
      'foreign',
      `${source} 不是公开从 PostgreSQL 做的备份，什么都没有改动。请给出 backup 命令写的文件。`,
    )
}

// Under load five in a row were seen to end so. What fails for another reason fails quickly, also twenty times.
const restoreAttempts = 20

/** All or nothing. A product that runs may get in its way (a deadlock, which PostgreSQL ends): then it tries again. */
export async function restorePostgres(server: DumpServer, source: string): Promise<void> {
  const { argument, env } = connectionOf(server)
  await checkDump(source, env)
  const args = ['--clean', '--if-exists', '--single-transaction', argument, source]
  for (let attempt = 1; ; attempt++) {
    try {
      await runTool('pg_restore', args, env)
      return
    } catch (error) {
      if (attempt === restoreAttempts || (error instanceof Refusal && error.code === 'no-tool')) throw error
    }
  }
}
