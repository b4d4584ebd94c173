/** The ways in which a request ends, as the annual report counts them: with article, what the reply must say, who signs. */

export const outcomeGroups = {
  granted: '予以公开',
  partial: '部分公开',
  denied: '不予公开',
  unable: '无法提供',
  'not-processed': '不予处理',
  other: '其他处理',
} as const
export type OutcomeGroup = keyof typeof outcomeGroups

export interface Outcome {
  group: OutcomeGroup
  /** As table 3 of the annual report prints it (国办公开办函〔2021〕30号). */
  label: string
  /** Articles of 政府信息公开条例 that it rests on; none where the regulation does not name it. */
  articles: readonly number[]
  /** What the reply must tell, besides the outcome itself. */
  requires: readonly Part[]
  /** Withheld under Arts 14–16: reconsideration comes before a suit (行政复议法 2023 Art 23¶1(四)). */
  withheld: boolean
  /** Who signs: the reviewer may, or the head of the office must, who answers for what is kept back. */
  approval: 'reviewer' | 'head'
}

/** What a reply may have to tell. */
export const parts = {
  access: '获取的方式、途径和时间',
  reasons: '不予公开或者不予处理的理由',
  severed: '哪些内容没有公开，理由是什么',
  search: '检索的情况',
  organ: '负责公开的机关的名称和联系方式，能够确定的要写明',
  channel: '应当通过的渠道',
  law: '所依据的法律、行政法规',
  earlier: '以前答复的文号和日期',
  notice: '通知的日期和期限',
} as const
export type Part = keyof typeof parts

const denied = (label: string, articles: readonly number[], more: Partial<Outcome> = {}): Outcome => ({
  group: 'denied',
  label,
  articles,
  requires: ['reasons', 'law'],
  withheld: true,
  approval: 'head',
  ...more,
})
const open = (group: OutcomeGroup, label: string, { articles, requires }: Ground): Outcome => ({
  group,
  label,
  articles,
  requires,
  withheld: false,
  approval: group === 'not-processed' ? 'head' : 'reviewer',
})
type Ground = Pick<Outcome, 'articles' | 'requires'>

/** In the order of the report; the keys are those of a register (`disclosure import`). */
export const outcomes = {
  granted: open('granted', '予以公开', { articles: [36], requires: ['access'] }),
  // For what is withheld, reconsideration comes first: a reply that severs is treated like one that withholds.
  partial: {
    ...open('partial', '部分公开', { articles: [37], requires: ['access', 'severed', 'law'] }),
    withheld: true,
    approval: 'head',
  },
  denied_state_secret: denied('属于国家秘密', [14]),
  denied_other_law: denied('其他法律行政法规禁止公开', [14]),
  denied_safety_stability: denied('危及“三安全一稳定”', [14]),
  denied_third_party: denied('保护第三方合法权益', [15, 32]),
  denied_internal_affairs: denied('属于三类内部事务信息', [16]),
  denied_process: denied('属于四类过程性信息', [16]),
  denied_enforcement_file: denied('属于行政执法案卷', [16]),
  // Printed among the refusals, but it rests on Art 36(七): Arts 14–16 do not withhold it.
  denied_admin_query: denied('属于行政查询事项', [36], { withheld: false, requires: ['channel', 'law'] }),
  unable_not_held: open('unable', '本机关不掌握相关政府信息', {
    articles: [36],
    requires: ['search', 'organ', 'reasons'],
  }),
  unable_needs_creation: open('unable', '没有现成信息需要另行制作', {
    articles: [38],
    requires: ['reasons'],
  }),
  unable_unclear: open('unable', '补正后申请内容仍不明确', {
    articles: [30],
    requires: ['reasons', 'notice'],
  }),
  not_processed_petition: open('not-processed', '信访举报投诉类申请', {
    articles: [39],
    requires: ['reasons', 'channel'],
  }),
  not_processed_repeat: open('not-processed', '重复申请', {
    articles: [36],
    requires: ['reasons', 'earlier'],
  }),
  not_processed_publication: open('not-processed', '要求提供公开出版物', {
    articles: [39],
    requires: ['reasons', 'access'],
  }),
  not_processed_massive: open('not-processed', '无正当理由大量反复申请', {
    articles: [35],
    requires: ['reasons'],
  }),
  not_processed_confirm: open('not-processed', '要求行政机关确认或重新出具已获取信息', {
    articles: [],
    requires: ['reasons', 'earlier'],
  }),
  other_no_supplement: open('other', '申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请', {
    articles: [30],
    requires: ['notice'],
  }),
  other_fee_unpaid: open('other', '申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请', {
    articles: [42],
    requires: ['notice'],
  }),
  other: open('other', '其他', { articles: [], requires: ['reasons'] }),
} as const satisfies Record<string, Outcome>

export type Disposition = keyof typeof outcomes

export const dispositions = Object.keys(outcomes) as Disposition[]

export function isDisposition(text: string): text is Disposition {
  return Object.hasOwn(outcomes, text)
}
