/** Officials and what each role may do. */

/** `head` leads the office for disclosure (政府信息公开工作机构负责人), `division` holds the information and drafts. */
export const roles = [
  'editor',
  'reviewer',
  'admin',
  'disclosure-officer',
  'division',
  'head',
  'auditor',
] as const
export type Role = (typeof roles)[number]

export interface Account {
  name: string
  roles: readonly Role[]
  /** Epoch milliseconds. */
  createdAt: number
  disabledAt: number | null
}

export const rights = [
  'edit',
  'publish',
  'recall',
  'answer',
  'staff',
  'handle-requests',
  'draft-replies',
  'review-replies',
  'sign-replies',
  'sign-refusals',
  'consent',
  'inspect-requests',
  'write-report',
  'publish-report',
] as const
export type Right = (typeof rights)[number]

const holders: Record<Right, readonly Role[]> = {
  edit: ['editor', 'reviewer'],
  publish: ['reviewer'],
  recall: ['reviewer'],
  answer: ['editor', 'reviewer'],
  staff: ['admin'],
  'handle-requests': ['disclosure-officer'],
  'draft-replies': ['disclosure-officer', 'division'],
  'review-replies': ['reviewer', 'head'],
  'sign-replies': ['reviewer', 'head'],
  // Whoever keeps something back answers for it.
  'sign-refusals': ['head'],
  // The extension needs the consent of the head of the office (政府信息公开条例 Art 33¶2).
  consent: ['head'],
  'inspect-requests': ['disclosure-officer', 'division', 'reviewer', 'head', 'auditor'],
  'write-report': ['disclosure-officer', 'head'],
  // Whoever leads the office answers for what is published (政府信息公开条例 Art 49).
  'publish-report': ['head'],
}

/** What each right lets an official do, to be read in a sentence. */
export const words: Record<Right, string> = {
  edit: '编写条目',
  publish: '审核发布',
  recall: '撤回条目',
  answer: '处理群众问题',
  staff: '管理账号',
  'handle-requests': '办理公开申请',
  'draft-replies': '拟写答复',
  'review-replies': '审核答复',
  'sign-replies': '签发答复',
  'sign-refusals': '签发不予公开、不予处理的答复',
  consent: '同意延长期限',
  'inspect-requests': '查看公开申请',
  'write-report': '编写年度报告',
  'publish-report': '给年度报告定稿',
}

/** Whether this official may do that. */
export function may(account: Account, right: Right): boolean {
  return account.disabledAt === null && account.roles.some(role => holders[right].includes(role))
}
