/** A form as a page: what is asked after the answers so far, what is wrong with them, and what comes next. Pure. */
import { html } from 'hono/html'
import type { Field, Form } from '#dialog'
import type { Html } from './page.ts'
import { pageWording as w } from './wording.ts'

export type Answers = Record<string, string>

/** Names the fields that were on the page. */
const shownKey = 'shown'

/** What a page that was sent leads to. */
export type Sheet =
  | { kind: 'asking'; fields: readonly Field[]; problems: ReadonlyMap<string, string>; more: boolean }
  | { kind: 'review'; fields: readonly Field[] }
  | { kind: 'confirmed'; answers: Answers }

const askedIn = (form: Form, answers: Answers) => form.fields.filter(field => field.when?.(answers) ?? true)

function parse(field: Field, text: string): { value: string } | { problem: string } {
  if (text.trim() === '') return field.optional ? { value: '' } : { problem: w.missing }
  if (field.options) return field.options.includes(text) ? { value: text } : { problem: w.choose }
  return field.parse?.(text) ?? { value: text }
}

/**
 * `given` is what the page holds; a field that was not on it has no key there. What is asked depends on what was
 * answered, so that a page may come back with more fields than it had.
 */
export function stepSheet(form: Form, given: Answers, step: 'start' | 'next' | 'confirm' | 'change'): Sheet {
  if (step === 'start') return { kind: 'asking', fields: askedIn(form, {}), problems: new Map(), more: false }
  const answers: Answers = {}
  // A choice that was not made does not come with the page.
  const shown = given[shownKey]?.split(' ') ?? []
  const problems = new Map<string, string>()
  let more = false
  for (const field of form.fields) {
    if (!(field.when?.(answers) ?? true)) continue
    const text = given[field.key]
    const parsed = parse(field, text ?? '')
    if ('value' in parsed) answers[field.key] = parsed.value
    else if (text === undefined && !shown.includes(field.key)) more = true
    else problems.set(field.key, parsed.problem)
  }
  const fields = askedIn(form, answers)
  if (step === 'change' || more || problems.size > 0)
    return { kind: 'asking', fields, problems: step === 'change' ? new Map() : problems, more }
  return step === 'confirm' ? { kind: 'confirmed', answers } : { kind: 'review', fields }
}

function choice(field: Field, option: string, { value, id }: { value: string; id: string }): Html {
  return html`<span class="choice"><input type="radio" name="${field.key}" value="${option}" id="${id}"${value === option ? html` checked` : ''}><label for="${id}">${option}</label></span>`
}

function fieldAs(field: Field, value: string, problem: string | undefined): Html {
  const { key, label, prompt, options, long } = field
  const ids = problem === undefined ? `${key}-hint` : `${key}-hint ${key}-problem`
  const wrong = problem === undefined ? '' : html`<p class="problem" id="${key}-problem">${problem}</p>`
  const marks = html` aria-describedby="${ids}"${problem === undefined ? '' : html` aria-invalid="true"`}`
  const cls = problem === undefined ? 'field' : 'field bad'
  const hint = html`<p class="hint" id="${key}-hint">${prompt}</p>`
  if (options)
    return html`<fieldset class="${cls}" aria-describedby="${ids}"><legend>${label}</legend>${hint}${options.map((option, i) => choice(field, option, { value, id: `${key}-${i}` }))}${wrong}</fieldset>`
  const input = long
    ? html`<textarea name="${key}" id="${key}"${marks}>${value}</textarea>`
    : html`<input type="text" name="${key}" id="${key}" value="${value}" autocomplete="off"${marks}>`
  return html`<div class="${cls}"><label for="${key}">${label}</label>${hint}${input}${wrong}</div>`
}

/** The fields to be filled in. */
export function askingAs(sheet: Extract<Sheet, { kind: 'asking' }>, form: Form, given: Answers): Html {
  const { fields, problems, more } = sheet
  const words = problems.size > 0 ? w.problems : more ? w.more : undefined
  const alert = words === undefined ? '' : html`<p class="alert" role="alert">${words}</p>`
  const first = problems.size === 0 && !more
  const intro = first ? html`<p>${w.lead}</p>${form.opening ? html`<p>${form.opening}</p>` : ''}` : ''
  return html`<h1>${form.title}</h1>${intro}${alert}<form method="post"><input type="hidden" name="${shownKey}" value="${fields.map(({ key }) => key).join(' ')}">${fields.map(field => fieldAs(field, given[field.key] ?? '', problems.get(field.key)))}<button name="step" value="next">${w.next}</button></form>`
}

/** Everything once more, before it is sent. */
export function reviewAs(
  { fields, advice }: { fields: readonly Field[]; advice: readonly Html[] },
  form: Form,
  given: Answers,
): Html {
  const rows = fields.map(({ key, label }) => html`<dt>${label}</dt><dd>${given[key] ?? ''}</dd>`)
  const hidden = fields.map(
    ({ key }) => html`<input type="hidden" name="${key}" value="${given[key] ?? ''}">`,
  )
  return html`<h1>${form.title}</h1>${advice.length > 0 ? html`<aside class="advice">${advice}</aside>` : ''}<p>${w.review}</p><dl>${rows}</dl><form method="post">${hidden}<button name="step" value="confirm">${w.confirm}</button><button class="other" name="step" value="change">${w.change}</button></form>`
}
