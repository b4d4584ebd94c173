/** One turn, computed and not yet written: what a message means in its session, and what is said. */
import { hasChinese, hasWords, lengthOf } from '#base/text'
import { choices, type Document, paragraph } from '#channel'
import type { Write } from '#storage'
import {
  type Form,
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

/** What is answered to a question, by whoever knows. */
export interface Reply {
  document: Document
  /** Sure enough to interrupt a form with. */
  certain: boolean
}

export interface Answerer {
  /** Answers a question. */
  answer(text: string, language: Language): Reply | Promise<Reply>
  /** Answers one of its own choices; undefined when the choice is not (or no longer) one. */
  choose(choice: string, language: Language): Reply | undefined | Promise<Reply | undefined>
}

export interface TurnInput {
  text: string
  /** The id of the choice that the message means, where it means one. */
  choice: string | undefined
  /** Whether this is the first message of the conversation. */
  first: boolean
  /** The process that took the last turn has ended, or the last turn was long ago. */
  resumed: boolean
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
}

interface Context extends TurnDeps {
  w: Wording
  session: Session
  input: TurnInput
  choice: string | undefined
}

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
      return said([paragraph(w.nothingToCancel), menuChoices(w)])
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

async function respond(context: Context): Promise<Outcome> {
  const { input, choice, w, session, answerer } = context
  const example = choice?.startsWith('example:') ? w.examples[Number(choice.slice(8))] : undefined
  if (choice !== undefined && example === undefined) {
    const chosen = await answerer.choose(choice, session.language)
    if (chosen) return said(chosen.document, 'answered')
  }
  const question = example ?? input.text
  if (!hasWords(question)) return notUnderstood(w.onlyWords)
  if (!hasChinese(question) && /\p{L}/u.test(question)) return notUnderstood(w.otherLanguage)
  const reply = await answerer.answer(question, session.language)
  return said(reply.document, 'answered')
}

// Forms

async function withForm(context: Context, open: OpenForm): Promise<Outcome> {
  const { w, session, input } = context
  const form = context.forms(session.language).get(open.name)
  const current = form && renewForm(form, open)
  if (!form || !current) return startAgain(context, form?.title ?? open.name)
  const outcome = await inForm(context, form, current)
  if (!input.resumed) return outcome
  const [head = [], ...rest] = outcome.say
  return { ...outcome, say: [[paragraph(recapOf(form, current, w)), ...head], ...rest] }
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

async function inForm(context: Context, form: Form, open: OpenForm): Promise<Outcome> {
  const { input, choice, w, session } = context
  const command = choice ?? parseCommand(input.text)
  if (command === 'cancel') return endForm(context, [paragraph(w.form.cancelled(form.title))], [])
  if (command === 'human' && form.name !== context.humanForm)
    return openNamed(context, context.humanForm) ?? said([])
  if (command === 'menu' || command === 'help' || command === 'privacy')
    return aside(runCommand(context, command)?.say[0] ?? [], form, open, context)
  const question = input.text.match(asidePrefix)
  if (choice === undefined && question && input.text.length > question[0].length)
    return aside(await answerOf(context, input.text.slice(question[0].length)), form, open, context)
  const step = stepForm(form, open, { text: input.text, choice }, w)
  const free = form.fields[open.at]?.free === true
  if (step.kind === 'unclear') return unclear(context, form, open, { problem: step.say, free })
  if (step.kind === 'ended') return endForm(context, step.say, step.writes)
  return { ...formSaid(step), session: { forms: [...session.forms.slice(0, -1), step.form] } }
}

function formSaid(step: Step): Outcome {
  return { say: [step.say], writes: [], outcome: 'form' }
}

async function answerOf(context: Context, text: string): Promise<Document> {
  return (await context.answerer.answer(text, context.session.language)).document
}

/** What a field cannot take may be a question: a certain answer interrupts the form, which then goes on. */
async function unclear(
  context: Context,
  form: Form,
  open: OpenForm,
  { problem, free }: { problem: Document; free: boolean },
): Promise<Outcome> {
  const { input, choice, session, answerer } = context
  if (!free && choice === undefined && hasChinese(input.text)) {
    const reply = await answerer.answer(input.text, session.language)
    if (reply.certain) return aside(reply.document, form, open, context)
  }
  return said([...problem, ...promptOf(form, open, context.w)], 'form')
}

/** Says something else first and asks the field again; only the form's choices stay open. */
function aside(document: Document, form: Form, open: OpenForm, { w }: Context): Outcome {
  const plain = document.filter(block => block.kind !== 'choices')
  const again = [paragraph(w.form.resumed(form.title)), ...promptOf(form, open, w)]
  return { say: [plain, again], writes: [], outcome: 'form' }
}

function endForm(context: Context, document: Document, writes: Write[]): Outcome {
  const { session, w } = context
  const forms = session.forms.slice(0, -1)
  const waiting = forms.at(-1)
  const form = waiting && context.forms(session.language).get(waiting.name)
  const again = form ? [[paragraph(w.form.resumed(form.title)), ...promptOf(form, waiting, w)]] : []
  return { say: [document, ...again], writes, outcome: 'form', session: { forms } }
}
