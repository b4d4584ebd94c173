/**
 * wechaty: an ordinary WeChat account that a puppet operates. A pilot channel for staff and a few invited citizens:
 * WeChat does not allow it, and accounts are banned for it. It is slow on purpose and stops at the first warning.
 */
import { type Channel, ChannelFailure, type ChannelHealth, type ChannelHost } from '#channel'
import { textBudget } from './encode.ts'
import { createLine, type Line, type LineSettings } from './line.ts'
import { type Breaker, createBreaker, createPace, type Pace, perChatMs, shortestGapMs } from './pacing.ts'
import { createSender, type Sender } from './sending.ts'

export interface WechatyOptions extends LineSettings {
  /** A number in [0, 1). */
  random: () => number
}

interface Running {
  line: Line
  breaker: Breaker
  pace: Pace
  sender: Sender
  /** Resolves when the channel has stopped. */
  ended: Promise<void>
}

export function createWechaty(options: WechatyOptions): Channel {
  const stopping = new AbortController()
  let running: Running | undefined

  return {
    name: 'wechaty',
    title: '微信（试点）',
    account: 'wechaty:default',
    traits: {
      textBudget,
      choices: 'numbers',
      pictures: true,
      push: 'always',
      mainland: true,
      pulls: false,
      pacing: { perChatMs, overallMs: shortestGapMs },
    },
    async start(host) {
      running = await run(options, host, stopping.signal)
    },
    async stop() {
      stopping.abort()
      await running?.ended
    },
    async send(message) {
      if (!running) throw new ChannelFailure('not started', { stage: 'before', retryable: true })
      return running.sender.send(message)
    },
    health: () => (running ? healthOf(running) : { state: 'off', detail: '还没有启动' }),
    // Whether it hears is no reason to end the process: it reconnects by itself, and other channels are alive.
    report: () => ({ hears: true, figures: running ? figuresOf(running) : {} }),
  }
}

async function run(options: WechatyOptions, host: ChannelHost, stopping: AbortSignal): Promise<Running> {
  const breaker = createBreaker(host)
  const pace = createPace({ host, random: options.random })
  await breaker.load()
  await pace.load()
  const line = createLine({ options, host, breaker, pace, stopping })
  const sender = createSender({ host, breaker, pace, stopping, ...line })
  return { line, breaker, pace, sender, ended: line.run() }
}

function healthOf({ line, breaker, pace }: Running): ChannelHealth {
  // After a logout both count: nothing is sent for a while, and the code waits to be scanned.
  const troubles = [breaker.rest()?.detail, line.trouble()].filter(trouble => trouble !== undefined)
  if (troubles.length > 0) return { state: 'failing', detail: troubles.join('；') }
  const { sent, most } = pace.today()
  return { state: 'on', detail: `今天已发 ${sent} 条，最多 ${most} 条` }
}

function figuresOf({ line, breaker, pace }: Running): Record<string, number> {
  return {
    ...line.figures(),
    sent_today: pace.today().sent,
    breaker_seconds: Math.round((breaker.rest()?.ms ?? 0) / 1000),
  }
}
