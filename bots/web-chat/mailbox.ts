/** Who waits for what is said in a conversation: requests for their own replies, pages for everything. */
import type { Outgoing } from '#channel'

export interface Waiter {
  messages: Outgoing[]
  /** Resolves with true when the last reply is there, with false when the time is over. */
  done: Promise<boolean>
  end(complete: boolean): void
}

export interface Mailbox {
  /** Waits for the replies to one message. Call before the message is handed over; end it afterwards. */
  await(chat: string, nativeId: string): Waiter
  follow(chat: string, follower: (message: Outgoing) => void): () => void
  /** Gives a message to whoever waits for it. */
  put(message: Outgoing): void
  followers(): number
}

export function createMailbox(): Mailbox {
  const waiters = new Map<string, Waiter>()
  const followers = new Map<string, Set<(message: Outgoing) => void>>()
  const keyOf = (chat: string, nativeId: string) => `${chat} ${nativeId}`

  return {
    await(chat, nativeId) {
      const key = keyOf(chat, nativeId)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const waiter: Waiter = {
        messages: [],
        done: promise,
        end(complete) {
          if (waiters.get(key) === waiter) waiters.delete(key)
          resolve(complete)
        },
      }
      waiters.set(key, waiter)
      return waiter
    },
    follow(chat, follower) {
      const set = followers.get(chat) ?? new Set()
      followers.set(chat, set.add(follower))
      return () => {
        set.delete(follower)
        if (set.size === 0) followers.delete(chat)
      }
    },
    put(message) {
      const waiter = message.inReplyTo && waiters.get(keyOf(message.chat, message.inReplyTo))
      if (waiter) {
        waiter.messages.push(message)
        if (message.last) waiter.end(true)
      }
      for (const follower of followers.get(message.chat) ?? []) follower(message)
    },
    followers: () => followers.size,
  }
}
