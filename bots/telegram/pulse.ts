/** How the channel is: when the platform was last heard, and what is wrong now. */
import type { ChannelHealth, Clock } from '#channel'

/** Without a word from the platform for so long the process is started anew. */
const deafAfterMs = 10 * 60_000

export interface Pulse {
  /** The platform was heard: an update, or an answer. */
  heard(): void
  /** Something is wrong with `part` until it is called without words. */
  trouble(part: 'setup' | 'receiving' | 'webhook', words?: string): void
  ready(): void
  isReady(): boolean
  health(): ChannelHealth
  hears(): boolean
}

export function createPulse(clock: Clock): Pulse {
  const troubles = new Map<string, string>()
  let lastHeard = clock.now()
  let ready = false
  return {
    heard() {
      lastHeard = clock.now()
    },
    trouble(part, words) {
      if (words === undefined) troubles.delete(part)
      else troubles.set(part, words)
    },
    ready() {
      ready = true
    },
    isReady: () => ready,
    health() {
      const [words] = troubles.values()
      if (words !== undefined) return { state: 'failing', detail: words }
      return ready ? { state: 'on' } : { state: 'failing', detail: '正在连接 Telegram' }
    },
    hears: () => clock.now() - lastHeard <= deafAfterMs,
  }
}
