/**
 * The emulator by itself, for whoever develops a channel or has no account:
 *
 *   node tests/emulators/wechat/program.ts [--port 8091] [--callback http://127.0.0.1:3000/channels/wechat] [--mode safe]
 *     [--unverified] [--bad 0.05]
 *
 * Each line that is typed is a message of one citizen; `/follow SCENE`, `/unfollow`, `/click KEY`, `/picture`,
 * `/voice TEXT` do what they say.
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createWechatEmulator, type Fault, modes } from './index.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8091' },
    callback: { type: 'string', default: 'http://127.0.0.1:3000/channels/wechat' },
    mode: { type: 'string', default: 'plain' },
    unverified: { type: 'boolean', default: false },
    bad: { type: 'string', default: '0' },
  },
})

const say = (words: string) => void process.stdout.write(`${words}\n`)
const wechat = await createWechatEmulator({
  port: Number(values.port),
  callback: values.callback,
  mode: modes.find(mode => mode === values.mode) ?? 'plain',
  onShown: ({ text, way }) =>
    say(
      `--- ${way.kind === 'sent' ? '客服消息' : way.kind === 'reply' ? `回复（第${way.tried}次）` : '微信提示'}\n${text}`,
    ),
})
wechat.verified = !values.unverified
const faults: Fault[] = [
  { kind: 'code', code: -1, message: 'system error' },
  { kind: 'server', status: 502 },
  { kind: 'slow', ms: 3_000 },
  { kind: 'cut' },
  { kind: 'reset' },
]
wechat.faults.storm(Number(values.bad), ...faults)
for (const [name, value] of Object.entries(wechat.settings)) say(`${name}=${value}`)

const citizen = wechat.citizen('oCitizen_1')

async function obey(line: string): Promise<void> {
  const [, command = '', rest = ''] = /^\/(follow|unfollow|click|picture|voice)\s*(.*)$/.exec(line) ?? []
  if (command === 'follow') await citizen.follow(rest || undefined)
  else if (command === 'unfollow') await citizen.unfollow()
  else if (command === 'click') await citizen.click(rest)
  else if (command === 'picture') await citizen.picture()
  else if (command === 'voice') await citizen.voice(rest || undefined)
  else if (line.trim() !== '') await citizen.say(line)
}

const lines = createInterface({ input: process.stdin })
lines.on('line', line => void obey(line))
lines.on('close', () => void wechat.close())
process.once('SIGINT', () => void wechat.close().then(() => process.exit(0)))
