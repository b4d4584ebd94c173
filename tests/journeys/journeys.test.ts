import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { silentLog } from '#base/log'
import { bots } from '#bots'
import { readConfig } from '#config'
import { type House, openHouse } from '#house'
import { until } from '../base/until.ts'
import { temporaryFolder } from '../storage/databases.ts'
import { parseTranscript } from './transcript.ts'

const stories = readdirSync(import.meta.dirname).filter(name => name.endsWith('.txt'))

/** The terminal bot in this process, on a database that outlives it. */
interface Seat {
  /** Types a line and gives everything that is printed until all is answered. */
  type(line: string): Promise<string>
  close(): Promise<void>
}

async function isQuiet(house: House): Promise<boolean> {
  const waiting = await house.store.query(db =>
    db.selectFrom('inbound').select('seq').where('state', '!=', 'done').limit(1),
  )
  const open = (await house.deliveries.countByState()).filter(row => row.state !== 'sent')
  return waiting.length === 0 && open.length === 0
}

async function takeSeat(folder: string): Promise<Seat> {
  const house = await openHouse(readConfig({ data: folder }, {}), silentLog)
  const createTerminal = await bots.terminal()
  const input = new PassThrough()
  const output = new PassThrough()
  let printed = ''
  let typed = 0
  output.on('data', data => {
    printed += data
  })
  const newUuid = () => `line-${process.hrtime.bigint()}-${++typed}`
  await house.open(createTerminal({ input, output, chat: 'local', newUuid, onEnd: () => {} }))
  await house.startWork()
  return {
    async type(line) {
      const before = printed.length
      input.write(`${line}\n`)
      await until(`“${line.slice(0, 20)}” is answered`, async () => {
        return printed.length > before && (await isQuiet(house))
      })
      return printed.slice(before)
    },
    close: () => house.close(),
  }
}

describe('a journey in the terminal', () => {
  it.each(stories)('%s goes as it is written', async story => {
    const folder = temporaryFolder()
    let seat = await takeSeat(folder.path)
    onTestFinished(async () => {
      await seat.close()
      folder.remove()
    })
    for (const step of parseTranscript(readFileSync(join(import.meta.dirname, story), 'utf8'))) {
      if (step.kind === 'restart') {
        await seat.close()
        seat = await takeSeat(folder.path)
        continue
      }
      const reply = await seat.type(step.text)
      let from = 0
      for (const words of step.expected) {
        const at = reply.indexOf(words, from)
        expect(at, `after “${step.text.slice(0, 40)}” no “${words}” in:\n${reply.slice(from)}`).not.toBe(-1)
        from = at + words.length
      }
    }
  })
})
