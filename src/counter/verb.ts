/** Every verb of the desk as a command: its words, its options, and what it does. */
import { z } from 'zod'
import type { DisclosureDesk, Who } from '#casework'
import { type Case, corrections } from '#dossier'
import {
  type Disposition,
  dispositions,
  feeBases,
  type Part,
  parts,
  reviewKinds,
  reviewResults,
} from '#statute'
import { dispatch, type Given, oneOf, parseOptions, perhaps, text, whole } from './option.ts'

export interface DeskVerb {
  name: string
  words: string
  /** Flags with what they mean; `...` in a flag: may be given several times. */
  options: readonly (readonly [flags: string, words: string])[]
  run(desk: DisclosureDesk, who: Who, given: Given): Promise<Case | Case[]>
}

interface Definition<T> extends Pick<DeskVerb, 'name' | 'words' | 'options'> {
  shape: z.ZodType<T>
  run(desk: DisclosureDesk, who: Who, given: T): Promise<Case | Case[]>
}

const verb = <T>({ shape, run, ...rest }: Definition<T>): DeskVerb => ({
  ...rest,
  run: (desk, who, given) => run(desk, who, parseOptions(shape, given)),
})
const none = z.object({})
type Keys<T extends object> = [keyof T & string, ...(keyof T & string)[]]
const keysOf = <T extends object>(data: T) => Object.keys(data) as Keys<T>

const partOptions = Object.entries(parts).map(([part, words]) => [`--${part} <TEXT>`, words] as const)
const partKeys = Object.keys(parts) as Part[]

const coming: readonly DeskVerb[] = [
  verb({
    name: 'triage',
    words: '初审：是不是政府信息公开申请，内容明不明确',
    options: [
      ['--kind <TEXT>', '是什么，例如 政府信息、信访、档案'],
      ['--note <TEXT>', '看到的情况'],
    ],
    shape: z.object({ kind: text('kind', '是什么，例如 政府信息'), note: perhaps('note') }),
    run: (desk, who, { kind, note = '' }) => desk.triage(who, { kind, note }),
  }),
  verb({
    name: 'assign',
    words: '交给谁办理',
    options: [
      ['--to <NAME>', '承办的工作人员'],
      ['--division <NAME>', '承办的处室'],
    ],
    shape: z.object({ to: text('to', '交给谁办理'), division: perhaps('division') }),
    run: (desk, who, { to, division = '' }) => desk.assign(who, { to, division }),
  }),
  verb({
    name: 'merge',
    words: '并入同一申请人先提出的一件',
    options: [['--into <REF>', '并入哪一件']],
    shape: z.object({ into: text('into', '并入哪一件') }),
    run: (desk, who, { into }) => desk.merge(who, into),
  }),
  verb({
    name: 'split',
    words: '分案（一事一申请）：第一件用原来的编号',
    options: [['--matter <TEXT...>', '每一件事，写几个']],
    shape: z.object({ matter: z.array(z.string(), '请用 --matter 写明每一件事') }),
    run: (desk, who, { matter }) => desk.split(who, matter),
  }),
]

const course: readonly DeskVerb[] = [
  verb({
    name: 'ask-supplement',
    words: '要求补正：收到起7个工作日内，一次性',
    options: [
      ['--points <TEXT>', '要补正什么'],
      ['--days <N>', '给多少个工作日，默认15'],
    ],
    shape: z.object({ points: text('points', '要补正什么'), days: whole('days', '天数').optional() }),
    run: (desk, who, { points, days }) =>
      desk.askSupplement(who, { points, ...(days !== undefined && { days }) }),
  }),
  verb({
    name: 'supplied',
    words: '登记收到的补正，期限重新计算',
    options: [
      ['--text <TEXT>', '补正的内容'],
      ['--on <DATE>', '收到的日期，默认今天'],
      ['--reason <TEXT>', '逾期的正当理由'],
    ],
    shape: z.object({ text: text('text', '补正的内容'), on: perhaps('on'), reason: perhaps('reason') }),
    run: (desk, who, given) => desk.supplied(who, given),
  }),
  verb({
    name: 'consult',
    words: '征求第三方或者共同制作机关的意见，期限暂停',
    options: [
      ['--party <NAME>', '向谁征求'],
      ['--kind <KIND>', 'third-party 第三方，co-author 共同制作的机关'],
      ['--sent-on <DATE>', '发出的日期，默认今天'],
      ['--delivered-on <DATE>', '送达的日期，默认发出当天'],
    ],
    shape: z.object({
      party: text('party', '向谁征求意见'),
      kind: oneOf('kind', ['third-party', 'co-author']),
      sentOn: perhaps('sent-on'),
      deliveredOn: perhaps('delivered-on'),
    }),
    run: (desk, who, given) => desk.consult(who, given),
  }),
  verb({
    name: 'consulted',
    words: '登记征求来的意见',
    options: [
      ['--id <N>', '第几次征求，默认1'],
      ['--opinion <OPINION>', 'agrees 同意，objects 不同意，silent 逾期没有答复'],
      ['--reasons <TEXT>', '意见的理由'],
      ['--on <DATE>', '收到的日期，默认今天'],
    ],
    shape: z.object({
      id: whole('id', '第几次征求').default(1),
      opinion: oneOf('opinion', ['agrees', 'objects', 'silent']),
      reasons: perhaps('reasons'),
      on: perhaps('on'),
    }),
    run: (desk, who, given) => desk.consulted(who, given),
  }),
  verb({
    name: 'extend',
    words: '延长期限：由机构负责人办理即为同意，同时告知申请人',
    options: [
      ['--days <N>', '工作日，合计最多20'],
      ['--reason <TEXT>', '理由'],
    ],
    shape: z.object({ days: whole('days', '延长多少个工作日'), reason: text('reason', '延长的理由') }),
    run: (desk, who, given) => desk.extend(who, given),
  }),
  verb({
    name: 'ask-reasons',
    words: '数量、频次明显超过合理范围的，要求说明理由（第三十五条）',
    options: [
      ['--why <TEXT>', '怎样明显超过合理范围'],
      ['--days <N>', '给多少个工作日，默认15'],
    ],
    shape: z.object({ why: text('why', '怎样明显超过合理范围'), days: whole('days', '天数').optional() }),
    run: (desk, who, { why, days }) => desk.askReasons(who, { why, ...(days !== undefined && { days }) }),
  }),
  verb({
    name: 'reasoned',
    words: '登记申请人说明的理由',
    options: [['--reasons <TEXT>', '申请人说明的理由']],
    shape: z.object({ reasons: text('reasons', '申请人说明的理由') }),
    run: (desk, who, given) => desk.reasoned(who, given),
  }),
  verb({
    name: 'delay',
    words: '理由合理而不能按期答复的，延迟答复：由负责人确定日期，同时告知申请人（第三十五条）',
    options: [
      ['--to <DATE>', '延迟到哪一天'],
      ['--reason <TEXT>', '为什么不能按期答复'],
    ],
    shape: z.object({ to: text('to', '延迟到哪一天'), reason: text('reason', '为什么不能按期答复') }),
    run: (desk, who, given) => desk.delay(who, given),
  }),
  verb({
    name: 'set-fee',
    words: '发收费通知：按件或者按量，不能同时',
    options: [
      ['--basis <BASIS>', 'items 按件（当月累计），pages 按量（页）'],
      ['--units <N>', '件数或者页数'],
      ['--reason <TEXT>', '怎样明显超过合理范围'],
    ],
    shape: z.object({
      basis: oneOf('basis', keysOf(feeBases)),
      units: whole('units', '件数或者页数'),
      reason: text('reason', '怎样明显超过合理范围'),
    }),
    run: (desk, who, given) => desk.setFee(who, given),
  }),
  verb({
    name: 'paid',
    words: '登记缴费',
    options: [['--on <DATE>', '缴费的日期，默认今天']],
    shape: z.object({ on: perhaps('on') }),
    run: (desk, who, given) => desk.paid(who, given),
  }),
]

const replying: readonly DeskVerb[] = [
  verb({
    name: 'draft',
    words: '拟答复：处理结果和它要求写明的内容',
    options: [
      ['--disposition <D>', '处理结果，例如 granted；协查不写'],
      ...partOptions,
      ['--body <TEXT>', '另外要写的话'],
      ['--override <TEXT>', '第三方不同意而决定公开的内容和理由'],
    ],
    shape: z
      .object({
        disposition: oneOf('disposition', dispositions as [Disposition, ...Disposition[]]).optional(),
        body: perhaps('body'),
        override: perhaps('override'),
      })
      .loose(),
    run: (desk, who, { disposition, body, override, ...rest }) => {
      const given = partKeys.flatMap(part => (typeof rest[part] === 'string' ? [[part, rest[part]]] : []))
      return desk.draft(who, { disposition, body, override, told: Object.fromEntries(given) })
    },
  }),
  verb({
    name: 'review',
    words: '审核答复：通过，或者退回',
    options: [
      ['--return', '退回'],
      ['--note <TEXT>', '退回的理由'],
    ],
    shape: z.object({ return: z.boolean().optional(), note: perhaps('note') }),
    run: (desk, who, { return: back = false, note }) => desk.review(who, { approve: !back, note }),
  }),
  verb({
    name: 'sign',
    words: '签发答复',
    options: [],
    shape: none,
    run: (desk, who) => desk.sign(who),
  }),
  verb({
    name: 'send',
    words: '发出答复；邮寄、自取的要有凭据',
    options: [['--dispatch <DATE=EVIDENCE>', '寄出或者领取的日期和凭据，例如 2026-03-04=EMS1234567890']],
    shape: z.object({ dispatch }),
    run: (desk, who, given) => desk.send(who, given),
  }),
  verb({
    name: 'dispatched',
    words: '登记纸质文书（补正、延期、收费通知等）怎样送达的',
    options: [['--dispatch <DATE=EVIDENCE>', '日期和凭据，例如 2026-03-04=EMS1234567890']],
    shape: z.object({ dispatch: dispatch.unwrap() }),
    run: (desk, who, given) => desk.dispatched(who, given),
  }),
  verb({
    name: 'withdraw',
    words: '申请人撤回',
    options: [
      ['--note <TEXT>', '申请人怎样提出的'],
      ['--on <DATE>', '撤回的日期，默认今天'],
    ],
    shape: z.object({ note: text('note', '申请人怎样提出的'), on: perhaps('on') }),
    run: (desk, who, given) => desk.withdraw(who, given),
  }),
  verb({
    name: 'abandon',
    words: '逾期不补正、不缴费，按放弃处理',
    options: [],
    shape: none,
    run: (desk, who) => desk.abandon(who),
  }),
]

const following: readonly DeskVerb[] = [
  verb({
    name: 'record-review',
    words: '登记行政复议、行政诉讼',
    options: [
      ['--kind <KIND>', reviewKinds.join('、')],
      ['--result <RESULT>', reviewResults.join('、')],
      ['--on <DATE>', '日期，默认今天'],
    ],
    shape: z.object({
      kind: oneOf('kind', reviewKinds),
      result: oneOf('result', reviewResults),
      on: perhaps('on'),
    }),
    run: (desk, who, given) => desk.recordReview(who, given),
  }),
  verb({
    name: 'correct-own',
    words: '申请人要求更正自己的信息（第四十一条）',
    options: [
      ['--decision <DECISION>', keysOf(corrections).join('、')],
      ['--evidence <TEXT>', '证据'],
      ['--note <TEXT>', '更正的内容，或者有权更正的机关和联系方式'],
    ],
    shape: z.object({
      decision: oneOf('decision', keysOf(corrections)),
      evidence: text('evidence', '申请人的证据'),
      note: text('note', '更正的内容，或者有权更正的机关'),
    }),
    run: (desk, who, given) => desk.correctOwn(who, given),
  }),
  verb({
    name: 'suggest-publication',
    words: '建议主动公开（第四十四条）',
    options: [
      ['--from <WHO>', 'applicant 申请人建议，office 本机关认为'],
      ['--decision <DECISION>', 'publish 主动公开，keep 不主动公开'],
      ['--note <TEXT>', '公开什么，为什么'],
    ],
    shape: z.object({
      from: oneOf('from', ['applicant', 'office']),
      decision: oneOf('decision', ['publish', 'keep']),
      note: text('note', '公开什么，为什么'),
    }),
    run: (desk, who, given) => desk.suggestPublication(who, given),
  }),
]

const keeping: readonly DeskVerb[] = [
  verb({
    name: 'hold',
    words: '延长留存（由负责人决定）：到期也不删除个人信息',
    options: [
      ['--until <DATE>', '留存到哪一天'],
      ['--reason <TEXT>', '为什么'],
    ],
    shape: z.object({ until: text('until', '留存到哪一天'), reason: text('reason', '为什么') }),
    run: (desk, who, given) => desk.hold(who, given),
  }),
  verb({
    name: 'release',
    words: '取消延长留存',
    options: [],
    shape: none,
    run: (desk, who) => desk.release(who),
  }),
]

/** In the order of the office's day. */
export const deskVerbs: readonly DeskVerb[] = [...coming, ...course, ...replying, ...following, ...keeping]
