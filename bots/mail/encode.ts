/** Our typed document → the subject, the plain text, the HTML and the attachments of a mail. Pure. */
import { type Block, type Document, formatCitation, formatPlain } from '#channel'

export interface Attachment {
  name: string
  type: string
  data: Buffer
  /** Shown in the HTML under this name. */
  cid?: string
}

export interface Mail {
  subject: string
  text: string
  html: string
  attachments: Attachment[]
}

const longestSubject = 80
const longestName = 100
const footer = '本邮件由系统自动发出，直接回复收不到。'

/** One line without control characters: nothing in it can begin a header of its own. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => text.toWellFormed().replace(/[&<>"']/g, c => escapes[c] ?? c)

const isAddress = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

function anchor(label: string, url: string): string {
  if (!isAddress(url)) return escaped(`${label} ${url}`.trim())
  return `<a href="${escaped(url)}">${escaped(label || url)}</a>`
}

/** Nobody reads what is answered to a mail, so there is nothing to choose. */
const isShown = ({ kind }: Block) => kind !== 'choices'

const cidOf = (index: number) => `picture-${index}@gongkai`

function htmlOf(block: Block, index: number): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`
    case 'paragraph':
      return `<p>${escaped(block.text).replaceAll('\n', '<br>')}</p>`
    case 'list':
      return `<ul>${block.items.map(item => `<li>${escaped(item)}</li>`).join('')}</ul>`
    case 'citation':
      return `<p>依据：${anchor(formatCitation(block), block.url ?? '')}</p>`
    case 'link':
      return `<p>${anchor(block.label, block.url)}</p>`
    case 'picture':
      return `<p><img src="cid:${cidOf(index)}" alt="${escaped(block.alternative)}"></p>`
    case 'file':
      return `<p>附件：${escaped(oneLine(block.name))}</p>`
    case 'choices':
      return ''
  }
}

/** A name that is a file's and no path. */
const fileName = (name: string) => oneLine(name).replace(/[/\\]/g, '_').slice(0, longestName) || '附件'
const mediaType = (type: string) =>
  /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type.toLowerCase() : 'application/octet-stream'

function attachmentOf(block: Block, index: number): Attachment[] {
  if (block.kind === 'file')
    return [
      { name: fileName(block.name), type: mediaType(block.type), data: Buffer.from(block.data, 'base64') },
    ]
  if (block.kind !== 'picture') return []
  const data = Buffer.from(block.data, 'base64')
  return [{ name: `picture-${index}.png`, type: 'image/png', data, cid: cidOf(index) }]
}

/** `from`: who sends it, for a document that has no heading of its own. */
export function encode(document: Document, from: string): Mail {
  const shown = document.filter(isShown)
  const heading = shown.find(block => block.kind === 'heading')
  const body = shown.map(htmlOf).join('\n')
  return {
    subject: oneLine(heading?.text ?? `${from}的答复`)
      .slice(0, longestSubject)
      .toWellFormed(),
    text: `${formatPlain(shown)}\n\n${footer}\n`,
    html: `<!doctype html>\n<html lang="zh-CN"><meta charset="utf-8"><body>\n${body}\n<hr><p>${footer}</p>\n</body></html>\n`,
    attachments: shown.flatMap(attachmentOf),
  }
}
