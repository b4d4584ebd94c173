/** The least distance between sends that a channel states, for one chat and for the whole account. */
import type { ChannelTraits } from '#channel'

const chatsRemembered = 50_000

export interface Pacer {
  /** When this chat may be written to again, in epoch milliseconds; wait until then before reserving. */
  freeAt(chat: string): number
  /**
   * Reserves the account's next free moment for a send to this chat, in epoch milliseconds (now, when it is free).
   * Slots are handed out in line: one for a chat that is not free yet would make every other chat wait with it.
   */
  reserve(chat: string, now: number): number
  /** Whether a silence that the platform asked for lasts now. */
  isHeld(now: number): boolean
  /** The platform asked for silence until then: in one chat, or in the whole account. */
  hold(until: number, chat?: string): void
}

export function createPacer({ perChatMs, overallMs }: ChannelTraits['pacing']): Pacer {
  let accountFree = 0
  let heldUntil = 0
  const chatFree = new Map<string, number>()

  function remember(chat: string, free: number): void {
    chatFree.delete(chat)
    chatFree.set(chat, free)
    // Insertion order is age: the oldest chat has long been free again, or is told once more that it is not.
    const oldest = chatFree.size > chatsRemembered ? chatFree.keys().next().value : undefined
    if (oldest !== undefined) chatFree.delete(oldest)
  }

  return {
    freeAt: chat => chatFree.get(chat) ?? 0,
    reserve(chat, now) {
      if (perChatMs === 0 && overallMs === 0) return Math.max(now, accountFree)
      const at = Math.max(now, accountFree)
      accountFree = at + overallMs
      if (perChatMs > 0) remember(chat, at + perChatMs)
      return at
    },
    isHeld: now => heldUntil > now,
    hold(until, chat) {
      if (chat !== undefined) return remember(chat, Math.max(chatFree.get(chat) ?? 0, until))
      heldUntil = Math.max(heldUntil, until)
      accountFree = Math.max(accountFree, until)
    },
  }
}
