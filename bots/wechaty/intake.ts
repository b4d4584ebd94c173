/** What arrives: looked up, decoded and stored one after the other, or counted as left aside on purpose. */
import type { ChannelHost } from '#channel'
import { type Decoded, decode, goneWords, type Told, warningIn } from './decode.ts'
import type { Breaker } from './pacing.ts'

/** wechaty tells of a message once and never again: whoever cannot look it up at once has to ask again. */
const findAgainMs = [500, 2_000, 5_000]
const storeAgainMs = 1_000
const longestAgainMs = 30_000

/** More than an account has friends. */
const mostGone = 10_000

export interface Intake {
  hear(messageId: string): void
  /** A chat can no longer be written to, until something comes from there. */
  lose(chat: string, reason: string): void
  isLost(chat: string): boolean
  /** Resolves when all that was heard is dealt with. */
  idle(): Promise<void>
  figures(): { ignored: number; unreadable: number; lost: number; waiting: number }
}

export interface IntakeOptions {
  host: ChannelHost
  breaker: Breaker
  stopping: AbortSignal
  find(messageId: string): Promise<Told | undefined>
}

export function createIntake({ host, breaker, stopping, find }: IntakeOptions): Intake {
  const { clock, log } = host
  const figures = { ignored: 0, unreadable: 0, lost: 0, waiting: 0 }
  const gone = new Set<string>()
  let tail = Promise.resolve()

  async function lookUp(id: string): Promise<Told | undefined> {
    for (const againMs of findAgainMs) {
      const told = await find(id).catch(() => undefined)
      if (told || stopping.aborted) return told
      await clock.sleep(againMs, stopping)
    }
    return find(id).catch(() => undefined)
  }

  /** Nobody brings the message again: it is offered until it is stored. */
  async function insist(work: () => Promise<unknown>): Promise<void> {
    for (let againMs = storeAgainMs; ; againMs = Math.min(againMs * 2, longestAgainMs)) {
      try {
        await work()
        return
      } catch (error) {
        log.warn('wechaty.delayed', { reason: String(error) })
        await clock.sleep(againMs, stopping)
      }
      if (!stopping.aborted) continue
      figures.lost++
      log.error('wechaty.lost', new Error('the process stops before a message could be stored'))
      return
    }
  }

  function lose(chat: string, reason: string): void {
    gone.add(chat)
    const [oldest] = gone
    if (gone.size > mostGone && oldest !== undefined) gone.delete(oldest)
    log.info('wechaty.gone')
    tail = tail.then(() => insist(() => host.change(chat, { kind: 'unreachable', reason })))
  }

  function heed({ chat, text, gone: isGone }: Decoded & { kind: 'notice' }): void {
    const warning = warningIn(text)
    if (warning) breaker.trip(warning, text)
    if (isGone) lose(chat, goneWords)
  }

  async function settle(decoded: Decoded): Promise<void> {
    switch (decoded.kind) {
      case 'message':
        gone.delete(decoded.incoming.chat)
        return insist(() => host.receive(decoded.incoming))
      case 'notice':
        figures.ignored++
        return heed(decoded)
      case 'ignored':
        figures.ignored++
        log.debug('wechaty.ignored', { reason: decoded.reason })
    }
  }

  async function take(id: string): Promise<void> {
    try {
      const told = await lookUp(id)
      if (told) return await settle(decode(told))
      figures.unreadable++
      log.warn('wechaty.unreadable')
    } catch (error) {
      figures.unreadable++
      log.error('wechaty.failed', error)
    } finally {
      figures.waiting--
    }
  }

  return {
    hear(id) {
      figures.waiting++
      tail = tail.then(() => take(id))
    },
    lose,
    isLost: chat => gone.has(chat),
    async idle() {
      for (let seen: unknown; seen !== tail; await tail) seen = tail
    },
    figures: () => ({ ...figures }),
  }
}
