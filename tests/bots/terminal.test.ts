/** The terminal: the contract of all channels, and what is its own. */
import { randomUUID } from 'node:crypto'
import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bots } from '#bots'
import type { Channel, ChannelHost, Incoming } from '#channel'
import { ChannelFailure, paragraph, Refusal } from '#channel'
import { settle } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { type Citizen, describeChannel, type Harness, type Heard } from './contract.ts'
import { openSmallHouse } from './small-house.ts'

const createTerminal = await bots.terminal()
const chat = 'local'

/** A screen: what was written to it, one piece a message. */
function createScreen() {
  const shown: string[] = []
  const output = new Writable({
    write(chunk, _, done) {
      shown.push(String(chunk).trimEnd())
      done()
    },
  })
  return { shown, output }
}

function heardOf(texts: string[]): Heard {
  const lines = texts.join('\n').split('\n')
  return {
    texts,
    choices: lines.flatMap(line => /^\d+\. (.*)$/.exec(line)?.[1] ?? []),
    citations: lines.flatMap(line => /^依据：(.*)$/.exec(line)?.[1] ?? []),
  }
}

async function makeHarness(): Promise<Harness> {
  const { shown, output } = createScreen()
  const ids: string[] = []
  let input = new PassThrough()
  let choices: string[] = []
  const createChannel = () => {
    input = new PassThrough()
    return createTerminal({
      input,
      output,
      chat,
      newUuid: () => ids.shift() ?? randomUUID(),
      onEnd: () => {},
    })
  }
  const house = await openSmallHouse({ createChannel })

  const citizen: Citizen = {
    chat,
    async say(text, nativeId = randomUUID()) {
      const before = shown.length
      ids.push(nativeId)
      input.write(`${text}\n`)
      await house.answered(nativeId)
      const heard = heardOf(shown.slice(before))
      choices = heard.choices
      return heard
    },
    choose: label => citizen.say(String(choices.indexOf(label) + 1)),
    async repeat(text, nativeId) {
      ids.push(nativeId)
      input.write(`${text}\n`)
      await settle()
    },
    shown: async () => [...shown],
  }
  return { house, citizen }
}

describeChannel('the terminal', makeHarness)

interface Stage {
  channel: Channel
  input: PassThrough
  shown: string[]
  received: Incoming[]
  ends: number
}

/** The terminal on a host that does what the test says. */
async function openStage(receive?: ChannelHost['receive']): Promise<Stage> {
  const { shown, output } = createScreen()
  const input = new PassThrough()
  const received: Incoming[] = []
  let next = 0
  const stage = { input, shown, received, ends: 0 }
  const channel = createTerminal({
    input,
    output,
    chat,
    newUuid: () => `n${++next}`,
    onEnd: () => void stage.ends++,
  })
  const host = {
    receive: async (incoming: Incoming) => {
      received.push(incoming)
      return receive ? receive(incoming) : 'accepted'
    },
  } as unknown as ChannelHost
  await channel.start(host)
  onTestFinished(() => channel.stop())
  return Object.assign(stage, { channel })
}

const reply = (inReplyTo: string, last = true) => ({
  id: '1',
  chat,
  document: [paragraph('好的。')],
  inReplyTo,
  last,
  createdAt: 0,
})

describe('the terminal alone', () => {
  it('takes each line as a message and passes over empty ones', async () => {
    const { input, received } = await openStage()
    input.write('一\n\n   \n  二  \r\n三')
    input.end()
    await until('all lines are read', () => received.length === 3)
    expect(received.map(one => one.text)).toEqual(['一', '二', '三'])
    expect(new Set(received.map(one => one.nativeId)).size).toBe(3)
    expect(received.every(one => one.chat === chat)).toBe(true)
  })

  it('ends only when the input has ended and everything typed is answered', async () => {
    const stage = await openStage()
    stage.input.end('一\n二\n')
    await until('both are read', () => stage.received.length === 2)
    await settle()
    const [first, second] = stage.received.map(one => one.nativeId)
    await stage.channel.send(reply(first ?? '', false))
    await stage.channel.send(reply(second ?? ''))
    expect(stage.ends).toBe(0)
    await stage.channel.send(reply(first ?? ''))
    expect(stage.ends).toBe(1)
  })

  it('ends at once when nothing was typed', async () => {
    const stage = await openStage()
    stage.input.end()
    await until('the end is told', () => stage.ends === 1)
  })

  it('says why a message could not be kept, and does not wait for its answer', async () => {
    const stage = await openStage(async () => {
      throw new Refusal('not-stored', '暂时收不下，请再发一次。')
    })
    stage.input.end('你好\n')
    await until('the end is told', () => stage.ends === 1)
    expect(stage.shown).toEqual(['暂时收不下，请再发一次。'])
  })

  it('does not wait for the answer to a message that was there before', async () => {
    const stage = await openStage(async () => 'duplicate')
    stage.input.end('你好\n')
    await settle()
    await settle()
    expect(stage.received).toHaveLength(1)
    expect(stage.ends).toBe(1)
  })

  it('is off and refuses to send before it is started', async () => {
    const { output } = createScreen()
    const input = new PassThrough()
    const channel = createTerminal({ input, output, chat, newUuid: randomUUID, onEnd: () => {} })
    expect(channel.health().state).toBe('off')
    await expect(channel.send(reply('n1'))).rejects.toBeInstanceOf(ChannelFailure)
  })

  it('puts a blank line after each message', async () => {
    const pieces: string[] = []
    const output = new Writable({
      write(chunk, _, done) {
        pieces.push(String(chunk))
        done()
      },
    })
    const input = new PassThrough()
    const channel = createTerminal({ input, output, chat, newUuid: randomUUID, onEnd: () => {} })
    await channel.start({} as ChannelHost)
    await channel.send(reply('n1'))
    await channel.stop()
    expect(pieces.join('')).toBe('好的。\n\n')
  })
})
