/** What the emulator does wrong on purpose: to calls of its API, and to the requests that it makes. */

export type Fault =
  /** This error code instead of carrying the call out. */
  | { kind: 'code'; code: number; message?: string }
  /** An HTTP status with no word of WeChat's. */
  | { kind: 'server'; status: number }
  /** Answers properly, but late. */
  | { kind: 'slow'; ms: number }
  /** Takes the call and never answers; `done`: it was carried out all the same. */
  | { kind: 'half-open'; done?: boolean }
  /** Carries the call out and cuts the connection instead of answering. */
  | { kind: 'cut' }
  /** Cuts the connection before anything is carried out. */
  | { kind: 'reset' }

/** How a request to the product differs from a proper one. */
export interface Forgery {
  signature?: 'wrong'
  /** Milliseconds by which its moment is off. */
  offMs?: number
  appId?: string
  /** Sealed with this key instead. */
  aesKey?: string
  /** The same moment and nonce as the request before. */
  replay?: boolean
}

export interface Faults {
  /** The next calls of this path, one fault each. */
  next(path: string, ...faults: Fault[]): void
  /** From now on, by chance of one call. */
  storm(chance: number, ...faults: Fault[]): void
  /** The fault that this call meets. */
  take(path: string): Fault | undefined
}

/** `random` draws in [0, 1). */
export function createFaults(random: () => number): Faults {
  const planned = new Map<string, Fault[]>()
  let storm = { chance: 0, faults: [] as Fault[] }
  return {
    next: (path, ...faults) => void planned.set(path, [...(planned.get(path) ?? []), ...faults]),
    storm(chance, ...faults) {
      storm = { chance, faults }
    },
    take(path) {
      const fault = planned.get(path)?.shift()
      if (fault || random() >= storm.chance) return fault
      return storm.faults[Math.floor(random() * storm.faults.length)]
    },
  }
}
