/** The access token: asked for once at a time, shared through the cache, made anew when WeChat no longer takes it. */
import type { ChannelHost } from '#channel'
import { type Api, ApiFailure } from './transport.ts'

const cacheKey = 'access-token'
/** WeChat renews it five minutes before its end, and takes both in between. */
const earlyMs = 5 * 60_000
/** At most twenty a day may be forced. https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken */
const forcedEveryMs = 75 * 60_000

interface Token {
  token: string
  madeAt: number
  endsAt: number
}

export interface Tokens {
  /** Throws ApiFailure when none can be had. */
  get(): Promise<string>
  /** WeChat does not take this one: gives another. */
  renew(rejected: string): Promise<string>
  /** How long ago the one in use was made, in milliseconds. */
  age(): number | undefined
}

export interface TokenOptions {
  api: Api
  host: ChannelHost
  appId: string
  appSecret: string
}

export function createTokens({ api, host, appId, appSecret }: TokenOptions): Tokens {
  const { clock, cache } = host
  let known: Token | undefined
  let asking: Promise<Token> | undefined
  let forcedAt = Number.NEGATIVE_INFINITY

  const holds = (token: Token | undefined): token is Token =>
    token !== undefined && token.endsAt - earlyMs > clock.now()

  async function ask(force: boolean): Promise<Token> {
    const body = { grant_type: 'client_credential', appid: appId, secret: appSecret, force_refresh: force }
    const told = await api.call('/cgi-bin/stable_token', JSON.stringify(body))
    const { access_token: token, expires_in: seconds } = told
    if (typeof token !== 'string' || token === '')
      throw new ApiFailure('no access token was given', { stage: 'refused', retryable: true })
    const now = clock.now()
    known = { token, madeAt: now, endsAt: now + Number(seconds ?? 7200) * 1000 }
    await cache.set(cacheKey, known, Math.max(1, known.endsAt - now))
    return known
  }

  /** Whoever asks while somebody does waits for the same answer. */
  function askOnce(force: boolean): Promise<Token> {
    asking ??= ask(force).finally(() => {
      asking = undefined
    })
    return asking
  }

  return {
    async get() {
      if (holds(known)) return known.token
      const shared = await cache.get<Token>(cacheKey)
      if (holds(shared)) known = shared
      return holds(known) ? known.token : (await askOnce(false)).token
    },
    async renew(rejected) {
      // Another call, or another process, may have it already.
      if (known && known.token !== rejected && holds(known)) return known.token
      const next = await askOnce(false)
      if (next.token !== rejected || clock.now() - forcedAt < forcedEveryMs) return next.token
      forcedAt = clock.now()
      return (await askOnce(true)).token
    },
    age: () => known && clock.now() - known.madeAt,
  }
}

const rejectedToken = [40001, 40014, 42001]

/** A call with the token; once more with another one when WeChat does not take it. */
export async function callWith(
  tokens: Tokens,
  api: Api,
  { path, body }: { path: string; body(): string | FormData },
): Promise<Record<string, unknown>> {
  const token = await tokens.get()
  const call = (with_: string) =>
    api.call(`${path}${path.includes('?') ? '&' : '?'}access_token=${encodeURIComponent(with_)}`, body())
  try {
    return await call(token)
  } catch (error) {
    if (!(error instanceof ApiFailure) || !rejectedToken.includes(error.code ?? 0)) throw error
    return call(await tokens.renew(token))
  }
}
