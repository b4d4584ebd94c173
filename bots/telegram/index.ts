/** Telegram: a bot that is asked for updates or called by a webhook, and answers with text, buttons and files. */
import { type Channel, ChannelFailure } from '#channel'
import type { Me } from './decode.ts'
import { createIntake, type Intake } from './intake.ts'
import { createPulse, type Pulse } from './pulse.ts'
import { type Receiving, receive, type Webhook } from './receiving.ts'
import { createSender, type Sender } from './sending.ts'
import { textBudget } from './text.ts'
import { createApi } from './transport.ts'

export interface TelegramOptions {
  /** What @BotFather gave: the bot's id, a colon, a secret. */
  token: string
  /** Another Bot API server than Telegram's own. */
  apiRoot?: string | undefined
  /** An HTTP proxy, where Telegram cannot be reached directly. */
  proxy?: string | undefined
  /** Absent: long polling. */
  webhook?: Webhook | undefined
}

interface Running {
  sender: Sender
  intake: Intake
  pulse: Pulse
  receiving: Receiving
}

const officialRoot = 'https://api.telegram.org'

export function createTelegram(options: TelegramOptions): Channel {
  const { token, apiRoot = officialRoot, proxy, webhook } = options
  const id = token.split(':')[0] ?? ''
  const stopping = new AbortController()
  const api = createApi({ token, apiRoot, proxy })
  let me: Me = { id: Number(id), username: '' }
  let running: Running | undefined

  return {
    name: 'telegram',
    title: 'Telegram',
    account: `telegram:${id}`,
    traits: {
      textBudget,
      choices: 'buttons',
      pictures: true,
      push: 'always',
      mainland: false,
      pulls: false,
      // Whoever answers is not bound by 30 a second; the limits are not told, and a 429 that is obeyed is the one
      // right measure. https://core.telegram.org/bots/faq, https://grammy.dev/advanced/flood
      pacing: { perChatMs: 0, overallMs: 0 },
    },
    async start(host) {
      const pulse = createPulse(host.clock)
      const intake = createIntake({ host, api, me: () => me })
      const onMe = (told: Me) => {
        me = told
      }
      const receiving = receive({ api, host, intake, pulse, webhook, stopping: stopping.signal, onMe })
      running = { sender: createSender({ api, host }), intake, pulse, receiving }
    },
    async stop() {
      stopping.abort()
      await running?.receiving.ended
      await api.close()
    },
    async send(message) {
      if (!running) throw new ChannelFailure('not started', { stage: 'before', retryable: true })
      return running.sender.send(message)
    },
    fetch: async request =>
      running ? running.receiving.fetch(request) : new Response(null, { status: 503 }),
    health: () => running?.pulse.health() ?? { state: 'off', detail: '还没有启动' },
    report: () => ({ hears: running?.pulse.hears() ?? true, figures: running ? figuresOf(running) : {} }),
  }
}

function figuresOf({ intake, receiving }: Running): Record<string, number> {
  const [pending, age] = [receiving.pending(), intake.age()]
  return {
    ignored: intake.ignored(),
    unreadable: intake.unreadable(),
    ...(pending !== undefined && { pending_updates: pending }),
    ...(age !== undefined && { queue_age_seconds: Math.round(age / 1000) }),
  }
}
