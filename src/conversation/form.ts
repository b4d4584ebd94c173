/** Typed dialogs: a form is data, this is the one engine that asks, checks, goes back, reviews and submits. Pure. */
import { type Choice, choices, type Document, list, paragraph } from '#channel'
import type { Write } from '#storage'
import { parseCommand, type Wording } from './wording.ts'

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
  /** Whether it may be left empty. */
  optional?: boolean
  parse?(text: string): Parsed
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
  fields: readonly Field[]
  /** Makes answers given under an older version current; absent or undefined: the person starts again. */
  upgrade?(answers: Record<string, string>, version: number): Record<string, string> | undefined
  submit(answers: Readonly<Record<string, string>>): Submission
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

/** What a step did: the form goes on (with its new state), ended, or did not understand the text. */
export type Step =
  | { kind: 'open'; form: OpenForm; say: Document }
  | { kind: 'ended'; say: Document; writes: Write[] }
  | { kind: 'unclear'; say: Document }

const optionId = (index: number) => `f:${index}`
const correctId = (key: string) => `f:fix:${key}`
const confirmId = 'f:ok'

/** Opens a form at its first field. */
export function openForm(form: Form, w: Wording): Step & { kind: 'open' } {
  const open: OpenForm = { name: form.name, version: form.version, answers: {}, at: 0 }
  return {
    kind: 'open',
    form: open,
    say: [paragraph(w.form.started(form.title)), ...promptOf(form, open, w)],
  }
}

/** The question that the form is at. */
export function promptOf(form: Form, open: OpenForm, w: Wording): Document {
  const field = form.fields[open.at]
  if (!field) return reviewOf(form, open, w)
  const options: Choice[] = (field.options ?? []).map((label, i) => ({ id: optionId(i), label }))
  if (field.optional) options.push({ id: 'skip', label: w.labels.skip })
  if (open.at > 0 || open.correcting) options.push({ id: 'back', label: w.labels.back })
  options.push({ id: 'cancel', label: w.labels.cancel })
  return [paragraph(field.prompt), choices(options)]
}

function reviewOf(form: Form, open: OpenForm, w: Wording): Document {
  const lines = form.fields.map(f => `${f.label}：${open.answers[f.key] || w.form.skipped}`)
  const fixes = form.fields.map(f => ({ id: correctId(f.key), label: w.form.correct(f.label) }))
  const confirm = { id: confirmId, label: w.labels.confirm }
  const cancel = { id: 'cancel', label: w.labels.cancel }
  return [paragraph(w.form.review(form.title)), list(lines), choices([confirm, ...fixes, cancel])]
}

/** One line that says where the form stands. */
export function recapOf(form: Form, open: OpenForm, w: Wording): string {
  const done = form.fields.filter(f => open.answers[f.key]).map(f => f.label)
  return w.form.recap(form.title, done.join('、'))
}

/** The open form under today's version of its fields; undefined when it cannot be carried over. */
export function renewForm(form: Form, open: OpenForm): OpenForm | undefined {
  if (open.version === form.version) return open
  const answers = form.upgrade?.(open.answers, open.version)
  if (!answers) return undefined
  const missing = form.fields.findIndex(f => answers[f.key] === undefined)
  return { name: form.name, version: form.version, answers, at: missing < 0 ? form.fields.length : missing }
}

export interface FormInput {
  text: string
  choice: string | undefined
}

/** One message to an open form. Cancel is the gateway's, since it ends the form whatever the field. */
export function stepForm(form: Form, open: OpenForm, input: FormInput, w: Wording): Step {
  const command: string = input.choice ?? parseCommand(input.text) ?? input.text
  if (command === 'back') return goBack(form, open, w)
  const field = form.fields[open.at]
  if (!field) return stepReview(form, open, command, w)
  if (command === 'skip' && field.optional) return fill(form, open, field, '', w)
  const parsed = parseField(field, input, w)
  return 'value' in parsed
    ? fill(form, open, field, parsed.value, w)
    : { kind: 'unclear', say: [paragraph(parsed.problem)] }
}

function parseField(field: Field, { text, choice }: FormInput, w: Wording): Parsed {
  if (!field.options) return field.parse?.(text) ?? { value: text }
  const label = field.options.find((o, i) => optionId(i) === choice || o === text)
  return label === undefined ? { problem: w.form.chooseOne } : { value: label }
}

function fill(form: Form, open: OpenForm, field: Field, value: string, w: Wording): Step {
  const answers = { ...open.answers, [field.key]: value }
  const at = open.correcting ? form.fields.length : open.at + 1
  return moveTo(form, { name: open.name, version: open.version, answers, at }, w)
}

function moveTo(form: Form, open: OpenForm, w: Wording): Step {
  return { kind: 'open', form: open, say: promptOf(form, open, w) }
}

function goBack(form: Form, open: OpenForm, w: Wording): Step {
  if (open.at === 0 && !open.correcting) return { kind: 'unclear', say: [paragraph(w.form.atStart)] }
  const at = open.correcting ? form.fields.length : open.at - 1
  return moveTo(form, { name: open.name, version: open.version, answers: open.answers, at }, w)
}

function stepReview(form: Form, open: OpenForm, command: string, w: Wording): Step {
  if (command === confirmId || command === w.labels.confirm)
    return { kind: 'ended', ...form.submit(open.answers) }
  const at = form.fields.findIndex(f => correctId(f.key) === command || w.form.correct(f.label) === command)
  if (at < 0) return { kind: 'unclear', say: [paragraph(w.form.onlyConfirm)] }
  return moveTo(form, { ...open, at, correcting: true }, w)
}
