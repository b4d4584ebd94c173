/** The web server as a client meets it: real requests on a real port. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog, silentLog } from '#base/log'
import {
  createApp,
  createLimit,
  createMetrics,
  listen,
  mount,
  mountPage,
  parseNetworks,
  type Readiness,
  type RunningServer,
} from '#http'
import { temporaryFolder } from '../storage/databases.ts'

const chinese = /\p{Script=Han}/u
const script = 'console.log("page")'

let folder: ReturnType<typeof temporaryFolder>
let server: RunningServer
let readiness: Readiness
let logLines: string[]
let origin: string
let metrics: ReturnType<typeof createMetrics>

/** The web-standard handlers that stand for channels. */
const handlers: Record<string, (request: Request) => Promise<Response>> = {
  echo: async request => new Response(await request.text()),
  bug: async () => {
    throw new TypeError('secret detail of the bug')
  },
  deaf: async () => Response.json({ took: true }),
}

beforeAll(async () => {
  folder = temporaryFolder()
  const page = join(folder.path, 'page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>公开</title>')
  writeFileSync(join(page, 'assets', 'index-abc.js'), script)
  writeFileSync(join(folder.path, 'secret.txt'), 'not for you')
  logLines = []
  metrics = createMetrics()
  const trusted = parseNetworks('127.0.0.1')
  if (!trusted) throw new Error('no networks')
  const options = {
    port: 0,
    host: '127.0.0.1',
    trusted,
    log: createLog('debug', line => void logLines.push(line)),
  }
  const app = createApp({ ...options, readiness: async () => readiness, metrics: () => metrics.expose() })
  for (const [name, fetch] of Object.entries(handlers)) mount(app, { path: `/api/${name}`, fetch }, trusted)
  mount(app, { path: '/api/limited', fetch: async () => new Response('in'), limit: createLimit(2) }, trusted)
  mountPage(app, page)
  server = await listen(app, options)
  origin = `http://127.0.0.1:${server.port}`
})
afterAll(async () => {
  await server.close()
  folder.remove()
})

beforeEach(() => {
  readiness = { required: [{ name: 'database', ok: true }], told: [{ name: 'web-chat', ok: true }] }
})

const get = (path: string, init: RequestInit = {}) =>
  fetch(origin + path, { ...init, headers: { ...init.headers, connection: 'close' } })
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  get(path, { method: 'POST', body, headers })

async function problemOf(response: Response): Promise<{ code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  return error
}

/** A request whose path goes out as it stands: `fetch` would tidy it up. */
function getRaw(path: string): Promise<{ status: number; body: string; csp: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: server.port, path, agent: false }, async answer => {
      const csp = String(answer.headers['content-security-policy'])
      resolve({ status: answer.statusCode ?? 0, body: await text(answer), csp })
    })
    sent.on('error', reject).end()
  })
}

/** Sends bytes as they stand, as no proper client does, and gives what came back before the connection closed. */
function getAsWritten(bytes: string): Promise<{ status: number; raw: string }> {
  return new Promise((resolve, reject) => {
    let raw = ''
    const socket = connect(server.port, '127.0.0.1', () => void socket.end(bytes))
    socket.on('data', data => {
      raw += data
    })
    socket.on('error', reject)
    socket.on('close', () => resolve({ status: Number(raw.slice(9, 12)), raw }))
  })
}

/** A body in chunks, so without a content-length. */
function postChunked(path: string, bytes: number): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, method: 'POST', agent: false }
    const sent = httpRequest(options, async answer => {
      resolve({ status: answer.statusCode ?? 0, body: await text(answer) })
    })
    sent.on('error', reject)
    for (let left = bytes; left > 0; left -= 8192) sent.write('x'.repeat(Math.min(left, 8192)))
    sent.end()
  })
}

describe('every answer', () => {
  it.each([
    ['the page', () => get('/')],
    ['an asset', () => get('/assets/index-abc.js')],
    ['a page that is not there', () => get('/nothing')],
    ['an interface that is not there', () => get('/api/nothing')],
    ['health', () => get('/healthz')],
    ['readiness', () => get('/readyz')],
    ['metrics', () => get('/metrics')],
    ['a channel', () => post('/api/echo', 'x')],
    ['a bug', () => get('/api/bug')],
    ['too large a body', () => post('/api/echo', 'x'.repeat(100_000))],
    ['a HEAD', () => get('/', { method: 'HEAD' })],
    ['an unknown method', () => get('/', { method: 'DELETE' })],
  ])('carries the protections: %s', async (_, ask) => {
    const response = await ask()
    await response.arrayBuffer()
    const csp = response.headers.get('content-security-policy')
    expect(csp).toContain("default-src 'none'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).not.toContain('unsafe')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('x-powered-by')).toBeNull()
  })

  it('of a page carries those that a page needs', async () => {
    const { headers } = await get('/')
    expect(Object.fromEntries(headers)).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    })
    expect(headers.get('content-security-policy')).toContain("script-src 'self'")
  })
})

describe('a request that is none', () => {
  it.each([
    ['a host that is none', 'GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n'],
    ['a backslash', 'GET /..\\secret.txt HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'],
  ])('carries the protections too, and a sentence: %s', async (_, bytes) => {
    const { status, raw } = await getAsWritten(bytes)
    expect(status).toBe(400)
    expect(raw).toContain('content-security-policy')
    expect(raw).toMatch(chinese)
  })
})

describe('a path that leads nowhere', () => {
  it.each(['/nothing', '/api/nothing', '/assets/', '/.env', '/index.html/x'])(
    'is answered with 404: %s',
    async path => {
      const response = await get(path)
      expect(response.status).toBe(404)
      const { code, message } = await problemOf(response)
      expect(code).toBe('not-found')
      expect(message).toMatch(chinese)
    },
  )
})

describe('a body', () => {
  it('is taken up to 64 KiB', async () => {
    const response = await post('/api/echo', 'x'.repeat(64 * 1024))
    expect(response.status).toBe(200)
    expect(await response.text()).toHaveLength(64 * 1024)
  })

  it('beyond that is refused with 413 where its length is told', async () => {
    const response = await post('/api/echo', 'x'.repeat(64 * 1024 + 1))
    expect(response.status).toBe(413)
    const { code, message } = await problemOf(response)
    expect(code).toBe('too-large')
    expect(message).toMatch(chinese)
  })

  it('is taken in chunks up to the same length', async () => {
    expect(await postChunked('/api/echo', 64 * 1024)).toMatchObject({ status: 200 })
  })

  it('beyond that is refused with 413 where its length is not told', async () => {
    const { status, body } = await postChunked('/api/echo', 100_000)
    expect(status).toBe(413)
    expect(JSON.parse(body).error.code).toBe('too-large')
  })

  it('is not believed to be shorter than it is', async () => {
    const { status } = await getAsWritten(
      `POST /api/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n\r\n12345${'6'.repeat(100)}`,
    )
    expect(status).toBe(400)
  })
})

describe('a bug', () => {
  it('gives 500 with a sentence and a number, and no word of what happened', async () => {
    const response = await get('/api/bug')
    expect(response.status).toBe(500)
    const id = response.headers.get('x-request-id') ?? ''
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    const { code, message } = await problemOf(response)
    expect(code).toBe('failed')
    expect(message).toMatch(chinese)
    expect(message).toContain(id)
    expect(message).not.toMatch(/secret|TypeError|\.ts/)
  })

  it('is logged under the same number, with its stack', async () => {
    const response = await get('/api/bug')
    const id = response.headers.get('x-request-id') ?? ''
    const line: Record<string, string> = JSON.parse(logLines.at(-1) ?? '{}')
    expect(line).toMatchObject({
      msg: 'request.failed',
      id,
      path: '/api/bug',
      reason: 'secret detail of the bug',
    })
    expect(line.stack).toContain('server.test.ts')
  })

  it('does not keep the next request from its answer', async () => {
    await get('/api/bug')
    expect((await get('/healthz')).status).toBe(200)
  })
})

describe('health', () => {
  it('is told while the process lives', async () => {
    readiness = { required: [{ name: 'database', ok: false }], told: [] }
    const response = await get('/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })

  it('is ready when everything that is required is there', async () => {
    const response = await get('/readyz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'ready',
      required: [{ name: 'database', ok: true }],
      channels: [{ name: 'web-chat', ok: true }],
    })
  })

  it('is not ready, with 503, when one required part is not there, and names it', async () => {
    readiness.required.push({ name: 'knowledge', ok: false, detail: '0 entries' })
    const response = await get('/readyz')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      status: 'not-ready',
      required: [{ ok: true }, { name: 'knowledge', ok: false, detail: '0 entries' }],
    })
  })

  it('tells of a failing channel and is ready all the same', async () => {
    readiness.told = [{ name: 'telegram', ok: false, detail: 'no route' }]
    const response = await get('/readyz')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      channels: [{ name: 'telegram', ok: false, detail: 'no route' }],
    })
  })
})

describe('metrics', () => {
  it('are plain text and hold what was counted', async () => {
    metrics.count('messages', { channel: 'web-chat', kind: 'received' })
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toContain('gongkai_messages_total{channel="web-chat",kind="received"} 1')
  })
})

describe('the page', () => {
  it('is looked up anew each time', async () => {
    const response = await get('/')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toContain('公开')
  })

  it('has assets that browsers keep, since their names change with them', async () => {
    const response = await get('/assets/index-abc.js')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-type')).toContain('javascript')
    expect(await response.text()).toBe(script)
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/%252e%252e/secret.txt',
    '/assets%2f..%2f..%2fsecret.txt',
  ])('leads to nothing outside its folder: %s', async path => {
    const { status, body, csp } = await getRaw(path)
    expect(body).not.toContain('not for you')
    expect(status).toBe(404)
    expect(csp).toContain("default-src 'none'")
  })

  it.each(['/%', '/%00', '/a%00.html', '/%E0%A4%A', `/${'a'.repeat(5_000)}`])(
    'does not fail on a path that is none: %s',
    async path => {
      const { status } = await getRaw(path)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
    },
  )
})

describe('a limit on a path', () => {
  it('refuses with 429, when to come back, and a sentence', async () => {
    const ask = () => post('/api/limited', 'x', { 'x-forwarded-for': '203.0.113.7' })
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
    const refused = await ask()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const { code, message } = await problemOf(refused)
    expect(code).toBe('too-many')
    expect(message).toMatch(chinese)
  })

  it('counts the address behind the trusted proxy, not what a client wrote in front', async () => {
    const ask = (forwarded: string) => post('/api/limited', 'x', { 'x-forwarded-for': forwarded })
    const statuses = []
    for (const lie of ['1.1.1.1', '2.2.2.2', '3.3.3.3'])
      statuses.push((await ask(`${lie}, 203.0.113.17`)).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await ask('203.0.113.18')).status).toBe(200)
  })

  it('does not count those who only read', async () => {
    for (let i = 0; i < 5; i++) expect((await get('/api/limited')).status).toBe(200)
  })
})

describe('a port', () => {
  it('that is taken is told as such', async () => {
    const app = createApp({
      port: server.port,
      host: '127.0.0.1',
      trusted: parseNetworks('') as NonNullable<ReturnType<typeof parseNetworks>>,
      log: createLog('silent', () => {}),
      readiness: async () => readiness,
      metrics: async () => '',
    })
    await expect(listen(app, { port: server.port, host: '127.0.0.1', log: silentLog })).rejects.toMatchObject(
      {
        code: 'EADDRINUSE',
        port: server.port,
      },
    )
  })
})
