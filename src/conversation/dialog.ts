/** Where a conversation can lead: to an answer (by whoever gives them), to the menu, to a person by a form. */
import { randomInt } from 'node:crypto'
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { findPersonal } from '#base/personal'
import { cleanText, lengthOf } from '#base/text'
import { choices, type Document, paragraph, parseBody } from '#channel'
import type { Address, Draft, Ledger } from '#delivery'
import type { StaffDesk } from '#staff'
import { Conflict, type Vault, type Write } from '#storage'
import type { Form, Parsed } from './form.ts'
import type { Conversation } from './known.ts'
import type { ConversationStore, LeftState } from './store.ts'
import type { Language, Wording } from './wording.ts'

export const leaveMessageName = 'leave-message'

const shortest = 5
const longest = 1000

/** How a question was answered, for the record. */
export interface Given {
  outcome: string
  /** The entry that was told, and which version of it. */
  entry: string | null
  version: number | null
  confidence: number
  candidates: readonly { id: string; confidence: number }[]
  /** The entries told in answer to the further questions of the message. */
  also?: readonly { entry: string; version: number }[]
}

/** The question before this one, and the entry that answered it. */
export interface Before {
  question: string
  entry: string | null
}

/** Who asks, and after what. */
export interface Asked {
  language: Language
  /** The number of the conversation. */
  conversation: number
  /** Absent when nothing was asked before, or long ago. */
  before?: Before | undefined
}

/** What is answered to a question, by whoever knows. */
export interface Reply {
  document: Document
  /** Sure enough to interrupt a form with. */
  certain: boolean
  given?: Given
  /** What must be written in the same transaction as the turn. */
  writes?: Write[]
}

export interface Answerer {
  /** Answers a question. */
  answer(text: string, asked: Asked): Reply | Promise<Reply>
  /** Answers one of its own choices; undefined when the choice is not (or no longer) one. */
  choose(choice: string, asked: Asked): Reply | undefined | Promise<Reply | undefined>
}

/** Where to go when nothing else is offered. */
export function menuChoices(w: Wording) {
  return choices([
    { id: 'menu', label: w.labels.menu },
    { id: 'human', label: w.labels.human },
  ])
}

export function menuOf(w: Wording): Document {
  const examples = w.examples.map((label, i) => ({ id: `example:${i}`, label }))
  return [paragraph(w.greeting), choices([...examples, { id: 'human', label: w.labels.human }])]
}

// No letters or digits that are taken for one another.
const numberAlphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'

/** L, the day and five characters: short enough to say on the telephone. */
function newMessageNumber(now: number): string {
  const tail = Array.from({ length: 5 }, () => numberAlphabet[randomInt(numberAlphabet.length)]).join('')
  return `L${formatLegalDate(now).replaceAll('-', '')}-${tail}`
}

/** `<account>|<chat>` taken apart. */
export function placeOf(id: string): Pick<Address, 'account' | 'chat'> {
  const bar = id.indexOf('|')
  return { account: id.slice(0, bar), chat: id.slice(bar + 1) }
}

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

export interface LeaveMessageOptions {
  /** Makes the number that the citizen is told. */
  newNumber: () => string
  /** The writes that store what was left. */
  keep: (message: LeftMessage) => Write[]
  /** The channel stands under foreign law: whoever leaves a number there is told so first. */
  abroad?: boolean
}

export function createLeaveMessage(w: Wording, desk: LeaveMessageOptions): Form {
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
        prompt: desk.abroad ? `${w.message.contactPrompt}${w.abroadContact}` : w.message.contactPrompt,
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

/** The forms that can be opened in a conversation, by language. */
export function formsOf(
  { key, address }: Pick<Conversation, 'key' | 'address'>,
  { store, wording, clock, abroad }: FormsOptions,
): (language: Language) => ReadonlyMap<string, Form> {
  const keep = ({ number, ...rest }: LeftMessage) => {
    const body = key.seal(JSON.stringify(rest), number)
    return [store.insertLeft({ number, conversation: address.conversation, body, now: clock.now() })]
  }
  const newNumber = () => newMessageNumber(clock.now())
  return language => {
    const form = createLeaveMessage(wording[language], { newNumber, keep, abroad })
    return new Map([[form.name, form]])
  }
}

interface FormsOptions {
  store: Pick<ConversationStore, 'insertLeft'>
  wording: Record<Language, Wording>
  clock: Clock
  abroad: boolean
}

export interface LeftDeskOptions {
  store: Pick<ConversationStore, 'findLeft' | 'listLeft' | 'settleLeft' | 'commit'>
  vault: Vault
  ledger: Pick<Ledger, 'enter' | 'carry'>
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
