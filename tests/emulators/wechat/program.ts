/**
 * The emulator by itself, for whoever develops a channel or has no account:
 *
 *   node tests/emulators/wechat/program.ts [--port 8091] [--callback http://127.0.0.1:3000/channels/wechat]
 *     [--mode plain|compatible|safe] [--unverified] [--bad 0.05]
 *
 * Each line that is typed is a message of one citizen; `/follow SCENE`, `/unfollow`, `/scan SCENE`, `/click KEY`,
 * `/picture`, `/voice TEXT` do what they say, `/storm TEXT` brings one message five times at once, `/replay` sends the
 * last request again to the byte, `/check` is what saving the server settings does.
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createWechatEmulator, type Fault, modes, type Shown } from './index.ts'

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
const mode = modes.find(one => one === values.mode)
if (!mode) throw new Error(`--mode is one of ${modes.join(', ')}`)

function describe({ text, way }: Shown): string {
  const how = { sent: '客服消息', reply: '回复', fault: '微信提示' }[way.kind]
  return `--- ${how}${way.kind === 'reply' ? `（第${way.tried}次）` : ''}\n${text}`
}

const wechat = await createWechatEmulator({
  port: Number(values.port),
  callback: values.callback,
  mode,
  onShown: shown => say(describe(shown)),
})
wechat.verified = !values.unverified
const faults: Fault[] = [
  { kind: 'code', code: -1, message: 'system error' },
  { kind: 'expired' },
  { kind: 'server', status: 502 },
  { kind: 'slow', ms: 3_000 },
  { kind: 'cut' },
  { kind: 'reset' },
]
wechat.faults.storm(Number(values.bad), ...faults)
wechat.driver.faults.storm(Number(values.bad), { kind: 'reset' }, { kind: 'unheard' })
for (const [name, value] of Object.entries(wechat.settings)) say(`${name}=${value}`)

const citizen = wechat.citizen('oCitizen_1')
const commands: Record<string, (rest: string) => Promise<unknown>> = {
  follow: scene => citizen.follow(scene || undefined),
  unfollow: () => citizen.unfollow(),
  scan: scene => citizen.scan(scene),
  click: key => citizen.click(key),
  picture: () => citizen.picture(),
  voice: words => citizen.voice(words || undefined),
  storm: words => citizen.storm(words, 5),
  replay: async () => say(`(${(await wechat.driver.replay())?.status ?? 'no answer'})`),
  check: async () => say(`(${await wechat.driver.check()})`),
}

async function obey(line: string): Promise<void> {
  const [, command = '', rest = ''] = /^\/(\w+)\s*(.*)$/.exec(line) ?? []
  const perform = commands[command]
  if (perform) await perform(rest).catch(error => say(`(${error.message})`))
  else if (line.trim() !== '') await citizen.say(line)
}

const lines = createInterface({ input: process.stdin })
lines.on('line', line => void obey(line))
lines.on('close', () => void wechat.close())
process.once('SIGINT', () => void wechat.close().then(() => process.exit(0)))
