/** Public pages as HTML: plain, without scripts, readable on a telephone and by a screen reader. */
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { type Block, type Document, formatCitation } from '#channel'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

const sheet = `
:root { color-scheme: light; font: 18px/1.7 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #1a1a1a; background: #f4f6f8 }
body { margin: 0 } main { max-width: 40rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; background: #fff; min-height: 100vh; box-sizing: border-box }
h1 { font-size: 1.45rem; line-height: 1.35; margin: .25rem 0 1rem } h2 { font-size: 1.15rem }
.agency { color: #44505c; margin: 0 } label, legend { font-weight: 600; display: block; margin: 0 0 .35rem; padding: 0 }
.hint { color: #44505c; margin: 0 0 .5rem; font-size: .94rem } fieldset { border: 0; padding: 0; margin: 0 } .field { margin: 0 0 1.6rem }
input[type=file] { font: inherit; max-width: 100% } input[type=text], textarea { width: 100%; box-sizing: border-box; font: inherit; padding: .55rem .7rem; border: 1px solid #6b7885; border-radius: 6px; background: #fff; color: inherit }
textarea { min-height: 7rem } .choice { display: block; padding: .35rem 0 } .choice label { display: inline; font-weight: 400 } .choice input { width: 1.15rem; height: 1.15rem; margin: 0 .5rem 0 0; vertical-align: -.15rem }
aside.advice { border-left: 5px solid #0b57a4; background: #eef4fb; padding: .6rem .9rem; margin: 0 0 1.4rem } aside.advice p { margin: .4rem 0 } .problem { color: #a3160b; margin: .35rem 0 0 } .bad input, .bad textarea { border-color: #a3160b; border-width: 2px } .alert { border-left: 5px solid #a3160b; background: #fdf1f0; padding: .6rem .9rem; margin: 0 0 1.4rem }
button { font: inherit; padding: .6rem 1.6rem; border-radius: 6px; border: 1px solid #0b57a4; background: #0b57a4; color: #fff; margin: 0 .6rem .6rem 0 } button.other { background: #fff; color: #0b57a4 }
:focus-visible { outline: 3px solid #f2a900; outline-offset: 2px } dl { margin: 0 0 1.5rem } dt { font-weight: 600; margin-top: .8rem } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere } a { color: #0b57a4 }
`

/** The style sheet of all public pages; the protections of the server allow none in a page itself. */
export const styles = sheet.trim()
export const stylesPath = '/pages.css'

export function layout({ title, agency, body }: { title: string; agency: string; body: Html }): Html {
  return html`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${title}</title><link rel="stylesheet" href="${stylesPath}"></head>
<body><main><p class="agency">${agency}</p>${body}</main></body></html>`
}

function blockAs(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return html`<h2>${block.text}</h2>`
    case 'paragraph':
      return html`<p>${block.text}</p>`
    case 'list':
      return html`<ul>${block.items.map(item => html`<li>${item}</li>`)}</ul>`
    case 'citation':
      return html`<p>依据：${formatCitation(block)}</p>`
    case 'link':
      return html`<p><a href="${block.url}">${block.label}</a></p>`
    case 'picture':
      return html`<p><img alt="${block.alternative}" src="data:image/png;base64,${block.data}"></p>`
    // A page of ours offers its own buttons, and hands out no files yet.
    case 'choices':
    case 'file':
      return html`${raw('')}`
  }
}

/** A typed document as part of a page. */
export function documentAs(document: Document): Html {
  return html`${document.map(blockAs)}`
}
