/** Sessions of officials in the browser: random tokens, known by their hash, that rotate and end by themselves. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#base/clock'

const tokenBytes = 32
/** Without a request for so long a session is over; and after this time in any case. */
const idleMs = 60 * 60_000
const longestMs = 12 * 3_600_000
const rotateMs = 15 * 60_000
/** Requests under way when a token was rotated still come with the old one. */
const graceMs = 30_000

export interface Session {
  name: string
  /** What a page of ours has to say with each change. */
  csrf: string
  /** Epoch milliseconds. */
  since: number
}

interface Kept extends Session {
  seenAt: number
  madeAt: number
  /** The token was rotated: from here on it is good for nothing. */
  goneAt?: number
}

/** Keyv's part that is needed. */
export interface SessionCache {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown, ttlMs: number): Promise<unknown>
  delete(key: string): Promise<unknown>
}

const keyOf = (token: string) => hash('sha256', token)
const newToken = () => randomBytes(tokenBytes).toString('base64url')

export type Sessions = ReturnType<typeof createSessions>

export function createSessions({ cache, clock }: { cache: SessionCache; clock: Clock }) {
  async function keep(kept: Kept): Promise<string> {
    const token = newToken()
    await cache.set(keyOf(token), kept, idleMs)
    return token
  }

  return {
    async open(name: string): Promise<{ token: string; session: Session }> {
      const now = clock.now()
      const kept: Kept = { name, csrf: newToken(), since: now, seenAt: now, madeAt: now }
      return { token: await keep(kept), session: kept }
    },
    /** The session of a token, and the token that takes its place, where its time has come. */
    async find(token: string): Promise<{ session: Session; token?: string } | undefined> {
      const kept = (await cache.get(keyOf(token))) as Kept | undefined
      const now = clock.now()
      if (!kept || now - kept.since > longestMs || now - kept.seenAt > idleMs) return undefined
      if (kept.goneAt !== undefined) return now > kept.goneAt ? undefined : { session: kept }
      if (now - kept.madeAt < rotateMs) {
        await cache.set(keyOf(token), { ...kept, seenAt: now }, idleMs)
        return { session: kept }
      }
      const fresh = await keep({ ...kept, seenAt: now, madeAt: now })
      await cache.set(keyOf(token), { ...kept, goneAt: now + graceMs }, graceMs)
      return { session: kept, token: fresh }
    },
    close: async (token: string): Promise<void> => void (await cache.delete(keyOf(token))),
  }
}

/** Whether the page that asks knows the session's own word. */
export function isOurs({ csrf }: Session, given: string | undefined): boolean {
  const [a, b] = [Buffer.from(csrf), Buffer.from(given ?? '')]
  return a.length === b.length && timingSafeEqual(a, b)
}
