/** WeChat's API over HTTP: one call at a time into a pool of connections, and what its error codes mean. */
import { Pool } from 'undici'
import { ChannelFailure, encodeBody, exchangeOver } from '#channel'

const connections = 32
const connectTimeoutMs = 5_000
const callTimeoutMs = 10_000
const dayMs = 24 * 60 * 60_000
const beijingMs = 8 * 60 * 60_000
/** A restricted account is a matter for its administrator; so long nothing is tried. */
const restrictedPauseMs = 60 * 60_000

type Facts = ChannelFailure['detail'] & { code?: number | undefined }

/** A call that failed; `code` is the platform's, absent where it said nothing. */
export class ApiFailure extends ChannelFailure {
  readonly code: number | undefined

  constructor(reason: string, { code, ...detail }: Facts) {
    super(reason, detail)
    this.name = 'ApiFailure'
    this.code = code
  }
}

export interface Api {
  /** Gives what WeChat says. `path` begins with /cgi-bin/. Throws ApiFailure. */
  call(path: string, body: string | FormData): Promise<Record<string, unknown>>
  close(): Promise<void>
}

/** The daily quota begins anew at midnight in Beijing. */
export const untilReset = (now: number): number => dayMs - ((now + beijingMs) % dayMs)

const refused = { stage: 'refused', retryable: false } as const
const later = (retryAfterMs?: number) =>
  ({ stage: 'refused', retryable: true, ...(retryAfterMs && { retryAfterMs }) }) as const

/** https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html */
export function meaningOf(code: number, now: number): ChannelFailure['detail'] {
  switch (code) {
    case -1:
      return later()
    // The token is new by now, or the settings are wrong: neither says anything about the message.
    case 40001:
    case 40014:
    case 42001:
    case 40013:
    case 40125:
    case 40164:
      return later(60_000)
    case 40003:
    case 43004:
    case 43019:
      return { ...refused, unreachable: true }
    case 45009:
      return later(untilReset(now))
    case 45011:
      return later(60_000)
    case 45015:
    case 45047:
    case 48001:
      return { ...refused, windowClosed: true }
    case 48004:
    case 50002:
      return later(restrictedPauseMs)
    default:
      return refused
  }
}

function parseTold(text: string): Record<string, unknown> | undefined {
  try {
    const told: unknown = JSON.parse(text)
    return typeof told === 'object' && told !== null ? { ...told } : undefined
  } catch {
    return undefined
  }
}

export function createApi({ apiRoot, now }: { apiRoot: string; now(): number }): Api {
  const { origin, pathname } = new URL(apiRoot)
  const base = pathname.replace(/\/$/, '')
  const pool = new Pool(origin, { connections, pipelining: 1, connect: { timeout: connectTimeoutMs } })
  return {
    async call(path, body) {
      const { type, bytes } = await encodeBody(body)
      const { status, text } = await exchangeOver(pool, {
        path: base + path,
        method: 'POST',
        headers: { 'content-type': type },
        body: bytes,
        headersTimeout: callTimeoutMs,
        bodyTimeout: callTimeoutMs,
      })
      const told = parseTold(text)
      // Without words of its own nobody knows what the platform did.
      if (!told) throw new ApiFailure(`${status} not from WeChat`, { stage: 'after', retryable: false })
      const code = Number(told.errcode ?? 0)
      if (code === 0) return told
      throw new ApiFailure(`${code} ${String(told.errmsg ?? '')}`.slice(0, 200), {
        code,
        ...meaningOf(code, now()),
      })
    },
    close: () => pool.destroy(),
  }
}
