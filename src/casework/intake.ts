/** How requests come in: registered for every channel with its own rule for the day of receipt, merged, split, assisted. */
import { randomInt } from 'node:crypto'
import { Refusal } from '#base/errors'
import { type Applicant, type Case, composeReceipt, dueOf, type Kind, noticeOf, type Told } from '#dossier'
import { applicant as citizen } from '#staff'
import { computeDeadline, formatDay, type Receipt, receiptOf, staffWays } from '#statute'
import { checkDay, demand, toldOf, type Who, type Work } from './work.ts'

export interface Intake extends Applicant {
  channel: string
  /** Legal dates; the day on which it arrived is today where none is given. */
  arrivedOn?: string | undefined
  confirmedOn?: string | undefined
}

/** What a citizen files by themselves; both sides confirm in the same moment. */
export interface Submitted extends Applicant {
  channel: string
  /** Names the filing: the same one again gives the request that it made. */
  once: string
}

/** The regulation of 2019 came into force. */
const since = '2019-05-15'

/** What whoever filed is told at once. */
export interface Registered {
  ref: string
  /** With the number it shows where the request stands. */
  code: string | null
  receivedOn: string
  /** How the day of receipt was determined (Art 31). */
  how: string
  dueOn: string
  /** The due date in words, with the articles. */
  explanation: string
}

const emptyCase = {
  state: 'registered',
  version: 0,
  code: null,
  assignedBy: null,
  triage: null,
  assignee: null,
  division: null,
  supplement: null,
  consultations: [],
  extensions: [],
  fee: null,
  volume: null,
  draft: null,
  returned: [],
  told: [],
  closedOn: null,
  disposition: null,
  related: [],
  reviews: [],
  corrections: [],
  recomputed: [],
  suggestions: [],
} as const satisfies Partial<Case>

function checkContent({ name, description }: Applicant): void {
  const article = '政府信息公开条例第二十九条第二款'
  demand(name, `申请要有申请人的姓名或者名称（${article}）。请补上再登记。`)
  demand(description, `申请要写明所需信息的名称、文号或者其他特征（${article}）。请补上再登记。`)
}

/** Of an intake or a case, what is the applicant's. */
function applicantOf(one: Applicant): Applicant {
  const { applicant, name, idNumber, contact, address, description, medium, delivery, conversation, abroad } =
    one
  return { applicant, name, idNumber, contact, address, description, medium, delivery, conversation, abroad }
}

// No letters or digits that are taken for one another.
export const codeAlphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const newCode = () => Array.from({ length: 6 }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join('')

interface Fresh {
  ref: string
  kind: Kind
  receipt: Receipt
}

export function createIntake(work: Work) {
  const { casebook, staff, calendar } = work

  async function open(fresh: Fresh, from: Applicant): Promise<Case> {
    const days = await calendar()
    const { receivedOn } = fresh.receipt
    const one: Case = { ...emptyCase, ...applicantOf(from), ...fresh, code: newCode(), dueOn: receivedOn }
    return { ...one, dueOn: dueOf(one, days) }
  }

  async function registeredOf(one: Case): Promise<Registered> {
    const { receivedOn, how } = one.receipt
    const { explanation } = computeDeadline({ received: receivedOn }, await calendar())
    return { ref: one.ref, code: one.code, receivedOn, how, dueOn: one.dueOn, explanation }
  }

  /** Its receipt is told with it. */
  async function withReceipt(one: Case): Promise<{ one: Case; told: Told }> {
    const { how, explanation } = await registeredOf(one)
    const told = toldOf('receipt', composeReceipt(work.headOf(one, work.today()), { one, how, explanation }))
    return { one: { ...one, told: [told] }, told }
  }

  function receive({ channel, arrivedOn, confirmedOn }: Omit<Intake, keyof Applicant>): Receipt {
    const today = work.today()
    const receipt = receiptOf({ channel, arrivedOn: arrivedOn ?? today, confirmedOn })
    checkDay('送到的日期', receipt.arrivedOn, { from: since, today })
    checkDay('收到申请的日期', receipt.receivedOn, { from: since, today })
    return receipt
  }

  const seriesOf = (receipt: Receipt) => receipt.receivedOn.slice(0, 4)

  /** Registers what came by letter, over the counter, by fax or by post, as an official enters it. */
  async function register(intake: Intake, by: string): Promise<Registered> {
    await staff.get(by, 'handle-requests')
    checkContent(intake)
    const receipt = receive(intake)
    const series = { name: seriesOf(receipt), count: 1 }
    const [kept] = await casebook.number({ by, verb: 'register' }, series, async ([ref = '']) => {
      const { one, told: receipts } = await withReceipt(await open({ ref, kind: 'request', receipt }, intake))
      const { told, writes } = await work.deliver(one, [receipts])
      return { changes: [{ before: undefined, after: { ...one, told } }], writes }
    })
    return registeredOf(kept as Case)
  }

  /** A citizen's own filing. Its receipt is the answer in the same conversation, and is not told once more. */
  async function submit({ once, channel, ...filed }: Submitted): Promise<Registered> {
    const known = await casebook.findOnce(once)
    if (known) return registeredOf(known)
    checkContent(filed)
    if ((staffWays as readonly string[]).includes(channel))
      throw new Error(`no channel of citizens: ${channel}`)
    const today = work.today()
    const receipt = receive({ channel, arrivedOn: today, confirmedOn: today })
    const series = { name: seriesOf(receipt), count: 1 }
    const act = { by: citizen, verb: 'submit' }
    try {
      const [kept] = await casebook.number(act, series, async ([ref = '']) => {
        const { one, told } = await withReceipt(await open({ ref, kind: 'request', receipt }, filed))
        const said = { ...one, told: [{ ...told, via: 'product' as const }] }
        return { changes: [{ before: undefined, after: said, once }] }
      })
      return registeredOf(kept as Case)
    } catch (error) {
      // The same filing, taken again elsewhere, was a moment earlier.
      const made = error instanceof Refusal ? await casebook.findOnce(once) : undefined
      if (made) return registeredOf(made)
      throw error
    }
  }

  return {
    register,
    submit,
    /** What a higher office asks for help with (协查): by its own date, and counted nowhere. */
    async registerAssisted(
      asked: { from: string; description: string; dueOn: string },
      by: string,
    ): Promise<Registered> {
      await staff.get(by, 'handle-requests')
      const from = demand(asked.from, '协查要写明由哪个机关交办。请补上再登记。')
      const description = demand(asked.description, '协查要写明事项。请补上再登记。')
      const today = work.today()
      checkDay('协查的期限', asked.dueOn, { from: today, today: '9999-12-31' })
      const receipt = { channel: 'assisted', arrivedOn: today, receivedOn: today, how: `${from}交办` }
      const series = { name: `XC${today.slice(0, 4)}`, count: 1 }
      const [kept] = await casebook.number({ by, verb: 'registerAssisted' }, series, async ([ref = '']) => {
        const none = {
          idNumber: null,
          contact: null,
          address: null,
          medium: null,
          conversation: null,
          abroad: false,
        }
        const applicant: Applicant = { ...none, applicant: '', name: from, description, delivery: 'pick-up' }
        const dueOn = asked.dueOn
        const one: Case = {
          ...emptyCase,
          ...applicant,
          ref,
          kind: 'assisted',
          receipt,
          assignedBy: from,
          dueOn,
        }
        return { changes: [{ before: undefined, after: one }] }
      })
      const { ref, dueOn } = kept as Case
      const explanation = `协查按交办机关的期限，最迟在${formatDay(dueOn)}报送，不计入年度报告的申请。`
      return { ref, code: null, receivedOn: today, how: receipt.how, dueOn, explanation }
    },
    /** Says what kind of wish it is, and what was seen at first sight. */
    triage: (who: Who, { kind, note }: { kind: string; note: string }) =>
      work.act('triage', who, () => ({ change: { state: 'triaged', triage: { kind, note } } })),
    async assign(who: Who, { to, division }: { to: string; division: string }) {
      await staff.get(who.by, 'handle-requests')
      await staff.get(to, 'draft-replies')
      return work.act('assign', who, ({ state }) => {
        const fresh = state === 'registered' || state === 'triaged'
        return { change: { assignee: to, division: division || null, ...(fresh && { state: 'assigned' }) } }
      })
    },
    /** Puts a request to an earlier one of the same applicant: it goes on under that number. */
    async merge(who: Who, into: string) {
      const { one, calendar: days } = await work.check('merge', who)
      const { one: other } = await work.check('merge', { ref: into, by: who.by })
      checkMerge(one, other)
      const letter = noticeOf(work.headOf(one, work.today()), 'merged', [
        `您的申请 ${one.ref} 与先提出的 ${into} 是同一件事，一并办理，请以 ${into} 为准；答复期限按先提出的一件计算。`,
      ])
      const { told, writes } = await work.deliver(one, [toldOf('merged', letter)])
      const gone = work.after(
        one,
        { change: { state: 'merged', related: [...one.related, into] }, told },
        days,
      )
      const description = `${other.description}\n（并入 ${one.ref}）${one.description}`
      const related = [...other.related, one.ref]
      const grown = work.after(other, { change: { description, related } }, days)
      const changes = [
        { before: other, after: grown },
        { before: one, after: gone },
      ]
      await casebook.keep({ by: who.by, verb: 'merge' }, changes, writes)
      return grown
    },
    /** One request, one matter (一事一申请): the first stays under its number, the others get numbers of their own. */
    async split(who: Who, matters: readonly string[]): Promise<Case[]> {
      const { one, calendar: days } = await work.check('split', who)
      const [first = '', ...others] = matters.map(matter => matter.trim())
      if (others.length === 0 || [first, ...others].includes(''))
        throw new Refusal('split', '分案至少要写两件事，每件都要写明（一事一申请）。')
      const series = { name: seriesOf(one.receipt), count: others.length }
      return casebook.number({ by: who.by, verb: 'split' }, series, async refs => {
        const letter = noticeOf(work.headOf(one, work.today()), 'merged', [
          `您的申请 ${one.ref} 里有${matters.length}件事，分别办理：${one.ref}（${first}）；${refs.map((ref, i) => `${ref}（${others[i]}）`).join('；')}。收到的日期不变。`,
        ])
        const { told, writes } = await work.deliver(one, [toldOf('merged', letter)])
        const kept = work.after(
          one,
          { change: { description: first, related: [...one.related, ...refs] }, told },
          days,
        )
        const made = refs.map((ref, i) => {
          const own = {
            ref,
            version: 0,
            description: others[i] ?? '',
            related: [one.ref],
            told: [],
            reviews: [],
          }
          return { before: undefined, after: { ...one, ...own } }
        })
        return { changes: [{ before: one, after: kept }, ...made], writes }
      })
    },
  }
}

function checkMerge(one: Case, into: Case): void {
  if (one.ref === into.ref) throw new Refusal('merge', '不能并入自己，请核对编号。')
  if (one.name !== into.name || one.idNumber !== into.idNumber || one.applicant !== into.applicant)
    throw new Refusal('merge', `${one.ref} 和 ${into.ref} 不是同一个申请人提出的，不能并案。`)
  if (one.receipt.receivedOn < into.receipt.receivedOn)
    throw new Refusal(
      'merge',
      `${into.ref} 收到得更晚，期限会拖后。请反过来，把 ${into.ref} 并入 ${one.ref}。`,
    )
  if (one.reviews.length > 0) throw new Refusal('merge', `${one.ref} 已经有复议诉讼的记录，不能并案。`)
}
