/** The terminal: one conversation in lines of text, the reference for every other channel. */
import type { Readable, Writable } from 'node:stream'
import { type Channel, ChannelFailure, Refusal } from '#channel'
import { decode } from './decode.ts'
import { encode } from './encode.ts'
import { openTerminal, type Terminal } from './transport.ts'

export interface TerminalOptions {
  input: Readable
  output: Writable
  /** The conversation's name: the same one goes on where it was left. */
  chat: string
  newUuid: () => string
  /** Called when the input has ended and everything typed was answered. */
  onEnd(): void
}

export function createTerminal(options: TerminalOptions): Channel {
  const { input, output, chat, newUuid } = options
  const unanswered = new Set<string>()
  let terminal: Terminal | undefined
  let ended = false

  function endWhenAnswered(): void {
    if (ended && unanswered.size === 0) options.onEnd()
  }

  function settle(nativeId: string): void {
    unanswered.delete(nativeId)
    endWhenAnswered()
  }

  return {
    name: 'terminal',
    title: '终端',
    account: 'terminal:default',
    traits: {
      choices: 'numbers',
      pictures: false,
      push: 'always',
      mainland: true,
      pulls: false,
      pacing: { perChatMs: 0, overallMs: 0 },
    },
    async start(host) {
      const opened = openTerminal(input, output)
      terminal = opened
      opened.lines.on('line', line => {
        const incoming = decode(line, chat, newUuid())
        if (!incoming) return
        unanswered.add(incoming.nativeId)
        host.receive(incoming).then(
          receipt => receipt === 'duplicate' && settle(incoming.nativeId),
          async error => {
            await opened.print(error instanceof Refusal ? error.say : String(error))
            settle(incoming.nativeId)
          },
        )
      })
      opened.lines.on('close', () => {
        ended = true
        endWhenAnswered()
      })
    },
    async stop() {
      terminal?.close()
    },
    async send(message) {
      if (!terminal) throw new ChannelFailure('the terminal is closed', { stage: 'before', retryable: true })
      await terminal.print(encode(message.document))
      if (message.last && message.inReplyTo) settle(message.inReplyTo)
      return {}
    },
    health: () => (terminal ? { state: 'on' } : { state: 'off', detail: 'not started' }),
  }
}
