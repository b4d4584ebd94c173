/** The two kinds of failure that are expected; anything else that is thrown is a bug and is logged as one. */

/** The person asked for something that cannot be done: what to say to them, and what they can do next. */
export class Refusal extends Error {
  readonly code: string
  /** A sentence for the person, in their language, that ends with what to do next. */
  readonly say: string

  constructor(code: string, say: string) {
    super(say)
    this.name = 'Refusal'
    this.code = code
    this.say = say
  }
}

export interface ChannelFailureDetail {
  /** `before`: nothing left this machine; `refused`: the platform said no; `after`: bytes left and the outcome is not known. */
  stage: 'before' | 'refused' | 'after'
  /** Whether trying again later can help. Only meaningful for `before` and `refused`. */
  retryable: boolean
  /** The platform's own wish, in milliseconds from now. */
  retryAfterMs?: number
  /** Whom that wish concerns; absent: the whole account. */
  scope?: 'chat' | 'account'
  /** Set when this recipient can no longer be reached at all (blocked, left, deleted). */
  unreachable?: boolean
  /** Set when nothing more can be sent until the citizen writes again: the message waits for that. */
  windowClosed?: boolean
}

/** A message could not be handed to the platform. */
export class ChannelFailure extends Error {
  readonly detail: ChannelFailureDetail

  constructor(reason: string, detail: ChannelFailureDetail) {
    super(reason)
    this.name = 'ChannelFailure'
    this.detail = detail
  }
}

/** The words of whatever was thrown, for a log line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
