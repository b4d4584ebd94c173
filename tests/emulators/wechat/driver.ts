/** WeChat as it calls the product: signed, sealed, five seconds, three tries, and what the citizen sees of it. */
import { randomInt } from 'node:crypto'
import { request as openRequest } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { XMLParser } from 'fast-xml-parser'
import type { Citizens } from './citizens.ts'
import { seal, sealedSignatureOf, signatureOf, unseal } from './envelope.ts'
import type { CallbackFault, Faults, Forgery } from './faults.ts'

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
  /** Ends the wait for an answer. */
  patience(): AbortSignal
  /** Between two tries, in milliseconds. */
  retryMs: number
  tries: number
  /** What another status than 200 brings about. */
  badStatus: 'again' | 'fault'
  citizens: Citizens
  faults: Faults<CallbackFault>
  /** Whether a picture of this id was uploaded. */
  hasMedia(id: string): boolean
}

export type Fields = Record<string, string>

/** What became of a message: something was shown, it was taken without a word, or WeChat gave up. */
export type Outcome =
  | { kind: 'shown'; text: string; tried: number }
  | { kind: 'taken'; tried: number }
  | { kind: 'fault' }

export interface Answer {
  status: number
  body: string
}

export const account = 'gh_0123456789ab'
/** What WeChat says in the account's name when nobody answers. */
export const faultWords = '该公众号提供的服务出现故障，请稍后再试'
/** As many requests as can be repeated. */
const mostKept = 50

const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
/** Numbers stand bare, and no text does, even one of digits. */
const numeric = /^(?:CreateTime|MsgI[dD]|Location_[XY]|Scale|Latitude|Longitude|Precision|\w+Count)$/
export const xmlOf = (fields: Fields) =>
  `<xml>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${numeric.test(name) ? value : cdata(value)}</${name}>`)
    .join('\n')}</xml>`

const parser = new XMLParser({ parseTagValue: false, trimValues: false })
const fieldsOf = (xml: string): Record<string, unknown> => {
  const { xml: fields } = parser.parse(xml)
  if (typeof fields !== 'object' || fields === null) throw new Error('no xml')
  return fields
}

export interface Driver {
  /** How the tries to bring a message go wrong, by its MsgType. */
  readonly faults: Faults<CallbackFault>
  /** The request that saves the server settings: whether the product proves that it knows the token. */
  check(forgery?: Forgery): Promise<boolean>
  /** One request; undefined where nothing usable came in time. */
  post(fields: Fields, forgery?: Forgery): Promise<Answer | undefined>
  /** An earlier request once more, to the byte, as somebody sends it who has recorded it; 1 is the latest. */
  replay(back?: number): Promise<Answer | undefined>
  /** Brings a message as WeChat does, as often as it must. */
  bring(openId: string, fields: Fields, forgery?: Forgery): Promise<Outcome>
  /** So many at once of one message; every answer is shown, so that an answer given twice is seen. */
  storm(openId: string, fields: Fields, copies: number): Promise<Outcome[]>
  /** Waits for no answer any more, and brings nothing again. */
  close(): void
}

interface Sent {
  url: string
  body: string
}

/** The request as far as its middle, and no further. */
function cutShort({ url, body }: Sent): Promise<void> {
  return new Promise(done => {
    const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) }
    const request = openRequest(url, { method: 'POST', headers })
    request.on('error', () => {}).once('close', () => done())
    request.write(body.slice(0, body.length / 2), () => request.destroy())
  })
}

interface Judged {
  answer: Answer
  openId: string
  id: string
  tried: number
  aesKey: string
}

export function createDriver(options: DriverOptions): Driver {
  const { appId, token, aesKey, mode, now, citizens, faults } = options
  const closing = new AbortController()
  const waiting = new Set<AbortController>()
  const kept: Sent[] = []
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

  function urlOf(query: URLSearchParams): string {
    const url = new URL(options.callback())
    for (const [name, value] of query) url.searchParams.set(name, value)
    return url.href
  }

  function requestOf(fields: Fields, forgery: Forgery): Sent {
    const query = queryOf(forgery)
    if (fields.FromUserName) query.set('openid', fields.FromUserName)
    const body = bodyOf(fields, query, forgery)
    const sent = { url: urlOf(query), body }
    kept.unshift(sent)
    kept.length = Math.min(kept.length, mostKept)
    return sent
  }

  async function call({ url, body }: Sent): Promise<Answer | undefined> {
    const end = new AbortController()
    waiting.add(end)
    options.patience().addEventListener('abort', () => end.abort(), { once: true })
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'text/xml' },
        body,
        signal: end.signal,
      })
      return { status: response.status, body: await response.text() }
    } catch {
      return undefined
    } finally {
      waiting.delete(end)
    }
  }

  /** One try, with the fault that it meets. */
  async function attempt(fields: Fields, forgery: Forgery): Promise<Answer | undefined> {
    const fault = faults.take(fields.MsgType ?? '')
    const sent = requestOf(fields, forgery)
    if (fault?.kind === 'reset') return void (await cutShort(sent))
    const answer = await call(sent)
    return fault?.kind === 'unheard' ? undefined : answer
  }

  /** What is in an answer; in compatible mode it may be sealed or not. */
  function openAnswer(body: string, key: string): Record<string, unknown> {
    const fields = fieldsOf(body)
    const { Encrypt, MsgSignature, TimeStamp, Nonce } = fields
    if (mode === 'plain' || (mode === 'compatible' && Encrypt === undefined)) return fields
    const [sealed, timestamp, nonce] = [String(Encrypt), String(TimeStamp), String(Nonce)]
    if (MsgSignature !== sealedSignatureOf(token, timestamp, nonce, sealed)) throw new Error('wrongly signed')
    const opened = unseal(key, sealed)
    if (opened.appId !== appId) throw new Error('for another account')
    return fieldsOf(opened.text)
  }

  /** What the citizen sees of an answer; throws when WeChat would not take it. */
  function readAnswer({ answer, openId, aesKey: key }: Judged): string {
    const { ToUserName, FromUserName, CreateTime, MsgType, Content, Image } = openAnswer(answer.body, key)
    if (ToUserName !== openId || FromUserName !== account || !/^\d+$/.test(String(CreateTime)))
      throw new Error('not an answer to this')
    if (MsgType === 'image') {
      const id = String((Image as { MediaId?: unknown } | undefined)?.MediaId)
      if (!options.hasMedia(id)) throw new Error('no such picture')
      return `${id}.png`
    }
    if (MsgType !== 'text' || typeof Content !== 'string' || Content === '')
      throw new Error('nothing to show')
    // Measured: what is longer is not shown.
    if (Buffer.byteLength(Content) > 2048) throw new Error('too long')
    return Content
  }

  function judge(judged: Judged): Outcome {
    const { answer, openId, id, tried } = judged
    if (answer.status === 200 && (answer.body === '' || answer.body === 'success'))
      return { kind: 'taken', tried }
    try {
      if (answer.status !== 200) throw new Error(`status ${answer.status}`)
      const text = readAnswer(judged)
      const seen = citizens.show({ openId, text, way: { kind: 'reply', id, tried } })
      return seen ? { kind: 'shown', text, tried } : { kind: 'taken', tried }
    } catch {
      return giveUp(openId, id)
    }
  }

  function giveUp(openId: string, id: string): Outcome {
    if (!closing.signal.aborted) citizens.show({ openId, text: faultWords, way: { kind: 'fault', id } })
    return { kind: 'fault' }
  }

  const isAskedAgain = (answer: Answer | undefined) =>
    answer === undefined || (answer.status !== 200 && options.badStatus === 'again')

  async function bring(openId: string, fields: Fields, forgery: Forgery = {}): Promise<Outcome> {
    const seconds = String(Math.floor(now() / 1000))
    const all: Fields = { ToUserName: account, FromUserName: openId, CreateTime: seconds, ...fields }
    // An event has no number: who, when and which stand for it.
    const id = all.MsgId ?? [all.CreateTime, all.Event, all.EventKey].filter(Boolean).join(' ')
    for (let tried = 1; tried <= options.tries && !closing.signal.aborted; tried++) {
      const answer = await attempt(all, forgery)
      if (answer && !isAskedAgain(answer))
        return judge({ answer, openId, id, tried, aesKey: forgery.aesKey ?? aesKey })
      if (tried < options.tries)
        await delay(options.retryMs, undefined, { signal: closing.signal }).catch(() => {})
    }
    return giveUp(openId, id)
  }

  return {
    faults,
    bring,
    post: (fields, forgery = {}) => call(requestOf(fields, forgery)),
    async replay(back = 1) {
      const sent = kept[back - 1]
      if (!sent) throw new Error(`there is no request ${back} back`)
      return call(sent)
    },
    storm: (openId, fields, copies) =>
      Promise.all(Array.from({ length: copies }, () => bring(openId, fields))),
    async check(forgery = {}) {
      const query = queryOf(forgery)
      const echostr = String(randomInt(1e9, 1e10))
      query.set('echostr', echostr)
      const response = await fetch(urlOf(query), { redirect: 'manual', signal: options.patience() })
      return response.status === 200 && (await response.text()) === echostr
    },
    close() {
      closing.abort()
      for (const one of waiting) one.abort()
    },
  }
}
