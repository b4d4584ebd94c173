/** One turn, computed and not yet written: what a message means in its session, and what is said. */
import { maskPersonal } from '#base/personal'
import { hasChinese, hasWords, lengthOf } from '#base/text'
import { type Attachment, type Document, paragraph } from '#channel'
import { findRisk } from '#guard'
import { type Ask, type IdentityReply, parseAsk } from '#identity'
import type { DataKey, Write } from '#storage'
import {
  type Answerer,
  type Asked,
  type Before,
  type Given,
  menuChoices,
  menuOf,
  type Reply,
} from './dialog.ts'
import {
  type Filling,
  type Form,
  isFormChoice,
  type OpenForm,
  openForm,
  promptAgain,
  promptOf,
  recapOf,
  renewForm,
  type Step,
  stepForm,
} from './form.ts'
import { inboundContext } from './known.ts'
import type { DoneRow } from './store.ts'
import { asidePrefix, type Command, type Language, parseCommand, type Wording } from './wording.ts'

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
  /** How a question was answered, where one was. */
  given?: Given | undefined
}

/**
 * What stays of a message once it is answered: how it was, and its text without personal data. A form may have asked
 * for some: what is said to a form stays as it was said.
 */
export function recordOf(turn: Turn, text: string, { key, now }: { key: DataKey; now: number }): DoneRow {
  const { given } = turn
  const masked = turn.outcome === 'form' ? text : maskPersonal(text)
  const body = masked === text ? null : key.seal(JSON.stringify({ text: masked }), inboundContext)
  return {
    now,
    body,
    outcome: given?.outcome ?? null,
    entry: given?.entry ?? null,
    version: given?.version ?? null,
    confidence: given?.confidence ?? null,
    candidates: given ? JSON.stringify(given.candidates) : null,
  }
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
  const outcome = withUnread(context, await decide(context))
  const notice = input.first ? [noticeOf(context)] : []
  const next = outcome.session ? { ...session, ...outcome.session } : session
  return { ...outcome, say: [...notice, ...outcome.say], session: next }
}

/** Who speaks and what becomes of the words; in a group briefly, since it is everybody's. */
function noticeOf({ input, w, retentionDays }: Context): Document {
  if (input.group) return [paragraph(w.groupNotice)]
  return [paragraph(w.notice(retentionDays)), ...(input.abroad ? [paragraph(w.abroad)] : [])]
}

/** Whoever sent a picture with their question knows that only the question was read. */
function withUnread({ input, w }: Context, outcome: Outcome): Outcome {
  if (input.attachment === undefined || input.text === '') return outcome
  const [head = [], ...rest] = outcome.say
  return { ...outcome, say: [[paragraph(w.unread(w.attachments[input.attachment])), ...head], ...rest] }
}

/** What to do instead of what was sent without a word. */
function insteadOf({ input, choice, w }: Context): string | undefined {
  const bare = input.attachment !== undefined && input.text === '' && choice === undefined
  return bare && input.attachment ? w.instead[input.attachment] : undefined
}

async function decide(context: Context): Promise<Outcome> {
  const { input, session, w, choice } = context
  if (choice === undefined && lengthOf(input.text) > longestMessage)
    return notUnderstood(w.tooLong(longestMessage))
  if (input.released && parseCommand(input.text) === 'more')
    return { say: [], writes: [], outcome: 'command' }
  // A group has no form of its own: it was one person's before the chat became one.
  const open = input.group ? undefined : session.forms.at(-1)
  if (open) return withForm(context, open)
  const own = await ownOutcome(context)
  if (own) return own
  const instead = insteadOf(context)
  if (instead !== undefined) return notUnderstood(instead)
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
    case 'more':
      return said([paragraph(w.nothingWaits), menuChoices(w)])
    case 'cancel':
    case 'back':
      // A button of a form that is over says so below.
      return context.choice === undefined ? said([paragraph(w.nothingToCancel), menuChoices(w)]) : undefined
    case 'human':
      return context.input.group ? said([paragraph(w.privately)]) : openNamed(context, context.humanForm)
    case 'english':
      return switchTo(context, 'en')
    case 'chinese':
      return switchTo(context, 'zh-CN')
    default:
      return undefined
  }
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

// One's own data

/** Undefined where nothing of the kind was asked. In a group nothing personal is said. */
async function ownOutcome(context: Context): Promise<(Outcome & Pick<IdentityReply, 'asks'>) | undefined> {
  const { input, session, w, identity, choice } = context
  // What a link carries was not chosen by whoever follows it.
  const ask = parseAsk(input.text, input.besideText ? undefined : choice)
  if (!ask || !identity) return undefined
  if (input.group) return said([paragraph(w.privately)])
  const reply = await identity(ask, session.language)
  return { ...reply, say: [reply.say], outcome: 'command' }
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
    if (!chosen && input.besideText) return decide({ ...context, choice: undefined })
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
  const early = (await ownInForm(context, filling)) ?? commandInForm(context, filling)
  if (early) return early
  const instead = insteadOf(context)
  if (instead !== undefined) return aside([paragraph(instead)], filling)
  const between = await answerBetween(context)
  if (between) return asideAnswer(between, filling)
  if (choice !== undefined && input.besideText) return inForm({ ...context, choice: undefined }, filling)
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

/** What is asked about one's own data waits for no form; the form goes on after it, unless something is asked back. */
async function ownInForm(context: Context, filling: Filling): Promise<Outcome | undefined> {
  const own = await ownOutcome(context)
  if (!own || own.asks || own.erase) return own
  return { ...own, say: [...own.say, promptAgain(filling)] }
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

function endForm(context: Context, document: Document, writes: Write[]): Outcome {
  const { session, w } = context
  const forms = session.forms.slice(0, -1)
  const waiting = forms.at(-1)
  const form = waiting && context.forms(session.language).get(waiting.name)
  const again = form ? [promptAgain({ form, open: waiting, w })] : []
  return { say: [document, ...again], writes, outcome: 'form', session: { forms } }
}
