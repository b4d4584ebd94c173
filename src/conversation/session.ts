/** What the gateway remembers of a conversation between two messages. */
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
  forms: readonly OpenForm[]
}

export function createSession(): Session {
  return { language: 'zh-CN', forms: [] }
}

/** The number of a choice that is typed back, 1 to 9 (１ and ① alike, a full stop after it or not). */
export function parseChoiceNumber(text: string): number | undefined {
  if (text.length > 2) return undefined
  const digit = text.normalize('NFKC').replace(/[.。、]$/, '')
  return /^[1-9]$/.test(digit) ? Number(digit) : undefined
}
