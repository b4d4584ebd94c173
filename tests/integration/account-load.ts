/** Citizens on an Official Account as WeChat brings them: five seconds, three tries, and what each was shown. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { keys, requestOf, shownIn, xmlOf } from '../bots/official-account-stage.ts'

const patienceMs = 5_000
const mostTries = 3
/** As long as a process takes to be there again. */
const retryMs = 1_500

/** Something that stands on a citizen's screen: in answer to which message, or by itself. */
export interface Shown {
  text: string
  inReplyTo?: string
  at: number
}

/** WeChat as the product sees it: it calls, and takes what is sent. */
export interface WeChat {
  root: string
  /** Where the product listens. */
  callback: string
  /** Everything that a citizen was shown, in order. */
  of(openId: string): readonly Shown[]
  /** Brings a message as often as it must; resolves when it was answered, acknowledged, or given up. */
  bring(openId: string, message: { id: string; text: string }): Promise<'shown' | 'acknowledged' | 'given up'>
  close(): Promise<void>
}

export interface WeChatOptions {
  port: number
  aesKey?: string
  /** One request in so many is repeated besides, at the same time. */
  storm?: number
}

export async function openWeChat({ port, aesKey, storm = 0 }: WeChatOptions): Promise<WeChat> {
  const screens = new Map<string, Shown[]>()
  const show = (openId: string, shown: Omit<Shown, 'at'>) => {
    screens.set(openId, [...(screens.get(openId) ?? []), { ...shown, at: performance.now() }])
  }
  let tokens = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const path = (request.url ?? '').split('?')[0] ?? ''
    const told = (value: object) => response.end(JSON.stringify(value))
    if (path === '/cgi-bin/stable_token') return told({ access_token: `token-${++tokens}`, expires_in: 7200 })
    if (path !== '/cgi-bin/message/custom/send') return told({ errcode: 0, errmsg: 'ok' })
    const { touser, text } = JSON.parse(Buffer.concat(chunks).toString())
    show(touser, { text: text.content })
    return told({ errcode: 0, errmsg: 'ok' })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const callback = `http://127.0.0.1:${port}/channels/wechat`

  /** One try: what was shown; nothing when it was only acknowledged; undefined when it has to be tried again. */
  async function tryOnce(xml: string): Promise<{ shown: string | undefined } | undefined> {
    const request = requestOf(xml, { aesKey, now: Date.now() })
    const url = new URL(request.url)
    try {
      const response = await fetch(`${callback}${url.search}`, {
        method: 'POST',
        body: await request.text(),
        signal: AbortSignal.timeout(patienceMs),
      })
      const body = await response.text()
      if (response.status !== 200) return undefined
      return { shown: shownIn(body, { aesKey, now: Date.now() }) }
    } catch {
      return undefined
    }
  }

  return {
    root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    callback,
    of: openId => screens.get(openId) ?? [],
    async bring(openId, { id, text }) {
      const xml = xmlOf({
        ToUserName: 'gh_0123456789ab',
        FromUserName: openId,
        CreateTime: String(Math.floor(Date.now() / 1000)),
        MsgType: 'text',
        Content: text,
        MsgId: id,
      })
      for (let tried = 1; tried <= mostTries; tried++) {
        const again = storm > 0 && Math.random() * storm < 1 ? [tryOnce(xml)] : []
        const outcomes = await Promise.all([tryOnce(xml), ...again])
        for (const outcome of outcomes)
          if (outcome?.shown !== undefined) show(openId, { text: outcome.shown, inReplyTo: id })
        if (outcomes.some(one => one?.shown !== undefined)) return 'shown'
        if (outcomes.some(one => one !== undefined)) return 'acknowledged'
        await delay(retryMs)
      }
      return 'given up'
    },
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

/** The settings by which the product meets this WeChat. */
export function accountSettings(
  { root }: WeChat,
  { aesKey, passiveOnly }: { aesKey?: string; passiveOnly?: boolean },
): Record<string, string> {
  return {
    WECHAT_OA_APP_ID: keys.appId,
    WECHAT_OA_TOKEN: keys.token,
    WECHAT_OA_API_ROOT: root,
    ...(aesKey && { WECHAT_OA_AES_KEY: aesKey }),
    ...(!passiveOnly && { WECHAT_OA_APP_SECRET: 'the-secret' }),
  }
}
