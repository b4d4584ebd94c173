/** What is kept of a request, for the person whose it is (个人信息保护法 Art 45). Pure. */
import { formatLegalDate } from '#base/clock'
import { type Case, stateWords, type ToldEvent, textOf } from '#dossier'
import { type Outcome, outcomes } from '#statute'

const verbWords: Record<string, string> = { submit: '提出', register: '登记', send: '发出答复' }
/** Third parties are persons of their own: what was asked of whom is not the applicant's data. */
const otherParty = '第三方'

/** Everything in plain words: what the person said, what they were told, what was done and when. */
export function recordOf(one: Case, history: readonly ToldEvent[]): object {
  const { disposition, consultations, told } = one
  const names = consultations.map(({ party }) => party).filter(party => party.length > 1)
  const hide = (text: string) => names.reduce((words, name) => words.replaceAll(name, otherParty), text)
  return {
    编号: one.ref,
    姓名或名称: one.name,
    证件号码: one.idNumber,
    联系方式: one.contact,
    地址: one.address,
    需要的信息: hide(one.description),
    形式: one.medium,
    获取方式: one.delivery,
    收到日期: one.receipt.receivedOn,
    收到日期的依据: one.receipt.how,
    状态: stateWords[one.state],
    答复期限: one.dueOn,
    办结日期: one.closedOn,
    处理结果: disposition && (outcomes[disposition] as Outcome).label,
    征求意见: consultations.map(({ sentOn, endedOn }) => ({ 对方: otherParty, 发出: sentOn, 结束: endedOn })),
    给您的文书: told
      .filter(({ kind }) => kind !== 'third-party')
      .map(({ on, letter, dispatch }) => ({ 日期: on, 内容: hide(textOf(letter)), 送达: dispatch })),
    复议诉讼: one.reviews,
    办理经过: history.map(({ at, verb }) => ({ 日期: formatLegalDate(at), 步骤: verbWords[verb] ?? verb })),
  }
}
