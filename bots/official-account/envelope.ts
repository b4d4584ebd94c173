/** What WeChat signs and seals: whether a request is its own, and how the answer has to be wrapped. */
import { hash, randomInt, timingSafeEqual } from 'node:crypto'
import { decrypt, encrypt, getSignature } from '@wecom/crypto'

/** WeChat gives the moment of each request; one that is further off is not answered. */
const longestSkewMs = 5 * 60_000

export interface EnvelopeKeys {
  appId: string
  token: string
  /** EncodingAESKey; absent: plain mode. */
  aesKey?: string | undefined
  /** The one before, as long as WeChat may still use it. */
  previousAesKey?: string | undefined
}

export interface Opened {
  xml: string
  /** Wraps the answer as the request was wrapped. */
  wrap(xml: string, now: number): string
}

/** In constant time; that the lengths differ is no secret. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const timeOf = (query: URLSearchParams) => query.get('timestamp') ?? ''
const nonceOf = (query: URLSearchParams) => query.get('nonce') ?? ''

function isFresh(query: URLSearchParams, now: number): boolean {
  const time = timeOf(query)
  return /^\d{10}$/.test(time) && Math.abs(Number(time) * 1000 - now) <= longestSkewMs
}

/** The signature that does not cover the body: sha1 over token, timestamp and nonce in order. */
export function isSigned({ token }: EnvelopeKeys, query: URLSearchParams, now: number): boolean {
  const own = hash('sha1', [token, timeOf(query), nonceOf(query)].sort().join(''))
  return isFresh(query, now) && isSame(own, query.get('signature') ?? '')
}

/** Unsealed with this key; undefined where it does not fit or the message is meant for somebody else. */
function openWith(key: string, sealed: string, appId: string): string | undefined {
  try {
    const { message, id } = decrypt(key, sealed)
    return isSame(id, appId) ? message : undefined
  } catch {
    return undefined
  }
}

function openSealed(keys: EnvelopeKeys, sealed: string): Opened | undefined {
  const { appId, token, aesKey, previousAesKey } = keys
  for (const key of [aesKey, previousAesKey]) {
    const xml = key && openWith(key, sealed, appId)
    if (!key || !xml) continue
    const wrap = (answer: string, now: number) => {
      const text = encrypt(key, answer, appId)
      const time = String(Math.floor(now / 1000))
      const nonce = String(randomInt(1e9, 1e10))
      const signature = getSignature(token, time, nonce, text)
      return `<xml><Encrypt><![CDATA[${text}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>${time}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`
    }
    return { xml, wrap }
  }
  return undefined
}

/**
 * What a request holds; undefined where it is not WeChat's. With a key only what is sealed is taken, since the plain
 * signature does not cover the body. https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption
 */
export function openRequest(
  keys: EnvelopeKeys,
  request: { query: URLSearchParams; body: string; now: number; sealedIn(body: string): string | undefined },
): Opened | undefined {
  const { query, body, now } = request
  if (!keys.aesKey) return isSigned(keys, query, now) ? { xml: body, wrap: answer => answer } : undefined
  if (query.get('encrypt_type') !== 'aes' || !isFresh(query, now)) return undefined
  const sealed = request.sealedIn(body)
  if (sealed === undefined) return undefined
  const own = getSignature(keys.token, timeOf(query), nonceOf(query), sealed)
  return isSame(own, query.get('msg_signature') ?? '') ? openSealed(keys, sealed) : undefined
}
