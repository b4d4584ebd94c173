/** The robot of a WeCom group, in which officials read along: a channel that only sends, to that one group. */
import {
  type Channel,
  ChannelFailure,
  type ChannelHealth,
  type ChannelHost,
  type Document,
  type Outgoing,
} from '#channel'
import { encode, longestText } from './encode.ts'
import { createApi, RobotFailure, type RobotSettings } from './transport.ts'

export type WecomRobotOptions = RobotSettings

/** At most 20 messages a minute. https://developer.work.weixin.qq.com/document/path/99110 */
const overallMs = 3_000

export function createWecomRobot(options: WecomRobotOptions): Channel {
  const api = createApi(options)
  let host: ChannelHost | undefined
  let trouble: string | undefined
  let sent = 0

  /** What the robot is like, as the last attempt has shown. */
  function weigh(error: unknown): void {
    trouble = error instanceof RobotFailure ? error.trouble : undefined
    if (trouble) host?.log.warn('robot.failed', { reason: (error as RobotFailure).message, say: trouble })
  }

  /** Once a part is shown, all of it must not be repeated: nobody can say then that it arrived. */
  async function sendParts(document: Document): Promise<void> {
    let shown = 0
    for (const message of encode(document)) {
      // The pace that is stated holds between messages of ours; a long one is several of the platform's.
      if (shown > 0) await host?.clock.sleep(overallMs)
      await api.call(message).catch(error => {
        if (shown === 0) throw error
        const reason = `only the beginning was shown: ${error instanceof Error ? error.message : ''}`
        throw new RobotFailure(reason, { stage: 'after', retryable: false })
      })
      shown++
    }
  }

  async function send({ document }: Outgoing): Promise<Record<string, never>> {
    if (document.some(block => block.kind === 'file' && block.personal))
      throw new ChannelFailure('a file with personal data is not shown to a group', {
        stage: 'refused',
        retryable: false,
      })
    try {
      await sendParts(document)
    } catch (error) {
      weigh(error)
      throw error
    }
    trouble = undefined
    sent++
    return {}
  }

  function health(): ChannelHealth {
    if (!host) return { state: 'off', detail: '还没有启动' }
    return trouble === undefined ? { state: 'on' } : { state: 'failing', detail: trouble }
  }

  return {
    name: 'wecom-robot',
    title: '企业微信群机器人',
    account: 'wecom-robot:default',
    traits: {
      textBudget: { unit: 'bytes', max: longestText },
      choices: 'numbers',
      pictures: false,
      push: 'always',
      mainland: true,
      pulls: false,
      pacing: { perChatMs: 0, overallMs },
    },
    async start(given) {
      host = given
    },
    stop: () => api.close(),
    send,
    health,
    // There is nothing to hear.
    report: () => ({ hears: true, figures: { sent } }),
  }
}
