/** One outgoing message: its states, and the pure rules by which it moves from one to the next. */
import type { ChannelFailure } from '#base/errors'
import type { Document } from '#channel'

/**
 * queued: waits for its turn · parked: waits until the citizen writes again · attempting: handed to a platform that would show it twice if asked twice ·
 * sent · unknown: the attempt's outcome cannot be known, a person decides · failed: refused for good ·
 * undeliverable: this recipient can no longer be reached · expired: too late to be of use.
 */
export const deliveryStates = [
  'queued',
  'parked',
  'attempting',
  'sent',
  'unknown',
  'failed',
  'undeliverable',
  'expired',
] as const
export type DeliveryState = (typeof deliveryStates)[number]

export interface Delivery {
  seq: number
  /** The number of the conversation: what is said in one is delivered in order. */
  conversation: number
  account: string
  chat: string
  document: Document
  attempts: number
  /** Epoch milliseconds before which it is not tried. */
  nextAt: number
  expiresAt: number | null
  createdAt: number
  /** The native id of the message it answers. */
  inReplyTo?: string
  /** No more messages answer the same incoming one. */
  last?: boolean
  /** Names the question, for when it is answered late. */
  label?: string
  late?: boolean
}

const firstRetryMs = 2_000
const longestRetryMs = 10 * 60_000
const mostAttempts = 12

/** Doubling, capped, with full jitter over its upper half, so that many that failed together do not return together. */
export function backoffMs(attempts: number, random: number): number {
  const ceiling = Math.min(longestRetryMs, firstRetryMs * 2 ** (attempts - 1))
  return Math.round(ceiling / 2 + (random * ceiling) / 2)
}

export type Verdict =
  | { state: 'queued'; nextAt: number; reason: string }
  | { state: Exclude<DeliveryState, 'queued' | 'attempting'>; reason: string | null }

/** What becomes of a delivery whose attempt failed; `attempts` counts this one. */
export function judge(
  failure: ChannelFailure,
  delivery: Pick<Delivery, 'expiresAt'>,
  moment: { now: number; attempts: number; random: number },
): Verdict {
  const { stage, retryable, retryAfterMs, unreachable, windowClosed } = failure.detail
  const reason = failure.message
  if (unreachable) return { state: 'undeliverable', reason }
  if (windowClosed) return { state: 'parked', reason }
  if (stage === 'after') return { state: 'unknown', reason }
  if (!retryable) return { state: 'failed', reason }
  if (moment.attempts >= mostAttempts) return { state: 'failed', reason }
  const nextAt = moment.now + Math.max(retryAfterMs ?? 0, backoffMs(moment.attempts, moment.random))
  if (delivery.expiresAt !== null && nextAt > delivery.expiresAt) return { state: 'expired', reason }
  return { state: 'queued', nextAt, reason }
}
