/** The web server: one Hono application on one port, with the protections that every route has. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, BlockList } from 'node:net'
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { newUuid } from '#base/ids'
import type { Log } from '#base/log'
import { clientAddress } from './address.ts'
import type { Limit } from './limits.ts'

const largestBody = 64 * 1024
/** What platforms push: an update of Telegram holds the message that it answers, and that one's. */
const largestPush = 1024 * 1024
/** Where the public puts files to a request: a scanned page or a photograph, with the form around it. */
const largestUpload = 10 * 1024 * 1024 + largestBody
const drainMs = 2_000

export type App = Hono<{ Bindings: HttpBindings }>

export interface Part {
  name: string
  ok: boolean
  detail?: string
}

export interface Readiness {
  /** What must be there for the product to answer. */
  required: Part[]
  /** What is told but never fails readiness: channels. */
  told: Part[]
}

export interface ServerOptions {
  port: number
  host: string
  trusted: BlockList
  log: Log
  readiness(): Promise<Readiness>
  metrics(): Promise<string>
}

/** Handlers that are reached at a path, whatever the method; the web-standard ones of channels. */
export interface Mount {
  path: string
  fetch(request: Request): Promise<Response>
  /** How much one address may ask here. */
  limit?: Limit
  /** Reading counts too: what is read can be guessed at. */
  limitsReading?: boolean
}

/** A problem as every route reports it: a code, and a sentence in Chinese that says what to do. */
export function problem(
  code: string,
  message: string,
  { status, headers = {} }: { status: number; headers?: Record<string, string> },
): Response {
  return Response.json({ error: { code, message } }, { status, headers })
}

export function addressOf(c: Context<{ Bindings: HttpBindings }>, trusted: BlockList): string {
  return clientAddress(c.env.incoming.socket.remoteAddress ?? '', c.req.header('x-forwarded-for'), trusted)
}

const csp = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

// Whoever puts TLS in front decides on HSTS. https://owasp.org/www-project-secure-headers/
const pageHeaders = Object.entries({
  'content-security-policy': csp,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
})

/** What is no page needs less: nothing in it may be run, framed or guessed. */
const dataHeaders = Object.entries({
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
})

const tooLarge = () => problem('too-large', '发送的内容太大了，请缩短后再发一次。', { status: 413 })
const countBody = bodyLimit({ maxSize: largestBody, onError: tooLarge })

/**
 * Security headers and the body limit. Both work on Node's own request and response: touching the web-standard
 * ones here would build them in full for every message, at three times the cost of the whole request.
 */
const protect: MiddlewareHandler<{ Bindings: HttpBindings }> = (c, next) => {
  const { method, headers, url = '' } = c.env.incoming
  const isData = url.startsWith('/api/') || url.startsWith('/channels/')
  const protection = isData ? dataHeaders : pageHeaders
  for (const [name, value] of protection) c.env.outgoing.setHeader(name, value)
  if (method === 'GET' || method === 'HEAD') return next()
  const length = headers['content-length']
  if (length === undefined) return countBody(c, next)
  return Number(length) > largestOf(url) ? Promise.resolve(tooLarge()) : next()
}

function largestOf(url: string): number {
  if (url.startsWith('/channels/')) return largestPush
  return url.startsWith('/requests') ? largestUpload : largestBody
}

/** The application with health, metrics and protections; routes are added by whoever owns them. */
export function createApp(options: ServerOptions): App {
  const app: App = new Hono()
  app.use(protect)
  app.onError((error, c) => {
    const id = newUuid()
    options.log.error('request.failed', error, { id, path: c.req.path })
    return problem('failed', `系统出了点问题，请稍后再试。如需反映，请提供编号 ${id}。`, {
      status: 500,
      headers: { 'x-request-id': id },
    })
  })
  app.notFound(() => problem('not-found', '没有这个页面，请回到首页。', { status: 404 }))
  addHealth(app, options)
  return app
}

function addHealth(app: App, { readiness, metrics }: ServerOptions): void {
  app.get('/healthz', c => c.json({ status: 'ok' }))
  app.get('/readyz', async c => {
    const { required, told } = await readiness()
    const ready = required.every(part => part.ok)
    return c.json({ status: ready ? 'ready' : 'not-ready', required, channels: told }, ready ? 200 : 503)
  })
  app.get('/metrics', async c => c.text(await metrics()))
}

/** Gives a web-standard handler a path of its own. */
export function mount(app: App, { path, fetch, limit, limitsReading }: Mount, trusted: BlockList): void {
  app.all(path, async c => {
    const counts = limitsReading || c.req.method === 'POST'
    const wait = limit && counts ? await limit.admit(addressOf(c, trusted)) : undefined
    if (wait !== undefined) {
      const seconds = Math.ceil(wait / 1000)
      return problem('too-many', `您发得太快了，请${seconds}秒后再发。`, {
        status: 429,
        headers: { 'retry-after': String(seconds) },
      })
    }
    return fetch(c.req.raw)
  })
}

/** Serves a built page from a folder; what the build named by content may be kept by browsers. */
export function mountPage(app: App, folder: string): void {
  const headers = (path: string) =>
    path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  app.get('/*', serveStatic({ root: folder, onFound: (path, c) => c.header('cache-control', headers(path)) }))
}

/**
 * Serves the officials' page: styles that its components write themselves carry a word that is made anew for each page,
 * and no other inline style holds.
 */
export function mountConsole(app: App, folder: string): void {
  const page = readFileSync(`${folder}/index.html`, 'utf8')
  app.get(
    '/console/assets/*',
    serveStatic({
      root: folder,
      rewriteRequestPath: path => path.replace('/console', ''),
      onFound: (_, c) => c.header('cache-control', 'public, max-age=31536000, immutable'),
    }),
  )
  for (const path of ['/console', '/console/'])
    app.get(path, c => {
      const nonce = randomBytes(16).toString('base64')
      const own = csp.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`)
      c.env.outgoing.setHeader('content-security-policy', own)
      c.header('cache-control', 'no-store')
      return c.html(page.replace('name="style-nonce" content=""', `name="style-nonce" content="${nonce}"`))
    })
}

export interface RunningServer {
  port: number
  close(): Promise<void>
}

/** What the adapter refuses before any route sees it: a Host that is none, a path that is none. */
function refuseRequest(log: Log, error: unknown): Response {
  if (!(error instanceof RequestError)) log.error('request.failed', error)
  const refused = problem('bad-request', '请求的格式不对，请从首页重新进入。', { status: 400 })
  for (const [name, value] of pageHeaders) refused.headers.set(name, value)
  return refused
}

/** Listens. Rejects when the port is taken. */
export function listen(
  app: App,
  { port, host, log }: Pick<ServerOptions, 'port' | 'host' | 'log'>,
): Promise<RunningServer> {
  const listener = getRequestListener(app.fetch, {
    hostname: host,
    errorHandler: error => refuseRequest(log, error),
  })
  const server = createServer(listener)
  const close = () =>
    new Promise<void>(done => {
      server.close(() => done())
      setTimeout(() => server.closeAllConnections(), drainMs).unref()
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve({ port: (server.address() as AddressInfo).port, close }))
  })
}
