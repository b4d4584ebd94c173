/**
 * How fast a personal account may send without being taken for a machine, and when nothing at all: the circuit
 * breaker, which opens at a warning by WeChat. WeChat publishes no limits; these are what
 * pilots survived (a plug-in "safe mode" sends 1 s apart to one target and 3–5 s between targets; 15–35 s at random
 * survived for weeks, three fixed seconds did not).
 */
import type { ChannelHost } from '#channel'
import { type Warning, warnings, warningWords } from './decode.ts'

export const perChatMs = 1_000
export const shortestGapMs = 3_000
export const longestGapMs = 8_000
const mostAMinute = 20
const mostADay = 300
/** An account that is new to this program starts with a quarter. */
const warmUpMs = 7 * 24 * 3_600_000
const quietFrom = 22
const quietUntil = 7

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Asia/Shanghai, which knows no summer time. */
const offsetMs = 8 * hourMs

const sinceKey = 'wechaty.since'
const sentKey = 'wechaty.sent'

export interface Delay {
  ms: number
  why: 'gap' | 'minute' | 'day' | 'night'
}

export interface Pace {
  /** What this account has sent before this process counts as well. */
  load(): Promise<void>
  /** The account is logged in: the first time, its first week begins. */
  begin(): void
  /** How long this chat must not be written to yet; undefined: now it may. */
  delay(chat: string): Delay | undefined
  /** The same for the rest of a message that has begun: neither the night nor the day's end cuts it. */
  delayOfRest(chat: string): Delay | undefined
  /** One more goes out now. */
  note(chat: string): void
  today(): { sent: number; most: number }
}

export interface PaceOptions {
  host: ChannelHost
  /** A number in [0, 1). */
  random: () => number
}

interface Day {
  /** Days since the epoch, in Shanghai. */
  day: number
  count: number
}

const dayOf = (ms: number) => Math.floor((ms + offsetMs) / dayMs)
const hourOf = (ms: number) => Math.floor(((ms + offsetMs) % dayMs) / hourMs)
/** The next moment at which the clock in Shanghai shows seven; `after`: of this day's end at the earliest. */
const morningOf = (day: number) => day * dayMs - offsetMs + quietUntil * hourMs

export function createPace({ host: { clock, cache, log }, random }: PaceOptions): Pace {
  let since: number | undefined
  let sent: Day = { day: 0, count: 0 }
  let last: { chat: string; at: number; gapMs: number } | undefined
  let lately: number[] = []

  function keep(key: string, value: unknown, ttlMs: number): void {
    cache.set(key, value, ttlMs).catch(error => log.error('wechaty.pace.unsaved', error))
  }

  function today(): { sent: number; most: number } {
    const now = clock.now()
    const warm = since !== undefined && now - since >= warmUpMs
    return {
      sent: sent.day === dayOf(now) ? sent.count : 0,
      most: warm ? mostADay : Math.floor(mostADay / 4),
    }
  }

  function delayOfNight(now: number): Delay | undefined {
    const hour = hourOf(now)
    if (hour < quietUntil) return { ms: morningOf(dayOf(now)) - now, why: 'night' }
    return hour >= quietFrom ? { ms: morningOf(dayOf(now) + 1) - now, why: 'night' } : undefined
  }

  function delayOfDay(now: number): Delay | undefined {
    const { sent: count, most } = today()
    return count < most ? undefined : { ms: morningOf(dayOf(now) + 1) - now, why: 'day' }
  }

  function delayOfMinute(now: number): Delay | undefined {
    const oldest = lately[lately.length - mostAMinute]
    const ms = oldest === undefined ? 0 : oldest + 60_000 - now
    return ms > 0 ? { ms, why: 'minute' } : undefined
  }

  function delayOfGap(now: number, chat: string): Delay | undefined {
    if (!last) return undefined
    const ms = last.at + (last.chat === chat ? perChatMs : last.gapMs) - now
    return ms > 0 ? { ms, why: 'gap' } : undefined
  }

  function delayOfRest(chat: string): Delay | undefined {
    const now = clock.now()
    return delayOfMinute(now) ?? delayOfGap(now, chat)
  }

  return {
    async load() {
      since = await cache.get<number>(sinceKey)
      sent = (await cache.get<Day>(sentKey)) ?? sent
    },
    begin() {
      if (since !== undefined) return
      since = clock.now()
      keep(sinceKey, since, 400 * dayMs)
    },
    delay(chat) {
      const now = clock.now()
      return delayOfNight(now) ?? delayOfDay(now) ?? delayOfRest(chat)
    },
    delayOfRest,
    note(chat) {
      const now = clock.now()
      const day = dayOf(now)
      sent = { day, count: sent.day === day ? sent.count + 1 : 1 }
      last = { chat, at: now, gapMs: shortestGapMs + random() * (longestGapMs - shortestGapMs) }
      lately = [...lately.slice(1 - mostAMinute), now]
      keep(sentKey, sent, 2 * dayMs)
    },
    today,
  }
}

/** After 500 mini programs in 17 hours WeChat blocked an account for 12 hours: whoever waits as long is not banned. */
const restMs = 12 * 60 * 60_000
const tripKey = 'wechaty.breaker'

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
      const kept = await cache.get<Trip>(tripKey)
      if (kept && warnings.includes(kept.warning) && Number.isFinite(kept.until)) trip = kept
    },
    trip(warning, said) {
      trip = { warning, until: clock.now() + restMs }
      const fields = { warning, restHours: restMs / 3_600_000, ...(said && { said: said.slice(0, 100) }) }
      log.error('wechaty.breaker.tripped', new Error(warningWords[warning]), fields)
      cache.set(tripKey, trip, restMs).catch(error => log.error('wechaty.breaker.unsaved', error))
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
