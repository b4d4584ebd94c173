/** One turn, computed and not yet written: what a message means in its session, and what is said. */
import { hasChinese, hasWords, lengthOf } from '#base/text'
import { choices, type Document, paragraph } from '#channel'
import { findRisk } from '#guard'
import type { Write } from '#storage'
import {
  type Filling,
  type Form,
  isFormChoice,
  type OpenForm,
  openForm,
  promptOf,
  recapOf,
  renewForm,
  type Step,
  stepForm,
} from './form.ts'
import { asidePrefix, type Command, type Language, parseCommand, type Wording } from './wording.ts'

export const longestMessage = 2000

/** Who answers: the bot, a queue that waits for an official, or a named official. */
export const owners = ['bot', 'queue', 'staff'] as const
export type Owner = (typeof owners)[number]

/** What the gateway remembers of a conversation between two messages. */
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

export interface TurnInput {
  text: string
  /** The id of the choice that the message means, where it means one. */
  choice: string | undefined
  /** Whether this is the first message of the conversation. */
  first: boolean
  /** The process that took the last turn has ended, or the last turn was long ago. */
  resumed: boolean
  conversation: number
  before?: Before | undefined
}

export interface TurnDeps {
  wording: Record<Language, Wording>
  retentionDays: number
  answerer: Answerer
  /** The forms that can be opened, in a language; `conversation` is whose they are. */
  forms(language: Language): ReadonlyMap<string, Form>
  /** The name of the form that the command for a person opens. */
  humanForm: string
}

export interface Turn {
  /** The same object as before when nothing changed. */
  session: Session
  say: Document[]
  writes: Write[]
  outcome: 'answered' | 'command' | 'form' | 'not-understood' | 'failed'
  /** How a question was answered, where one was. */
  given?: Given | undefined
}

/** A turn in the making: what it starts from, with `w` the words of its language and `choice` what was chosen. */
interface Context extends TurnDeps {
  w: Wording
  session: Session
  input: TurnInput
  choice: string | undefined
}

/** What a message led to; of the session only what changed. */
type Outcome = Omit<Turn, 'session'> & { session?: Partial<Session> }

/** Computes the turn. Writes nothing and sends nothing: the result is committed as one unit or not at all. */
export async function takeTurn(session: Session, input: TurnInput, deps: TurnDeps): Promise<Turn> {
  const w = deps.wording[session.language]
  const context: Context = { ...deps, w, session, input, choice: input.choice }
  const outcome = await decide(context)
  const notice: Document[] = input.first ? [[paragraph(w.notice(deps.retentionDays))]] : []
  const next = outcome.session ? { ...session, ...outcome.session } : session
  return { ...outcome, say: [...notice, ...outcome.say], session: next }
}

function decide(context: Context): Outcome | Promise<Outcome> {
  const { input, session, w, choice } = context
  if (choice === undefined && lengthOf(input.text) > longestMessage)
    return notUnderstood(w.tooLong(longestMessage))
  const open = session.forms.at(-1)
  if (open) return withForm(context, open)
  const command = choice ?? parseCommand(input.text)
  return runCommand(context, command) ?? respond(context)
}

function notUnderstood(sentence: string): Outcome {
  return { say: [[paragraph(sentence)]], writes: [], outcome: 'not-understood' }
}

/** What the answerer said. */
function told({ document, writes = [], given }: Reply): Outcome {
  return { say: [document], writes, outcome: 'answered', given }
}

function askedOf({ session, input }: Context): Asked {
  return { language: session.language, conversation: input.conversation, before: input.before }
}

function said(document: Document, outcome: Turn['outcome'] = 'command'): Outcome {
  return { say: [document], writes: [], outcome }
}

// Commands

function runCommand(context: Context, command: Command | string | undefined): Outcome | undefined {
  const { w } = context
  switch (command) {
    case 'menu':
    case 'greeting':
      return said(menuOf(w))
    case 'help':
      return said([paragraph(w.help), menuChoices(w)])
    case 'privacy':
      return said([paragraph(w.privacy(context.retentionDays))])
    case 'thanks':
      return said([paragraph(w.thanks)])
    case 'cancel':
    case 'back':
      // A button of a form that is over says so below.
      return context.choice === undefined ? said([paragraph(w.nothingToCancel), menuChoices(w)]) : undefined
    case 'human':
      return openNamed(context, context.humanForm)
    case 'english':
      return switchTo(context, 'en')
    case 'chinese':
      return switchTo(context, 'zh-CN')
    default:
      return undefined
  }
}

function menuChoices(w: Wording) {
  return choices([
    { id: 'menu', label: w.labels.menu },
    { id: 'human', label: w.labels.human },
  ])
}

function menuOf(w: Wording): Document {
  const examples = w.examples.map((label, i) => ({ id: `example:${i}`, label }))
  return [paragraph(w.greeting), choices([...examples, { id: 'human', label: w.labels.human }])]
}

function switchTo(context: Context, language: Language): Outcome {
  const w = context.wording[language]
  return { ...said([paragraph(w.switched), ...menuOf(w)]), session: { language } }
}

function openNamed(context: Context, name: string): Outcome | undefined {
  const form = context.forms(context.session.language).get(name)
  if (!form) return undefined
  const step = openForm(form, context.w)
  return {
    say: [step.say],
    writes: [],
    outcome: 'form',
    session: { forms: [...context.session.forms, step.form] },
  }
}

// Questions

/** An example of the menu, or a choice of an earlier answer. */
function answerChoice(context: Context, choice: string): ReturnType<Answerer['choose']> {
  const { w, answerer } = context
  const example = choice.startsWith('example:') ? w.examples[Number(choice.slice(8))] : undefined
  return example === undefined
    ? answerer.choose(choice, askedOf(context))
    : answerer.answer(example, askedOf(context))
}

async function respond(context: Context): Promise<Outcome> {
  const { input, choice, w, answerer } = context
  if (choice !== undefined) {
    const chosen = await answerChoice(context, choice)
    return chosen
      ? told(chosen)
      : said([paragraph(isFormChoice(choice) ? w.formOver : w.choiceOver), menuChoices(w)])
  }
  const question = input.text
  if (!hasWords(question)) return notUnderstood(w.onlyWords)
  const reply = await answerer.answer(question, askedOf(context))
  // Whoever is in danger, or means harm, is answered in any language.
  const foreign = !hasChinese(question) && /\p{L}/u.test(question)
  if (foreign && !reply.given?.outcome.startsWith('guarded')) return notUnderstood(w.otherLanguage)
  return told(reply)
}

// Forms

async function withForm(context: Context, open: OpenForm): Promise<Outcome> {
  const { w, session, input } = context
  const form = context.forms(session.language).get(open.name)
  const current = form && renewForm(form, open)
  if (!form || !current) return startAgain(context, form?.title ?? open.name)
  const filling: Filling = { form, open: current, w }
  const outcome = await careFirst(context, await inForm(context, filling))
  if (!input.resumed) return outcome
  const [head = [], ...rest] = outcome.say
  return { ...outcome, say: [[paragraph(recapOf(filling)), ...head], ...rest] }
}

/** Whoever is in danger is cared for at once; what they wrote into the form stays there. */
async function careFirst(context: Context, outcome: Outcome): Promise<Outcome> {
  const { input, choice, answerer } = context
  if (choice !== undefined || outcome.given || findRisk(input.text) !== 'danger') return outcome
  const { document, given } = await answerer.answer(input.text, askedOf(context))
  const care = document.filter(block => block.kind !== 'choices')
  return { ...outcome, given, say: [care, ...outcome.say] }
}

/** The fields changed and the answers do not fit any more: say so, and take the message as a new one. */
async function startAgain(context: Context, title: string): Promise<Outcome> {
  const forms = context.session.forms.slice(0, -1)
  const fresh = await decide({ ...context, session: { ...context.session, forms } })
  return {
    ...fresh,
    say: [[paragraph(context.w.form.renewed(title))], ...fresh.say],
    session: { forms, ...fresh.session },
  }
}

async function inForm(context: Context, filling: Filling): Promise<Outcome> {
  const { input, choice, session } = context
  const early = await commandInForm(context, filling)
  if (early) return early
  const between = await answerBetween(context)
  if (between) return asideAnswer(between, filling)
  const step = stepForm(filling, { text: input.text, choice })
  if (step.kind === 'unclear') return unclear(context, filling, step.say)
  if (step.kind === 'ended') return endForm(context, step.say, step.writes)
  return { ...formSaid(step), session: { forms: [...session.forms.slice(0, -1), step.form] } }
}

/** What is answered while the form waits: a choice of an earlier answer, a question with its prefix. */
function answerBetween(context: Context): ReturnType<Answerer['choose']> {
  const { input, choice, answerer } = context
  if (choice !== undefined) return answerChoice(context, choice)
  const [prefix = ''] = asidePrefix.exec(input.text) ?? []
  const question = input.text.slice(prefix.length)
  return prefix === '' || question === '' ? undefined : answerer.answer(question, askedOf(context))
}

/** What is the gateway's in a form too; back and skip are the form's own. */
function commandInForm(context: Context, filling: Filling): Outcome | undefined {
  const { form, w } = filling
  const command = context.choice ?? parseCommand(context.input.text)
  switch (command) {
    case 'cancel':
      return endForm(context, [paragraph(w.form.cancelled(form.title))], [])
    case 'human':
      return form.name === context.humanForm ? undefined : openNamed(context, context.humanForm)
    case 'menu':
    case 'help':
    case 'privacy':
      return aside(runCommand(context, command)?.say[0] ?? [], filling)
    case 'english':
      return switchInForm(context, filling, 'en')
    case 'chinese':
      return switchInForm(context, filling, 'zh-CN')
    default:
      return undefined
  }
}

/** The same field of the same form, in the other language. */
function switchInForm(context: Context, filling: Filling, language: Language): Outcome {
  const form = context.forms(language).get(filling.open.name) ?? filling.form
  const w = context.wording[language]
  return { ...aside([paragraph(w.switched)], { ...filling, form, w }), session: { language } }
}

function formSaid(step: Step): Outcome {
  return { say: [step.say], writes: [], outcome: 'form' }
}

/** What a field cannot take may be a question: a certain answer interrupts the form, which then goes on. */
async function unclear(context: Context, filling: Filling, problem: Document): Promise<Outcome> {
  const { input, choice, answerer } = context
  const free = filling.form.fields[filling.open.at]?.free === true
  if (!free && choice === undefined && hasChinese(input.text)) {
    const reply = await answerer.answer(input.text, askedOf(context))
    if (reply.certain) return asideAnswer(reply, filling)
  }
  return said([...problem, ...promptOf(filling)], 'form')
}

/** Says something else first and asks the field again; only the form's choices stay open. */
function aside(document: Document, filling: Filling): Outcome {
  const plain = document.filter(block => block.kind !== 'choices')
  return { say: [plain, promptAgain(filling)], writes: [], outcome: 'form' }
}

function asideAnswer({ document, writes = [], given }: Reply, filling: Filling): Outcome {
  return { ...aside(document, filling), writes, given }
}

const promptAgain = (filling: Filling): Document => [
  paragraph(filling.w.form.resumed(filling.form.title)),
  ...promptOf(filling),
]

function endForm(context: Context, document: Document, writes: Write[]): Outcome {
  const { session, w } = context
  const forms = session.forms.slice(0, -1)
  const waiting = forms.at(-1)
  const form = waiting && context.forms(session.language).get(waiting.name)
  const again = form ? [promptAgain({ form, open: waiting, w })] : []
  return { say: [document, ...again], writes, outcome: 'form', session: { forms } }
}
