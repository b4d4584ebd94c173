/** Our documents → WeChat's answers. Pure. */
import { type Block, type Document, formatPlain, splitPlain, type TextBudget } from '#channel'

/** Measured: longer ones are not shown. Chinese takes three bytes a character. */
export const textBudget: TextBudget = { unit: 'bytes', max: 2048 }

export type Picture = Extract<Block, { kind: 'picture' }>

/** The picture that a document is, where it is one. */
export function pictureIn(document: Document): Picture | undefined {
  const [only, ...rest] = document
  return only?.kind === 'picture' && rest.length === 0 ? only : undefined
}

export type Content = { kind: 'text'; text: string } | { kind: 'image'; mediaId: string }

/** The texts of a document, each within the budget. */
export function textsOf(document: Document): string[] {
  return splitPlain(document, textBudget)
}

/** As much of these documents as one answer holds, as text. */
export function oneText(documents: readonly Document[]): string {
  return splitPlain(documents.flat(), textBudget)[0] ?? formatPlain(documents.flat())
}

// A CDATA section ends at its first "]]>", wherever it stands.
const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
// XML knows no other control characters, however they are written.
const clean = (text: string) => text.replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '')

/** The answer in WeChat's own request. `to` is the citizen, `from` the account, `now` in epoch milliseconds. */
export function formatReply(
  content: Content,
  { to, from, now }: { to: string; from: string; now: number },
): string {
  const head = `<ToUserName>${cdata(to)}</ToUserName><FromUserName>${cdata(from)}</FromUserName><CreateTime>${Math.floor(now / 1000)}</CreateTime>`
  const body =
    content.kind === 'text'
      ? `<MsgType><![CDATA[text]]></MsgType><Content>${cdata(clean(content.text))}</Content>`
      : `<MsgType><![CDATA[image]]></MsgType><Image><MediaId>${cdata(content.mediaId)}</MediaId></Image>`
  return `<xml>${head}${body}</xml>`
}

/** The same as a customer-service message. */
export function formatSend(content: Content, to: string): string {
  return JSON.stringify(
    content.kind === 'text'
      ? { touser: to, msgtype: 'text', text: { content: content.text } }
      : { touser: to, msgtype: 'image', image: { media_id: content.mediaId } },
  )
}
