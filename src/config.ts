/** The only reader of the environment: read once, checked once, frozen. `.env` in the working folder is read too. */
import { existsSync, readFileSync } from 'node:fs'
import { type BlockList, isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type LogLevel, logLevels } from '#base/log'
import { parseNetworks } from '#http'
import { type MasterKeys, parseMasterKeys } from '#storage'

const number = (fallback: number, least: number, most: number) =>
  z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return fallback
      const value = Number(text)
      if (!/^\d+$/.test(text) || value < least || value > most)
        context.addIssue(`需要 ${least} 到 ${most} 之间的整数`)
      return value
    })

const url = (protocols: readonly string[]) =>
  z
    .string()
    .refine(text => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      error: `需要以 ${protocols.map(p => `${p}//`).join(' 或 ')} 开头的完整地址`,
    })
    .optional()

/** An address, or a name that is not made of numbers alone. */
function isHost(text: string): boolean {
  return isIP(text) !== 0 || (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) && /[a-z]/i.test(text))
}

const aesKey = z
  .string()
  .regex(/^[0-9a-zA-Z]{43}$/, { error: '需要43个字母或数字的 EncodingAESKey' })
  .optional()

const robotUrl = z
  .string()
  .refine(text => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return /^https?:$/.test(url?.protocol ?? '') && Boolean(url?.searchParams.get('key'))
  }, '需要群机器人的完整地址，例如 https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…')
  .optional()

const environment = z.object({
  /** The port that the web chat, the console and the webhooks share; 0 takes any free one. */
  PORT: number(3000, 0, 65_535),
  /** The address to listen on. Behind a reverse proxy 127.0.0.1 is right; in a container 0.0.0.0. */
  HOST: z
    .string()
    .refine(isHost, { error: '需要IP地址或主机名，例如 127.0.0.1 或 0.0.0.0' })
    .default('127.0.0.1'),
  /** How citizens reach this server from outside, for links in messages. */
  PUBLIC_URL: url(['http:', 'https:']),
  /** Where the embedded database, the key file and the cache lie. */
  GONGKAI_DATA: z.string().min(1).default('./data'),
  /** The master key, 32 bytes in base64; older keys may follow after a comma while they are replaced. */
  GONGKAI_KEY: z
    .string()
    .refine(text => parseMasterKeys(text) !== undefined, {
      error: '需要32字节的base64；可用 openssl rand -base64 32 生成',
    })
    .optional(),
  /** PostgreSQL, where several processes share the work; absent: the embedded database. */
  DATABASE_URL: url(['postgres:', 'postgresql:']),
  /** Valkey or Redis for what may be lost; absent: the database. */
  CACHE_URL: url(['redis:', 'rediss:']),
  AGENCY_NAME: z.string().max(40, { error: '最多40个字' }).default('人力资源和社会保障厅'),
  /** The six-digit administrative division code (GB/T 2260) whose local rules apply. */
  AGENCY_REGION: z
    .string()
    .regex(/^\d{6}$/, { error: '需要六位行政区划代码，例如 370000' })
    .optional(),
  HOTLINE: z
    .string()
    .regex(/^.{3,40}$/, { error: '需要3到40个字符' })
    .default('12333'),
  /** Addresses and networks of reverse proxies whose X-Forwarded-For counts, separated by commas. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text, context) => {
      const networks = parseNetworks(text)
      if (!networks) context.addIssue('需要IP地址或网段，用逗号分隔，例如 127.0.0.1,10.0.0.0/8')
      return networks as BlockList
    }),
  /** Messages a minute that one address may send on the web chat; half of it for one conversation; 0: no limit. */
  RATE_LIMIT: number(60, 0, 1_000_000),
  /** Days after its last message that a conversation is deleted. */
  CHAT_RETENTION_DAYS: number(180, 1, 3650),
  /** Years after the one in which it ended that a request's personal data are deleted; 0: never. */
  REQUEST_RETENTION_YEARS: number(10, 0, 100),
  LOG_LEVEL: z.enum(logLevels, { error: `只能是 ${logLevels.join('、')} 之一` }).default('info'),
  /** The folder of curated answers. */
  KNOWLEDGE_DIR: z.string().min(1).optional(),
  /** Who decides on a reconsideration of this agency's replies (行政复议法 Art 24): for a department, its government. */
  RECONSIDERATION_ORGAN: z.string().max(60, { error: '最多60个字' }).default('本级人民政府'),
  /** Where an application for reconsideration is filed online (行政复议法 Art 22¶2). */
  RECONSIDERATION_URL: url(['http:', 'https:']),
  /** The mail server: smtps://user:password@host:465, or smtp://…; absent: no mail is sent. */
  SMTP_URL: url(['smtp:', 'smtps:']),
  /** The webhook of a WeCom group robot, which tells officials what is new, due and late; a secret. */
  WECOM_ROBOT_URL: robotUrl,
  /** An OpenAI-compatible language model; absent: none is asked. With it comes OPENAI_MODEL. */
  OPENAI_BASE_URL: url(['http:', 'https:']),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_MODEL: z.string().min(1).optional(),
  OPENAI_EMBEDDING_MODEL: z.string().min(1).optional(),
  /** The token that @BotFather gave; absent: the channel is off. */
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]{20,}$/, { error: '需要 @BotFather 给的完整令牌，例如 123456789:AAF…' })
    .optional(),
  /** An HTTP proxy, where Telegram cannot be reached directly. */
  TELEGRAM_PROXY: url(['http:', 'https:']),
  /** Another Bot API server than Telegram's own. */
  TELEGRAM_API_ROOT: url(['http:', 'https:']),
  /** Where Telegram reaches this server from outside: https://…/channels/telegram; absent: long polling. */
  TELEGRAM_WEBHOOK_URL: url(['http:', 'https:']),
  /** https://core.telegram.org/bots/api#setwebhook */
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[\w-]{1,256}$/, { error: '需要1到256个字母、数字、下划线或连字符' })
    .optional(),
  /** The AppID of the Official Account; absent: the channel is off. With it comes the token. */
  WECHAT_OA_APP_ID: z
    .string()
    .regex(/^wx[0-9a-zA-Z]{10,}$/, { error: '需要公众号的 AppID，以 wx 开头' })
    .optional(),
  /** Absent: nothing is sent but in answer to WeChat's own request. */
  WECHAT_OA_APP_SECRET: z.string().min(1).optional(),
  /** The token of the server settings. */
  WECHAT_OA_TOKEN: z
    .string()
    .regex(/^[0-9a-zA-Z]{3,32}$/, { error: '需要3到32个字母或数字，与公众平台上填的一致' })
    .optional(),
  /** The EncodingAESKey; absent: plain mode. */
  WECHAT_OA_AES_KEY: aesKey,
  /** The one before it, while it is replaced. */
  WECHAT_OA_AES_KEY_PREVIOUS: aesKey,
  /** Another server than WeChat's own. */
  WECHAT_OA_API_ROOT: url(['http:', 'https:']),
  /** The package of a wechaty puppet; absent: the channel is off. */
  WECHATY_PUPPET: z
    .string()
    .regex(/^wechaty-puppet-[a-z0-9-]+$/, {
      error: '需要 wechaty 的 puppet 包名，例如 wechaty-puppet-service',
    })
    .optional(),
  WECHATY_PUPPET_TOKEN: z.string().min(1).optional(),
  /** Where the puppet service is, where it is not looked up by its token. */
  WECHATY_PUPPET_ENDPOINT: z
    .string()
    .regex(/^[\w.-]+:\d{1,5}$/, { error: '需要主机名或IP地址加端口，例如 10.0.0.8:8788' })
    .optional(),
})

type Environment = z.infer<typeof environment>

export interface Config {
  port: number
  host: string
  publicUrl: string | undefined
  dataDir: string
  databaseFile: string
  keyFile: string
  masterKeys: MasterKeys | undefined
  databaseUrl: string | undefined
  cacheUrl: string | undefined
  agency: { name: string; hotline: string; region: string | undefined }
  reconsideration: { organ: string; url: string | undefined }
  trustedProxies: BlockList
  rateLimit: number
  retentionDays: number
  requestYears: number
  logLevel: LogLevel
  knowledgeDir: string
  /** Undefined: no language model is asked. */
  model: { baseUrl: string; apiKey?: string; model: string; embeddingModel?: string } | undefined
  /** Undefined: the channel is off. */
  mail: MailSettings | undefined
  robot: { url: string } | undefined
  telegram: TelegramSettings | undefined
  officialAccount: OfficialAccountSettings | undefined
  wechaty: WechatySettings | undefined
  environmentWith(more: Record<string, string>): NodeJS.ProcessEnv
}

export interface MailSettings {
  host: string
  port: number
  encryption: 'tls' | 'required' | 'offered' | 'off'
  /** Whether the server's certificate must be valid. */
  verified: boolean
  from: string
  login?: { user: string; password: string }
}

export interface OfficialAccountSettings {
  appId: string
  token: string
  appSecret?: string
  aesKey?: string
  previousAesKey?: string
  apiRoot?: string
  /** What `wechat-menu.json` in the data folder says, where there is one. */
  menu?: unknown
}

export interface WechatySettings {
  puppet: string
  token?: string
  endpoint?: string
  /** The file, without its ending, in which the puppet keeps its login. */
  memory: string
}

export interface TelegramSettings {
  token: string
  apiRoot?: string
  proxy?: string
  /** Absent: long polling. */
  webhook?: { url: string; secret: string }
}

/** What a program that we start is given: the environment that we were given, and more. */
const environmentWith = (more: Record<string, string>) => ({ ...process.env, ...more })

function modelOf(env: Environment): Config['model'] {
  const { OPENAI_BASE_URL: baseUrl, OPENAI_MODEL: model } = env
  if (baseUrl === undefined) return undefined
  if (model === undefined) throw new ConfigError('设置了 OPENAI_BASE_URL，还要设置 OPENAI_MODEL。')
  return {
    baseUrl,
    model,
    ...(env.OPENAI_API_KEY && { apiKey: env.OPENAI_API_KEY }),
    ...(env.OPENAI_EMBEDDING_MODEL && { embeddingModel: env.OPENAI_EMBEDDING_MODEL }),
  }
}

/** What is set only together: the rest is worth nothing without it. */
function need<T>(value: T | undefined, name: string, because: string): T {
  if (value === undefined) throw new ConfigError(`设置了 ${because}，还要设置 ${name}。`)
  return value
}

const inSmtpUrl = ['from', 'tls']

/** Who logs in to the mail server. */
function loginOf({ username, password }: URL): MailSettings['login'] {
  try {
    return username === ''
      ? undefined
      : { user: decodeURIComponent(username), password: decodeURIComponent(password) }
  } catch {
    throw new ConfigError('设置 SMTP_URL 的值不对：用户名和密码里的 % 要写成 %25，@ 要写成 %40。')
  }
}

/** A password does not leave this machine in the clear, unless that is said in so many words. */
function encryptionOf(url: URL, login: MailSettings['login']): MailSettings['encryption'] {
  if (url.protocol === 'smtps:') return 'tls'
  if (url.searchParams.get('tls') === 'off') return 'off'
  const here = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(url.hostname)
  return login && !here ? 'required' : 'offered'
}

function mailOf({ SMTP_URL: text }: z.infer<typeof environment>): MailSettings | undefined {
  if (text === undefined) return undefined
  const url = new URL(text)
  const { hostname, port, protocol, searchParams } = url
  const tls = searchParams.get('tls') ?? ''
  const unknown = [...searchParams.keys()].find(name => !inSmtpUrl.includes(name))
  if (hostname === '' || unknown !== undefined || !['', 'off', 'unverified'].includes(tls))
    throw new ConfigError(
      '设置 SMTP_URL 的值不对：例如 smtps://用户名:密码@smtp.example.gov.cn:465；末尾只能加 from=发件地址、tls=off 或 tls=unverified。',
    )
  const login = loginOf(url)
  const from = z
    .email()
    .max(254)
    .safeParse(searchParams.get('from') ?? login?.user)
  if (!from.success)
    throw new ConfigError(
      '设置 SMTP_URL 的值不对：没有发件地址。用户名不是邮箱地址的，请在末尾加上 ?from=notice@example.gov.cn。',
    )
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'smtps:' ? 465 : login ? 587 : 25),
    encryption: encryptionOf(url, login),
    verified: tls !== 'unverified',
    from: from.data,
    ...(login && { login }),
  }
}

function telegramOf(env: Environment): TelegramSettings | undefined {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: apiRoot, TELEGRAM_PROXY: proxy } = env
  const { TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret } = env
  if (token === undefined) return undefined
  return {
    token,
    ...(apiRoot && { apiRoot }),
    ...(proxy && { proxy }),
    ...(url && { webhook: { url, secret: need(secret, 'TELEGRAM_WEBHOOK_SECRET', 'TELEGRAM_WEBHOOK_URL') } }),
  }
}

function readMenu(file: string): unknown {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new ConfigError(`${file} 不是 JSON 文件，写法见 docs/connect-official-account.md；不用就移走。`)
  }
}

function officialAccountOf(env: Environment, dataDir: string): OfficialAccountSettings | undefined {
  const { WECHAT_OA_APP_ID: appId, WECHAT_OA_APP_SECRET: appSecret, WECHAT_OA_API_ROOT: apiRoot } = env
  const { WECHAT_OA_AES_KEY: aesKey, WECHAT_OA_AES_KEY_PREVIOUS: previousAesKey } = env
  if (appId === undefined) return undefined
  const menu = readMenu(join(dataDir, 'wechat-menu.json'))
  return {
    appId,
    token: need(env.WECHAT_OA_TOKEN, 'WECHAT_OA_TOKEN', 'WECHAT_OA_APP_ID'),
    ...(appSecret && { appSecret }),
    ...(aesKey && { aesKey }),
    ...(previousAesKey && { previousAesKey }),
    ...(apiRoot && { apiRoot }),
    ...(menu !== undefined && { menu }),
  }
}

function wechatyOf(env: Environment, dataDir: string): WechatySettings | undefined {
  const { WECHATY_PUPPET: puppet, WECHATY_PUPPET_TOKEN: token, WECHATY_PUPPET_ENDPOINT: endpoint } = env
  if (puppet === undefined) return undefined
  if (puppet === 'wechaty-puppet-service') need(token, 'WECHATY_PUPPET_TOKEN', `WECHATY_PUPPET=${puppet}`)
  return { puppet, ...(token && { token }), ...(endpoint && { endpoint }), memory: join(dataDir, 'wechaty') }
}

/** A setting has a wrong value; the message names each of them. */
export class ConfigError extends Error {}

const root = resolve(import.meta.dirname, '..')

function loadDotEnv(): void {
  if (!existsSync('.env')) return
  try {
    process.loadEnvFile('.env')
  } catch {
    throw new ConfigError('.env 读不了。它要是一行一个设置的文本文件，运行的用户有权限读；不用它就移走。')
  }
}

/** An empty value counts as absent: compose files pass empty strings for what is not set. */
function present(values: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((e): e is [string, string] => Boolean(e[1]?.trim())),
  )
}

/** Reads and checks the environment. `overrides` are the command line's. Throws ConfigError with a sentence. */
export function readConfig(overrides: { data?: string } = {}, values?: NodeJS.ProcessEnv): Config {
  if (!values) loadDotEnv()
  const parsed = environment.safeParse(present(values ?? process.env))
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      issue => `设置 ${issue.path.join('.')} 的值不对：${issue.message}。`,
    )
    throw new ConfigError(`${lines.join('\n')}\n请改正环境变量或 .env 文件后重新启动。`)
  }
  const env = parsed.data
  const dataDir = resolve(overrides.data ?? env.GONGKAI_DATA)
  return Object.freeze({
    port: env.PORT,
    host: env.HOST,
    publicUrl: env.PUBLIC_URL,
    dataDir,
    databaseFile: join(dataDir, 'gongkai.sqlite'),
    keyFile: join(dataDir, 'master.key'),
    masterKeys: env.GONGKAI_KEY === undefined ? undefined : parseMasterKeys(env.GONGKAI_KEY),
    databaseUrl: env.DATABASE_URL,
    cacheUrl: env.CACHE_URL,
    agency: { name: env.AGENCY_NAME, hotline: env.HOTLINE, region: env.AGENCY_REGION },
    reconsideration: { organ: env.RECONSIDERATION_ORGAN, url: env.RECONSIDERATION_URL },
    trustedProxies: env.TRUSTED_PROXIES,
    rateLimit: env.RATE_LIMIT,
    ...{ retentionDays: env.CHAT_RETENTION_DAYS, requestYears: env.REQUEST_RETENTION_YEARS },
    logLevel: env.LOG_LEVEL,
    knowledgeDir: resolve(env.KNOWLEDGE_DIR ?? join(root, 'knowledge')),
    ...{ model: modelOf(env), mail: mailOf(env) },
    robot: env.WECOM_ROBOT_URL === undefined ? undefined : { url: env.WECOM_ROBOT_URL },
    ...{ telegram: telegramOf(env), officialAccount: officialAccountOf(env, dataDir) },
    wechaty: wechatyOf(env, dataDir),
    environmentWith,
  })
}
