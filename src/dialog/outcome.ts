/** What a turn starts from and what it leads to, and the outcomes that are said in more than one place. */
import { type Attachment, choices, type Document, paragraph } from '#channel'
import type { Ask, IdentityReply } from '#identity'
import type { Write } from '#storage'
import type { Answerer, Asked, Before, Given, Reply } from './answerer.ts'
import type { Form, OpenForm } from './form.ts'
import type { Language, Wording } from './wording.ts'

export const longestMessage = 2000

/** What the gateway remembers of a conversation between two messages. */
export interface Session {
  language: Language
  /** The open form last; those before it wait until it ends. */
  forms: readonly OpenForm[]
}

export function createSession(): Session {
  return { language: 'zh-CN', forms: [] }
}

export interface TurnInput {
  text: string
  /** The id of the choice that the message means, where it means one. */
  choice: string | undefined
  /** The choice came beside the text, with a link or a scene: where nobody knows it, the text counts. */
  besideText?: boolean
  attachment?: Attachment | undefined
  group?: boolean
  /** The channel stands under foreign law. */
  abroad?: boolean
  /** Something that waited is shown with the answer to this. */
  released?: boolean
  /** The first message of the conversation. */
  first: boolean
  /** The process that took the last turn has ended, or the last turn was long ago. */
  resumed: boolean
  conversation: number
  /** Names the message, whoever takes its turn. */
  once?: string
  before?: Before | undefined
}

export interface TurnDeps {
  wording: Record<Language, Wording>
  retentionDays: number
  answerer: Answerer
  /** The forms that can be opened, in a language; `conversation` is whose they are. */
  forms(language: Language): ReadonlyMap<string, Form>
  humanForm: string
  /** Answers what a person asks about their own data and their other channels; absent where nobody is there to ask. */
  identity?: (ask: Ask, language: Language) => Promise<IdentityReply>
}

export interface Turn {
  /** The same object as before when nothing changed. */
  session: Session
  say: Document[]
  writes: Write[]
  outcome: 'answered' | 'command' | 'form' | 'not-understood' | 'failed'
  /** The person confirmed that all their data is to be deleted: this, and nothing else, is to be done. */
  erase?: boolean | undefined
  elsewhere?: IdentityReply['elsewhere']
  /** The message held personal data for a form, which has taken it. */
  sensitive?: boolean | undefined
  /** How a question was answered, where one was. */
  given?: Given | undefined
}

/** A turn in the making: what it starts from, with `w` the words of its language and `choice` what was chosen. */
export interface Context extends TurnDeps {
  w: Wording
  session: Session
  input: TurnInput
  choice: string | undefined
  /** How the rest of the message is dealt with, for what is done in an open form. */
  around: Around
}

export interface Around {
  decide(context: Context): Promise<Outcome>
  runCommand(context: Context, command: string | undefined): Promise<Outcome | undefined>
  openNamed(context: Context, name: string): Promise<Outcome | undefined>
  openByName(context: Context): Promise<Outcome | undefined>
  ownOutcome(context: Context): Promise<(Outcome & Pick<IdentityReply, 'asks'>) | undefined>
  insteadOf(context: Context): string | undefined
  answerChoice(context: Context, choice: string): ReturnType<Answerer['choose']>
}

/** What a message led to; of the session only what changed. */
export type Outcome = Omit<Turn, 'session'> & { session?: Partial<Session> }

export function notUnderstood(sentence: string): Outcome {
  return { say: [[paragraph(sentence)]], writes: [], outcome: 'not-understood' }
}

/** What the answerer said. */
export function told({ document, writes = [], given }: Reply): Outcome {
  return { say: [document], writes, outcome: 'answered', given }
}

export function askedOf({ session, input }: Context): Asked {
  return { language: session.language, conversation: input.conversation, before: input.before }
}

export function said(document: Document, outcome: Turn['outcome'] = 'command'): Outcome {
  return { say: [document], writes: [], outcome }
}

/** Where to go when nothing else is offered. */
export function menuChoices(w: Wording) {
  return choices([
    { id: 'menu', label: w.labels.menu },
    { id: 'human', label: w.labels.human },
  ])
}

/** What can be asked, and the forms that can be opened by their own words. */
export function menuOf({ w, forms, session }: Pick<Context, 'w' | 'forms' | 'session'>): Document {
  const opened = [...forms(session.language).values()].filter(form => form.words !== undefined)
  const own = opened.map(({ name, title }) => ({ id: `open:${name}`, label: title }))
  const examples = w.examples.map((label, i) => ({ id: `example:${i}`, label }))
  return [paragraph(w.greeting), choices([...examples, ...own, { id: 'human', label: w.labels.human }])]
}
