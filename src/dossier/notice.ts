/** What an applicant is told on the way to the reply, in the words of the regulation. Pure. */
import { type FeeBasis, feeBases, formatDay } from '#statute'
import type { Case } from './case.ts'
import { composeNotice, type Head, type Letter } from './letter.ts'

const titles = {
  receipt: '政府信息公开申请登记回执',
  supplement: '政府信息公开申请补正告知书',
  extension: '延期答复告知书',
  fee: '信息处理费收费通知',
  reasons: '说明申请理由通知书',
  delay: '延迟答复告知书',
  correction: '更正政府信息记录告知书',
  'third-party': '政府信息公开意见征询书',
  decided: '政府信息公开情况告知书',
  merged: '政府信息公开申请并案分案告知书',
  assisted: '协查情况反馈',
} as const
export type NoticeKind = keyof typeof titles

export const noticeOf = (head: Head, kind: NoticeKind, paragraphs: readonly string[]): Letter =>
  composeNotice(head, titles[kind], paragraphs)

const article = (n: string) => `《中华人民共和国政府信息公开条例》第${n}条`

export function composeReceipt(head: Head, told: { one: Case; how: string; explanation: string }): Letter {
  const { one, how, explanation } = told
  return noticeOf(head, 'receipt', [
    `您的政府信息公开申请已经登记，编号 ${one.ref}${one.code === null ? '' : `，查询码 ${one.code}`}。`,
    `收到日期：${formatDay(one.receipt.receivedOn)}。${how}。`,
    `您需要的信息：${one.description}`,
    `答复期限：${explanation}`,
  ])
}

export const composeSupplement = (head: Head, { points, by }: { points: string; by: string }): Letter =>
  noticeOf(head, 'supplement', [
    `您的申请（编号 ${head.ref}）内容不够明确，根据${article('三十')}，请在${formatDay(by)}以前一次性补正：`,
    points,
    '答复期限从收到补正之日起重新计算。无正当理由逾期不补正的，视为放弃申请，本机关不再处理。需要帮助的，可以打电话给我们。',
  ])

export const composeExtension = (head: Head, told: { days: number; reason: string; dueOn: string }): Letter =>
  noticeOf(head, 'extension', [
    `您的申请（编号 ${head.ref}）不能在原定期限内答复：${told.reason}`,
    `根据${article('三十三')}第二款，经政府信息公开工作机构负责人同意，延长${told.days}个工作日，最迟在${formatDay(told.dueOn)}答复。`,
  ])

export function composeFee(
  head: Head,
  fee: { basis: FeeBasis; units: number; yuan: number; reason: string; by: string },
): Letter {
  const { basis, units, yuan, reason, by } = fee
  return noticeOf(head, 'fee', [
    `您申请公开政府信息的数量、频次明显超过合理范围：${reason}`,
    `根据${article('四十二')}和国办函〔2020〕109号，收取信息处理费：${feeBases[basis]}计收，${units}${basis === 'items' ? '件' : '页'}，共${yuan}元。`,
    `请在${formatDay(by)}以前缴纳。逾期没有缴纳的，视为放弃申请，本机关不再处理。`,
  ])
}

/** Volume clearly beyond reason: the applicant is asked why (Art 35). */
export const composeReasons = (head: Head, { why, by }: { why: string; by: string }): Letter =>
  noticeOf(head, 'reasons', [
    `您申请公开政府信息（编号 ${head.ref}）的数量、频次明显超过合理范围：${why}`,
    `根据${article('三十五')}，请在${formatDay(by)}以前说明理由。理由不合理的，本机关不予处理；理由合理但不能按期答复的，本机关会确定延迟答复的期限并告知您。`,
  ])

export const composeDelay = (head: Head, { to, reason }: { to: string; reason: string }): Letter =>
  noticeOf(head, 'delay', [
    `您说明的理由合理，但您的申请（编号 ${head.ref}）不能在原定期限内答复：${reason}`,
    `根据${article('三十五')}，延迟到${formatDay(to)}以前答复。`,
  ])

/** To a third party (Art 32), or to the organ with which the information was made (Art 34). */
export function composeOpinion(
  head: Head,
  asked: { party: string; kind: 'third-party' | 'co-author'; dueOn: string; description: string },
): Letter {
  const { party, kind, dueOn, description } = asked
  const third = kind === 'third-party'
  return noticeOf({ ...head, addressee: party }, 'third-party', [
    `本机关收到公开下列信息的申请（编号 ${head.ref}），${third ? '可能涉及您的合法权益' : '该信息由本机关与贵机关共同制作'}：${description}`,
    `根据${article(third ? '三十二' : '三十四')}，请自收到本函之日起15个工作日内（${formatDay(dueOn)}以前）书面提出意见${third ? '，不同意公开的请说明理由；逾期没有提出意见的，由本机关依法决定是否公开' : '；逾期没有提出意见的，视为同意公开'}。`,
  ])
}

/** Where it is disclosed although a third party objects (Art 32). */
export const composeOverridden = (head: Head, told: { party: string; override: string }): Letter =>
  noticeOf({ ...head, addressee: told.party }, 'decided', [
    `您不同意公开的信息（申请编号 ${head.ref}），本机关认为不公开可能对公共利益造成重大影响，根据${article('三十二')}决定予以公开。`,
    `决定公开的内容和理由：${told.override}`,
  ])

export const corrections = {
  corrected: '经审核属实，本机关已经更正',
  transferred: '本机关无权更正，已经转送有权更正的机关处理',
  pointed: '本机关无权更正，请向有权更正的机关提出',
  refused: '经审核，现有记录没有不准确，不予更正',
} as const
export type Correction = keyof typeof corrections

export const composeCorrection = (
  head: Head,
  { decision, note }: { decision: Correction; note: string },
): Letter =>
  noticeOf(head, 'correction', [
    `您提出与您有关的政府信息记录不准确，要求更正。根据${article('四十一')}，${corrections[decision]}。`,
    note,
  ])
