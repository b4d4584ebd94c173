/** What the gateway remembers of a conversation between two messages. */
import type { Choice } from '#channel'
import type { Language } from './wording.ts'

/** Who answers: the bot, a queue that waits for an official, or a named official. */
export const owners = ['bot', 'queue', 'staff'] as const
export type Owner = (typeof owners)[number]

/** A form that is being filled in. `at` is the index of the field asked for; past the last field is the review. */
export interface OpenForm {
  name: string
  version: number
  answers: Record<string, string>
  at: number
  /** A field is being corrected: after it comes the review. */
  correcting?: boolean
}

export interface Session {
  language: Language
  /** The open form last; those before it wait until it ends. */
  forms: OpenForm[]
  /** The choices that were last offered: a number or a label typed back means one of them. */
  offers: Choice[]
  /** The process that took the last turn, and when (epoch milliseconds): after a restart an open form is recapped. */
  process: string
  at: number
}

export function createSession(process: string, at: number): Session {
  return { language: 'zh-CN', forms: [], offers: [], process, at }
}

/** The choice that a message means: by its id, its number (１ and 1 alike) or its label. */
export function resolveChoice(session: Session, message: { text: string; choice?: string }): string | undefined {
  if (message.choice !== undefined) return message.choice
  const text = message.text.normalize('NFKC').replace(/[.。、]$/, '')
  if (/^[1-9]$/.test(text)) return session.offers[Number(text) - 1]?.id
  return session.offers.find(offer => offer.label === message.text)?.id
}
