/** Takes turns against the database: load, compute, commit in one unit, carry. Safe against every other process. */
import { randomInt } from 'node:crypto'
import type { Clock } from '#base/clock'
import { formatLegalDate } from '#base/clock'
import type { Log } from '#base/log'
import type { Meter } from '#base/meter'
import { paragraph } from '#channel'
import type { Draft, Ledger } from '#delivery'
import { Conflict, type DataKey, type Vault } from '#storage'
import { createLeaveMessage, leaveMessageName, type LeftMessage } from './dialog.ts'
import type { Form } from './form.ts'
import { createSession, type Session } from './session.ts'
import type { ConversationStore, LoadedTurn } from './store.ts'
import { type Answerer, type Turn, takeTurn } from './turn.ts'
import type { Language, Wording } from './wording.ts'

/** A stored message whose turn is to be taken. */
export interface Arrived {
  seq: number
  conversation: string
  nativeId: string
  text: string
  choice?: string
  /** Epoch milliseconds. */
  receivedAt: number
}

export interface TurnsOptions {
  store: ConversationStore
  vault: Vault
  ledger: Ledger
  clock: Clock
  log: Log
  meter: Meter
  wording: Record<Language, Wording>
  answerer: Answerer
  retentionDays: number
  /** The id of this process, and which processes live. */
  process: string
  living(): Promise<ReadonlySet<string>>
}

const sessionContext = 'session'
const firstWaitMs = 25
const longestWaitMs = 2_000

export interface Turns {
  /** Resolves when the turn is committed, here or elsewhere. Retries until then or until stopped. */
  take(arrived: Arrived): Promise<void>
  /** The sealed first session of a new conversation. */
  firstSession(key: DataKey, now: number): Buffer
  stop(): void
}

// No letters or digits that are taken for one another.
const numberAlphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'

/** L, the day and five characters: short enough to say on the telephone. */
function newMessageNumber(now: number): string {
  const tail = Array.from({ length: 5 }, () => numberAlphabet[randomInt(numberAlphabet.length)]).join('')
  return `L${formatLegalDate(now).replaceAll('-', '')}-${tail}`
}

export function createTurns(options: TurnsOptions): Turns {
  const { store, vault, ledger, clock, log, meter, wording, process } = options
  const stopping = new AbortController()

  const seal = (key: DataKey, session: Session): Buffer => key.seal(JSON.stringify(session), sessionContext)

  function formsOf(arrived: Arrived, key: DataKey) {
    return (language: Language): ReadonlyMap<string, Form> => {
      const keep = (message: LeftMessage) => {
        const { number, ...rest } = message
        const body = key.seal(JSON.stringify(rest), number)
        return [store.insertLeft({ number, conversation: arrived.conversation, body, now: clock.now() })]
      }
      const form = createLeaveMessage(wording[language], { newNumber: () => newMessageNumber(clock.now()), keep })
      return new Map([[form.name, form]])
    }
  }

  async function compute(arrived: Arrived, loaded: LoadedTurn, key: DataKey): Promise<Turn> {
    const session: Session = JSON.parse(key.open(loaded.session, sessionContext))
    const inForm = session.forms.length > 0 && session.process !== process
    const restarted = inForm && !(await options.living()).has(session.process)
    const input = { text: arrived.text, first: loaded.version === 0, restarted, now: clock.now() }
    const withChoice = arrived.choice === undefined ? input : { ...input, choice: arrived.choice }
    if (loaded.owner !== 'bot') return { session, say: [], writes: [], outcome: 'command' }
    try {
      const deps = { ...options, forms: formsOf(arrived, key), humanForm: leaveMessageName }
      return await takeTurn(session, withChoice, deps)
    } catch (error) {
      log.error('turn.failed', error, { seq: arrived.seq })
      meter.count('turns_failed')
      const sorry = [paragraph(wording[session.language].failed)]
      return { session, say: [sorry], writes: [], outcome: 'not-understood' }
    }
  }

  async function commit(arrived: Arrived, loaded: LoadedTurn, key: DataKey, turn: Turn): Promise<void> {
    const now = clock.now()
    const drafts = turn.say.map((document, i): Draft => {
      const last = i === turn.say.length - 1
      const inReplyTo = { seq: arrived.seq, nativeId: arrived.nativeId, last }
      return { conversation: arrived.conversation, document, inReplyTo, createdAt: now }
    })
    const rows = await store.commit([
      ...drafts.map(draft => ledger.enter(draft, key)),
      store.advance(arrived.conversation, seal(key, turn.session), loaded.version, now),
      store.finish(arrived.seq, now),
      ...turn.writes,
    ])
    ledger.carry(drafts, rows)
    meter.count('turns', { outcome: turn.outcome })
    meter.observe('turn_seconds', (now - arrived.receivedAt) / 1000)
  }

  /** True when the turn is over; false when it has to be tried again. */
  async function attempt(arrived: Arrived): Promise<boolean> {
    const loaded = await store.loadTurn(arrived.conversation)
    if (!loaded || loaded.earliest === null || loaded.earliest > arrived.seq) return true
    // An earlier message waits at another process; order comes first.
    if (loaded.earliest < arrived.seq) return false
    const key = await vault.find(arrived.conversation)
    if (!key) return true
    await commit(arrived, loaded, key, await compute(arrived, loaded, key))
    return true
  }

  return {
    async take(arrived) {
      for (let wait = firstWaitMs; !stopping.signal.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
        try {
          if (await attempt(arrived)) return
        } catch (error) {
          // Somebody else was first, or the database is in trouble: the message stays stored, so look again.
          if (error instanceof Conflict) vault.forget(arrived.conversation)
          else log.error('turn.delayed', error, { seq: arrived.seq })
        }
        await clock.sleep(wait, stopping.signal)
      }
    },
    firstSession: (key, now) => seal(key, createSession(process, now)),
    stop: () => stopping.abort(),
  }
}
