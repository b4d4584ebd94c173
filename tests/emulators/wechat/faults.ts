/** What the emulator does wrong on purpose: to calls of its API, and to the requests that it makes. */

export type Fault =
  /** This error code instead of carrying the call out. */
  | { kind: 'code'; code: number; message?: string }
  /** The tokens given so far end now, before their time; the call is refused as any with a dead token. */
  | { kind: 'expired' }
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

/** How a try to bring a message goes wrong; the next try follows, as after any that brought nothing. */
export type CallbackFault =
  /** The connection is cut in the middle of the request. */
  | { kind: 'reset' }
  /** The product answers, but the connection is cut before WeChat has read it. */
  | { kind: 'unheard' }

/** How a request to the product differs from a proper one. */
export interface Forgery {
  signature?: 'wrong'
  /** Milliseconds by which its moment is off. */
  offMs?: number
  appId?: string
  /** Sealed with this key instead, as with the one before a change; an answer is expected under the same. */
  aesKey?: string
  /** The same moment and nonce as the request before. */
  replay?: boolean
}

export interface Faults<Kind extends { kind: string } = Fault> {
  /** The next calls of this path, one fault each; with `times`, so many calls. */
  next(path: string, ...faults: (Kind & { times?: number })[]): void
  /** From now on, by chance of one call. */
  storm(chance: number, ...faults: Kind[]): void
  /** The fault that this call meets. */
  take(path: string): Kind | undefined
  /** How many have struck, by kind. */
  readonly struck: ReadonlyMap<string, number>
}

/** `random` draws in [0, 1). */
export function createFaults<Kind extends { kind: string } = Fault>(random: () => number): Faults<Kind> {
  const planned = new Map<string, Kind[]>()
  const struck = new Map<string, number>()
  let storm = { chance: 0, faults: [] as Kind[] }

  function byChance(): Kind | undefined {
    if (random() >= storm.chance) return undefined
    return storm.faults[Math.floor(random() * storm.faults.length)]
  }

  return {
    next(path, ...faults) {
      const all = faults.flatMap(fault => Array.from({ length: fault.times ?? 1 }, () => fault))
      planned.set(path, [...(planned.get(path) ?? []), ...all])
    },
    storm(chance, ...faults) {
      storm = { chance, faults }
    },
    take(path) {
      const fault = planned.get(path)?.shift() ?? byChance()
      if (fault) struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1)
      return fault
    },
    struck,
  }
}
