/** The Bot API over HTTP: one call at a time into a pool of connections, and what a failed one means. */
import { type Dispatcher, Pool, ProxyAgent } from 'undici'
import { ChannelFailure, encodeBody, exchangeOver } from '#channel'

const connections = 64
const connectTimeoutMs = 10_000
const callTimeoutMs = 30_000
const longestReason = 200

export interface ApiOptions {
  token: string
  /** https://api.telegram.org, or a Bot API server of one's own. */
  apiRoot: string
  proxy?: string | undefined
}

export interface CallOptions {
  /** Without an answer for so long the call has failed. */
  timeoutMs?: number
  signal?: AbortSignal
}

/** JSON that is written out already, or a form with a file in it. */
export type Body = string | FormData

export interface BotApi {
  /** Gives the result. Throws ApiFailure. */
  call(method: string, body: Body, options?: CallOptions): Promise<unknown>
  close(): Promise<void>
}

interface ApiFacts {
  /** The HTTP status, or what the body says instead. */
  code?: number | undefined
  /** The group has become a supergroup with this id. */
  movedTo?: string | undefined
}

/** A call that failed; `code` is the platform's, absent where it said nothing. */
export class ApiFailure extends ChannelFailure {
  readonly code: number | undefined
  readonly movedTo: string | undefined

  constructor(reason: string, detail: ChannelFailure['detail'], { code, movedTo }: ApiFacts = {}) {
    super(reason.slice(0, longestReason), detail)
    this.name = 'ApiFailure'
    this.code = code
    this.movedTo = movedTo
  }
}

interface Told {
  ok?: unknown
  result?: unknown
  error_code?: unknown
  description?: unknown
  parameters?: { retry_after?: unknown; migrate_to_chat_id?: unknown } | null
}

function parseTold(text: string): Told | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const gone = /chat not found|user not found|PEER_ID_INVALID|group chat was (?:deleted|deactivated)/i

/** What an answer means that is not `ok`. */
function failureOf(status: number, told: Told | undefined): ApiFailure {
  const code = typeof told?.error_code === 'number' ? told.error_code : status
  const description = typeof told?.description === 'string' ? told.description : 'no description'
  const reason = `${code} ${description}`
  if (code === 429) {
    // The server says how long; without it a minute is what flood limits are counted in.
    const seconds = Number(told?.parameters?.retry_after ?? 60)
    return new ApiFailure(
      reason,
      { stage: 'refused', retryable: true, retryAfterMs: seconds * 1000 },
      { code },
    )
  }
  if (code >= 500) return serverFailure(code, reason, told?.ok === false)
  const moved = told?.parameters?.migrate_to_chat_id
  if (moved !== undefined)
    return new ApiFailure(reason, { stage: 'refused', retryable: true }, { code, movedTo: String(moved) })
  if (code === 403 || (code === 400 && gone.test(description)))
    return new ApiFailure(reason, { stage: 'refused', retryable: false, unreachable: true }, { code })
  // A token that is wrong or not yet right says nothing about the message: it goes when the token is mended.
  const settings = code === 401 || code === 404 || code === 409
  if (told?.ok === false) return new ApiFailure(reason, { stage: 'refused', retryable: settings }, { code })
  // Something in between has answered in Telegram's place, as the sign-in page of a network does.
  return new ApiFailure(`${status} not from the Bot API`, { stage: 'after', retryable: false }, { code })
}

/**
 * 503 says by its definition that the request was not taken. A 500 with the Bot API's own body says that this method
 * has failed, but for "restart": then a server that was shutting down let go of what it may have sent already. All
 * else (502, 504, a page of HTML) comes from a gateway in front, which cannot know what the server behind it did.
 * Repeating those would sometimes show an answer twice; they are listed as unknown.
 * https://github.com/tdlib/telegram-bot-api/blob/master/telegram-bot-api/Client.cpp (fail_query_closing)
 */
function serverFailure(code: number, reason: string, ownBody: boolean): ApiFailure {
  const refused = code === 503 || (code === 500 && ownBody && !/restart/i.test(reason))
  return new ApiFailure(reason, { stage: refused ? 'refused' : 'after', retryable: refused }, { code })
}

function createDispatcher({ apiRoot, proxy }: ApiOptions): Dispatcher {
  const { origin } = new URL(apiRoot)
  const settings = { connections, pipelining: 1, connect: { timeout: connectTimeoutMs } }
  return proxy ? new ProxyAgent({ uri: proxy, ...settings }) : new Pool(origin, settings)
}

export function createApi(options: ApiOptions): BotApi {
  const dispatcher = createDispatcher(options)
  const { origin, pathname } = new URL(options.apiRoot)
  const base = `${pathname.replace(/\/$/, '')}/bot${options.token}`
  return {
    async call(method, body, { timeoutMs = callTimeoutMs, signal } = {}) {
      const { type, bytes } = await encodeBody(body)
      const { status, text } = await exchangeOver(dispatcher, {
        origin,
        path: `${base}/${method}`,
        method: 'POST',
        headers: { 'content-type': type },
        body: bytes,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal,
      }).catch((error: ChannelFailure) => {
        throw new ApiFailure(error.message, error.detail)
      })
      const told = parseTold(text)
      if (told?.ok === true) return told.result
      throw failureOf(status, told)
    },
    close: () => dispatcher.destroy(),
  }
}
