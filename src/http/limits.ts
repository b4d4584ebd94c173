/** How much one address or one conversation may ask for in a minute. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

export interface Limit {
  /** Undefined when there is room; else the milliseconds to wait. */
  admit(key: string): Promise<number | undefined>
}

/** A limit of `perMinute` for each key; 0 means no limit. Each process counts what it sees itself. */
export function createLimit(perMinute: number): Limit {
  if (perMinute === 0) return { admit: async () => undefined }
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  return {
    async admit(key) {
      try {
        await limiter.consume(key)
        return undefined
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return refused.msBeforeNext
        throw refused
      }
    },
  }
}
