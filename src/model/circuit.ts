/** A circuit breaker: who failed again and again is left alone for a while, then tried with one call. */
import type { Clock } from '#base/clock'

/** `unknown`: the call was given up before it could tell anything. */
export type Ended = 'good' | 'bad' | 'unknown'

export interface Circuit {
  /** Whether a call may go out: gives what is to be told how it ended, or undefined while the circuit is open. */
  admit(): ((ended: Ended) => void) | undefined
}

export interface CircuitOptions {
  clock: Clock
  /** How many failures in a row open it. */
  opensAfter: number
  /** How long nothing goes out before one call is tried. */
  restsMs: number
}

// Libraries for this (cockatiel, opossum) read the time themselves and let callers wait for the one that is tried.
export function createCircuit({ clock, opensAfter, restsMs }: CircuitOptions): Circuit {
  let failures = 0
  let restsUntil = 0
  let trying = false
  return {
    admit() {
      const trial = failures >= opensAfter
      if (trial && (trying || clock.now() < restsUntil)) return undefined
      if (trial) trying = true
      return ended => {
        if (trial) trying = false
        if (ended === 'unknown') return
        failures = ended === 'good' ? 0 : failures + 1
        if (failures >= opensAfter) restsUntil = clock.now() + restsMs
      }
    },
  }
}
