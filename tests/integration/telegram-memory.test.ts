/** The channel keeps nothing: ten thousand chats and a hundred broken connections leave the heap as it was. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it, onTestFinished } from 'vitest'
import { paragraph } from '#channel'
import { until } from '../base/until.ts'
import { openStage, type Stage } from '../bots/telegram-stage.ts'

const chats = 10_000
const reconnects = 100
const rounds = 5

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  for (let pass = 0; pass < 3; pass++) collect({ type: 'major', execution: 'sync' })
  return process.memoryUsage().heapUsed / 1024 / 1024
}

/** Everybody says something and is answered, and the connection breaks again and again meanwhile. */
async function live(stage: Stage): Promise<void> {
  const { emulator } = stage
  for (let i = 0; i < reconnects; i++) {
    emulator.faults.next('getUpdates', { kind: 'reset' })
    for (let chat = i; chat < chats; chat += reconnects) emulator.say(chat + 1, `第${i}句`)
    await until('the break is noticed', () => stage.clock.sleepers() > 1 || emulator.updates.pending() === 0)
    await stage.clock.advance(60_000)
    await until('all are heard', async () => {
      if (stage.clock.sleepers() > 1) await stage.clock.advance(60_000)
      return emulator.updates.pending() === 0
    })
  }
  for (const { chat } of stage.received)
    await stage.channel.send({ id: '1', chat, document: [paragraph('好的。')], createdAt: 0 })
  expect(stage.received.length).toBeGreaterThanOrEqual(chats)
  expect(emulator.shown().length).toBeGreaterThanOrEqual(chats)
  // What the emulator and the stage keep is not the channel's.
  stage.received.length = 0
  stage.logLines.length = 0
  emulator.chats.shown.length = 0
}

it('stays flat over ten thousand chats and a hundred reconnects, round after round', async () => {
  const warnings: string[] = []
  const warn = (warning: Error) => void warnings.push(warning.message)
  process.on('warning', warn)
  onTestFinished(() => void process.off('warning', warn))
  const stage = await openStage()
  const heaps: number[] = []
  const listeners: number[] = []
  for (let round = 0; round < rounds; round++) {
    await live(stage)
    heaps.push(heapAfterCollection())
    listeners.push(process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length)
  }
  const [, second = 0] = heaps
  // The first round fills pools and compiles; from then on less than a tenth of a kilobyte a chat is noise.
  expect((heaps.at(-1) ?? 0) - second, heaps.map(Math.round).join(', ')).toBeLessThan(
    1 + (chats * 0.1 * (rounds - 2)) / 1024,
  )
  expect(Math.max(...listeners.slice(1))).toBeLessThanOrEqual((listeners[0] ?? 0) + 2)
  expect(warnings.filter(words => /listener/i.test(words))).toEqual([])
})
