/** Typed dialogs: a form is data, this is the one engine that asks, checks, goes back, reviews and submits. Pure. */
import { type Choice, choices, type Document, list, paragraph } from '#channel'
import type { Write } from '#storage'
import { parseCommand } from './command.ts'
import type { Wording } from './wording.ts'

export type Parsed = { value: string } | { problem: string }

export interface Field {
  key: string
  /** How the field is named in a recap and in the review. */
  label: string
  prompt: string
  /** Present: one of these is chosen, and its label is the value. */
  options?: readonly string[]
  /** Free text takes anything that `parse` accepts, questions too; other fields let a question be answered in between. */
  free?: boolean
  /** Takes several lines, where it is typed on a page. */
  long?: boolean
  /** Whether it may be left empty. */
  optional?: boolean
  /** Whether it is asked at all, after what was answered so far. */
  when?(answers: Readonly<Record<string, string>>): boolean
  parse?(text: string): Parsed
  /** What is worth knowing before going on, once it is filled in. */
  advise?(value: string): Promise<Document | undefined>
}

export interface Submission {
  say: Document
  /** What must be written in the same transaction as the turn. */
  writes: Write[]
}

export interface Form {
  name: string
  /** Rises whenever the fields change. */
  version: number
  title: string
  /** What people type to open it. */
  words?: readonly string[]
  /** What is said before the first field: what becomes of the data. */
  opening?: string
  /** Takes personal data: of a message to it nothing personal stays but in the form's own record. */
  sensitive?: boolean
  /** It is not filled in here: what is said instead, with a way to where it is. */
  elsewhere?(): Promise<Submission>
  fields: readonly Field[]
  /** Makes answers given under an older version current; absent or undefined: the person starts again. */
  upgrade?(answers: Record<string, string>, version: number): Record<string, string> | undefined
  /** `once` names the confirmation: a turn that is taken again submits under the same. */
  submit(answers: Readonly<Record<string, string>>, once: string): Submission | Promise<Submission>
}

/** A form that is being filled in. `at` is the index of the field asked for; past the last field is the review. */
export interface OpenForm {
  name: string
  version: number
  answers: Record<string, string>
  at: number
  /** A field is being corrected: after it comes the review. */
  correcting?: boolean
}

/** What a step did: the form goes on (with its new state), is complete, or did not understand the text. */
export type Step =
  | { kind: 'open'; form: OpenForm; say: Document }
  | { kind: 'submitted'; answers: Record<string, string> }
  | { kind: 'unclear'; say: Document }

/** A form, where it stands, and the words to talk about it. */
export interface Filling {
  form: Form
  open: OpenForm
  w: Wording
}

const optionId = (index: number) => `f:${index}`
const correctId = (key: string) => `f:fix:${key}`
const confirmId = 'f:ok'

/** Whether a choice is one of those that forms offer. */
export const isFormChoice = (id: string): boolean =>
  id.startsWith('f:') || ['skip', 'back', 'cancel'].includes(id)

/** The number of a choice that is typed back, 1 to 9 (１ and ① alike, a full stop after it or not). */
export function parseChoiceNumber(text: string): number | undefined {
  if (text.length > 2) return undefined
  const digit = text.normalize('NFKC').replace(/[.。、]$/, '')
  return /^[1-9]$/.test(digit) ? Number(digit) : undefined
}

/** Opens a form at its first field. */
export function openForm(form: Form, w: Wording): Step & { kind: 'open' } {
  const open: OpenForm = { name: form.name, version: form.version, answers: {}, at: 0 }
  return {
    kind: 'open',
    form: open,
    say: [
      paragraph(w.form.started(form.title)),
      ...(form.opening ? [paragraph(form.opening)] : []),
      ...promptOf({ form, open, w }),
    ],
  }
}

/** The question that the form is at. */
export function promptOf(filling: Filling): Document {
  const { form, open, w } = filling
  const field = form.fields[open.at]
  if (!field) return reviewOf(filling)
  const options: Choice[] = (field.options ?? []).map((label, i) => ({ id: optionId(i), label }))
  if (field.optional) options.push({ id: 'skip', label: w.labels.skip })
  if (open.at > 0 || open.correcting) options.push({ id: 'back', label: w.labels.back })
  options.push({ id: 'cancel', label: w.labels.cancel })
  return [paragraph(field.prompt), choices(options)]
}

/** The question that the form is at, after something else was said in between. */
export function promptAgain(filling: Filling): Document {
  return [paragraph(filling.w.form.resumed(filling.form.title)), ...promptOf(filling)]
}

/** The fields that are asked, after these answers. */
const askedIn = (form: Form, answers: Record<string, string>) =>
  form.fields.filter(field => field.when?.(answers) ?? true)

function reviewOf({ form, open, w }: Filling): Document {
  const fields = askedIn(form, open.answers)
  const lines = fields.map(f => `${f.label}：${open.answers[f.key] || w.form.skipped}`)
  const fixes = fields.map(f => ({ id: correctId(f.key), label: w.form.correct(f.label) }))
  const confirm = { id: confirmId, label: w.labels.confirm }
  const cancel = { id: 'cancel', label: w.labels.cancel }
  return [paragraph(w.form.review(form.title)), list(lines), choices([confirm, ...fixes, cancel])]
}

/** One line that says where the form stands. */
export function recapOf({ form, open, w }: Filling): string {
  const done = askedIn(form, open.answers)
    .filter(f => open.answers[f.key])
    .map(f => f.label)
  return w.form.recap(form.title, done.join('、'))
}

/** The open form under today's version of its fields; undefined when it cannot be carried over. */
export function renewForm(form: Form, open: OpenForm): OpenForm | undefined {
  if (open.version === form.version) return open
  const answers = form.upgrade?.(open.answers, open.version)
  if (!answers) return undefined
  return { name: form.name, version: form.version, answers, at: nextIn(form, answers, 0) }
}

export interface FormInput {
  text: string
  choice: string | undefined
}

/** One message to an open form. Cancel is the gateway's, since it ends the form whatever the field. */
export function stepForm(filling: Filling, input: FormInput): Step {
  const { form, open, w } = filling
  const command: string = input.choice ?? parseCommand(input.text) ?? input.text
  if (command === 'back') return goBack(filling)
  const field = form.fields[open.at]
  if (!field) return stepReview(filling, command)
  if (command === 'skip' && field.optional) return fill(filling, field, '')
  const parsed = parseField(field, input, w)
  return 'value' in parsed
    ? fill(filling, field, parsed.value)
    : { kind: 'unclear', say: [paragraph(parsed.problem)] }
}

function parseField(field: Field, { text, choice }: FormInput, w: Wording): Parsed {
  // A button is no text: it stands under something that was said before.
  if (!field.options)
    return choice === undefined ? (field.parse?.(text) ?? { value: text }) : { problem: w.form.otherChoice }
  const label = field.options.find((o, i) => optionId(i) === choice || o === text)
  return label === undefined ? { problem: w.form.chooseOne } : { value: label }
}

function fill(filling: Filling, field: Field, value: string): Step {
  const { form, open } = filling
  const answers = { ...open.answers, [field.key]: value }
  // What was corrected may make another field necessary: that one is asked, then comes the review.
  const at = nextIn(form, answers, open.correcting ? 0 : open.at + 1)
  return moveTo(filling, { name: open.name, version: open.version, answers, at })
}

/** The next field that is asked and has no answer yet, from `from` on; past the last one is the review. */
function nextIn(form: Form, answers: Record<string, string>, from: number): number {
  const isMissing = (f: Field) => answers[f.key] === undefined && (f.when?.(answers) ?? true)
  const next = form.fields.findIndex((field, i) => i >= from && isMissing(field))
  return next < 0 ? form.fields.length : next
}

function moveTo(filling: Filling, open: OpenForm): Step {
  return { kind: 'open', form: open, say: promptOf({ ...filling, open }) }
}

function goBack(filling: Filling): Step {
  const { form, open, w } = filling
  const { name, version, answers } = open
  if (open.correcting) return moveTo(filling, { name, version, answers, at: form.fields.length })
  const at = form.fields.findLastIndex((f, i) => i < open.at && (f.when?.(answers) ?? true))
  if (at < 0) return { kind: 'unclear', say: [paragraph(w.form.atStart)] }
  // What stands behind is asked again: it may have been answered for another case.
  const kept = form.fields.slice(0, at).map(f => [f.key, answers[f.key]] as const)
  const before = Object.fromEntries(kept.filter((e): e is [string, string] => e[1] !== undefined))
  return moveTo(filling, { name, version, answers: before, at })
}

function stepReview(filling: Filling, command: string): Step {
  const { form, open, w } = filling
  if (command === confirmId || command === w.labels.confirm) {
    const told = askedIn(form, open.answers).map(f => [f.key, open.answers[f.key] ?? ''] as const)
    return { kind: 'submitted', answers: Object.fromEntries(told) }
  }
  const at = form.fields.findIndex(f => correctId(f.key) === command || w.form.correct(f.label) === command)
  if (at < 0) return { kind: 'unclear', say: [paragraph(w.form.onlyConfirm)] }
  return moveTo(filling, { ...open, at, correcting: true })
}
