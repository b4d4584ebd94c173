/**
 * WeChat on this machine, which misbehaves on request: its API with tokens, windows, counts and error codes, and its
 * calls to the product with signatures, sealed bodies, five seconds and three tries. A test writes as a citizen and
 * reads what stands on their screen.
 */
import { type Citizens, createCitizens, type Shown } from './citizens.ts'
import { createDriver, type Driver, type Fields, type Mode, type Outcome } from './driver.ts'
import { type CallbackFault, createFaults, type Faults, type Forgery } from './faults.ts'
import { type ApiCall, type ApiServer, listen } from './server.ts'

export type { Shown, Way } from './citizens.ts'
export { type Answer, type Fields, faultWords, type Mode, modes, type Outcome, xmlOf } from './driver.ts'
export { seal, sealedSignatureOf, signatureOf, unseal } from './envelope.ts'
export type { CallbackFault, Fault, Faults, Forgery } from './faults.ts'
export type { ApiCall } from './server.ts'

export interface EmulatorOptions {
  mode?: Mode
  appId?: string
  secret?: string
  token?: string
  aesKey?: string
  /** Where the product is called; may be set later. */
  callback?: string
  /** 0, or absent: any free one. */
  port?: number
  /** Epoch milliseconds. */
  now?: () => number
  /** In [0, 1), for faults by chance. */
  random?: () => number
  patienceMs?: number
  /** Ends the wait for an answer instead, one signal a request. */
  patience?: () => AbortSignal
  retryMs?: number
  tries?: number
  /**
   * What another status than 200 brings about: another try, as it was seen in an access log
   * (https://tb.rustfisher.com/2021/08/03/NestJS/mp-wx-http-status-code), or WeChat's own words at once.
   */
  badStatus?: 'again' | 'fault'
  /** Calls a day, by path, where they are not the platform's. */
  limits?: Record<string, number>
  onShown?(shown: Shown): void
}

export interface WechatCitizen {
  readonly openId: string
  say(text: string, id?: string): Promise<Outcome>
  /** Several messages that come in the opposite order of that in which they were written; outcomes as written. */
  sayOutOfOrder(...texts: string[]): Promise<Outcome[]>
  /** One message, so many requests at once. */
  storm(text: string, copies: number): Promise<Outcome[]>
  picture(): Promise<Outcome>
  /** With what WeChat understood of it, where it tries. */
  voice(recognition?: string): Promise<Outcome>
  place(): Promise<Outcome>
  link(title: string, url: string): Promise<Outcome>
  /** Any other message or event. */
  bring(fields: Fields, forgery?: Forgery): Promise<Outcome>
  follow(scene?: string): Promise<Outcome>
  unfollow(): Promise<Outcome>
  /** Scans a code while following; who does not, follows with the scene. */
  scan(scene: string): Promise<Outcome>
  click(key: string): Promise<Outcome>
  view(url: string): Promise<Outcome>
  /** What became of a template message. */
  templateSent(status?: string): Promise<Outcome>
  /** What became of a broadcast, told in the name of whoever started it. */
  broadcastSent(counts?: Fields): Promise<Outcome>
  shown(): Shown[]
}

export interface WechatEmulator {
  readonly root: string
  /** The product's settings that lead here. */
  readonly settings: Record<string, string>
  readonly faults: Faults
  readonly citizens: Citizens
  readonly driver: Driver
  /** How often each path was carried out. */
  readonly calls: ReadonlyMap<string, number>
  /** Every call that came, oldest first, with what it said and what it was told. */
  readonly journal: readonly ApiCall[]
  readonly tokens: readonly string[]
  callback: string
  /** Whether the account may send customer-service messages. */
  verified: boolean
  expireTokens(): void
  citizen(openId: string): WechatCitizen
  close(): Promise<void>
}

/** After these a few messages may be sent without being asked. */
const granting = ['subscribe', 'SCAN', 'CLICK', 'scancode_push', 'scancode_waitmsg']

let lastId = 23_000_000_000_000
const nextId = () => String(++lastId)

function createCitizen(openId: string, citizens: Citizens, driver: Driver): WechatCitizen {
  function prepared(fields: Fields): Fields {
    if (fields.MsgType === 'event') {
      if (granting.includes(fields.Event ?? '')) citizens.grant(openId, 'event')
      return fields
    }
    const message: Fields = { MsgId: nextId(), ...fields }
    citizens.grant(openId, 'message', message.MsgId)
    return message
  }
  const bring = (fields: Fields, forgery?: Forgery) => driver.bring(openId, prepared(fields), forgery)
  const event = (Event: string, more: Fields = {}) =>
    bring({ MsgType: 'event', Event, EventKey: '', ...more })
  const text = (Content: string) => ({ MsgType: 'text', Content })

  return {
    openId,
    bring,
    say: (Content, id) => bring({ ...text(Content), ...(id && { MsgId: id }) }),
    async sayOutOfOrder(...texts) {
      const outcomes: Outcome[] = []
      for (const message of texts.map(one => prepared(text(one))).reverse())
        outcomes.unshift(await driver.bring(openId, message))
      return outcomes
    },
    storm: (Content, copies) => driver.storm(openId, prepared(text(Content)), copies),
    picture: () => bring({ MsgType: 'image', PicUrl: 'http://mmbiz.qpic.cn/a', MediaId: 'm' }),
    voice: Recognition =>
      bring({ MsgType: 'voice', Format: 'amr', MediaId: 'm', ...(Recognition && { Recognition }) }),
    place: () =>
      bring({
        MsgType: 'location',
        Location_X: '30.27',
        Location_Y: '120.15',
        Scale: '15',
        Label: '市民之家',
      }),
    link: (Title, Url) => bring({ MsgType: 'link', Title, Description: '', Url }),
    follow(scene) {
      citizens.follow(openId, true)
      return event('subscribe', scene === undefined ? {} : { EventKey: `qrscene_${scene}`, Ticket: 't' })
    },
    unfollow() {
      citizens.follow(openId, false)
      return event('unsubscribe')
    },
    scan: EventKey => event('SCAN', { EventKey, Ticket: 't' }),
    click: EventKey => event('CLICK', { EventKey }),
    view: EventKey => event('VIEW', { EventKey }),
    templateSent: (Status = 'success') => event('TEMPLATESENDJOBFINISH', { MsgID: nextId(), Status }),
    broadcastSent: (counts = {}) =>
      event('MASSSENDJOBFINISH', {
        MsgID: nextId(),
        Status: 'send success',
        TotalCount: '1',
        FilterCount: '1',
        SentCount: '1',
        ErrorCount: '0',
        ...counts,
      }),
    shown: () => citizens.of(openId),
  }
}

/** The settings that are told on both sides, with what is taken where none is given. */
function accountOf(options: EmulatorOptions) {
  return {
    mode: options.mode ?? 'plain',
    appId: options.appId ?? 'wx0123456789abcdef',
    secret: options.secret ?? 'theSecretOfTheEmulator',
    token: options.token ?? 'theTokenOfTheEmulator',
    aesKey: options.aesKey ?? 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  }
}

function settingsOf({ mode, appId, secret, token, aesKey }: ReturnType<typeof accountOf>, root: string) {
  return {
    WECHAT_OA_APP_ID: appId,
    WECHAT_OA_APP_SECRET: secret,
    WECHAT_OA_TOKEN: token,
    WECHAT_OA_API_ROOT: root,
    ...(mode !== 'plain' && { WECHAT_OA_AES_KEY: aesKey }),
  }
}

export async function createWechatEmulator(options: EmulatorOptions = {}): Promise<WechatEmulator> {
  const { now = Date.now, random = Math.random, patienceMs = 5_000 } = options
  const account = accountOf(options)
  const calls = new Map<string, number>()
  const journal: ApiCall[] = []
  const citizens = createCitizens(now, shown => options.onShown?.(shown))
  const faults = createFaults(random)
  const state = { callback: options.callback ?? '', verified: true }
  const server: ApiServer = await listen({
    ...account,
    citizens,
    faults,
    now,
    port: options.port ?? 0,
    limits: options.limits ?? {},
    verified: () => state.verified,
    onCall: call => void journal.push(call),
    onDone: ({ path }) => void calls.set(path, (calls.get(path) ?? 0) + 1),
  })
  const driver = createDriver({
    ...account,
    now,
    citizens,
    faults: createFaults<CallbackFault>(random),
    patience: options.patience ?? (() => AbortSignal.timeout(patienceMs)),
    retryMs: options.retryMs ?? 0,
    tries: options.tries ?? 3,
    badStatus: options.badStatus ?? 'again',
    hasMedia: server.hasMedia,
    // Read at each call, so that it may be set when the product listens.
    callback: () => emulator.callback,
  })
  const root = `http://127.0.0.1:${server.port}`
  const emulator: WechatEmulator = Object.assign(state, {
    root,
    settings: settingsOf(account, root),
    faults,
    citizens,
    driver,
    calls,
    journal,
    tokens: server.tokens,
    expireTokens: server.expire,
    citizen: (openId: string) => createCitizen(openId, citizens, driver),
    close() {
      driver.close()
      return server.close()
    },
  })
  return emulator
}
