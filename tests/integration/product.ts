/** The product as processes of its own, which can be killed at any moment and started again on the same port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createMasterKeyText } from '#storage'
import { createPostgresDatabase, temporaryFolder } from '../storage/databases.ts'

const root = resolve(import.meta.dirname, '../..')
const mostStartMs = 60_000

export const databaseNames = ['sqlite', 'postgres'] as const
export type DatabaseName = (typeof databaseNames)[number]

/** Where the product keeps its data, and the settings that lead there. */
export interface Place {
  name: DatabaseName
  env: Record<string, string>
  folder: string
  /** The SQLite file, or the URL of the PostgreSQL database. */
  database: string
  remove(): Promise<void>
}

export async function createPlace(name: DatabaseName): Promise<Place> {
  const folder = temporaryFolder()
  const env = { GONGKAI_DATA: folder.path, RATE_LIMIT: '0', LOG_LEVEL: 'error' }
  if (name === 'sqlite') {
    const database = join(folder.path, 'gongkai.sqlite')
    return { name, env, folder: folder.path, database, remove: async () => folder.remove() }
  }
  const server = process.env.TEST_DATABASE_URL
  if (!server) throw new Error('TEST_DATABASE_URL names no PostgreSQL server: eval "$(.ci/services start)"')
  const { url, remove } = await createPostgresDatabase(server)
  return {
    name,
    env: { ...env, DATABASE_URL: url, GONGKAI_KEY: createMasterKeyText() },
    folder: folder.path,
    database: url,
    async remove() {
      await remove()
      folder.remove()
    },
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

// Whoever starts processes ends them, also when it is itself asked to end.
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

function cleanEnvironment(place: Place, port: number): NodeJS.ProcessEnv {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  return { PATH, HOME, TMPDIR, PORT: String(port), ...place.env }
}

/** Runs one of the operator's commands; gives what it said. Throws when it did not end with 0. */
export async function runCommand(place: Place, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    cwd: root,
    env: cleanEnvironment(place, 0),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', data => {
    said += data
  })
  child.stderr.on('data', data => {
    said += data
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`)
  return said
}

export class Product {
  readonly port: number
  /** What it wrote as errors, by event; and how often it ended without being asked to. */
  readonly errors = new Map<string, number>()
  readonly samples: string[] = []
  crashes = 0
  readonly #place: Place
  readonly #script: string
  #child: ChildProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()

  constructor(place: Place, port: number, script = 'src/main.ts') {
    this.#place = place
    this.#script = script
    this.port = port
  }

  start(): void {
    const child = spawn(process.execPath, [this.#script], {
      cwd: root,
      env: cleanEnvironment(this.#place, this.port),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let rest = ''
    child.stderr.on('data', data => {
      const lines = (rest + data).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#note(line)
    })
    children.add(child)
    this.#ended = once(child, 'exit').then(([code, signal]) => {
      children.delete(child)
      if (this.#child !== child) return
      this.crashes++
      this.samples.push(`it ended by itself: code ${code}, signal ${signal}`)
    })
    this.#child = child
  }

  #note(line: string): void {
    if (line === '' || /^(公开已启动|还没有管理员)/.test(line)) return
    const event = line.startsWith('{') ? String(JSON.parse(line).msg) : 'words'
    this.errors.set(event, (this.errors.get(event) ?? 0) + 1)
    if (this.samples.length < 20) this.samples.push(line.slice(0, 1000))
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    child?.kill(signal)
    await this.#ended
  }

  async ready(): Promise<void> {
    const end = performance.now() + mostStartMs
    while (performance.now() < end && this.crashes === 0) {
      const response = await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => undefined)
      await response?.arrayBuffer()
      if (response?.ok) return
      await delay(50)
    }
    throw new Error(`not ready on port ${this.port}: ${this.samples.join('\n')}`)
  }
}

/** One process on SQLite, two on PostgreSQL, ready to serve. */
export async function startProducts(place: Place): Promise<Product[]> {
  const ports = [await findFreePort()]
  if (place.name === 'postgres') ports.push(await findFreePort())
  const products = ports.map(port => new Product(place, port))
  for (const product of products) product.start()
  try {
    await Promise.all(products.map(product => product.ready()))
  } catch (error) {
    await stopProducts(products)
    throw error
  }
  return products
}

/** Stops and starts each, one after the other, with the settings that the place has now. */
export async function restartProducts(products: readonly Product[]): Promise<void> {
  for (const product of products) {
    await product.kill('SIGTERM')
    product.start()
    await product.ready()
  }
}

/** Stops a group; all are gone when it resolves. */
export async function stopProducts(products: readonly Product[]): Promise<void> {
  await Promise.all(products.map(product => product.kill('SIGTERM')))
}
