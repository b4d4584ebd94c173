/** The channels beside the page: which have their credentials, how each is opened, and whether it still hears. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Clock, repeat } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Log } from '#base/log'
import { bots } from '#bots'
import type { Channel } from '#channel'
import { type App, type Metrics, mount } from '#http'
import type { Config } from './config.ts'
import type { House } from './house.ts'

export interface ChannelPlan {
  name: string
  /** Where its webhook is reached, when it has one. */
  path?: string
  /** Undefined: its credentials are there. */
  missing: string | undefined
  /** It was asked for all the same: what is missing stops the start. */
  asked?: boolean
  /** How it works as it is set. */
  how: string
  make(house: Pick<House, 'addressOf'>): Promise<Channel>
}

/** What stands before the name of an official in a chat of the mail channel. */
export const officialChats = 'staff/'

/** Where officials are told that there is something to do, as far as it is set. */
export function noticeWays({ mail, robot }: Pick<Config, 'mail' | 'robot'>) {
  return {
    mail: mail && 'mail:default',
    group: robot && { account: 'wecom-robot:default', chat: 'officials' },
  }
}

/** Every channel that lives on a platform of others, in the order in which it is told. */
export function planChannels(config: Config): ChannelPlan[] {
  const { telegram, officialAccount, wechaty, mail, robot, agency } = config
  return [
    {
      name: 'telegram',
      path: '/channels/telegram',
      missing: telegram ? undefined : '没有设置 TELEGRAM_BOT_TOKEN',
      how: telegram?.webhook ? `webhook，${telegram.webhook.url}` : '长轮询',
      make: async () => (await bots.telegram())(need(telegram)),
    },
    {
      name: 'official-account',
      path: '/channels/wechat',
      missing: officialAccount ? undefined : '没有设置 WECHAT_OA_APP_ID',
      how: `${officialAccount?.aesKey ? '安全模式' : '明文模式'}，回调地址 /channels/wechat`,
      make: async () => (await bots['official-account']())(need(officialAccount)),
    },
    {
      name: 'mail',
      missing: mail ? undefined : '没有设置 SMTP_URL',
      how: `只发不收，经 ${mail?.host}:${mail?.port}`,
      make: async ({ addressOf }) => (await bots.mail())({ ...need(mail), sender: agency.name, addressOf }),
    },
    {
      name: 'wecom-robot',
      missing: robot ? undefined : '没有设置 WECOM_ROBOT_URL',
      how: '只发不收，工作人员的群',
      make: async () => (await bots['wecom-robot']())(need(robot)),
    },
    {
      name: 'wechaty',
      missing: wechaty ? lackingFor(wechaty.puppet) : '没有设置 WECHATY_PUPPET',
      asked: wechaty !== undefined,
      how: `试点，${wechaty?.puppet}，启动后扫码登录`,
      make: async () =>
        (await bots.wechaty())({
          ...need(wechaty),
          random: Math.random,
          print: text => void process.stderr.write(text),
        }),
    },
  ]
}

/** wechaty has so many packages that they lie in a folder of their own, installed only where it is used. */
const packages = createRequire(join(import.meta.dirname, '../bots/wechaty/packages/package.json'))

function isInstalled(name: string): boolean {
  try {
    packages.resolve(name)
    return true
  } catch (error) {
    // A package that is there but cannot be loaded says so itself.
    return (error as { code?: string }).code !== 'MODULE_NOT_FOUND'
  }
}

/** What is to be installed for a puppet, and how; undefined: nothing. */
function lackingFor(puppet: string): string | undefined {
  if (!isInstalled('wechaty'))
    return '微信个人号要用的程序包还没有安装。请运行 npm run install:wechaty，或者去掉 WECHATY_PUPPET'
  if (isInstalled(puppet)) return undefined
  return `没有找到 ${puppet}。请核对 WECHATY_PUPPET；没有写错的，请运行 npm install --no-save --prefix bots/wechaty/packages ${puppet}`
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a channel without its credentials is not opened')
  return value
}

/** Opens those that have their credentials, and says once which are off. */
export async function openChannels(
  house: House,
  { app, config, log }: { app: App; config: Config; log: Log },
): Promise<void> {
  for (const { name, path, missing, asked, make } of planChannels(config)) {
    if (missing !== undefined) {
      if (asked) throw new Refusal('not-installed', `没能启动渠道 ${name}：${missing}。`)
      log.info('channel.off', { channel: name, say: missing })
      continue
    }
    const channel = await make(house)
    await house.open(channel)
    const { fetch } = channel
    if (path && fetch) mount(app, { path, fetch: request => fetch(request) }, config.trustedProxies)
  }
}

/** Shows what each channel counts. */
export function watchChannels(channels: () => Channel[], metrics: Metrics): void {
  metrics.watch({
    name: 'channel',
    help: 'what a channel tells of itself, by figure',
    read: async () =>
      channels().flatMap(({ name, account, report }) =>
        Object.entries(report?.().figures ?? {}).map(([state, value]) => ({
          labels: { account, channel: name, state },
          value,
        })),
      ),
  })
}

const probeEveryMs = 30_000
/** So many looks in a row a channel may hear nothing. */
const mostDeaf = 10

/** Resolves with the name of a channel that no longer hears its platform, though it is on; never, while all hear. */
export function watchHearing(
  channels: () => Channel[],
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string> {
  const deaf = new Map<string, number>()
  return new Promise(resolve => {
    const look = async () => {
      for (const { account, report } of channels()) {
        const count = report?.().hears === false ? (deaf.get(account) ?? 0) + 1 : 0
        deaf.set(account, count)
        if (count >= mostDeaf) resolve(account)
      }
    }
    void repeat(look, { clock, everyMs: probeEveryMs, signal })
  })
}
