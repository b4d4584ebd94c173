/** Where a request stands, by its number and query code: nothing personal is shown, and nothing of it is kept. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import { Refusal } from '#base/errors'
import type { Slip, Status } from '#casework'
import type { GivenFile } from '#keeping'
import type { Paper } from '#paper'
import { type Html, layout } from './page.ts'
import { receiptOf } from './receipt.ts'
import { pageWording as w } from './wording.ts'

export interface RequestPagesOptions {
  agency: string
  status(ref: string, code: string): Promise<Status | undefined>
  /** The receipt, by the query code. */
  slip(ref: string, code: string): Promise<Slip | undefined>
  /** The receipt, by the proof on it: whether it is ours. */
  confirmSlip(ref: string, proof: string): Promise<Slip | undefined>
  pdf(paper: Paper): Promise<Uint8Array>
  /** Puts a file to an open request; undefined for a wrong pair. Throws a Refusal that says what to do. */
  addFile(own: { ref: string; code: string }, file: GivenFile): Promise<{ name: string } | undefined>
}

interface Asked {
  number: string
  code: string
}

export const receiptPath = '/requests/receipt.pdf'

/** Where the receipt is fetched: number and code say nothing of a person. */
export const receiptUrl = ({ number, code }: Asked): string =>
  `${receiptPath}?${new URLSearchParams({ number, code })}`

/** Where one request stands, and where files are put to it. */
export const statusUrl = ({ number, code }: Asked): string =>
  `/requests?${new URLSearchParams({ number, code })}`

const input = (name: string, label: string, value: string): Html =>
  html`<div class="field"><label for="${name}">${label}</label><input type="text" id="${name}" name="${name}" value="${value}" autocomplete="off"></div>`

const rowsAs = (rows: readonly (readonly [string, string])[]): Html =>
  html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`

function answerAs(found: Status, asked: Asked): Html {
  const { ref, state, receivedOn, dueOn, closedOn, files } = found
  const rows = rowsAs([
    [w.number, ref],
    [w.state, state],
    [w.received, receivedOn],
    closedOn === null ? [w.due, dueOn] : [w.closed, closedOn],
    ...(files > 0 ? [[w.files, w.filesCount(files)] as const] : []),
  ])
  const link = html`<p><a href="${receiptUrl(asked)}">${w.receiptFile}</a></p>`
  return html`${rows}${link}${closedOn === null ? materialAs(asked) : ''}`
}

/** Without scripts: the browser's own choice of a file. */
function materialAs({ number, code }: Asked): Html {
  return html`<h2>${w.material}</h2><form method="post" action="/requests" enctype="multipart/form-data"><input type="hidden" name="number" value="${number}"><input type="hidden" name="code" value="${code}"><div class="field"><label for="file">${w.file}</label><p class="hint" id="file-hint">${w.materialHow}</p><input type="file" id="file" name="file" aria-describedby="file-hint" accept=".pdf,.jpg,.jpeg,.png,.doc,.docx,.xlsx"></div><button>${w.upload}</button></form>`
}

function provedAs({ ref, applicant, receivedOn, dueOn }: Slip): Html {
  const rows = rowsAs([
    [w.number, ref],
    [w.applicant, applicant],
    [w.received, receivedOn],
    [w.due, dueOn],
  ])
  return html`<p role="status">${w.proved}</p>${rows}`
}

function bodyOf({ number, code }: Asked, answer: Html | undefined): Html {
  return html`<h1>${w.statusTitle}</h1>${answer ? html`${answer}<h2>${w.other}</h2>` : html`<p>${w.statusLead}</p>`}<form method="get" action="/requests">${input('number', w.number, number)}${input('code', w.code, code)}<button>${w.look}</button></form>`
}

export function createRequestPages(options: RequestPagesOptions) {
  const { agency, status, slip, confirmSlip, pdf, addFile } = options
  const app = new Hono()
  const pageOf = (asked: Asked, answer?: Html) =>
    layout({ title: `${w.statusTitle} · ${agency}`, agency, body: bodyOf(asked, answer) })

  async function answerTo(asked: Asked): Promise<Html | undefined> {
    const { number, code } = asked
    const found = await status(number, code)
    if (found) return answerAs(found, asked)
    const proved = await confirmSlip(number, code)
    return proved && provedAs(proved)
  }

  app.use('*', async (c, next) => {
    c.header('cache-control', 'no-store')
    await next()
  })
  app.get('/requests', async c => {
    const asked = askedIn(c.req)
    if (asked.number === '' && asked.code === '') return c.html(pageOf(asked))
    const answer = await answerTo(asked)
    if (answer) return c.html(pageOf(asked, answer))
    return c.html(pageOf(asked, html`<p class="alert" role="alert">${w.unknown}</p>`), 404)
  })
  app.post('/requests', async c => {
    const form = await c.req.raw.formData().catch(() => undefined)
    const textOf = (name: string) => String(form?.get(name) ?? '').trim()
    const asked = { number: textOf('number'), code: textOf('code') }
    const file = form?.get('file')
    const alert = (words: string) => html`<p class="alert" role="alert">${words}</p>`
    const found = await status(asked.number, asked.code)
    if (!found) return c.html(pageOf(asked, alert(w.unknown)), 404)
    const again = (words: string) =>
      c.html(pageOf(asked, html`${alert(words)}${answerAs(found, asked)}`), 422)
    if (!(file instanceof File) || file.name === '') return again(w.noFile)
    try {
      const given = { name: file.name, bytes: Buffer.from(await file.arrayBuffer()) }
      const added = await addFile({ ref: asked.number, code: asked.code }, given)
      const now = await answerTo(asked)
      return c.html(pageOf(asked, html`<p role="status">${w.uploaded(added?.name ?? '')}</p>${now ?? ''}`))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return again(error.say)
    }
  })
  app.get(receiptPath, async c => {
    const asked = askedIn(c.req)
    const found = await slip(asked.number, asked.code)
    if (!found) return c.html(pageOf(asked, html`<p class="alert" role="alert">${w.unknown}</p>`), 404)
    c.header('content-type', 'application/pdf')
    c.header('content-disposition', `inline; filename="${found.ref}.pdf"`)
    return c.body(Buffer.from(await pdf(receiptOf(found, agency))))
  })
  return { fetch: async (request: Request): Promise<Response> => app.fetch(request) }
}

function askedIn({ url }: { url: string }): Asked {
  const { searchParams } = new URL(url)
  return {
    number: searchParams.get('number')?.trim() ?? '',
    code: searchParams.get('code')?.trim() ?? '',
  }
}
