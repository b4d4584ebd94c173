/**
 * WeChat on this machine, which misbehaves on request: its API with tokens, windows, counts and error codes, and its
 * calls to the product with signatures, sealed bodies, five seconds and three tries. A test writes as a citizen and
 * reads what stands on their screen.
 */
import { type Citizens, createCitizens, type Shown } from './citizens.ts'
import { createDriver, type Driver, type Fields, type Mode, type Outcome } from './driver.ts'
import { createFaults, type Faults } from './faults.ts'
import { listen } from './server.ts'

export type { Shown, Way } from './citizens.ts'
export { type Fields, faultWords, type Mode, modes, type Outcome, xmlOf } from './driver.ts'
export { seal, sealedSignatureOf, signatureOf, unseal } from './envelope.ts'
export type { Fault, Faults, Forgery } from './faults.ts'

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
  retryMs?: number
  tries?: number
  onShown?(shown: Shown): void
}

export interface WechatCitizen {
  readonly openId: string
  say(text: string, id?: string): Promise<Outcome>
  picture(): Promise<Outcome>
  /** With what WeChat understood of it, where it tries. */
  voice(recognition?: string): Promise<Outcome>
  /** Any other message or event. */
  bring(fields: Fields): Promise<Outcome>
  follow(scene?: string): Promise<Outcome>
  unfollow(): Promise<Outcome>
  click(key: string): Promise<Outcome>
  shown(): Shown[]
}

export interface WechatEmulator {
  readonly root: string
  /** The product's settings that lead here. */
  readonly settings: Record<string, string>
  readonly faults: Faults
  readonly citizens: Citizens
  readonly driver: Driver
  /** How often each path was called. */
  readonly calls: ReadonlyMap<string, number>
  readonly tokens: readonly string[]
  callback: string
  /** Whether the account may send customer-service messages. */
  verified: boolean
  expireTokens(): void
  citizen(openId: string): WechatCitizen
  close(): Promise<void>
}

let lastId = 23_000_000_000_000

export async function createWechatEmulator(options: EmulatorOptions = {}): Promise<WechatEmulator> {
  const { mode = 'plain', now = Date.now, random = Math.random } = options
  const {
    appId = 'wx0123456789abcdef',
    secret = 'theSecretOfTheEmulator',
    token = 'theTokenOfTheEmulator',
  } = options
  const aesKey = options.aesKey ?? 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
  const calls = new Map<string, number>()
  const citizens = createCitizens(now, shown => options.onShown?.(shown))
  const faults = createFaults(random)
  const state = { callback: options.callback ?? '', verified: true }
  const server = await listen({
    appId,
    secret,
    citizens,
    faults,
    now,
    port: options.port ?? 0,
    verified: () => state.verified,
    onCall: path => void calls.set(path, (calls.get(path) ?? 0) + 1),
  })
  const { patienceMs = 5_000, retryMs = 0, tries = 3 } = options
  const timing = { patienceMs, retryMs, tries }
  const driver = createDriver({
    appId,
    token,
    aesKey,
    mode,
    now,
    citizens,
    ...timing,
    callback: () => state.callback,
  })

  function citizen(openId: string): WechatCitizen {
    const message = (fields: Fields) => {
      citizens.grant(openId, 'message')
      return driver.bring(openId, { MsgId: String(++lastId), ...fields })
    }
    const event = (Event: string, EventKey = '') => {
      if (Event !== 'unsubscribe') citizens.grant(openId, 'event')
      return driver.bring(openId, { MsgType: 'event', Event, EventKey })
    }
    return {
      openId,
      say: (Content, id) => message({ MsgType: 'text', Content, ...(id && { MsgId: id }) }),
      picture: () => message({ MsgType: 'image', PicUrl: 'http://mmbiz.qpic.cn/a', MediaId: 'm' }),
      voice: Recognition =>
        message({ MsgType: 'voice', Format: 'amr', MediaId: 'm', ...(Recognition && { Recognition }) }),
      bring: message,
      follow(scene) {
        citizens.follow(openId, true)
        return event('subscribe', scene === undefined ? '' : `qrscene_${scene}`)
      },
      unfollow() {
        citizens.follow(openId, false)
        return event('unsubscribe')
      },
      click: key => event('CLICK', key),
      shown: () => citizens.of(openId),
    }
  }

  return Object.assign(state, {
    root: `http://127.0.0.1:${server.port}`,
    settings: {
      WECHAT_OA_APP_ID: appId,
      WECHAT_OA_APP_SECRET: secret,
      WECHAT_OA_TOKEN: token,
      WECHAT_OA_API_ROOT: `http://127.0.0.1:${server.port}`,
      ...(mode !== 'plain' && { WECHAT_OA_AES_KEY: aesKey }),
    },
    faults,
    citizens,
    driver,
    calls,
    tokens: server.tokens,
    expireTokens: server.expire,
    citizen,
    close: server.close,
  })
}
