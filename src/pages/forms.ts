/** Forms on a page of ours, reached by a link that is good once: what is typed there never passes the chat. */
import { hash, randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Log } from '#base/log'
import type { Document } from '#channel'
import type { FormPlace } from '#conversation'
import type { Field, Form } from '#dialog'
import { Conflict, type Row, type Write } from '#storage'
import { documentAs, type Html, layout } from './page.ts'
import { type Answers, askingAs, reviewAs, stepSheet } from './sheet.ts'
import type { FormStore } from './store.ts'
import { pageWording as w } from './wording.ts'

const goodMs = 30 * 60_000
const tokenBytes = 18
const mostLetters = 4_000
const steps = ['next', 'confirm', 'change'] as const

export interface FormPagesOptions {
  store: FormStore
  clock: Clock
  log: Log
  agency: string
  /** How citizens reach this server; absent: nobody can be invited. */
  publicUrl: string | undefined
  /** The form under this name, as it is filled in for a conversation. */
  formFor(place: FormPlace, name: string): Form | undefined
  /** What is said in the conversation once the form is sent: the writes, and what is to be done after them. */
  tell(
    conversation: number,
    document: Document,
  ): Promise<{ writes: Write[]; carry(rows: readonly Row[][]): void } | undefined>
  isAbroad(channel: string): boolean
}

const hashOf = (token: string) => hash('sha256', token)

export function createFormPages(options: FormPagesOptions) {
  const { store, clock, log, agency, publicUrl } = options
  const app = new Hono()

  const page = (title: string, body: Html) => layout({ title: w.title(agency, title), agency, body })

  /** Whose page it is; undefined where the link is wrong, used or too old. */
  async function open(token: string): Promise<{ key: string; place: FormPlace; form: Form } | undefined> {
    const key = hashOf(token)
    const row = await store.find(key, clock.now())
    if (!row) return undefined
    const { conversation, channel } = row
    const place = { conversation, channel, abroad: options.isAbroad(channel) }
    const form = options.formFor(place, row.form)
    return form && { key, place, form }
  }

  /** Submits once under the link's name; the conversation is told in the unit that uses the link up. */
  async function submit(key: string, place: FormPlace, { form, answers }: { form: Form; answers: Answers }) {
    const { say, writes } = await form.submit(answers, `page:${key}`)
    const told = await options.tell(place.conversation, say)
    try {
      const [, ...rows] = await store.commit([
        store.use(key, clock.now()),
        ...(told?.writes ?? []),
        ...writes,
      ])
      told?.carry(rows)
    } catch (error) {
      // Sent twice at the same time: the first has told it.
      if (!(error instanceof Conflict)) throw error
    }
    return say
  }

  /** What is worth knowing before it is sent, as the chat tells it while it asks. */
  async function adviceOn(fields: readonly Field[], given: Answers): Promise<Html[]> {
    const told = await Promise.all(fields.map(field => field.advise?.(given[field.key] ?? '')))
    return told.filter(document => document !== undefined).map(documentAs)
  }

  function gone(): Html {
    const words: Document = [
      { kind: 'heading', text: w.gone },
      { kind: 'paragraph', text: w.goneWhy },
    ]
    return page(w.gone, documentAs(words))
  }

  app.use('/forms/*', async (c, next) => {
    c.header('cache-control', 'no-store')
    c.header('x-robots-tag', 'noindex')
    await next()
  })

  app.get('/forms/:token', async c => {
    const opened = await open(c.req.param('token'))
    if (!opened) return c.html(gone(), 404)
    const { form } = opened
    const sheet = stepSheet(form, {}, 'start')
    return sheet.kind === 'asking' ? c.html(page(form.title, askingAs(sheet, form, {}))) : c.notFound()
  })

  app.post('/forms/:token', async c => {
    const opened = await open(c.req.param('token'))
    if (!opened) return c.html(gone(), 404)
    const { key, place, form } = opened
    const given = await answersOf(c.req.raw)
    const step = steps.find(one => one === given.step) ?? 'next'
    const sheet = stepSheet(form, given, step)
    try {
      if (sheet.kind === 'asking') return c.html(page(form.title, askingAs(sheet, form, given)))
      if (sheet.kind === 'review') {
        const { fields } = sheet
        const advice = await adviceOn(fields, given)
        return c.html(page(form.title, reviewAs({ fields, advice }, form, given)))
      }
      const say = await submit(key, place, { form, answers: sheet.answers })
      const done: Document = [{ kind: 'heading', text: w.done }, ...say, { kind: 'paragraph', text: w.back }]
      return c.html(page(form.title, documentAs(done)))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      log.warn('form.refused', { code: error.code })
      return c.html(page(form.title, documentAs([{ kind: 'paragraph', text: error.say }])), 422)
    }
  })

  return {
    fetch: async (request: Request): Promise<Response> => app.fetch(request),
    /** The address of a page on which a form is filled in, once and within half an hour. */
    async invite(place: FormPlace, form: string): Promise<string | undefined> {
      if (publicUrl === undefined) return undefined
      const token = randomBytes(tokenBytes).toString('base64url')
      const { conversation, channel } = place
      await store.insert({
        hash: hashOf(token),
        form,
        conversation,
        channel,
        expires_at: clock.now() + goodMs,
      })
      return `${publicUrl.replace(/\/$/, '')}/forms/${token}`
    },
    /** Deletes what nobody can use any more. */
    sweep: async () => void (await store.sweep(clock.now() - goodMs)),
  }
}

async function answersOf(request: Request): Promise<Answers> {
  const form = await request.formData().catch(() => undefined)
  const answers: Answers = {}
  for (const [name, value] of form?.entries() ?? [])
    if (typeof value === 'string') answers[name] = value.slice(0, mostLetters)
  return answers
}
