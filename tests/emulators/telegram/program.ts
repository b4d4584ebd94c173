/**
 * The emulator by itself, for whoever develops a channel:
 *
 *   node tests/emulators/telegram/program.ts [--port 8081] [--token 123:abc] [--bad 0.05]
 *
 * Each line that is typed is a message of citizen 1; `/press N` presses the Nth button of the last message,
 * `/group TEXT` writes in a group, `/edit TEXT` corrects the last message, `/pending` shows what waits.
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createTelegramEmulator, type Fault, type Shown } from './index.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8081' },
    token: { type: 'string' },
    bad: { type: 'string', default: '0' },
  },
})

const say = (words: string) => void process.stdout.write(`${words}\n`)
const citizen = 1
const group = -1001

function describe({ chat, text, buttons, file }: Shown): string {
  const labels = buttons.map((button, i) => `  [${i + 1}] ${button.text}`)
  return [`--- ${chat}${file ? ` (${file.name}, ${file.bytes.length} bytes)` : ''}`, text, ...labels].join(
    '\n',
  )
}

const faults: Fault[] = [
  { kind: 'too-many', retryAfter: 3 },
  { kind: 'conflict' },
  { kind: 'server', status: 502, html: true },
  { kind: 'slow', until: 3_000 },
  { kind: 'cut' },
  { kind: 'reset' },
]

const emulator = await createTelegramEmulator({
  port: Number(values.port),
  ...(values.token && { token: values.token }),
  onCall: method => {
    const shown = emulator.shown().at(-1)
    if (method.startsWith('send') && shown) say(describe(shown))
    else if (method === 'setWebhook' || method === 'deleteWebhook') say(`(${method})`)
  },
})
const chance = Number(values.bad)
if (chance > 0) {
  emulator.faults.storm({ methods: ['getUpdates', 'sendMessage', 'setWebhook', 'getMe'], chance, faults })
  Object.assign(emulator.updates.faults, { duplicate: chance, reorder: chance, unheard: chance })
}
say(`TELEGRAM_API_ROOT=${emulator.apiRoot}\nTELEGRAM_BOT_TOKEN=${emulator.token}`)

let last = 0
function obey(line: string): void {
  const [, command = '', rest = ''] = /^\/(press|group|edit|pending)\s*(.*)$/.exec(line) ?? []
  const shown = emulator.shown(citizen).at(-1)
  const button = shown?.buttons[Number(rest) - 1]
  if (command === 'press' && shown && button) emulator.press(citizen, shown.message_id, button.callback_data)
  else if (command === 'group') emulator.say(group, rest)
  else if (command === 'edit') emulator.edit(citizen, last, rest, Math.floor(Date.now() / 1000))
  else if (command === 'pending') say(`${emulator.updates.pending()}`)
  else if (line.trim() !== '') last = emulator.say(citizen, line)
}

const lines = createInterface({ input: process.stdin })
lines.on('line', obey)
lines.on('close', () => void emulator.close())
process.once('SIGINT', () => void emulator.close().then(() => process.exit(0)))
