/** Takes turns against the database: compute, commit in one unit, carry. Safe against every other process. */
import type { Clock } from '#base/clock'
import type { Log, Meter } from '#base/log'
import { maskPersonal } from '#base/personal'
import { cutText } from '#base/text'
import { type Attachment, type Channel, paragraph, staysInMainland } from '#channel'
import { type Draft, keyNameOf, type Ledger, placeOf } from '#delivery'
import {
  type Answerer,
  type Form,
  type Language,
  leaveMessageName,
  parseChoiceNumber,
  type Turn,
  takeTurn,
  type Wording,
} from '#dialog'
import { createIdentityDesk, createIdentityDialog, type Filed, findConfirmation } from '#identity'
import { Conflict, type DataKey, type Vault } from '#storage'
import { type Conversation, inboundContext, type Known, offersOf, sealSession } from './known.ts'
import { formsOf } from './left.ts'
import { type ConversationStore, type DoneRow, dayOf, type InboundRow } from './store.ts'

/** What is sealed of a message; a text beyond the limit is kept only as far as the limit shows that it is. */
export interface Body {
  text: string
  choice?: string
  attachment?: Attachment
  group?: boolean
  /** The message asked for deletion, which is done: what is left is to say so. */
  erased?: boolean
}

/** A stored message whose turn is to be taken. */
export interface Arrived extends Body {
  seq: number
  nativeId: string
  /** Epoch milliseconds. */
  receivedAt: number
  /** Something that waited for the citizen to write is shown to them now. */
  released?: boolean
}

/** Where a form is filled in. */
export interface FormPlace {
  conversation: number
  /** The name of the channel. */
  channel: string
  /** The channel stands under foreign law. */
  abroad: boolean
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
  /** The forms that domains have for a conversation. */
  forms?: (place: FormPlace) => readonly Form[]
  /** What was filed in these conversations and is kept by law. */
  listFiled?: (conversations: readonly number[]) => Promise<readonly Filed[]>
  retentionDays: number
  /** The id of this process, and which processes live. */
  process: string
  living(): Promise<ReadonlySet<string>>
}

const firstWaitMs = 25
const longestLabel = 30
const longestWaitMs = 2_000
const longPauseMs = 30 * 60_000

export interface Turns {
  /** Resolves when the turn is committed, here or elsewhere. Retries until then or until stopped. */
  take(conversation: Conversation, arrived: Arrived): Promise<void>
  stop(): void
}

/** A stored row as a message again. */
export function arrivedOf(row: Omit<InboundRow, 'process'>, { key }: Pick<Conversation, 'key'>): Arrived {
  const body: Body = JSON.parse(key.open(row.body, inboundContext))
  return { seq: row.seq, nativeId: row.native_id, receivedAt: row.received_at, ...body }
}

/**
 * What stays of a message once it is answered: how it was, and its text without personal data. A form may have asked
 * for some: what is said to a form stays as it was said.
 */
function recordOf(turn: Turn, text: string, { key, now }: { key: DataKey; now: number }): DoneRow {
  const { given } = turn
  const masked = turn.outcome === 'form' && !turn.sensitive ? text : maskPersonal(text)
  const body = masked === text ? null : key.seal(JSON.stringify({ text: masked }), inboundContext)
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

export type KnowingTurns = TurnsOptions & {
  known: Known
  /** The channels that run here, by their account. */
  channels: ReadonlyMap<string, Channel>
}

export function createTurns(options: KnowingTurns): Turns {
  const { store, ledger, clock, log, meter, wording, process, known } = options
  const stopping = new AbortController()
  const { answerer, retentionDays } = options
  const desk = createIdentityDesk({ store: store.identity, clock })
  const identity = createIdentityDialog({
    ...{ desk, clock, retentionDays, titleOf, listFiled: options.listFiled },
  })
  const deps = { wording, retentionDays, answerer, humanForm: leaveMessageName }

  /** How citizens call the channel of a conversation. */
  function titleOf(id: string): string {
    const { account } = placeOf(id)
    const channel = options.channels.get(account)
    return channel?.title ?? channel?.name ?? account.replace(/:.*/s, '')
  }

  function isAbroad({ address }: Conversation): boolean {
    const channel = options.channels.get(address.account)
    return channel !== undefined && !staysInMainland(channel.traits)
  }

  function formsIn(conversation: Conversation): readonly Form[] {
    const { conversation: number, account } = conversation.address
    const channel = options.channels.get(account)?.name ?? account.replace(/:.*/s, '')
    return options.forms?.({ conversation: number, channel, abroad: isAbroad(conversation) }) ?? []
  }

  /** Whether the citizen may have lost the thread of an open form: the process was another, or it was long ago. */
  async function isResumed({ session, formTaken }: Conversation): Promise<boolean> {
    if (session.forms.length === 0) return false
    if (clock.now() - formTaken.at > longPauseMs) return true
    return formTaken.process !== process && !(await options.living()).has(formTaken.process)
  }

  /** The choice that a message means: by its id, or by its number or words among those last offered. */
  async function choiceOf(conversation: Conversation, arrived: Arrived): Promise<string | undefined> {
    const { text, choice } = arrived
    if (choice !== undefined) return choice
    const number = parseChoiceNumber(text)
    if (number !== undefined) return (await known.listOffers(conversation))[number - 1]
    return findConfirmation(text, () => known.listOffers(conversation))
  }

  async function compute(conversation: Conversation, arrived: Arrived): Promise<Turn> {
    const { session, latest, owner } = conversation
    const done = { session, writes: [], outcome: 'command' as const }
    if (arrived.erased) return { ...done, say: [identity.confirmErased(session.language)] }
    if (owner !== 'bot') return { ...done, say: [] }
    const choice = await choiceOf(conversation, arrived)
    const input = {
      text: arrived.text,
      choice,
      besideText: arrived.choice !== undefined && arrived.text !== '',
      attachment: arrived.attachment,
      group: arrived.group ?? false,
      released: arrived.released ?? false,
      abroad: isAbroad(conversation),
      first: latest === null,
      resumed: await isResumed(conversation),
      conversation: conversation.address.conversation,
      once: String(arrived.seq),
      before: await known.findBefore(conversation, clock.now() - longPauseMs),
    }
    try {
      const { conversation: number } = conversation.address
      const id = keyNameOf(conversation.address)
      return await takeTurn(session, input, {
        ...deps,
        forms: formsOf(conversation, {
          store,
          wording,
          clock,
          abroad: input.abroad,
          more: formsIn(conversation),
        }),
        identity: (ask, language) => identity.respond(ask, { conversation: number, id, language }),
      })
    } catch (error) {
      log.error('turn.failed', error, { seq: arrived.seq })
      const sorry = [paragraph(wording[session.language].failed)]
      return { session, say: [sorry], writes: [], outcome: 'failed' }
    }
  }

  /** What another conversation of the same person is told, under its own key. */
  async function tellElsewhere({ elsewhere }: Turn): Promise<{ draft: Draft; key: DataKey }[]> {
    const key = elsewhere && (await options.vault.find(elsewhere.id))
    if (!elsewhere || !key) return []
    const { conversation, id, document } = elsewhere
    const to = { conversation, ...placeOf(id) }
    return ledger.parts({ to, document, createdAt: clock.now() }).map(draft => ({ draft, key }))
  }

  async function settle(conversation: Conversation, arrived: Arrived): Promise<void> {
    const turn = await compute(conversation, arrived)
    await (turn.erase ? erase(conversation, arrived) : commit(conversation, arrived, turn))
  }

  /** Deletes first, then says so. Where that breaks off, whoever recovers finds the rest of the request. */
  async function erase(conversation: Conversation, arrived: Arrived): Promise<void> {
    const { seq, erased } = await known.erase(conversation, arrived)
    log.info('person.erased', { conversations: erased.join(' ') })
    const { nativeId, receivedAt } = arrived
    const request = { seq, nativeId, receivedAt, text: '', erased: true }
    await settle(conversation, request).catch(error => {
      if (!(error instanceof Conflict)) log.error('turn.delayed', error, { seq })
    })
  }

  async function commit(conversation: Conversation, arrived: Arrived, turn: Turn): Promise<void> {
    const { address, key } = conversation
    const now = clock.now()
    const day = dayOf(now)
    const kept =
      arrived.erased ||
      (turn.session === conversation.session &&
        turn.session.forms.length === 0 &&
        day === conversation.lastDay)
    const channel = options.channels.get(address.account)
    const question = cutText(maskPersonal(arrived.text), longestLabel)
    const label = channel?.traits.passive && { label: wording[turn.session.language].late(question) }
    const drafts = turn.say.flatMap((document, i) => {
      const last = i === turn.say.length - 1
      const inReplyTo = { seq: arrived.seq, nativeId: arrived.nativeId, last }
      return ledger.parts({ to: address, document, inReplyTo, createdAt: now, ...(i === 0 && label) })
    })
    const told = [...drafts.map(draft => ({ draft, key })), ...(await tellElsewhere(turn))]
    const rows = await store.commit([
      ...told.map(one => ledger.enter(one.draft, one.key)),
      store.finish(arrived.seq, recordOf(turn, arrived.text, { key, now })),
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
    if (!kept) conversation.lastDay = day
    if (turn.say.length > 0) conversation.offers = offersOf(turn.say)
    ledger.carry(
      told.map(one => one.draft),
      rows,
    )
    ledger.answered(address, arrived.nativeId)
    if (turn.given?.outcome === 'guarded:danger') log.warn('citizen.endangered', { seq: arrived.seq })
    meter.count('turns', { channel: channel?.name ?? '', outcome: turn.outcome })
    meter.observe('turn_seconds', (now - arrived.receivedAt) / 1000)
  }

  /** An earlier message comes first: ours is taken now, another process's is waited for. */
  async function takeEarlier(conversation: Conversation, seq: number): Promise<void> {
    const row = await store.getInbound(seq)
    if (row?.process !== process) return
    await settle(conversation, arrivedOf(row, conversation))
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
    await settle(conversation, arrived)
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
