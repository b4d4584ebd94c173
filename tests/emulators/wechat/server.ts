/** WeChat's API on this machine: tokens, customer-service messages, pictures, menus, codes, quotas, with its error codes. */
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
const mediaMs = 3 * 24 * 60 * 60_000
/** Quotas begin anew at midnight in Beijing. */
const dayOf = (at: number) => Math.floor((at + 8 * 60 * 60_000) / (24 * 60 * 60_000))

/** Calls a day, as the platform's page of limits has them. */
const dailyLimits: Record<string, number> = {
  '/cgi-bin/message/custom/send': 500_000,
  '/cgi-bin/media/upload': 100_000,
  '/cgi-bin/menu/create': 1_000,
  '/cgi-bin/menu/get': 10_000,
  '/cgi-bin/qrcode/create': 100_000,
}

export interface ServerOptions {
  appId: string
  secret: string
  citizens: Citizens
  faults: Faults
  now(): number
  port: number
  /** Other daily limits than the platform's, by path. */
  limits: Record<string, number>
  /** Whether the account may send customer-service messages. */
  verified(): boolean
  /** A call has come. */
  onCall(call: ApiCall): void
  /** It was carried out, which includes a refusal of WeChat's own. */
  onDone(call: ApiCall): void
}

export interface ApiCall {
  path: string
  body: string
  fault?: Fault
  /** Absent as long as it was not carried out. */
  told?: Told
}

export interface ApiServer {
  port: number
  /** The tokens that were given, oldest first. */
  readonly tokens: readonly string[]
  /** From now on no token that was given is taken. */
  expire(): void
  hasMedia(id: string): boolean
  close(): Promise<void>
}

interface Given {
  token: string
  endsAt: number
}

type Told = Record<string, unknown>
const refusal = (errcode: number, errmsg = 'refused'): Told => ({ errcode, errmsg })
const done: Told = { errcode: 0, errmsg: 'ok' }

interface Request {
  path: string
  method: string
  query: URLSearchParams
  type: string
  body: Buffer
}

function parse(body: Buffer): Told | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString())
    return typeof parsed === 'object' && parsed !== null ? (parsed as Told) : undefined
  } catch {
    return undefined
  }
}

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

  /** Another token at once, and the one before is dead; false where that was asked for too often. */
  function force(): boolean {
    const day = forced.filter(at => at > now() - 24 * 60 * 60_000)
    if (day.length >= mostForced || (day.at(-1) ?? 0) > now() - forcedEveryMs) return false
    forced = [...day, now()]
    valid = []
    return true
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
      if (body.grant_type !== 'client_credential') return refusal(40002, 'invalid grant_type')
      if (body.appid !== appId) return refusal(40013, 'invalid appid')
      if (body.secret !== secret) return refusal(40125, 'invalid appsecret')
      if (body.force_refresh === true && !force()) return refusal(45009, 'forced too often')
      const last = valid.at(-1)
      const { token, endsAt } = last && last.endsAt - overlapMs > now() ? last : make()
      return { access_token: token, expires_in: Math.round((endsAt - now()) / 1000) }
    },
  }
}

function createQuotas({ now, limits }: ServerOptions) {
  const all = { ...dailyLimits, ...limits }
  const used = new Map<string, { day: number; count: number }>()
  const countOf = (path: string) => {
    const one = used.get(path)
    return one?.day === dayOf(now()) ? one.count : 0
  }
  return {
    /** Takes one of the day's calls; false when they are used up. */
    spend(path: string): boolean {
      const count = countOf(path)
      if (count >= (all[path] ?? Number.POSITIVE_INFINITY)) return false
      used.set(path, { day: dayOf(now()), count: count + 1 })
      return true
    },
    tell({ cgi_path: path }: Told): Told {
      const daily_limit = all[String(path)]
      if (daily_limit === undefined) return refusal(76021, 'cgi_path not found')
      const count = countOf(String(path))
      return { ...done, quota: { daily_limit, used: count, remain: daily_limit - count } }
    },
  }
}

function createMedia(now: () => number) {
  const until = new Map<string, number>()
  const beginnings = [
    [0x89, 0x50, 0x4e, 0x47],
    [0xff, 0xd8, 0xff],
    [0x47, 0x49, 0x46],
    [0x42, 0x4d],
  ]
  return {
    has: (id: string) => (until.get(id) ?? 0) > now(),
    async upload({ query, type, body }: Request): Promise<Told> {
      if (query.get('type') !== 'image') return refusal(40004, 'invalid media type')
      const headers = { 'content-type': type }
      const form = await new Response(new Uint8Array(body), { headers }).formData().catch(() => undefined)
      const file = form?.get('media')
      if (!file || typeof file === 'string') return refusal(41005, 'media data missing')
      const bytes = new Uint8Array(await file.arrayBuffer())
      if (!beginnings.some(one => one.every((byte, i) => bytes[i] === byte)))
        return refusal(40137, 'invalid image format')
      const id = `MEDIA_${until.size + 1}`
      until.set(id, now() + mediaMs)
      return { type: 'image', media_id: id, created_at: Math.floor(now() / 1000) }
    },
  }
}

interface Button {
  name?: string
  type?: string
  key?: string
  url?: string
  sub_button?: Button[]
}

/** The error code that a button is refused with, or 0. Lengths are bytes. */
function faultOf(
  { name = '', type, key = '', url = '', sub_button: subs = [] }: Button,
  top: boolean,
): number {
  const [most, code] = top ? [16, 40018] : [60, 40025]
  if (name === '' || Buffer.byteLength(name) > most) return code
  if (subs.length > 0)
    return !top || subs.length > 5 ? 40023 : (subs.map(sub => faultOf(sub, false)).find(Boolean) ?? 0)
  if (type === 'view') return url === '' || Buffer.byteLength(url) > 1024 ? 40020 : 0
  if (type !== 'click') return 40017
  return key === '' || Buffer.byteLength(key) > 128 ? 40019 : 0
}

function createMenu() {
  let button: Button[] | undefined
  return {
    create({ button: given }: Told): Told {
      if (!Array.isArray(given) || given.length < 1 || given.length > 3)
        return refusal(40016, 'invalid button size')
      const code = given.map(one => faultOf(one, true)).find(Boolean)
      if (code) return refusal(code, 'invalid button')
      button = given
      return done
    },
    get: (): Told => (button ? { menu: { button } } : refusal(46003, 'menu no exist')),
  }
}

function createCode({ action_name: kind, action_info: info, expire_seconds: seconds }: Told): Told {
  const { scene } = (info ?? {}) as { scene?: { scene_id?: number; scene_str?: string } }
  const [, lasting, named] = /^QR_(LIMIT_)?(STR_)?SCENE$/.exec(String(kind)) ?? []
  const value = named ? scene?.scene_str : scene?.scene_id
  const fits = named ? /^.{1,64}$/u.test(String(value ?? '')) : Number.isInteger(value)
  if (!/^QR_/.test(String(kind)) || value === undefined || !fits) return refusal(40053, 'invalid action info')
  const url = `http://weixin.qq.com/q/${encodeURIComponent(value)}`
  return { ticket: `TICKET_${value}`, ...(!lasting && { expire_seconds: seconds ?? 60 }), url }
}

export function createMethods(options: ServerOptions) {
  const { citizens } = options
  const tokens = createTokens(options)
  const quotas = createQuotas(options)
  const media = createMedia(options.now)
  const menu = createMenu()

  /** Why this cannot be shown to anybody; 0 when it can. */
  function faultIn({
    msgtype,
    text,
    image,
  }: Record<string, { content?: string; media_id?: string }>): number {
    if (String(msgtype) === 'image') return media.has(String(image?.media_id)) ? 0 : 40007
    if (String(msgtype) !== 'text') return 40008
    if (typeof text?.content !== 'string' || text.content === '') return 44004
    return Buffer.byteLength(text.content) > mostTextBytes ? 45002 : 0
  }

  function send(body: Told): Told {
    if (!options.verified()) return refusal(48001, 'api unauthorized')
    const { touser, text, image } = body as Record<string, { content?: string; media_id?: string }>
    const openId = String(touser)
    const code = faultIn(body as Parameters<typeof faultIn>[0]) || citizens.spend(openId)
    if (code !== 0) return refusal(code)
    citizens.show({ openId, text: text?.content ?? `${image?.media_id}.png`, way: { kind: 'sent' } })
    return done
  }

  const posts: Record<string, (body: Told) => Told> = {
    '/cgi-bin/message/custom/send': send,
    '/cgi-bin/menu/create': menu.create,
    '/cgi-bin/qrcode/create': createCode,
    '/cgi-bin/openapi/quota/get': quotas.tell,
  }
  const gets: Record<string, () => Told> = { '/cgi-bin/menu/get': menu.get }

  async function obey(request: Request): Promise<Told> {
    const { path, body } = request
    if (path === '/cgi-bin/media/upload') return media.upload(request)
    const parsed = parse(body)
    return gets[path]?.() ?? (parsed ? (posts[path]?.(parsed) ?? refusal(40066)) : refusal(47001, 'no json'))
  }

  return {
    tokens,
    hasMedia: media.has,
    /** Carries a call out. */
    async perform(request: Request): Promise<Told> {
      const { path, method, query, body } = request
      if (!(path in gets) && method !== 'POST') return refusal(43002, 'require POST method')
      if (path === '/cgi-bin/stable_token') return tokens.ask(parse(body) ?? {})
      if (!(path in gets) && !(path in posts) && path !== '/cgi-bin/media/upload')
        return refusal(40066, 'invalid url')
      const rejected = tokens.check(query.get('access_token') ?? '')
      if (rejected !== 0) return refusal(rejected, 'access_token expired or wrong')
      return quotas.spend(path) ? obey(request) : refusal(45009, 'reach max api daily quota limit')
    },
  }
}

interface Exchange {
  fault: Fault | undefined
  response: ServerResponse
  /** Carries the call out. */
  perform(): Promise<Told>
  expire(): void
}

/** What a fault does to a call. Gives what is answered, if anything. */
async function meet({ fault, response, perform, expire }: Exchange): Promise<Told | undefined> {
  switch (fault?.kind) {
    case undefined:
      return perform()
    case 'code':
      return refusal(fault.code, fault.message)
    case 'expired':
      expire()
      return perform()
    case 'slow':
      await delay(fault.ms)
      return perform()
    case 'server':
      response.writeHead(fault.status).end('<html>bad gateway</html>')
      return undefined
    case 'half-open':
      if (fault.done) await perform()
      return undefined
    case 'cut':
      await perform()
      response.destroy()
      return undefined
    case 'reset':
      response.destroy()
      return undefined
  }
}

async function read(request: IncomingMessage): Promise<Request> {
  const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://127.0.0.1')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const type = request.headers['content-type'] ?? ''
  return { path, query, type, method: request.method ?? '', body: Buffer.concat(chunks) }
}

export async function listen(options: ServerOptions): Promise<ApiServer> {
  const methods = createMethods(options)
  const { tokens } = methods

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming)
    const fault = options.faults.take(request.path)
    const call: ApiCall = { path: request.path, body: request.body.toString(), ...(fault && { fault }) }
    options.onCall(call)
    const perform = async () => {
      call.told = await methods.perform(request)
      options.onDone(call)
      return call.told
    }
    const told = await meet({ fault, response, perform, expire: tokens.expire })
    if (told) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  }

  const server = createServer((request, response) => {
    // Whoever called has gone away in the middle of it.
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>(open => server.listen(options.port, '127.0.0.1', open))
  return {
    port: (server.address() as AddressInfo).port,
    tokens: tokens.all,
    expire: tokens.expire,
    hasMedia: methods.hasMedia,
    close: () =>
      new Promise(closed => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
