/** The robot's webhook over HTTP: one message a call, and what its answer means. The key in its address is a secret. */
import { Pool } from 'undici'
import { ChannelFailure } from '#channel'
import type { RobotMessage } from './encode.ts'

const connectTimeoutMs = 10_000
const patienceMs = 30_000
const longestReason = 200
const minuteMs = 60_000
/** So many errors' own words may carry their codes; what else undici says may repeat the path, which holds the key. */
const systemCode = /^[A-Z][A-Z0-9_]{2,40}$/

export interface RobotSettings {
  /** https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=… */
  url: string
  /** How long the server may say nothing. */
  patienceMs?: number | undefined
}

/** A message that was not sent; `trouble`: what is wrong with the robot, not with this message. */
export class RobotFailure extends ChannelFailure {
  readonly trouble: string | undefined

  constructor(reason: string, detail: ChannelFailure['detail'], trouble?: string) {
    super(reason, detail)
    this.name = 'RobotFailure'
    this.trouble = trouble
  }
}

interface Answer {
  status: number
  text: string
}

/** Undici's handler is told when the request goes to an open connection: what failed before has not left. */
function exchange(pool: Pool, options: { path: string; body: string; patience: number }): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { path, body, patience } = options
  const chunks: Buffer[] = []
  let written = false
  let status = 0
  const request = {
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    headersTimeout: patience,
    bodyTimeout: patience,
  } as const
  pool.dispatch(request, {
    onRequestStart() {
      written = true
    },
    onResponseStart(_, code) {
      status = code
    },
    onResponseData(_, chunk) {
      chunks.push(chunk)
    },
    onResponseEnd() {
      resolve({ status, text: Buffer.concat(chunks).toString() })
    },
    onResponseError(_, error) {
      const { code = '' } = error as { code?: string }
      const reason = systemCode.test(code) ? code : 'the connection failed'
      const trouble = written ? undefined : '连不上企业微信'
      reject(new RobotFailure(reason, { stage: written ? 'after' : 'before', retryable: !written }, trouble))
    },
  })
  return promise
}

interface Told {
  errcode: number
  errmsg: string
}

function parseTold(text: string): Told | undefined {
  try {
    const { errcode, errmsg = '' } = JSON.parse(text) ?? {}
    return typeof errcode === 'number' ? { errcode, errmsg: String(errmsg) } : undefined
  } catch {
    return undefined
  }
}

/** The robot was taken out of its group, or its key is wrong. */
const lostKeys = [93000, 40001, 40014]
/** Busy; too many calls at once. */
const passing = [-1, 45033]

/** What an answer means that is not 0. https://developer.work.weixin.qq.com/document/path/90313 */
function failureOf({ errcode, errmsg }: Told): RobotFailure {
  const reason = `${errcode} ${errmsg}`
  if (errcode === 45009)
    return new RobotFailure(reason, { stage: 'refused', retryable: true, retryAfterMs: minuteMs })
  if (passing.includes(errcode)) return new RobotFailure(reason, { stage: 'refused', retryable: true })
  const trouble = lostKeys.includes(errcode) ? '群机器人的地址失效了，请在群里查看它还在不在' : undefined
  return new RobotFailure(reason, { stage: 'refused', retryable: false }, trouble)
}

export interface RobotApi {
  /** Resolves when the group shows it. Throws RobotFailure. */
  call(message: RobotMessage): Promise<void>
  close(): Promise<void>
}

export function createApi({ url, patienceMs: patience = patienceMs }: RobotSettings): RobotApi {
  const { origin, pathname, search, searchParams } = new URL(url)
  const pool = new Pool(origin, { connections: 1, pipelining: 1, connect: { timeout: connectTimeoutMs } })
  const secret = searchParams.get('key') ?? search

  /** Whatever a server says comes without the key, should it say it back to us. */
  const clean = (words: string) => (secret ? words.replaceAll(secret, '***') : words).slice(0, longestReason)

  return {
    async call(message) {
      const body = JSON.stringify(message)
      const { status, text } = await exchange(pool, { path: pathname + search, body, patience })
      const told = parseTold(text)
      if (told?.errcode === 0) return
      if (told) throw failureOf({ ...told, errmsg: clean(told.errmsg) })
      // 503 says by its definition that the request was not taken; all else comes from something in between.
      const refused = status === 503
      const reason = `HTTP ${status} not from the robot`
      throw new RobotFailure(reason, { stage: refused ? 'refused' : 'after', retryable: refused })
    },
    close: () => pool.destroy(),
  }
}
