/** Who follows the account, what may be sent to them without being asked, and what stands on their screens. */

/** How something came to the screen: in answer to a message at a certain try, as a message of its own, or WeChat's own words. */
export type Way =
  | { kind: 'reply'; id: string; tried: number }
  | { kind: 'sent' }
  | { kind: 'fault'; id: string }

export interface Shown {
  openId: string
  text: string
  way: Way
}

interface Citizen {
  follows: boolean
  /** What was granted: so many messages until then. */
  left: number
  until: number
  /** When the last of all that was granted ends, used up or not. */
  lastUntil: number
}

/** https://developers.weixin.qq.com/doc/offiaccount/Customer_Service/Customer_Service_Messages.html */
const grants = {
  message: { count: 5, ms: 48 * 60 * 60_000 },
  event: { count: 3, ms: 60_000 },
} as const

export interface Citizens {
  readonly shown: readonly Shown[]
  of(openId: string): Shown[]
  /** Whether they see it: who no longer follows does not. */
  show(shown: Shown): boolean
  follow(openId: string, follows: boolean): void
  /** What a citizen did is worth; the same message once more is worth nothing. */
  grant(openId: string, kind: keyof typeof grants, messageId?: string): void
  /** Takes one of what may be sent; the error code when it may not. */
  spend(openId: string): 0 | 40003 | 43004 | 45015 | 45047
}

export function createCitizens(now: () => number, onShown: (shown: Shown) => void): Citizens {
  const known = new Map<string, Citizen>()
  const messages = new Set<string>()
  const shown: Shown[] = []
  const byCitizen = new Map<string, Shown[]>()

  function get(openId: string): Citizen {
    const citizen = known.get(openId) ?? { follows: true, left: 0, until: 0, lastUntil: 0 }
    known.set(openId, citizen)
    return citizen
  }

  return {
    shown,
    of: openId => [...(byCitizen.get(openId) ?? [])],
    show(one) {
      if (known.get(one.openId)?.follows === false) return false
      shown.push(one)
      byCitizen.set(one.openId, [...(byCitizen.get(one.openId) ?? []), one])
      onShown(one)
      return true
    },
    follow(openId, follows) {
      get(openId).follows = follows
    },
    grant(openId, kind, messageId) {
      if (messageId !== undefined && messages.has(messageId)) return
      if (messageId !== undefined) messages.add(messageId)
      const citizen = get(openId)
      const { count, ms } = grants[kind]
      const until = now() + ms
      citizen.lastUntil = Math.max(citizen.lastUntil, until)
      // The page does not say that grants add up: the stricter reading, so that nobody counts on it.
      if (citizen.left > 0 && citizen.until > now() && citizen.until > until) return
      Object.assign(citizen, { left: count, until })
    },
    spend(openId) {
      const citizen = known.get(openId)
      if (!citizen) return 40003
      if (!citizen.follows) return 43004
      if (citizen.lastUntil <= now()) return 45015
      if (citizen.left === 0 || citizen.until <= now()) return 45047
      citizen.left--
      return 0
    },
  }
}
