/** The sections of the report in words: drafts with the tables' own figures, in which an official's text takes the place. Pure. */
import { type Disposition, outcomes, type ReviewKind } from '#statute'
import { cellOf, type Table2View } from './table2.ts'

export const sections = ['overview', 'publication', 'requests', 'reviews', 'problems', 'others'] as const
export type SectionName = (typeof sections)[number]
export type Texts = Record<SectionName, string>

/** Stands where only an official can say it; nothing with it in it is frozen. */
export const toFill = '待填写'

export interface Facts {
  year: number
  /** The total of a row of table 3. */
  total(key: string): number
  /** The total of a kind of review. */
  reviews(kind: ReviewKind): number
  /** The total of the outcomes of a group. */
  group(name: string): number
  table2: readonly Table2View[] | undefined
  /** Information-processing fees in yuan; null: nobody has said. */
  fees: string | null
  /** Working days from receipt to reply, in the middle of all replies; undefined: there was none. */
  medianDays: number | undefined
  /** What came in the year before; undefined: not known. */
  receivedBefore: number | undefined
}

export const groupNames = [
  ['granted', '予以公开'],
  ['partial', '部分公开'],
  ['denied', '不予公开'],
  ['unable', '无法提供'],
  ['not-processed', '不予处理'],
  ['other', '其他处理'],
] as const

export const isOutcome = (key: string): key is Disposition => Object.hasOwn(outcomes, key)

function compare(now: number, before: number | undefined): string {
  if (before === undefined) return ''
  if (now === before) return '，与上一年持平'
  return `，比上一年${now > before ? '增加' : '减少'}${Math.abs(now - before)}件`
}

function overviewOf({ year, total, medianDays, receivedBefore, table2 }: Facts): string {
  const made = table2 && cellOf(table2, 'art20_1', ['normative_docs', 0])
  const spent = medianDays === undefined ? '' : `从收到到办结，用时的中位数是${medianDays}个工作日。`
  return [
    `${year}年，本机关依照《中华人民共和国政府信息公开条例》开展政府信息公开工作，统计期限是${year}年1月1日到12月31日。`,
    '（一）主动公开',
    made === undefined
      ? `${toFill}：主动公开了多少条信息，解读、回应的情况。`
      : `本年制发规范性文件${made}件。${toFill}：主动公开了多少条信息，解读、回应的情况。`,
    '（二）依申请公开',
    `新收到政府信息公开申请${total('new_received')}件${compare(total('new_received'), receivedBefore)}；上年结转${total('carried_over')}件，办理${total('total_processed')}件，结转下年度${total('carried_forward')}件。${spent}`,
    '（三）政府信息管理',
    `${toFill}：公文公开属性的审查、清理和动态调整。`,
    '（四）政府信息公开平台建设',
    `${toFill}：网站、政务新媒体的建设和运行。`,
    '（五）监督保障',
    `${toFill}：机构、人员、培训、考核和责任追究。`,
  ].join('\n')
}

function othersOf({ fees }: Facts): string {
  if (fees === null) return `${toFill}：有没有收取信息处理费，收了多少元；其他需要报告的事项。`
  if (Number(fees) === 0) return '本年没有收取信息处理费。没有其他需要报告的事项。'
  return `本年依照国办函〔2020〕109号收取信息处理费${fees}元。`
}

export function draftTexts(facts: Facts): Texts {
  const { year, total, reviews, group, table2 } = facts
  const told = groupNames.map(([name, label]) => `${label}${group(name)}件`).join('，')
  return {
    overview: overviewOf(facts),
    publication: table2 ? '' : `${toFill}：第二部分各表的数据，用 report figures 保存。`,
    requests: `${year}年办理的${total('total_processed')}件中，${told}。`,
    reviews: `因政府信息公开引起行政复议${reviews('reconsideration')}件；未经复议直接提起行政诉讼${reviews('litigation_direct')}件，复议后提起行政诉讼${reviews('litigation_after_reconsideration')}件。`,
    problems: `${toFill}：存在的主要问题，和改进的措施。`,
    others: othersOf(facts),
  }
}
