/** The circuit breaker: after a warning by WeChat nothing is sent for half a day. */
import type { ChannelHost } from '#channel'
import { type Warning, warnings, warningWords } from './decode.ts'

/** After 500 mini programs in 17 hours WeChat blocked an account for 12 hours: whoever waits as long is not banned. */
const restMs = 12 * 60 * 60_000
const key = 'wechaty.breaker'

interface Trip {
  warning: Warning
  /** Epoch milliseconds. */
  until: number
}

export interface Breaker {
  /** A warning before this process counts as well. */
  load(): Promise<void>
  /** `said`: the words of the platform itself, never those of a citizen. */
  trip(warning: Warning, said?: string): void
  /** How long nothing is sent yet, and why; undefined: sending is allowed. */
  rest(): { ms: number; detail: string } | undefined
}

export function createBreaker({ clock, cache, log }: ChannelHost): Breaker {
  let trip: Trip | undefined

  return {
    async load() {
      const kept = await cache.get<Trip>(key)
      if (kept && warnings.includes(kept.warning) && Number.isFinite(kept.until)) trip = kept
    },
    trip(warning, said) {
      trip = { warning, until: clock.now() + restMs }
      const fields = { warning, restHours: restMs / 3_600_000, ...(said && { said: said.slice(0, 100) }) }
      log.error('wechaty.breaker.tripped', new Error(warningWords[warning]), fields)
      cache.set(key, trip, restMs).catch(error => log.error('wechaty.breaker.unsaved', error))
    },
    rest() {
      const ms = trip ? trip.until - clock.now() : 0
      if (!trip || ms <= 0) return undefined
      return {
        ms,
        detail: `${warningWords[trip.warning]}，${formatTime(trip.until)} 之前不再发送；请先在手机上查看账号`,
      }
    },
  }
}

/** 11-23 21:00, Asia/Shanghai, which knows no summer time. */
export function formatTime(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(5, 16).replace('T', ' ')
}
