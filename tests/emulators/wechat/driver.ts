/** WeChat as it calls the product: signed, sealed, five seconds, three tries, and what the citizen sees of it. */
import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { XMLParser } from 'fast-xml-parser'
import type { Citizens } from './citizens.ts'
import { seal, sealedSignatureOf, signatureOf, unseal } from './envelope.ts'
import type { Forgery } from './faults.ts'

export const modes = ['plain', 'compatible', 'safe'] as const
export type Mode = (typeof modes)[number]

export interface DriverOptions {
  appId: string
  token: string
  aesKey: string
  mode: Mode
  /** Where the product is called. */
  callback(): string
  now(): number
  /** How long an answer is waited for, and between two tries, in milliseconds. */
  patienceMs: number
  retryMs: number
  tries: number
  citizens: Citizens
}

export type Fields = Record<string, string>

/** What became of a message: something was shown, it was taken without a word, or WeChat gave up. */
export type Outcome =
  | { kind: 'shown'; text: string; tried: number }
  | { kind: 'taken'; tried: number }
  | { kind: 'fault' }

export const account = 'gh_0123456789ab'
/** What WeChat says in the account's name when nobody answers. */
export const faultWords = '该公众号提供的服务出现故障，请稍后再试'

const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
export const xmlOf = (fields: Fields) =>
  `<xml>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${/^\d{1,10}$/.test(value) ? value : cdata(value)}</${name}>`)
    .join('\n')}</xml>`

const parser = new XMLParser({ parseTagValue: false, trimValues: false })
const fieldsOf = (xml: string): Record<string, unknown> => {
  const { xml: fields } = parser.parse(xml)
  if (typeof fields !== 'object' || fields === null) throw new Error('no xml')
  return fields
}

export interface Driver {
  /** The request that saves the server settings: whether the product proves that it knows the token. */
  check(forgery?: Forgery): Promise<boolean>
  /** One request; undefined where nothing usable came in time. */
  post(fields: Fields, forgery?: Forgery): Promise<{ status: number; body: string } | undefined>
  /** Brings a message as WeChat does, as often as it must. */
  bring(openId: string, fields: Fields): Promise<Outcome>
}

export function createDriver(options: DriverOptions): Driver {
  const { appId, token, aesKey, mode, now, citizens } = options
  let before: { timestamp: string; nonce: string } | undefined

  function momentOf({ offMs = 0, replay }: Forgery) {
    if (replay && before) return before
    before = { timestamp: String(Math.floor((now() + offMs) / 1000)), nonce: String(randomInt(1e9, 1e10)) }
    return before
  }

  function queryOf(forgery: Forgery): URLSearchParams {
    const { timestamp, nonce } = momentOf(forgery)
    const signature = forgery.signature === 'wrong' ? 'f'.repeat(40) : signatureOf(token, timestamp, nonce)
    return new URLSearchParams({ signature, timestamp, nonce })
  }

  function bodyOf(fields: Fields, query: URLSearchParams, forgery: Forgery): string {
    if (mode === 'plain') return xmlOf(fields)
    const sealed = seal(forgery.aesKey ?? aesKey, xmlOf(fields), forgery.appId ?? appId)
    const [timestamp = '', nonce = ''] = [query.get('timestamp') ?? '', query.get('nonce') ?? '']
    query.set('encrypt_type', 'aes')
    query.set(
      'msg_signature',
      forgery.signature === 'wrong' ? 'f'.repeat(40) : sealedSignatureOf(token, timestamp, nonce, sealed),
    )
    const shown = mode === 'compatible' ? fields : { ToUserName: account }
    return xmlOf({ ...shown, Encrypt: sealed })
  }

  /** What the citizen sees of an answer; throws when WeChat would not take it. */
  function readAnswer(body: string, to: string): string {
    let fields = fieldsOf(body)
    if (mode !== 'plain') {
      const { Encrypt, MsgSignature, TimeStamp, Nonce } = fields
      const [sealed, timestamp, nonce] = [String(Encrypt), String(TimeStamp), String(Nonce)]
      if (MsgSignature !== sealedSignatureOf(token, timestamp, nonce, sealed))
        throw new Error('wrongly signed')
      const opened = unseal(aesKey, sealed)
      if (opened.appId !== appId) throw new Error('for another account')
      fields = fieldsOf(opened.text)
    }
    const { ToUserName, FromUserName, CreateTime, MsgType, Content, Image } = fields
    if (ToUserName !== to || FromUserName !== account || !/^\d+$/.test(String(CreateTime)))
      throw new Error('not an answer to this')
    if (MsgType === 'image') return `${(Image as { MediaId?: unknown })?.MediaId}.png`
    if (MsgType !== 'text' || typeof Content !== 'string' || Content === '')
      throw new Error('nothing to show')
    // Measured: what is longer is not shown.
    if (Buffer.byteLength(Content) > 2048) throw new Error('too long')
    return Content
  }

  async function post(fields: Fields, forgery: Forgery = {}) {
    const query = queryOf(forgery)
    const body = bodyOf(fields, query, forgery)
    try {
      const response = await fetch(`${options.callback()}?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'text/xml' },
        body,
        signal: AbortSignal.timeout(options.patienceMs),
      })
      return { status: response.status, body: await response.text() }
    } catch {
      return undefined
    }
  }

  function judge(
    answer: { status: number; body: string },
    openId: string,
    id: string,
    tried: number,
  ): Outcome {
    const { status, body } = answer
    if (status === 200 && (body === '' || body === 'success')) return { kind: 'taken', tried }
    try {
      if (status !== 200) throw new Error(`status ${status}`)
      const text = readAnswer(body, openId)
      citizens.show({ openId, text, way: { kind: 'reply', id, tried } })
      return { kind: 'shown', text, tried }
    } catch {
      return { kind: 'fault' }
    }
  }

  return {
    post,
    async check(forgery = {}) {
      const query = queryOf(forgery)
      const echostr = String(randomInt(1e9, 1e10))
      query.set('echostr', echostr)
      const response = await fetch(`${options.callback()}?${query}`)
      return response.status === 200 && (await response.text()) === echostr
    },
    async bring(openId, fields) {
      const seconds = String(Math.floor(now() / 1000))
      const all = { ToUserName: account, FromUserName: openId, CreateTime: seconds, ...fields }
      const id = fields.MsgId ?? ''
      for (let tried = 1; tried <= options.tries; tried++) {
        const answer = await post(all)
        // 5xx is as good as no answer: WeChat tries again.
        if (answer && answer.status < 500) {
          const outcome = judge(answer, openId, id, tried)
          if (outcome.kind === 'fault')
            citizens.show({ openId, text: faultWords, way: { kind: 'fault', id } })
          return outcome
        }
        if (tried < options.tries) await delay(options.retryMs)
      }
      citizens.show({ openId, text: faultWords, way: { kind: 'fault', id } })
      return { kind: 'fault' }
    },
  }
}
