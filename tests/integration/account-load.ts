/** WeChat as the trials have it: quick to call again, with requests that are repeated, and what each citizen was shown. */
import { createWechatEmulator, type Shown, type WechatEmulator } from '../emulators/wechat/index.ts'

/** As long as a process takes to be there again. */
const retryMs = 1_500

export interface WeChat {
  emulator: WechatEmulator
  /** Everything that a citizen was shown but WeChat's own words, in order. */
  of(openId: string): Shown[]
  /** Brings a message as often as it must; resolves when it was answered, acknowledged, or given up. */
  bring(openId: string, message: { id: string; text: string }): Promise<void>
}

export interface WeChatOptions {
  port: number
  /** Without the right to send by itself, in plain mode. */
  passiveOnly: boolean
  /** One request in so many is brought twice at the same time. */
  storm: number
}

export async function openWeChat({ port, passiveOnly, storm }: WeChatOptions): Promise<WeChat> {
  const emulator = await createWechatEmulator({
    mode: passiveOnly ? 'plain' : 'safe',
    callback: `http://127.0.0.1:${port}/channels/wechat`,
    retryMs,
  })
  emulator.verified = !passiveOnly
  return {
    emulator,
    of: openId => emulator.citizens.of(openId).filter(one => one.way.kind !== 'fault'),
    async bring(openId, { id, text }) {
      const citizen = emulator.citizen(openId)
      const again = Math.random() * storm < 1 ? [citizen.say(text, id)] : []
      await Promise.all([citizen.say(text, id), ...again])
    },
  }
}
