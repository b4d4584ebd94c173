/** One exchange with the server, whatever it is about: admitted, timed, tried again at most once, never thrown. */
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import { createCircuit } from './circuit.ts'
import { type Deadline, within } from './deadline.ts'
import { WireFailure } from './wire.ts'

/**
 * `late`: the deadline passed, or the caller gave up · `refused`: the server will not answer this · `busy`: too much
 * at once, there or here · `broken`: no answer, or none that can be used · `open`: the server failed lately and is
 * left alone.
 */
export const modelFailures = ['late', 'refused', 'busy', 'broken', 'open'] as const
export type ModelFailure = (typeof modelFailures)[number]

export type Failed = { ok: false; failure: ModelFailure }
export type Exchanged<T> = { ok: true; value: T } | Failed

export const failed = (failure: ModelFailure): Failed => ({ ok: false, failure })

type Ask<T> = (signal: AbortSignal) => Promise<T>
/** Asks within the deadline; `ask` rejects with a WireFailure where it failed. */
export type Exchange = <T>(deadline: Deadline, ask: Ask<T>) => Promise<Exchanged<T>>

export interface ExchangeOptions {
  clock: Clock
  log: Log
  /** A number in [0, 1), so that several processes do not come back at the same moment. */
  random: () => number
}

const opensAfter = 5
const restsMs = 30_000
/** On a busy day the rest get the plain answer at once, not after a wait. */
const mostAtOnce = 32
/** A longer pause than this after a 429 is not worth it: somebody is waiting for an answer. */
const longestRetryMs = 2_000

/** Each kind of question has its own: that one fails says nothing about the other. */
export function createExchange({ clock, log, random }: ExchangeOptions): Exchange {
  const circuit = createCircuit({ clock, opensAfter, restsMs })
  let underWay = 0

  /** Once more where the server asked for a short pause and the deadline leaves time for it. */
  async function askTwice<T>(ask: () => Promise<T>, end: number, signal: AbortSignal): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      const asked = error instanceof WireFailure ? error.detail.retryAfterMs : undefined
      if (asked === undefined || asked > longestRetryMs) throw error
      const wait = asked * (1 + random() / 10)
      if (clock.now() + wait >= end) throw error
      await clock.sleep(wait, signal)
      return await ask()
    }
  }

  function judge(error: unknown): Failed {
    if (!(error instanceof WireFailure)) {
      log.error('model.failed', error)
      return failed('broken')
    }
    const { failure, status } = error.detail
    log.warn('model.failed', { failure, status })
    return failed(failure)
  }

  async function attempt<T>(
    deadline: Deadline,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<Exchanged<T>> {
    const end = clock.now() + deadline.deadlineMs
    const work = async (signal: AbortSignal) => ({
      ok: true as const,
      value: await askTwice(() => ask(signal), end, signal),
    })
    try {
      const done = await within(clock, deadline, work)
      if (done) return done
      if (!deadline.signal?.aborted) log.warn('model.failed', { failure: 'late' })
      return failed('late')
    } catch (error) {
      return deadline.signal?.aborted ? failed('late') : judge(error)
    }
  }

  return async (deadline, ask) => {
    if (deadline.deadlineMs <= 0 || deadline.signal?.aborted) return failed('late')
    if (underWay >= mostAtOnce) return failed('busy')
    const settle = circuit.admit()
    if (!settle) return failed('open')
    underWay++
    const answer = await attempt(deadline, ask)
    underWay--
    const good = answer.ok || answer.failure === 'refused'
    settle(deadline.signal?.aborted ? 'unknown' : good ? 'good' : 'bad')
    return answer
  }
}
