/** Who answers questions, as the dialog asks for it, and what is told of an answer. */
import type { Document } from '#channel'
import type { Write } from '#storage'
import type { Language } from './wording.ts'

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
