/** The emulator by itself: `node tests/emulators/mail/program.ts [--port 8025]` prints the mails that arrive. */
import { parseArgs } from 'node:util'
import { createMailEmulator } from './index.ts'
import { parseMail, textOf } from './mime.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '8025' } } })
const say = (words: string) => void process.stdout.write(`${words}\n`)

const emulator = await createMailEmulator({
  port: Number(values.port),
  onMail({ to, raw }) {
    const mail = parseMail(raw)
    say(`--- ${to.join(', ')}: ${mail.headers.get('subject')}\n${textOf(mail, 'text/plain')}`)
  },
})
say(`SMTP_URL=smtp://127.0.0.1:${emulator.port}/?from=notice@example.cn&tls=unverified`)
process.once('SIGINT', () => void emulator.close().then(() => process.exit(0)))
