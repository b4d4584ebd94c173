/** The log: one JSON line an event on standard error, personal data masked, no message text at all. */
import pino from 'pino'
import { reasonOf } from './errors.ts'
import { maskPersonal } from './personal.ts'

type Fields = Record<string, string | number | boolean | undefined>

/** What every part is handed. An event name is `<part>.<past participle>`; fields are short facts, never texts. */
export interface Log {
  debug(event: string, fields?: Fields): void
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  error(event: string, error: unknown, fields?: Fields): void
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Opens the process's log. `write` replaces standard error in tests. */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const target = write ? { write } : pino.destination({ fd: 2, sync: true })
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target)
  const masked = (fields: Fields = {}): Fields => {
    const out: Fields = {}
    for (const [key, value] of Object.entries(fields)) {
      out[key] = typeof value === 'string' ? maskPersonal(value) : value
    }
    return out
  }
  return {
    debug: (event, fields) => logger.isLevelEnabled('debug') && logger.debug(masked(fields), event),
    info: (event, fields) => logger.info(masked(fields), event),
    warn: (event, fields) => logger.warn(masked(fields), event),
    error: (event, error, fields) => {
      const stack = error instanceof Error ? error.stack : undefined
      logger.error({ ...masked({ ...fields, reason: reasonOf(error), stack }) }, event)
    },
  }
}

/** A log that says nothing, for tools and tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

export interface Meter {
  /** Adds one to a counter. The names and label values form a small closed set; never personal data. */
  count(name: string, labels?: Record<string, string>): void
  /** Adds a duration in seconds to a histogram. */
  observe(name: string, seconds: number): void
}

/** A meter that keeps nothing, for tools and tests. */
export const silentMeter: Meter = { count() {}, observe() {} }
