/** The form by which a citizen leaves a message for a person to answer. */
import { findPersonal } from '#base/personal'
import { cleanText, lengthOf } from '#base/text'
import { paragraph } from '#channel'
import type { Write } from '#storage'
import type { Form, Parsed } from './form.ts'
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
