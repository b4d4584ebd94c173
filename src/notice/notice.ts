/** What an official is told from outside the office's own pages: that there is something to do, never whose it is. */
import { findPersonal, mask } from '#base/personal'
import { type Document, heading, link, list } from '#channel'

declare const proven: unique symbol
/** A register number, a date or a count: nothing else can stand in a notice. */
export type Fact = string & { readonly [proven]: 'fact' }
/** Words of the program with facts between them; a text that comes from elsewhere is none. */
export type Line = string & { readonly [proven]: 'line' }

const numberShape = /^[A-Za-z0-9〔〕（）()[\]._/-]{1,40}$/
/** The words with which an agency numbers: 依申请公开告知〔2026〕12号. */
const numberWords = /依申请|政府信息|公开|告知|补正|答复|收件|协查|复议|年|月|第|字|号/g
const dateShape = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/

/** The number of a request; what has not the shape of one, as a register that was taken over may hold, is hidden. */
export function ref(number: string): Fact {
  const fits = numberShape.test(number.replace(numberWords, '') || '.') && findPersonal(number).length === 0
  return (fits ? number : mask) as Fact
}

/** A legal date, YYYY-MM-DD. */
export function date(day: string): Fact {
  if (!dateShape.test(day)) throw new Error('a date of a notice that is none')
  return day as Fact
}

export function count(number: number): Fact {
  if (!Number.isSafeInteger(number)) throw new Error('a count of a notice that is none')
  return String(number) as Fact
}

/** line`申请 ${ref(number)} 将在 ${date(day)} 到期` */
export function line(words: TemplateStringsArray, ...facts: Fact[]): Line {
  return String.raw({ raw: words }, ...facts) as Line
}

export interface Notice {
  /** The same key is told once; it is never shown. */
  key: string
  subject: Line
  lines: readonly Line[]
  /** Where it is dealt with, as a path under the public address. */
  link?: { label: Line; path: Line }
  /** The names of the officials whom it concerns. The group reads all notices. */
  to: readonly string[]
}

/** `publicUrl`: where the pages are reached; without it a notice has no link. */
export function documentOf({ subject, lines, link: to }: Notice, publicUrl: string | undefined): Document {
  const document: Document = [heading(subject)]
  if (lines.length > 0) document.push(list([...lines]))
  if (to && publicUrl) document.push(link(to.label, new URL(to.path, publicUrl).href))
  return document
}
