/** The emulator by itself: `node tests/emulators/wecom-robot/program.ts [--port 8083]` prints what the group sees. */
import { parseArgs } from 'node:util'
import { createRobotEmulator } from './index.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '8083' } } })
const say = (words: string) => void process.stdout.write(`${words}\n`)

const emulator = await createRobotEmulator({
  port: Number(values.port),
  onMessage: content => say(`---\n${content}`),
})
say(`WECOM_ROBOT_URL=${emulator.url}`)
process.once('SIGINT', () => void emulator.close().then(() => process.exit(0)))
