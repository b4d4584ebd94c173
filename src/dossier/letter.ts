/** What an applicant is told, as a letter built from data: nothing is written by hand but what only the case knows. Pure. */
import { Refusal } from '#base/errors'
import { type Document, heading, link, paragraph } from '#channel'
import {
  type Disposition,
  formatDay,
  type Outcome,
  outcomes,
  type Part,
  parts,
  type Remedy,
  remedyOf,
  type Venue,
} from '#statute'

export interface Letter {
  ref: string
  title: string
  addressee: string
  paragraphs: readonly string[]
  /** How it is contested; null where it settles nothing and cannot be contested by itself. */
  remedy: Remedy | null
  agency: string
  /** The day of the letter. */
  on: string
}

/** Whose letter it is, to whom, and when. */
export interface Head {
  ref: string
  addressee: string
  agency: string
  on: string
}

const digits = '零一二三四五六七八九'

/** 14 → 十四: articles of laws, below a hundred. */
export function numeral(n: number): string {
  const [tens, ones] = [Math.floor(n / 10), n % 10]
  const ten = tens === 0 ? '' : `${tens === 1 ? '' : digits[tens]}十`
  return `${ten}${ones === 0 && tens > 0 ? '' : digits[ones]}`
}

/** 《政府信息公开条例》第十五条、第三十二条 */
export const articlesOf = (articles: readonly number[]): string =>
  `《中华人民共和国政府信息公开条例》${articles.map(n => `第${numeral(n)}条`).join('、')}`

/** What was decided, in the words of the regulation, with its articles before it. */
const decisions: Record<Disposition, string> = {
  granted: '您申请的政府信息可以公开，本机关予以公开。',
  partial: '您申请的政府信息中含有不应当公开的内容，能够作区分处理，本机关公开其余的内容。',
  denied_state_secret: '您申请的政府信息属于国家秘密，本机关不予公开。',
  denied_other_law: '您申请的政府信息是法律、行政法规禁止公开的，本机关不予公开。',
  denied_safety_stability:
    '您申请的政府信息公开后可能危及国家安全、公共安全、经济安全、社会稳定，本机关不予公开。',
  denied_third_party: '您申请的政府信息公开会对第三方合法权益造成损害，本机关不予公开。',
  denied_internal_affairs:
    '您申请的政府信息属于人事管理、后勤管理、内部工作流程等内部事务信息，本机关不予公开。',
  denied_process: '您申请的政府信息属于讨论记录、过程稿、磋商信函、请示报告等过程性信息，本机关不予公开。',
  denied_enforcement_file: '您申请的政府信息属于行政执法案卷信息，本机关不予公开。',
  denied_admin_query:
    '您申请的信息属于行政查询事项，有关法律、行政法规对获取另有规定，请依照该规定办理，本机关不按政府信息公开申请提供。',
  unable_not_held: '本机关不掌握您申请的政府信息，无法提供。',
  unable_needs_creation: '您申请的信息没有现成的，需要本机关另行加工、分析制作，无法提供。',
  unable_unclear: '您的申请经补正后内容仍不明确，本机关无法提供。',
  not_processed_petition: '您的申请实为信访、投诉、举报，不作为政府信息公开申请处理。',
  not_processed_repeat: '您就同一政府信息重复提出申请，本机关已经答复过，不予重复处理。',
  not_processed_publication: '您申请的是公开出版物，本机关不按政府信息公开申请处理，告知您获取的途径。',
  not_processed_massive: '您申请的数量、频次明显超过合理范围，说明的理由不合理，本机关不予处理。',
  not_processed_confirm: '您要求确认或者重新出具已经获取的政府信息，本机关不予处理。',
  other_no_supplement: '您无正当理由逾期没有补正，视为放弃申请，本机关不再处理这件申请。',
  other_fee_unpaid: '您逾期没有按收费通知缴纳信息处理费，视为放弃申请，本机关不再处理这件申请。',
  other: '本机关对这件申请作其他处理。',
}

/** The parts that an outcome asks for and that were not told. */
export const missingOf = (disposition: Disposition, told: Partial<Record<Part, string>>): Part[] =>
  (outcomes[disposition] as Outcome).requires.filter(part => !told[part]?.trim())

export interface ReplyContent {
  disposition: Disposition
  told: Partial<Record<Part, string>>
  body: string
  receivedOn: string
  venue: Venue
}

/** A reply, or the words by which a request is closed without one. Throws a Refusal where something must still be told. */
export function composeReply(head: Head, content: ReplyContent): Letter {
  const { disposition, told, body, receivedOn, venue } = content
  const { articles, requires, group }: Outcome = outcomes[disposition]
  const missing = missingOf(disposition, told)
  if (missing.length > 0)
    throw new Refusal(
      'reasons',
      `这种处理结果的答复还要写明：${missing.map(part => `${parts[part]}（${part}）`).join('、')}${articles.length > 0 ? `（政府信息公开条例第${articles.map(numeral).join('、')}条）` : ''}。`,
    )
  const remedy = remedyOf(disposition, head.on, venue)
  const ground = articles.length > 0 ? `根据${articlesOf(articles)}，` : ''
  const paragraphs = [
    `本机关于${formatDay(receivedOn)}收到您提出的政府信息公开申请（编号 ${head.ref}）。`,
    `${ground}${decisions[disposition]}`,
    ...requires.map(part => `${parts[part]}：${told[part]?.trim()}`),
    ...body
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean),
  ]
  const title = group === 'other' ? '政府信息公开申请处理告知书' : '政府信息公开申请答复书'
  return checkRemedy({ ...head, title, paragraphs, remedy })
}

/** Nothing that settles a request leaves without the way to contest it (行政复议法 Art 20¶3). */
function checkRemedy(letter: Letter): Letter {
  if (!letter.remedy?.text.trim())
    throw new Refusal(
      'remedy',
      '答复没有写明救济的途径、机关和期限，不能发出（行政复议法第二十条第三款）。请检查设置 RECONSIDERATION_ORGAN。',
    )
  return letter
}

/**
 * Whoever serves a decision over the internet offers reconsideration over the internet (行政复议法 2023 Art 22¶2).
 * Throws a Refusal where no address is known.
 */
export function checkOnline(letter: Letter, since: string): void {
  if (letter.remedy?.url === null && letter.on >= since)
    throw new Refusal(
      'online',
      '通过互联网送达的答复，要同时提供互联网申请行政复议的途径（行政复议法第二十二条第二款）。请先设置 RECONSIDERATION_URL，或者改为邮寄、自取。',
    )
}

/** A notice on the way to the reply, which cannot be contested by itself. */
export const composeNotice = (head: Head, title: string, paragraphs: readonly string[]): Letter => ({
  ...head,
  title,
  paragraphs,
  remedy: null,
})

/** The letter in plain text, as it is kept and printed. */
export function textOf({ title, addressee, paragraphs, remedy, agency, on }: Letter): string {
  const body = remedy ? [...paragraphs, remedy.text] : paragraphs
  return [title, `${addressee}：`, ...body, agency, formatDay(on)].join('\n')
}

/** The letter as a document for a channel. It holds personal data. */
export function documentOf({ title, addressee, paragraphs, remedy, agency, on }: Letter): Document {
  return [
    heading(title),
    paragraph(`${addressee}：`),
    ...paragraphs.map(paragraph),
    ...(remedy ? [paragraph(remedy.text)] : []),
    ...(remedy?.url ? [link('网上申请行政复议', remedy.url)] : []),
    paragraph(`${agency}　${formatDay(on)}`),
  ]
}

/** What may be said where no personal data may go: the number, and that there is something. */
export const briefOf = ({ ref, title }: Pick<Letter, 'ref' | 'title'>): Document => [
  paragraph(`您的申请 ${ref} 有新的文书：《${title}》。内容请按您选的方式查收，或者拨打电话询问。`),
]
