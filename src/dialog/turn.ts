/** One turn, computed and not yet written: what a message means in its session, and what is said. */
import { hasChinese, hasWords, lengthOf } from '#base/text'
import { type Document, paragraph } from '#channel'
import { type IdentityReply, parseAsk } from '#identity'
import type { Answerer } from './answerer.ts'
import { type Command, parseCommand } from './command.ts'
import { withForm } from './filling.ts'
import { isFormChoice, openForm } from './form.ts'
import {
  askedOf,
  type Context,
  longestMessage,
  menuChoices,
  menuOf,
  notUnderstood,
  type Outcome,
  type Session,
  said,
  type Turn,
  type TurnDeps,
  type TurnInput,
  told,
} from './outcome.ts'
import type { Language } from './wording.ts'

/** Computes the turn. Writes nothing and sends nothing: the result is committed as one unit or not at all. */
export async function takeTurn(session: Session, input: TurnInput, deps: TurnDeps): Promise<Turn> {
  const w = deps.wording[session.language]
  const context: Context = { ...deps, w, session, input, choice: input.choice, around }
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
  return (await runCommand(context, command)) ?? (await openByName(context)) ?? respond(context)
}

/** What the steps of an open form need of the turn around it. */
const around = { decide, runCommand, openNamed, openByName, ownOutcome, insteadOf, answerChoice }

// Commands

async function runCommand(
  context: Context,
  command: Command | string | undefined,
): Promise<Outcome | undefined> {
  const { w } = context
  switch (command) {
    case 'menu':
    case 'greeting':
      return said(menuOf(context))
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
  const session = { ...context.session, language }
  return { ...said([paragraph(w.switched), ...menuOf({ ...context, w, session })]), session: { language } }
}

async function openNamed(context: Context, name: string): Promise<Outcome | undefined> {
  const form = context.forms(context.session.language).get(name)
  if (!form) return undefined
  if (form.elsewhere) {
    const { say, writes } = await form.elsewhere()
    return { ...said(say), writes }
  }
  const step = openForm(form, context.w)
  return {
    say: [step.say],
    writes: [],
    outcome: 'form',
    session: { forms: [...context.session.forms, step.form] },
  }
}

/** A form that is asked for by its own words, or by a choice that leads to it. */
async function openByName(context: Context): Promise<Outcome | undefined> {
  const { input, choice, session, w } = context
  const open = session.forms.at(-1)?.name
  for (const [name, { words = [] }] of context.forms(session.language)) {
    if (name === open) continue
    if (choice === undefined ? !words.includes(input.text.trim()) : choice !== `open:${name}`) continue
    return input.group ? said([paragraph(w.privately)]) : openNamed(context, name)
  }
  return undefined
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
