/** The Bot API over HTTP, with the faults that are asked for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, type Chats, type Params } from './chats.ts'
import type { Fault, Faults } from './faults.ts'
import type { Updates } from './updates.ts'

export interface ServerOptions {
  token: string
  bot: Record<string, unknown>
  chats: Chats
  updates: Updates
  faults: Faults
  port: number
  /** A call was carried out. */
  onCall(method: string, params: Params): void
}

type Method = (params: Params, gone: AbortSignal) => unknown

const asked = (value: unknown) => (value === undefined ? undefined : Number(value))

function methodsOf({ bot, chats, updates }: ServerOptions): Record<string, Method> {
  const send = (method: string) => (params: Params) => chats.send(method, params)
  return {
    getMe: () => bot,
    sendMessage: send('sendMessage'),
    sendPhoto: send('sendPhoto'),
    sendDocument: send('sendDocument'),
    editMessageText: params => chats.edit(params),
    async getUpdates(params, gone) {
      const [offset = 0, limit = 100, timeout = 0] = [params.offset, params.limit, params.timeout].map(asked)
      const outcome = await updates.poll({ offset, limit, timeout }, gone)
      if (outcome === 'conflict') throw new ApiError(409, conflict)
      if (outcome === 'webhook') throw new ApiError(409, active)
      return outcome
    },
    setWebhook(params) {
      if (!URL.canParse(String(params.url))) throw new ApiError(400, 'Bad Request: bad webhook')
      updates.setWebhook({
        url: String(params.url),
        ...(params.secret_token !== undefined && { secret_token: String(params.secret_token) }),
        ...(params.max_connections !== undefined && { max_connections: Number(params.max_connections) }),
      })
      return true
    },
    deleteWebhook() {
      updates.setWebhook(undefined)
      return true
    },
    getWebhookInfo() {
      const error = updates.lastError()
      return {
        url: updates.webhook()?.url ?? '',
        has_custom_certificate: false,
        pending_update_count: updates.pending(),
        ...(error && { last_error_date: error.date, last_error_message: error.message }),
      }
    },
    answerCallbackQuery: () => true,
    sendChatAction: () => true,
    setMyCommands: () => true,
    deleteMyCommands: () => true,
    close: () => true,
    logOut: () => true,
  }
}

const conflict =
  'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'
const active =
  "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Parameters may come in the query, as a form, as a form with files, or as JSON. */
async function paramsOf(request: IncomingMessage, url: URL): Promise<Params> {
  const query = Object.fromEntries(url.searchParams)
  const body = await readBody(request)
  const type = request.headers['content-type'] ?? ''
  if (body.length === 0) return query
  if (type.includes('json')) return { ...query, ...JSON.parse(body.toString()) }
  if (type.includes('x-www-form-urlencoded'))
    return { ...query, ...Object.fromEntries(new URLSearchParams(body.toString())) }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const params: Params = { ...query }
  const files = new Map<string, unknown>()
  for (const [name, value] of form) {
    if (typeof value === 'string') params[name] = value
    else
      files.set(name, {
        name: value.name,
        type: value.type,
        bytes: new Uint8Array(await value.arrayBuffer()),
      })
  }
  // `attach://name` stands for the part of that name.
  for (const [name, value] of Object.entries(params)) {
    const attached = typeof value === 'string' && files.get(value.replace('attach://', ''))
    if (attached && String(value).startsWith('attach://')) params[name] = attached
  }
  return { ...params, ...Object.fromEntries([...files].filter(([name]) => !(name in params))) }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/html' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}

function refuse(response: ServerResponse, { code, message, parameters }: ApiError): void {
  answer(response, code, {
    ok: false,
    error_code: code,
    description: message,
    ...(parameters && { parameters }),
  })
}

/** The refusal that a fault stands for, if it is one. */
function refusalOf(fault: Fault | undefined): ApiError | undefined {
  if (fault?.kind === 'too-many') {
    const parameters = { retry_after: fault.retryAfter }
    return new ApiError(429, `Too Many Requests: retry after ${fault.retryAfter}`, parameters)
  }
  if (fault?.kind === 'conflict') return new ApiError(409, conflict)
  if (fault?.kind === 'refusal') return new ApiError(fault.code, fault.description, fault.parameters)
  if (fault?.kind === 'server' && !fault.html)
    return new ApiError(fault.status, fault.description ?? 'Internal Server Error')
  return undefined
}

interface Exchange {
  response: ServerResponse
  fault: Fault | undefined
  perform(): Promise<unknown>
}

async function respond({ response, fault, perform }: Exchange): Promise<void> {
  const refusal = refusalOf(fault)
  if (refusal) return refuse(response, refusal)
  if (fault?.kind === 'server') return answer(response, fault.status, '<html>Bad Gateway</html>')
  if (fault?.kind === 'reset') return void response.destroy()
  if (fault?.kind === 'half-open') return void (fault.done && (await perform()))
  if (fault?.kind === 'slow') await (typeof fault.until === 'number' ? delay(fault.until) : fault.until)
  const result = await perform()
  if (fault?.kind === 'cut') return void response.destroy()
  answer(response, 200, { ok: true, result })
}

export interface RunningServer {
  port: number
  close(): Promise<void>
}

export async function listen(options: ServerOptions): Promise<RunningServer> {
  const { token, faults, onCall } = options
  const methods = methodsOf(options)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const [, given, name = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? []
    const params = await paramsOf(request, url)
    if (given !== token) throw new ApiError(401, 'Unauthorized')
    const known = Object.keys(methods).find(method => method.toLowerCase() === name.toLowerCase())
    const method = known && methods[known]
    if (!method) throw new ApiError(404, 'Not Found')
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const perform = async () => {
      const result = await method(params, gone.signal)
      onCall(known, params)
      return result
    }
    await respond({ response, fault: faults.take(known), perform })
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(error => {
      if (response.destroyed) return
      if (error instanceof ApiError) refuse(response, error)
      else refuse(response, new ApiError(400, `Bad Request: ${error.message}`))
    })
  })
  await new Promise<void>(resolve => server.listen(options.port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
