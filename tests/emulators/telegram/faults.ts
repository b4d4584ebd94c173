/** What the emulator does wrong on purpose: asked for call by call, or by chance as in a bad night. */

export type Fault =
  /** 429, with the wish to wait so many seconds. */
  | { kind: 'too-many'; retryAfter: number }
  /** 409, as when somebody else asks for the same bot's updates. */
  | { kind: 'conflict' }
  /** 5xx, with the Bot API's own body or the HTML of a gateway in front of it. */
  | { kind: 'server'; status: number; html?: boolean; description?: string }
  /** Any other refusal. */
  | { kind: 'refusal'; code: number; description: string; parameters?: Record<string, unknown> }
  /** Answers properly, but late: after milliseconds, or when the promise resolves. */
  | { kind: 'slow'; until: number | Promise<unknown> }
  /** Takes the call and never answers; `done`: it was carried out all the same. */
  | { kind: 'half-open'; done?: boolean }
  /** Carries the call out and cuts the connection instead of answering. */
  | { kind: 'cut' }
  /** Cuts the connection before anything is carried out. */
  | { kind: 'reset' }

export interface Storm {
  /** Which calls it meets. */
  methods: readonly string[]
  /** Of one call. */
  chance: number
  faults: readonly Fault[]
}

export interface Faults {
  /** The next calls of this method, one fault each. */
  next(method: string, ...faults: Fault[]): void
  /** From now on, by chance; undefined: no more. */
  storm(storm: Storm | undefined): void
  /** The fault that this call meets. */
  take(method: string): Fault | undefined
  /** How many have struck, by kind. */
  readonly struck: ReadonlyMap<Fault['kind'], number>
}

/** `random` draws in [0, 1). */
export function createFaults(random: () => number): Faults {
  const planned = new Map<string, Fault[]>()
  const struck = new Map<Fault['kind'], number>()
  let storm: Storm | undefined

  function byChance(method: string): Fault | undefined {
    if (!storm?.methods.includes(method) || random() >= storm.chance) return undefined
    return storm.faults[Math.floor(random() * storm.faults.length)]
  }

  return {
    next(method, ...faults) {
      planned.set(method, [...(planned.get(method) ?? []), ...faults])
    },
    storm(given) {
      storm = given
    },
    take(method) {
      const fault = planned.get(method)?.shift() ?? byChance(method)
      if (fault) struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1)
      return fault
    },
    struck,
  }
}
