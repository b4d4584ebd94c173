/** Officials and what each role may do. */

export const roles = ['editor', 'reviewer', 'admin'] as const
export type Role = (typeof roles)[number]

export interface Account {
  name: string
  roles: readonly Role[]
  /** Epoch milliseconds. */
  createdAt: number
  disabledAt: number | null
}

export const rights = ['edit', 'publish', 'recall', 'answer', 'staff'] as const
export type Right = (typeof rights)[number]

const holders: Record<Right, readonly Role[]> = {
  edit: ['editor', 'reviewer'],
  publish: ['reviewer'],
  recall: ['reviewer'],
  answer: ['editor', 'reviewer'],
  staff: ['admin'],
}

/** What each right lets an official do, to be read in a sentence. */
export const words: Record<Right, string> = {
  edit: '编写条目',
  publish: '审核发布',
  recall: '撤回条目',
  answer: '处理群众问题',
  staff: '管理账号',
}

/** Whether this official may do that. */
export function may(account: Account, right: Right): boolean {
  return account.disabledAt === null && account.roles.some(role => holders[right].includes(role))
}
