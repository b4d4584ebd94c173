/** The way from the bot to a person: a message left for the staff, as a form. */

import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import { findPersonal } from '#base/personal'
import { cleanText, lengthOf } from '#base/text'
import { paragraph, parseBody } from '#channel'
import type { Draft, Ledger } from '#delivery'
import type { StaffDesk } from '#staff'
import { Conflict, type Vault, type Write } from '#storage'
import type { Form, Parsed } from './form.ts'
import type { ConversationStore, LeftState } from './store.ts'
import type { Wording } from './wording.ts'

export const leaveMessageName = 'leave-message'

const shortest = 5
const longest = 1000

/** What a citizen leaves for the staff. */
export interface LeftMessage {
  number: string
  topic: string
  text: string
  contact: string
}

function parseQuestion(text: string, w: Wording): Parsed {
  const clean = cleanText(text)
  const length = lengthOf(clean)
  if (length < shortest || length > longest) return { problem: w.message.textProblem }
  const personal = findPersonal(clean).filter(kind => kind === 'id-number' || kind === 'card')
  return personal.length > 0 ? { problem: w.message.textPersonal } : { value: clean }
}

function parseContact(text: string, w: Wording): Parsed {
  const contact = text.normalize('NFKC').replace(/[\s-]/g, '')
  const known = findPersonal(contact).some(kind => kind === 'mobile' || kind === 'email')
  return known && contact.length <= 100 ? { value: contact } : { problem: w.message.contactProblem }
}

/** `newNumber` makes the number that the citizen is told; `keep` the write that stores what was left. */
export function createLeaveMessage(
  w: Wording,
  desk: { newNumber: () => string; keep: (message: LeftMessage) => Write[] },
): Form {
  return {
    name: leaveMessageName,
    version: 1,
    title: w.message.title,
    fields: [
      { key: 'topic', label: w.message.topicLabel, prompt: w.message.topicPrompt, options: w.message.topics },
      {
        key: 'text',
        label: w.message.textLabel,
        prompt: w.message.textPrompt,
        free: true,
        parse: text => parseQuestion(text, w),
      },
      {
        key: 'contact',
        label: w.message.contactLabel,
        prompt: w.message.contactPrompt,
        optional: true,
        parse: text => parseContact(text, w),
      },
    ],
    submit(answers) {
      const number = desk.newNumber()
      const { topic = '', text = '', contact = '' } = answers
      return {
        say: [paragraph(w.message.done(number))],
        writes: desk.keep({ number, topic, text, contact }),
      }
    },
  }
}

export interface LeftDeskOptions {
  store: Pick<ConversationStore, 'listLeft' | 'settleLeft' | 'commit'>
  vault: Vault
  ledger: Pick<Ledger, 'enter' | 'carry'>
  clock: Clock
  /** Who may answer, and the trail in which it is written. */
  staff: Pick<StaffDesk, 'get' | 'record'>
}

export type LeftDesk = ReturnType<typeof createLeftDesk>

const noneOpen = (number: string) =>
  new Refusal('left', `没有待答复的留言 ${number}，请核对编号，也可能刚刚被别人答复了。`)

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
      if (!row || !key) throw noneOpen(number)
      const bar = row.id.indexOf('|')
      const to = {
        conversation: row.conversation,
        account: row.id.slice(0, bar),
        chat: row.id.slice(bar + 1),
      }
      const document = [paragraph(`您的留言（${number}）有了答复：`), ...parseBody(text)]
      const draft: Draft = { to, document, createdAt: clock.now() }
      // Whoever comes second touches no open message: nothing of their answer is kept.
      const writes = [ledger.enter(draft, key), store.settleLeft(number)]
      try {
        const [entered] = await staff.record({ by, act: 'left.answer', subject: number }, writes)
        ledger.carry([draft], [entered])
      } catch (error) {
        throw error instanceof Conflict ? noneOpen(number) : error
      }
    },
  }
}
