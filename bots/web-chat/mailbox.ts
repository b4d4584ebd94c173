/** Who waits for what is said in a conversation: requests for their own replies, pages for everything. */
import type { Outgoing } from '#channel'

export interface Waiter {
  messages: Outgoing[]
  /** Resolves with true when the last reply is there, with false when the patience is over. */
  done: Promise<boolean>
  end(complete: boolean): void
}

export interface Mailbox {
  /** Waits for the replies to one message. Call before the message is handed over; end it afterwards. */
  await(chat: string, nativeId: string, until: number): Waiter
  follow(chat: string, follower: (message: Outgoing) => void): () => void
  /** Gives a message to whoever waits for it. */
  put(message: Outgoing): void
  /** Ends the waiting of those whose patience is over, in epoch milliseconds. */
  expire(now: number): void
  followers(): number
}

interface Waiting extends Waiter {
  until: number
}

export function createMailbox(): Mailbox {
  const waiters = new Map<string, Waiting[]>()
  const followers = new Map<string, Set<(message: Outgoing) => void>>()
  const keyOf = (chat: string, nativeId: string) => `${chat} ${nativeId}`

  function remove(key: string, waiter: Waiting): void {
    const left = waiters.get(key)?.filter(w => w !== waiter) ?? []
    if (left.length === 0) waiters.delete(key)
    else waiters.set(key, left)
  }

  return {
    await(chat, nativeId, until) {
      const key = keyOf(chat, nativeId)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const waiter: Waiting = {
        messages: [],
        until,
        done: promise,
        end(complete) {
          remove(key, waiter)
          resolve(complete)
        },
      }
      const others = waiters.get(key)
      if (others) others.push(waiter)
      else waiters.set(key, [waiter])
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
      const asked = message.inReplyTo === undefined ? [] : waiters.get(keyOf(message.chat, message.inReplyTo))
      for (const waiter of [...(asked ?? [])]) {
        waiter.messages.push(message)
        if (message.last) waiter.end(true)
      }
      for (const follower of followers.get(message.chat) ?? []) follower(message)
    },
    expire(now) {
      for (const waiting of [...waiters.values()]) {
        for (const waiter of [...waiting]) if (waiter.until <= now) waiter.end(false)
      }
    },
    followers: () => followers.size,
  }
}
