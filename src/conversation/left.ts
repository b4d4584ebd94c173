/** What citizens leave for a person: the form's way into the database, and what officials do with it. */
import { randomInt } from 'node:crypto'
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { paragraph, parseBody } from '#channel'
import { type Ledger, placeOf } from '#delivery'
import { createLeaveMessage, type Form, type Language, type LeftMessage, type Wording } from '#dialog'
import type { StaffDesk } from '#staff'
import { Conflict, type Vault } from '#storage'
import type { Conversation } from './known.ts'
import type { ConversationStore, LeftState } from './store.ts'

// No letters or digits that are taken for one another.
const numberAlphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'

/** L, the day and five characters: short enough to say on the telephone. */
function newMessageNumber(now: number): string {
  const tail = Array.from({ length: 5 }, () => numberAlphabet[randomInt(numberAlphabet.length)]).join('')
  return `L${formatLegalDate(now).replaceAll('-', '')}-${tail}`
}

/** The forms that can be opened in a conversation, by language. */
export function formsOf(
  { key, address }: Pick<Conversation, 'key' | 'address'>,
  { store, wording, clock, abroad, more }: FormsOptions,
): (language: Language) => ReadonlyMap<string, Form> {
  const keep = ({ number, ...rest }: LeftMessage) => {
    const body = key.seal(JSON.stringify(rest), number)
    return [store.insertLeft({ number, conversation: address.conversation, body, now: clock.now() })]
  }
  const newNumber = () => newMessageNumber(clock.now())
  return language => {
    const form = createLeaveMessage(wording[language], { newNumber, keep, abroad })
    return new Map([form, ...more].map(one => [one.name, one]))
  }
}

interface FormsOptions {
  store: Pick<ConversationStore, 'insertLeft'>
  wording: Record<Language, Wording>
  clock: Clock
  abroad: boolean
  /** The forms that domains have for this conversation. */
  more: readonly Form[]
}

export interface LeftDeskOptions {
  store: Pick<ConversationStore, 'findLeft' | 'listLeft' | 'settleLeft' | 'commit'>
  vault: Vault
  ledger: Pick<Ledger, 'parts' | 'enter' | 'carry'>
  clock: Clock
  /** Who may answer, and the trail in which it is written. */
  staff: Pick<StaffDesk, 'get' | 'record'>
}

export type LeftDesk = ReturnType<typeof createLeftDesk>

const noneOpen = (number: string) =>
  new Refusal('left', `没有待答复的留言 ${number}，请核对编号，也可能刚刚被别人答复了。`)

const withdrawn = (number: string) =>
  new Refusal('left', `留言 ${number} 的群众已经删除了自己的数据，留言随之撤回，不用答复。`)

/** What officials do with what was left for them. */
export function createLeftDesk({ store, vault, ledger, clock, staff }: LeftDeskOptions) {
  return {
    /** What was left, oldest first; what can no longer be read is left out. */
    async list(state: LeftState = 'open'): Promise<(LeftMessage & { createdAt: number })[]> {
      const found: (LeftMessage & { createdAt: number })[] = []
      for (const { id, number, body, created_at: createdAt } of await store.listLeft(state)) {
        const key = await vault.find(id)
        if (key) found.push({ ...JSON.parse(key.open(body, number)), number, createdAt })
      }
      return found
    },
    /** Answers in the conversation in which it was left, once. Throws a Refusal when it is not open. */
    async answer(number: string, text: string, by: string): Promise<void> {
      await staff.get(by, 'answer')
      const row = (await store.listLeft('open')).find(left => left.number === number)
      const key = row && (await vault.find(row.id))
      if (!row || !key)
        throw (await store.findLeft(number))?.state === 'withdrawn' ? withdrawn(number) : noneOpen(number)
      const to = { conversation: row.conversation, ...placeOf(row.id) }
      const document = [paragraph(`您的留言（${number}）有了答复：`), ...parseBody(text)]
      const drafts = ledger.parts({ to, document, createdAt: clock.now() })
      // Whoever comes second touches no open message: nothing of their answer is kept.
      const writes = [...drafts.map(draft => ledger.enter(draft, key)), store.settleLeft(number)]
      try {
        const rows = await staff.record({ by, act: 'left.answer', subject: number }, writes)
        ledger.carry(drafts, rows)
      } catch (error) {
        throw error instanceof Conflict ? noneOpen(number) : error
      }
    },
  }
}
