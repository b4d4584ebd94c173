/** Where a request stands, by its number and query code: nothing personal is shown, and nothing of it is kept. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Status } from '#casework'
import { type Html, layout } from './page.ts'
import { pageWording as w } from './wording.ts'

export interface RequestPagesOptions {
  agency: string
  status(ref: string, code: string): Promise<Status | undefined>
}

interface Asked {
  number: string
  code: string
}

const input = (name: string, label: string, value: string): Html =>
  html`<div class="field"><label for="${name}">${label}</label><input type="text" id="${name}" name="${name}" value="${value}" autocomplete="off"></div>`

function answerAs(found: Status): Html {
  const rows = [
    [w.number, found.ref],
    [w.state, found.state],
    [w.received, found.receivedOn],
    found.closedOn === null ? [w.due, found.dueOn] : [w.closed, found.closedOn],
  ]
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function bodyOf({ number, code }: Asked, answer: Html | undefined): Html {
  return html`<h1>${w.statusTitle}</h1>${answer ?? html`<p>${w.statusLead}</p>`}<form method="get">${input('number', w.number, number)}${input('code', w.code, code)}<button>${w.look}</button></form>`
}

export function createRequestPages({ agency, status }: RequestPagesOptions) {
  const app = new Hono()
  app.get('/requests', async c => {
    c.header('cache-control', 'no-store')
    const asked = { number: c.req.query('number')?.trim() ?? '', code: c.req.query('code')?.trim() ?? '' }
    const page = (answer?: Html) =>
      layout({ title: `${w.statusTitle} · ${agency}`, agency, body: bodyOf(asked, answer) })
    if (asked.number === '' && asked.code === '') return c.html(page())
    const found = await status(asked.number, asked.code)
    if (found) return c.html(page(answerAs(found)))
    return c.html(page(html`<p class="alert" role="alert">${w.unknown}</p>`), 404)
  })
  return { fetch: async (request: Request): Promise<Response> => app.fetch(request) }
}
