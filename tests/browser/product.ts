/** The real product as a child process on a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { vi } from 'vitest'

export interface Product {
  url: string
  /** What it has written so far. */
  said(): string
  start(): Promise<void>
  /** As a power cut would. */
  kill(): Promise<void>
  /** Stops and clears away what it kept. */
  end(): Promise<void>
}

const root = resolve(import.meta.dirname, '../..')

/** A port that was free a moment ago; the product must come back on the same one. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const isReady = (url: string) =>
  fetch(`${url}readyz`).then(
    response => response.status === 200,
    () => false,
  )

export async function createProduct(): Promise<Product> {
  const data = await mkdtemp(join(tmpdir(), 'gongkai-browser-'))
  const port = await findPort()
  const url = `http://127.0.0.1:${port}/`
  let child: ChildProcess | undefined
  let said = ''

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  return {
    url,
    said: () => said,
    async start() {
      child = spawn(join(root, 'node_modules/.bin/node'), ['src/main.ts'], {
        cwd: root,
        env: {
          ...process.env,
          PORT: String(port),
          HOST: '127.0.0.1',
          GONGKAI_DATA: data,
          RATE_LIMIT: '0',
          AGENCY_NAME: '东海市人力资源和社会保障局',
          HOTLINE: '12333',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const hear = (chunk: Buffer) => {
        said += chunk
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      await vi.waitFor(
        async () => {
          if (!(await isReady(url))) throw new Error(`the product is not ready:\n${said}`)
        },
        { timeout: 30_000, interval: 100 },
      )
    },
    kill: () => end('SIGKILL'),
    async end() {
      await end('SIGTERM')
      await rm(data, { recursive: true, force: true })
    },
  }
}
