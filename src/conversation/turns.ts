/** Takes turns against the database: compute, commit in one unit, carry. Safe against every other process. */
import { randomInt } from 'node:crypto'
import { type Clock, formatLegalDate } from '#base/clock'
import type { Log } from '#base/log'
import type { Meter } from '#base/meter'
import { maskPersonal } from '#base/personal'
import { paragraph } from '#channel'
import type { Draft, Ledger } from '#delivery'
import { Conflict, type DataKey, type Vault } from '#storage'
import { createLeaveMessage, type LeftMessage, leaveMessageName } from './dialog.ts'
import type { Form } from './form.ts'
import { type Conversation, inboundContext, type Known, offersOf, sealSession } from './known.ts'
import { type ConversationStore, type DoneRow, dayOf, type InboundRow } from './store.ts'
import { type Answerer, parseChoiceNumber, type Turn, takeTurn } from './turn.ts'
import type { Language, Wording } from './wording.ts'

/** A stored message whose turn is to be taken. */
export interface Arrived {
  seq: number
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

const firstWaitMs = 25
const longestWaitMs = 2_000
const longPauseMs = 30 * 60_000

export interface Turns {
  /** Resolves when the turn is committed, here or elsewhere. Retries until then or until stopped. */
  take(conversation: Conversation, arrived: Arrived): Promise<void>
  stop(): void
}

// No letters or digits that are taken for one another.
const numberAlphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'

/** L, the day and five characters: short enough to say on the telephone. */
function newMessageNumber(now: number): string {
  const tail = Array.from({ length: 5 }, () => numberAlphabet[randomInt(numberAlphabet.length)]).join('')
  return `L${formatLegalDate(now).replaceAll('-', '')}-${tail}`
}

/**
 * What stays of a message once it is answered: how it was, and its text without personal data. A form may have asked
 * for some: what is said to a form stays as it was said.
 */
function recordOf(turn: Turn, arrived: Arrived, { key, now }: { key: DataKey; now: number }): DoneRow {
  const { given } = turn
  const masked = turn.outcome === 'form' ? arrived.text : maskPersonal(arrived.text)
  const body = masked === arrived.text ? null : key.seal(JSON.stringify({ text: masked }), inboundContext)
  return {
    now,
    body,
    outcome: given?.outcome ?? null,
    entry: given?.entry ?? null,
    version: given?.version ?? null,
    confidence: given?.confidence ?? null,
    candidates: given ? JSON.stringify(given.candidates) : null,
  }
}

/** A stored row as a message again. */
export function arrivedOf(row: Omit<InboundRow, 'process'>, { key }: Pick<Conversation, 'key'>): Arrived {
  const body: { text: string; choice?: string } = JSON.parse(key.open(row.body, inboundContext))
  return { seq: row.seq, nativeId: row.native_id, receivedAt: row.received_at, ...body }
}

export function createTurns(options: TurnsOptions & { known: Known }): Turns {
  const { store, ledger, clock, log, meter, wording, process, known } = options
  const stopping = new AbortController()
  const { answerer, retentionDays } = options
  const deps = { wording, retentionDays, answerer, humanForm: leaveMessageName }

  function formsOf({ key, address }: Conversation) {
    return (language: Language): ReadonlyMap<string, Form> => {
      const keep = ({ number, ...rest }: LeftMessage) => {
        const body = key.seal(JSON.stringify(rest), number)
        return [store.insertLeft({ number, conversation: address.conversation, body, now: clock.now() })]
      }
      const form = createLeaveMessage(wording[language], {
        newNumber: () => newMessageNumber(clock.now()),
        keep,
      })
      return new Map([[form.name, form]])
    }
  }

  /** Whether the citizen may have lost the thread of an open form: the process was another, or it was long ago. */
  async function isResumed({ session, formTaken }: Conversation): Promise<boolean> {
    if (session.forms.length === 0) return false
    if (clock.now() - formTaken.at > longPauseMs) return true
    return formTaken.process !== process && !(await options.living()).has(formTaken.process)
  }

  /** The choice that a message means: by its id, or by its number among those last offered. */
  function choiceOf(
    conversation: Conversation,
    { text, choice }: Arrived,
  ): Promise<string | undefined> | string | undefined {
    if (choice !== undefined) return choice
    const number = parseChoiceNumber(text)
    return number === undefined ? undefined : known.findOffer(conversation, number)
  }

  async function compute(conversation: Conversation, arrived: Arrived): Promise<Turn> {
    const { session, latest, owner } = conversation
    if (owner !== 'bot') return { session, say: [], writes: [], outcome: 'command' }
    const choice = await choiceOf(conversation, arrived)
    const input = {
      text: arrived.text,
      choice,
      first: latest === null,
      resumed: await isResumed(conversation),
      conversation: conversation.address.conversation,
      before: await known.findBefore(conversation, clock.now() - longPauseMs),
    }
    try {
      return await takeTurn(session, input, { ...deps, forms: formsOf(conversation) })
    } catch (error) {
      log.error('turn.failed', error, { seq: arrived.seq })
      const sorry = [paragraph(wording[session.language].failed)]
      return { session, say: [sorry], writes: [], outcome: 'failed' }
    }
  }

  async function commit(conversation: Conversation, arrived: Arrived, turn: Turn): Promise<void> {
    const { address, key } = conversation
    const now = clock.now()
    const day = dayOf(now)
    const kept =
      turn.session === conversation.session && turn.session.forms.length === 0 && day === conversation.lastDay
    const drafts = turn.say.map((document, i): Draft => {
      const last = i === turn.say.length - 1
      const inReplyTo = { seq: arrived.seq, nativeId: arrived.nativeId, last }
      return { to: address, document, inReplyTo, createdAt: now }
    })
    const rows = await store.commit([
      ...drafts.map(draft => ledger.enter(draft, key)),
      store.finish(arrived.seq, recordOf(turn, arrived, { key, now })),
      ...(turn.given?.also ?? []).map(told => store.insertBesides(address.conversation, told)),
      ...(kept
        ? []
        : [
            store.putSession(address.conversation, sealSession(turn.session, key, { process, at: now }), day),
          ]),
      ...turn.writes,
    ])
    conversation.session = turn.session
    conversation.formTaken = { process, at: now }
    conversation.latest = arrived.seq
    if (turn.given)
      conversation.before = { question: maskPersonal(arrived.text), entry: turn.given.entry, at: now }
    conversation.lastDay = day
    if (turn.say.length > 0) conversation.offers = offersOf(turn.say)
    ledger.carry(drafts, rows)
    if (turn.given?.outcome === 'guarded:danger') log.warn('citizen.endangered', { seq: arrived.seq })
    meter.count('turns', { outcome: turn.outcome })
    meter.observe('turn_seconds', (now - arrived.receivedAt) / 1000)
  }

  /** An earlier message comes first: ours is taken now, another process's is waited for. */
  async function takeEarlier(conversation: Conversation, seq: number): Promise<void> {
    const row = await store.getInbound(seq)
    if (row?.process !== process) return
    const arrived = arrivedOf(row, conversation)
    await commit(conversation, arrived, await compute(conversation, arrived))
  }

  /** True when the turn is over; false when it has to be looked at again. */
  async function attempt(conversation: Conversation, arrived: Arrived): Promise<boolean> {
    if (!conversation.current) {
      const earliest = await known.refresh(conversation)
      if (earliest === 'gone' || earliest === null || earliest > arrived.seq) return true
      if (earliest < arrived.seq) {
        // Where one process serves alone, `refresh` has just called the memory current: not before this one is through.
        conversation.current = false
        await takeEarlier(conversation, earliest)
        return false
      }
    }
    await commit(conversation, arrived, await compute(conversation, arrived))
    return true
  }

  return {
    async take(conversation, arrived) {
      for (let wait = firstWaitMs; !stopping.signal.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
        try {
          if (await attempt(conversation, arrived)) return
        } catch (error) {
          // Somebody else was first, or the database is in trouble: the message stays stored, so look again.
          conversation.current = false
          if (!(error instanceof Conflict)) log.error('turn.delayed', error, { seq: arrived.seq })
        }
        await clock.sleep(wait, stopping.signal)
      }
    },
    stop: () => stopping.abort(),
  }
}
