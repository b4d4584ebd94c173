/** The least distance between sends that a channel states, for one chat and for the whole account. */
import type { ChannelTraits } from '#channel'

const chatsRemembered = 50_000

export interface Pacer {
  /** Reserves the next free moment for a send to this chat, in epoch milliseconds (now, when it is free). */
  reserve(chat: string, now: number): number
  /** The platform asked for silence until then, in the whole account. */
  hold(until: number): void
}

export function createPacer({ perChatMs, overallMs }: ChannelTraits['pacing']): Pacer {
  let accountFree = 0
  const chatFree = new Map<string, number>()

  function remember(chat: string, free: number): void {
    chatFree.delete(chat)
    chatFree.set(chat, free)
    // Insertion order is age: the oldest chat has long been free again.
    const oldest = chatFree.size > chatsRemembered ? chatFree.keys().next().value : undefined
    if (oldest !== undefined) chatFree.delete(oldest)
  }

  return {
    reserve(chat, now) {
      if (perChatMs === 0 && overallMs === 0) return Math.max(now, accountFree)
      const at = Math.max(now, accountFree, chatFree.get(chat) ?? 0)
      accountFree = at + overallMs
      if (perChatMs > 0) remember(chat, at + perChatMs)
      return at
    },
    hold(until) {
      accountFree = Math.max(accountFree, until)
    },
  }
}
