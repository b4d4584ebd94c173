/** What the office does with a request: who may, in which states, and the rule behind it, as data. */
import { endStates, openStates, type State } from '#dossier'
import type { Right } from '#staff'

export interface VerbRule {
  /** As it stands in a sentence: 不能{words}. */
  words: string
  right: Right
  from: readonly State[]
  /** Whether it is done with assisted requests too. */
  assisted: boolean
  /** What to say where the state does not allow it: the rule, and what to do. */
  rule: string
}

const working: readonly State[] = ['registered', 'triaged', 'assigned']
const before = (state: State): readonly State[] => openStates.slice(0, openStates.indexOf(state as never))
const answered: readonly State[] = ['replied', 'withdrawn', 'abandoned']

const article = (n: string) => `政府信息公开条例第${n}条`

const handled = (words: string, more: Partial<VerbRule>): VerbRule => ({
  words,
  right: 'handle-requests',
  from: working,
  assisted: false,
  rule: `办结、拟稿以后不能再办这一步（${article('四十五')}：登记、审核、办理、答复、归档）`,
  ...more,
})

export const verbs = {
  triage: handled('初审', { from: ['registered'], assisted: true, rule: '只有刚登记的申请要初审' }),
  assign: handled('交办', { from: before('signed'), assisted: true, rule: '已经签发或者办结，不用再交办' }),
  askSupplement: handled('要求补正', {
    rule: `补正要在拟稿以前一次性提出（${article('三十')}）`,
  }),
  supplied: handled('登记补正', {
    from: ['supplement-asked'],
    rule: `没有在等补正（${article('三十')}）`,
  }),
  consult: handled('征求意见', {
    from: [...working, 'drafted'],
    assisted: true,
    rule: `征求意见要在审核签发以前（${article('三十二')}、第三十四条）`,
  }),
  consulted: handled('登记征求来的意见', {
    from: before('signed'),
    assisted: true,
    rule: `已经签发或者办结（${article('三十二')}、第三十四条）`,
  }),
  extend: handled('延长期限', {
    right: 'consent',
    from: [...working, 'drafted', 'reviewed'],
    rule: `等补正、等缴费的时候，或者已经签发、办结的，不能延长（${article('三十三')}第二款）`,
  }),
  askReasons: handled('要求说明理由', {
    rule: `数量、频次明显超过合理范围的，在拟稿以前要求说明理由（${article('三十五')}）`,
  }),
  reasoned: handled('登记申请人说明的理由', {
    from: before('signed'),
    rule: `已经签发或者办结（${article('三十五')}）`,
  }),
  delay: handled('延迟答复', {
    right: 'consent',
    from: [...working, 'drafted', 'reviewed'],
    rule: `等补正、等缴费的时候，或者已经签发、办结的，不能延迟（${article('三十五')}）`,
  }),
  setFee: handled('收费', {
    rule: `收费通知要在办理期限内、拟稿以前发出（${article('四十二')}、国办函〔2020〕109号）`,
  }),
  paid: handled('登记缴费', { from: ['fee-asked'], rule: '没有在等缴费（国办函〔2020〕109号）' }),
  draft: handled('拟稿', {
    right: 'draft-replies',
    from: [...working, 'drafted', 'reviewed'],
    assisted: true,
    rule: '等补正、等缴费的时候，或者已经签发、办结的，不能拟稿',
  }),
  review: handled('审核', {
    right: 'review-replies',
    from: ['drafted'],
    assisted: true,
    rule: `先拟稿才能审核（${article('四十五')}）`,
  }),
  sign: handled('签发', {
    right: 'sign-replies',
    from: ['reviewed'],
    assisted: true,
    rule: `先审核才能签发（${article('四十五')}）`,
  }),
  send: handled('发出答复', {
    from: ['signed'],
    assisted: true,
    rule: `先签发才能发出（${article('四十五')}）`,
  }),
  dispatched: handled('登记送达', {
    from: [...openStates, ...endStates],
    assisted: true,
    rule: '',
  }),
  withdraw: handled('撤回', { from: openStates, rule: '已经办结，不能再撤回' }),
  abandon: handled('按放弃处理', {
    right: 'sign-replies',
    from: ['supplement-asked', 'fee-asked'],
    rule: `只有逾期不补正（${article('三十')}）、逾期不缴费（国办函〔2020〕109号）的才视为放弃`,
  }),
  recordReview: handled('登记复议诉讼', {
    from: answered,
    rule: `还没有办结，没有可以复议、诉讼的答复（${article('五十一')}）`,
  }),
  correctOwn: handled('办理更正', {
    from: [...openStates, ...answered],
    rule: `这件申请已经并入别的申请，请在那一件上办理（${article('四十一')}）`,
  }),
  suggestPublication: handled('建议主动公开', {
    from: [...openStates, ...answered],
    rule: `这件申请已经并入别的申请，请在那一件上办理（${article('四十四')}）`,
  }),
  merge: handled('并案', { rule: '拟稿、等补正、等缴费或者办结以后不能并案' }),
  split: handled('分案', { rule: '拟稿、等补正、等缴费或者办结以后不能分案（一事一申请）' }),
  amend: handled('更改联系方式', {
    from: openStates,
    rule: '已经办结，联系方式不能再改',
  }),
  hold: handled('延长留存', {
    right: 'consent',
    from: [...openStates, ...endStates],
    assisted: true,
    rule: '',
  }),
  release: handled('取消延长留存', {
    right: 'consent',
    from: [...openStates, ...endStates],
    assisted: true,
    rule: '',
  }),
} as const satisfies Record<string, VerbRule>

export type Verb = keyof typeof verbs
