/** `disclosure export`: the register as a workbook. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Refusal } from '#base/errors'
import { writeWorkbook } from '#commands'
import type { Config } from '#config'
import { filingWording } from '#disclosure'
import { type Case, stateWords } from '#dossier'
import { operator } from '#staff'
import { type Outcome, outcomes } from '#statute'
import { atDesk } from './desk.ts'
import { without, wordsOf } from './mask.ts'

/** A cell of a workbook holds no more (Excel's own limit), with some room. */
const longestText = 32_000

const channels: Record<string, string> = {
  letter: '信函',
  'registered-post': '挂号、快递',
  'in-person': '当面',
  internet: '网络',
  fax: '传真',
  wechat: '微信',
  telegram: 'Telegram',
  web: '网页',
  assisted: '上级交办',
}
const applicants: Record<string, string> = filingWording.applicants

const columns: readonly (readonly [head: string, of: (one: Case) => string | null])[] = [
  ['编号', one => one.ref],
  ['种类', one => (one.kind === 'assisted' ? '协查' : '申请')],
  ['渠道', ({ receipt }) => channels[receipt.channel] ?? receipt.channel],
  ['收到日期', one => one.receipt.receivedOn],
  ['申请人类别', one => applicants[one.applicant] ?? ''],
  ['姓名或名称', one => one.name],
  ['联系方式', one => one.contact],
  ['需要的信息', one => one.description.slice(0, longestText)],
  ['状态', one => stateWords[one.state]],
  ['承办人', one => one.assignee],
  ['承办处室', one => one.division],
  ['答复期限', one => one.dueOn],
  ['延长的工作日', one => String(one.extensions.reduce((sum, { days }) => sum + days, 0))],
  ['办结日期', one => one.closedOn],
  ['处理结果', one => one.disposition && (outcomes[one.disposition] as Outcome).label],
  ['复议、诉讼', one => one.reviews.map(({ kind, result, on }) => `${on} ${kind} ${result}`).join('；')],
]

/** Masked, unless an official asks for the names, which the trail tells of. */
export async function exportRegister(
  config: Config,
  target: string,
  { as: by = operator, reveal = false }: { as?: string; reveal?: boolean },
): Promise<void> {
  const path = resolve(target)
  if (!/\.xlsx$/i.test(path)) throw new Refusal('kind', '请给出 .xlsx 表格的名字，例如 登记.xlsx。')
  if (existsSync(path)) throw new Refusal('taken', `${path} 已经有内容，请换一个名字，以免覆盖。`)
  await atDesk(config, async desk => {
    const rows: string[][] = [columns.map(([head]) => head)]
    for await (const one of desk.listAll(by, { reveal })) {
      const shown = reveal ? one : without(one, wordsOf(one))
      rows.push(columns.map(([, of]) => of(shown) ?? ''))
    }
    await writeFile(path, await writeWorkbook({ name: '登记', rows }), { mode: 0o600 })
    process.stderr.write(`已导出${rows.length - 1}件到 ${path}${reveal ? '' : '，姓名和联系方式已遮盖'}。\n`)
  })
}
