/** A WeChat Official Account (公众号, 服务号): answers in WeChat's own request, else as customer-service messages. */
import { type Channel, ChannelFailure, type ChannelHealth } from '#channel'
import { createDoor, type Tally } from './door.ts'
import { textBudget } from './encode.ts'
import { publishMenu } from './menu.ts'
import { createSender, type Sender } from './sending.ts'
import { createTokens, type Tokens } from './token.ts'
import { ApiFailure, createApi } from './transport.ts'

export interface OfficialAccountOptions {
  appId: string
  /** Absent: nothing is sent but in answer to WeChat's own request. */
  appSecret?: string | undefined
  /** The token of the server settings. */
  token: string
  aesKey?: string | undefined
  previousAesKey?: string | undefined
  /** Another server than WeChat's own. */
  apiRoot?: string | undefined
  /** The buttons under the conversation, as the operator wrote them; absent: what is there stays. */
  menu?: unknown
}

interface Running {
  sender: Sender
  tokens: Tokens | undefined
  door: ReturnType<typeof createDoor>
}

const officialRoot = 'https://api.weixin.qq.com'
/** WeChat waits five seconds and asks three times. https://developers.weixin.qq.com/doc/subscription/guide/product/message/Passive_user_reply_message */
const passive = { replyMs: 4_500, tries: 3 }

/** What the account's administrator has to do; undefined where it is nobody's fault for good. */
function sayTrouble(failure: ApiFailure): string | undefined {
  switch (failure.code) {
    case 40164:
      return `微信不接受这台服务器的地址，请在公众平台把它加进 IP 白名单（${failure.message}）`
    case 40013:
    case 40125:
    case 40001:
      return `AppID 或 AppSecret 不对，请核对 WECHAT_OA_APP_ID、WECHAT_OA_APP_SECRET（${failure.code}）`
    case 48001:
      return '这个账号没有客服消息权限，只能在市民来消息时当场答复（48001）'
    case 48004:
    case 50002:
      return `账号的接口被封禁或受限，请到公众平台处理（${failure.code}）`
    case 45009:
      return '今天的接口额度用完了，零点恢复；当场答复不受影响（45009）'
    default:
      return undefined
  }
}

/** What WeChat last said of the account. */
function createWord() {
  let words: string | undefined
  let mayPush = true
  return {
    hear(failure?: ApiFailure): void {
      words = failure ? (sayTrouble(failure) ?? words) : undefined
      if (failure?.code === 48001) mayPush = false
    },
    mayPush: () => mayPush,
    health: (): ChannelHealth => {
      if (words === undefined) return { state: 'on' }
      return { state: mayPush ? 'failing' : 'on', detail: words }
    },
  }
}

export function createOfficialAccount(options: OfficialAccountOptions): Channel {
  const { appId, appSecret, apiRoot = officialRoot, menu } = options
  const stopping = new AbortController()
  const word = createWord()
  let now = () => 0
  const api = createApi({ apiRoot, now: () => now() })
  let running: Running | undefined

  return {
    name: 'official-account',
    title: '微信公众号',
    account: `official-account:${appId}`,
    traits: {
      textBudget,
      choices: 'numbers',
      pictures: appSecret !== undefined,
      get push() {
        return appSecret !== undefined && word.mayPush() ? ('window' as const) : ('never' as const)
      },
      passive,
      mainland: true,
      pulls: false,
      pacing: { perChatMs: 0, overallMs: 0 },
    },
    async start(host) {
      now = () => host.clock.now()
      const tokens = appSecret === undefined ? undefined : createTokens({ api, host, appId, appSecret })
      const sender = createSender({ api, host, tokens, onWord: word.hear })
      const door = createDoor({ keys: options, host, sender, stopping: stopping.signal })
      running = { sender, tokens, door }
      // The account answers all the same while its menu is yesterday's.
      if (menu !== undefined && tokens)
        void publishMenu(menu, { tokens, api, host }).catch(error => {
          if (error instanceof ApiFailure) word.hear(error)
          host.log.warn('official-account.menu.failed', { reason: String(error) })
        })
    },
    async stop() {
      stopping.abort()
      await api.close()
    },
    async send(message) {
      if (!running) throw new ChannelFailure('not started', { stage: 'before', retryable: true })
      return running.sender.send(message)
    },
    fetch: async request => running?.door.fetch(request) ?? new Response(null, { status: 503 }),
    health: () => (running ? word.health() : { state: 'off', detail: '还没有启动' }),
    // WeChat calls when somebody writes: silence says nothing about hearing.
    report: () => ({ hears: true, figures: running ? figuresOf(running) : {} }),
  }
}

const seconds = (ms: number) => Math.round(ms / 1000)

function figuresOf({ door, tokens }: Running): Record<string, number> {
  const { ignored, unreadable, refused, age }: Tally = door.tally
  const tokenAge = tokens?.age()
  return {
    ignored,
    unreadable,
    refused,
    ...(age !== undefined && { queue_age_seconds: seconds(age) }),
    ...(tokenAge !== undefined && { token_age_seconds: seconds(tokenAge) }),
  }
}
