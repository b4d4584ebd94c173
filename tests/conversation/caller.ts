/** A citizen at a fake channel: says something and hears what is said in answer to it. */
import { type ChannelHost, choicesOf, formatPlain, type Incoming, type Outgoing } from '#channel'
import { until } from '../base/until.ts'
import { createFakeChannel, type FakeChannel } from '../delivery/fake-channel.ts'
import type { Branch } from './branch.ts'

export interface Caller {
  readonly chat: string
  readonly channel: FakeChannel
  readonly host: ChannelHost
  /** The replies, as plain text, one after the other. */
  say(text: string, rest?: Partial<Incoming>): Promise<string>
  /** Takes one of the choices last heard. */
  tap(label: string): Promise<string>
  /** What was said in this chat without being asked. */
  unasked(): string[]
}

const callers = { next: 1 }

export function createCaller(branch: Pick<Branch, 'host' | 'channel' | 'clock'>, chat: string): Caller {
  const { host, channel, clock } = branch
  let heard: Outgoing[] = []

  async function send(incoming: Partial<Incoming>): Promise<string> {
    const nativeId = incoming.nativeId ?? `call-${callers.next++}`
    await host.receive({ chat, nativeId, text: '', ...incoming })
    const answers = () => channel.messages.filter(m => m.chat === chat && m.inReplyTo === nativeId)
    await until(`“${incoming.text}” is answered`, async () => {
      await clock.advance(100)
      return answers().some(m => m.last)
    })
    heard = answers()
    return heard.map(m => formatPlain(m.document)).join('\n')
  }

  return {
    chat,
    channel,
    host,
    say: (text, rest = {}) => send({ text, ...rest }),
    tap(label) {
      const choice = heard.flatMap(m => choicesOf(m.document)).find(one => one.label === label)?.id
      if (choice === undefined) throw new Error(`no choice “${label}”`)
      return send({ choice })
    },
    unasked: () =>
      channel.messages
        .filter(m => m.chat === chat && m.inReplyTo === undefined)
        .map(m => formatPlain(m.document)),
  }
}

/** A second channel on the same gateway, outside the mainland. */
export async function openAbroad(branch: Branch): Promise<Pick<Branch, 'host' | 'channel' | 'clock'>> {
  const channel = Object.assign(createFakeChannel({ mainland: false }, 'abroad'), { title: '境外渠道' })
  return { channel, host: await branch.gateway.hostOf(channel), clock: branch.clock }
}
