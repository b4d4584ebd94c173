/** A citizen on an Official Account: requests as WeChat makes them, and a loopback API that takes what is sent. */
import { hash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encrypt, getSignature } from '@wecom/crypto'
import { XMLParser } from 'fast-xml-parser'
import type { Channel, Past } from '#channel'
import { sealedIn } from '../../bots/official-account/decode.ts'
import { openRequest } from '../../bots/official-account/envelope.ts'
import { createOfficialAccount, type OfficialAccountOptions } from '../../bots/official-account/index.ts'
import { until } from '../base/until.ts'
import type { Citizen, Harness, Heard } from './contract.ts'
import { openSmallHouse, type SmallHouse } from './small-house.ts'

export const keys = {
  appId: 'wx0123456789abcdef',
  token: 'theTokenOfTheTests',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
}
const account = 'gh_0123456789ab'

export interface Fake {
  root: string
  /** What was shown by customer-service messages, by whom it went to. */
  shown: { to: string; text: string }[]
  calls: string[]
  /** The error codes that the next calls of a path are answered with. */
  errors: Map<string, number[]>
  /** Who no longer follows. */
  gone: Set<string>
  close(): Promise<void>
}

/** As much of WeChat's API as a conversation needs. */
export async function openFakeApi(): Promise<Fake> {
  const shown: Fake['shown'] = []
  const calls: string[] = []
  const errors: Fake['errors'] = new Map()
  const gone = new Set<string>()
  let tokens = 0
  const answers: Record<string, (body: string) => object> = {
    '/cgi-bin/stable_token': () => ({ access_token: `token-${++tokens}`, expires_in: 7200 }),
    '/cgi-bin/media/upload': () => ({ type: 'image', media_id: `media-${calls.length}` }),
    '/cgi-bin/menu/create': () => ({ errcode: 0, errmsg: 'ok' }),
    '/cgi-bin/message/custom/send': body => {
      const { touser, text } = JSON.parse(body)
      if (gone.has(touser)) return { errcode: 43004, errmsg: 'require subscribe' }
      shown.push({ to: touser, text: text?.content ?? 'picture.png' })
      return { errcode: 0, errmsg: 'ok' }
    },
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const path = (request.url ?? '').split('?')[0] ?? ''
    calls.push(request.url ?? '')
    const code = errors.get(path)?.shift()
    const told =
      code === undefined ? answers[path]?.(Buffer.concat(chunks).toString()) : { errcode: code, errmsg: 'no' }
    response.end(JSON.stringify(told ?? { errcode: 40000, errmsg: 'unknown path' }))
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shown,
    calls,
    errors,
    gone,
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

export type Fields = Record<string, string>

const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
export const xmlOf = (fields: Fields) =>
  `<xml>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${cdata(value)}</${name}>`)
    .join('\n')}</xml>`

/** A request as WeChat makes it, sealed where the account has a key. `now` in epoch milliseconds. */
export function requestOf(
  xml: string,
  { aesKey, now, signal }: { aesKey?: string | undefined; now: number; signal?: AbortSignal },
): Request {
  const timestamp = String(Math.floor(now / 1000))
  const nonce = randomUUID().slice(0, 10)
  const signature = hash('sha1', [keys.token, timestamp, nonce].sort().join(''))
  const query = new URLSearchParams({ signature, timestamp, nonce })
  let body = xml
  if (aesKey) {
    const sealed = encrypt(aesKey, xml, keys.appId)
    query.set('encrypt_type', 'aes')
    query.set('msg_signature', getSignature(keys.token, timestamp, nonce, sealed))
    body = xmlOf({ ToUserName: account, Encrypt: sealed })
  }
  return new Request(`http://127.0.0.1/channels/wechat?${query}`, {
    method: 'POST',
    body,
    ...(signal && { signal }),
  })
}

const parser = new XMLParser({ parseTagValue: false, trimValues: false })

/** What the citizen sees of an answer in WeChat's request; undefined: nothing. */
export function shownIn(
  body: string,
  { aesKey, now }: { aesKey?: string | undefined; now: number },
): string | undefined {
  if (body === 'success' || body === '') return undefined
  let xml = body
  if (aesKey) {
    const { TimeStamp: timestamp, Nonce: nonce, MsgSignature: msg_signature } = parser.parse(body).xml
    const query = new URLSearchParams({ timestamp, nonce, msg_signature, encrypt_type: 'aes' })
    const opened = openRequest({ ...keys, aesKey }, { query, body, now, sealedIn })
    if (!opened) throw new Error('the answer is sealed wrongly')
    xml = opened.xml
  }
  const { MsgType, Content } = parser.parse(xml).xml
  return MsgType === 'text' ? Content : 'picture.png'
}

export interface AccountHouse extends Harness {
  api: Fake
  /** Hands a request to the channel and gives what WeChat is answered. */
  post(fields: Fields, signal?: AbortSignal): Promise<{ status: number; shown: string | undefined }>
}

export interface AccountOptions {
  /** Absent: plain mode. */
  aesKey?: string
  /** The account has no right to send by itself. */
  passiveOnly?: boolean
  openId?: string
}

/** The contract names messages as it likes; the platform numbers them. */
function createNumbers() {
  const names = new Map<string, string>()
  let last = 23_000_000_000
  const nameOf = (id: string) => names.get(id) ?? id
  return {
    of(name: string = randomUUID()): string {
      const known = [...names].find(([, one]) => one === name)?.[0]
      const id = known ?? String(++last)
      names.set(id, name)
      return id
    },
    translate: (past: Past[]): Past[] =>
      past.map(one => {
        if (one.kind === 'incoming') return { ...one, nativeId: nameOf(one.nativeId) }
        const { message } = one
        return message.inReplyTo
          ? { ...one, message: { ...message, inReplyTo: nameOf(message.inReplyTo) } }
          : one
      }),
  }
}

function heardOf(texts: string[]): Heard {
  const lines = texts.flatMap(text => text.split('\n'))
  return {
    texts,
    choices: lines.flatMap(line => /^\d+\. (.+)$/.exec(line)?.[1] ?? []),
    citations: lines.flatMap(line => /^依据：(.*)$/.exec(line)?.[1] ?? []),
  }
}

export async function openAccountHouse(options: AccountOptions = {}): Promise<AccountHouse> {
  const { aesKey, passiveOnly, openId = 'oCitizen_1' } = options
  const api = await openFakeApi()
  const settings: OfficialAccountOptions = {
    appId: keys.appId,
    token: keys.token,
    apiRoot: api.root,
    ...(aesKey && { aesKey }),
    ...(!passiveOnly && { appSecret: 'the-secret' }),
  }
  const createChannel = (): Channel => createOfficialAccount(settings)
  const house = await openSmallHouse({ createChannel })
  const screen: string[] = []
  const numbers = createNumbers()
  let served = 0

  /** What came by itself since, in the order in which it came. */
  function collect(): string[] {
    const fresh = api.shown.slice(served).map(one => one.text)
    served = api.shown.length
    screen.push(...fresh)
    return fresh
  }

  async function post(fields: Fields, signal?: AbortSignal) {
    const now = house.clock.now()
    const all = {
      ToUserName: account,
      FromUserName: openId,
      CreateTime: String(Math.floor(now / 1000)),
      ...fields,
    }
    const request = requestOf(xmlOf(all), { aesKey, now, ...(signal && { signal }) })
    const { fetch } = house.channel()
    const response = await fetch?.(request)
    const body = (await response?.text()) ?? ''
    const shown = response?.ok ? shownIn(body, { aesKey, now }) : undefined
    if (shown !== undefined) screen.push(shown)
    return { status: response?.status ?? 0, shown }
  }

  const atRest = (chat = openId) =>
    until('everything is on its way', async () => {
      await house.clock.advance(0)
      const states = await house.deliveryStates(chat)
      return !states.some(state => state === 'queued' || state === 'attempting')
    })

  /** One message, and all that is said to it; what waits is asked for. */
  async function hear(fields: Fields): Promise<Heard> {
    const { shown } = await post(fields)
    await atRest()
    heard = heardOf([...(shown === undefined ? [] : [shown]), ...collect(), ...(await fetchRest())])
    return heard
  }

  /** What waits until the citizen writes again. */
  async function fetchRest(): Promise<string[]> {
    const texts: string[] = []
    while ((await house.deliveryStates(openId)).includes('parked')) {
      const { shown } = await post({ MsgType: 'text', Content: '继续', MsgId: numbers.of() })
      await atRest()
      if (shown !== undefined) texts.push(shown)
    }
    return texts
  }

  let heard: Heard = heardOf([])
  const text = (Content: string, nativeId?: string): Fields => ({
    MsgType: 'text',
    Content,
    MsgId: numbers.of(nativeId),
  })

  const citizen: Citizen = {
    chat: openId,
    say: (words, nativeId) => hear(text(words, nativeId)),
    choose: label => hear(text(String(heard.choices.indexOf(label) + 1))),
    async repeat(words, nativeId) {
      await post(text(words, nativeId))
      await atRest()
      collect()
    },
    async shown() {
      await atRest()
      collect()
      await fetchRest()
      return screen
    },
  }

  const types = {
    picture: 'image',
    voice: 'voice',
    document: 'file',
    video: 'video',
    location: 'location',
    other: 'x',
  }
  const wrapped: SmallHouse = {
    ...house,
    history: async chat => numbers.translate(await house.history(chat)),
    async close() {
      await house.clock.advance(10_000)
      await house.close()
      await api.close()
    },
  }
  return {
    house: wrapped,
    citizen,
    api,
    post,
    attach: kind => hear({ MsgType: types[kind], MsgId: numbers.of() }),
    bare: true,
    follow: carried => hear({ MsgType: 'event', Event: 'subscribe', EventKey: `qrscene_${carried}` }),
    // Who cannot be sent anything is not found to be gone either.
    ...(!passiveOnly && {
      async block() {
        await post({ MsgType: 'event', Event: 'unsubscribe', EventKey: '' })
        api.gone.add(openId)
      },
      unblock: async () => void api.gone.delete(openId),
    }),
  }
}
