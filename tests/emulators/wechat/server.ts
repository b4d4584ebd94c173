/** WeChat's API on this machine: tokens, customer-service messages, pictures, menus, with its error codes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Citizens } from './citizens.ts'
import type { Fault, Faults } from './faults.ts'

const mostTextBytes = 2048
const tokenMs = 7_200_000
/** Before its end a new token is given, and both are taken. */
const overlapMs = 5 * 60_000
const forcedEveryMs = 30_000
const mostForced = 20

export interface ServerOptions {
  appId: string
  secret: string
  citizens: Citizens
  faults: Faults
  now(): number
  port: number
  /** Whether the account may send customer-service messages. */
  verified(): boolean
  onCall(path: string, body: string): void
}

export interface ApiServer {
  port: number
  /** The tokens that were given, oldest first. */
  readonly tokens: readonly string[]
  /** From now on no token that was given is taken. */
  expire(): void
  close(): Promise<void>
}

interface Given {
  token: string
  endsAt: number
}

type Told = Record<string, unknown>
const refusal = (errcode: number, errmsg = 'refused'): Told => ({ errcode, errmsg })

function createTokens({ appId, secret, now }: ServerOptions) {
  const all: string[] = []
  let valid: Given[] = []
  let forced: number[] = []
  function make(): Given {
    const given = { token: `TOKEN_${all.length + 1}_${'x'.repeat(100)}`, endsAt: now() + tokenMs }
    all.push(given.token)
    const overlap = valid.map(one => ({ ...one, endsAt: Math.min(one.endsAt, now() + overlapMs) }))
    valid = [...overlap, given]
    return given
  }
  return {
    all,
    expire: () => {
      valid = []
    },
    check: (token: string): 0 | 40001 | 42001 => {
      const given = valid.find(one => one.token === token)
      if (!given) return all.includes(token) ? 42001 : 40001
      return given.endsAt > now() ? 0 : 42001
    },
    ask(body: Told): Told {
      if (body.grant_type !== 'client_credential' || body.appid !== appId)
        return refusal(40013, 'invalid appid')
      if (body.secret !== secret) return refusal(40125, 'invalid appsecret')
      const day = forced.filter(at => at > now() - 24 * 60 * 60_000)
      if (body.force_refresh === true) {
        if (day.length >= mostForced || (day.at(-1) ?? 0) > now() - forcedEveryMs)
          return refusal(45009, 'forced too often')
        forced = [...day, now()]
        valid = []
      }
      const last = valid.at(-1)
      const { token, endsAt } = last && last.endsAt - overlapMs > now() ? last : make()
      return { access_token: token, expires_in: Math.round((endsAt - now()) / 1000) }
    },
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function parse(body: string): Told {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}

export function createMethods(options: ServerOptions) {
  const { citizens } = options
  const tokens = createTokens(options)
  const media = new Set<string>()

  function send(body: Told): Told {
    if (!options.verified()) return refusal(48001, 'api unauthorized')
    const { touser, msgtype } = body
    const text = (body.text as { content?: unknown } | undefined)?.content
    const image = (body.image as { media_id?: unknown } | undefined)?.media_id
    if (msgtype === 'text' && typeof text !== 'string') return refusal(44004, 'empty content')
    if (typeof text === 'string' && Buffer.byteLength(text) > mostTextBytes)
      return refusal(45002, 'content too long')
    if (msgtype === 'image' && !media.has(String(image))) return refusal(40007, 'invalid media_id')
    const code = citizens.spend(String(touser))
    if (code !== 0) return refusal(code)
    citizens.show({
      openId: String(touser),
      text: typeof text === 'string' ? text : `${image}.png`,
      way: { kind: 'sent' },
    })
    return { errcode: 0, errmsg: 'ok' }
  }

  const methods: Record<string, (body: string) => Told> = {
    '/cgi-bin/message/custom/send': body => send(parse(body)),
    '/cgi-bin/media/upload': body => {
      if (!/filename=/.test(body)) return refusal(41005, 'media data missing')
      const id = `MEDIA_${media.size + 1}`
      media.add(id)
      return { type: 'image', media_id: id, created_at: Math.floor(options.now() / 1000) }
    },
    '/cgi-bin/menu/create': body => {
      const { button } = parse(body)
      if (!Array.isArray(button) || button.length < 1 || button.length > 3)
        return refusal(40016, 'invalid button size')
      return { errcode: 0, errmsg: 'ok' }
    },
    '/cgi-bin/openapi/quota/get': () => ({
      errcode: 0,
      errmsg: 'ok',
      quota: { daily_limit: 500_000, used: 0, remain: 500_000 },
    }),
  }

  return {
    tokens,
    /** Carries a call out. */
    perform(path: string, token: string, body: string): Told {
      if (path === '/cgi-bin/stable_token') return tokens.ask(parse(body))
      const method = methods[path]
      if (!method) return refusal(40066, 'invalid url')
      const rejected = tokens.check(token)
      return rejected === 0 ? method(body) : refusal(rejected, 'access_token expired or wrong')
    },
  }
}

/** What a fault does to a call; `done` carries it out. Gives what is answered, if anything. */
async function meet(
  fault: Fault | undefined,
  response: ServerResponse,
  done: () => Told,
): Promise<Told | undefined> {
  switch (fault?.kind) {
    case undefined:
      return done()
    case 'code':
      return refusal(fault.code, fault.message)
    case 'slow':
      await delay(fault.ms)
      return done()
    case 'server':
      response.writeHead(fault.status).end('<html>bad gateway</html>')
      return undefined
    case 'half-open':
      if (fault.done) done()
      return undefined
    case 'cut':
      done()
      response.destroy()
      return undefined
    case 'reset':
      response.destroy()
      return undefined
  }
}

export async function listen(options: ServerOptions): Promise<ApiServer> {
  const methods = createMethods(options)
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const body = await read(request)
    const told = await meet(options.faults.take(url.pathname), response, () => {
      options.onCall(url.pathname, body)
      return methods.perform(url.pathname, url.searchParams.get('access_token') ?? '', body)
    })
    if (told) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  })
  await new Promise<void>(done => server.listen(options.port, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    tokens: methods.tokens.all,
    expire: methods.tokens.expire,
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
