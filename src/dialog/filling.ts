/** A turn while a form is open: what the form takes, what is answered in between, and what ends it. */

import { hasChinese } from '#base/text'
import { type Document, paragraph } from '#channel'
import { findRisk } from '#guard'
import type { Write } from '#storage'
import type { Answerer, Reply } from './answerer.ts'
import { asidePrefix, parseCommand } from './command.ts'
import { type Filling, type OpenForm, promptAgain, promptOf, recapOf, renewForm, stepForm } from './form.ts'
import { askedOf, type Context, type Outcome, said } from './outcome.ts'
import type { Language } from './wording.ts'

export async function withForm(context: Context, open: OpenForm): Promise<Outcome> {
  const { w, session, input } = context
  const form = context.forms(session.language).get(open.name)
  const current = form && renewForm(form, open)
  if (!form || !current) return startAgain(context, form?.title ?? open.name)
  const filling: Filling = { form, open: current, w }
  const taken = await careFirst(context, await inForm(context, filling))
  const outcome = form.sensitive ? { ...taken, sensitive: true } : taken
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
  const fresh = await context.around.decide({ ...context, session: { ...context.session, forms } })
  return {
    ...fresh,
    say: [[paragraph(context.w.form.renewed(title))], ...fresh.say],
    session: { forms, ...fresh.session },
  }
}

async function inForm(context: Context, filling: Filling): Promise<Outcome> {
  const { input, choice, session } = context
  const early = (await ownInForm(context, filling)) ?? (await commandInForm(context, filling))
  if (early) return early
  const instead = context.around.insteadOf(context)
  if (instead !== undefined) return aside([paragraph(instead)], filling)
  const between = await answerBetween(context)
  if (between) return asideAnswer(between, filling)
  if (choice !== undefined && input.besideText) return inForm({ ...context, choice: undefined }, filling)
  const step = stepForm(filling, { text: input.text, choice })
  if (step.kind === 'unclear') return unclear(context, filling, step.say)
  if (step.kind === 'submitted') {
    const { say, writes } = await filling.form.submit(step.answers, input.once ?? '')
    return endForm(context, say, writes)
  }
  const forms = [...session.forms.slice(0, -1), step.form]
  const advice = await adviceOn(filling, step.form)
  return { ...said(advice ? [...advice, ...step.say] : step.say, 'form'), session: { forms } }
}

/** What is worth knowing of the field that was just filled in; of a choice nothing, as it would be taken for the form's. */
async function adviceOn({ form, open }: Filling, next: OpenForm): Promise<Document | undefined> {
  const field = form.fields[open.at]
  const value = field && next.answers[field.key]
  if (!field?.advise || !value || value === open.answers[field.key]) return undefined
  return (await field.advise(value))?.filter(block => block.kind !== 'choices')
}

/** What is answered while the form waits: a choice of an earlier answer, a question with its prefix. */
function answerBetween(context: Context): ReturnType<Answerer['choose']> {
  const { input, choice, answerer } = context
  if (choice !== undefined) return context.around.answerChoice(context, choice)
  const [prefix = ''] = asidePrefix.exec(input.text) ?? []
  const question = input.text.slice(prefix.length)
  return prefix === '' || question === '' ? undefined : answerer.answer(question, askedOf(context))
}

/** What is asked about one's own data waits for no form; the form goes on after it, unless something is asked back. */
async function ownInForm(context: Context, filling: Filling): Promise<Outcome | undefined> {
  const own = await context.around.ownOutcome(context)
  if (!own || own.asks || own.erase) return own
  return { ...own, say: [...own.say, promptAgain(filling)] }
}

/** What is the gateway's in a form too; back and skip are the form's own. */
async function commandInForm(context: Context, filling: Filling): Promise<Outcome | undefined> {
  const { form, w } = filling
  const command = context.choice ?? parseCommand(context.input.text)
  switch (command) {
    case 'cancel':
      return endForm(context, [paragraph(w.form.cancelled(form.title))], [])
    case 'human':
      return form.name === context.humanForm
        ? undefined
        : context.around.openNamed(context, context.humanForm)
    case 'menu':
    case 'help':
    case 'privacy':
      return aside((await context.around.runCommand(context, command))?.say[0] ?? [], filling)
    case 'english':
      return switchInForm(context, filling, 'en')
    case 'chinese':
      return switchInForm(context, filling, 'zh-CN')
    default:
      // Another form is asked for by its own words, but where anything may be typed.
      return form.fields[filling.open.at]?.free ? undefined : context.around.openByName(context)
  }
}

/** The same field of the same form, in the other language. */
function switchInForm(context: Context, filling: Filling, language: Language): Outcome {
  const form = context.forms(language).get(filling.open.name) ?? filling.form
  const w = context.wording[language]
  return { ...aside([paragraph(w.switched)], { ...filling, form, w }), session: { language } }
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
