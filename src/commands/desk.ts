/** `knowledge` versions, `questions` and `messages`: what officials do, by commands, for entries and for those who wait. */
import { formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { silentLog } from '#base/log'
import type { Config } from '#config'
import { type Desks, type Office, openDesks } from '#house'
import type { Which } from '#knowledge'
import { atOffice } from './exchange.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)
const put = (cells: readonly unknown[]) =>
  void process.stdout.write(`${cells.map(cell => String(cell ?? '').replace(/\s+/g, ' ')).join('\t')}\n`)

const stateWords = {
  drafted: '草稿',
  submitted: '待审核',
  rejected: '退回',
  published: '在用',
  replaced: '已被新版代替',
  withdrawn: '停用',
  recalled: '撤回',
} as const
const stateOf = (state: string) => stateWords[state as keyof typeof stateWords] ?? state

/** Who acts; throws a Refusal where nobody is named. */
function actor(by: string | undefined): string {
  if (!by) throw new Refusal('who', '请用 --as 写明由谁办理，例如 --as 张三。')
  return by
}

function numberOf(text: string, what: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Refusal('number', `${what}要写成数字，例如 3；“${text}”不是。`)
  return Number(text)
}

const whichOf = (entry: string, version: string): Which => ({ entry, version: numberOf(version, '版本') })

export async function listHistory(config: Config, entry: string): Promise<void> {
  await atOffice(config, async ({ knowledge }) => {
    const rows = await knowledge.history(entry)
    if (rows.length === 0) throw new Refusal('entry', `没有条目 ${entry}，请核对编号。`)
    for (const { version, state, author, reviewer, effective_from, created_at, note } of rows) {
      const day = formatLegalDate(created_at)
      put([version, stateOf(state), author, reviewer, day, effective_from, note])
    }
  })
}

export async function listDrafts(config: Config): Promise<void> {
  await atOffice(config, async ({ knowledge }) => {
    const rows = [...(await knowledge.listInState('drafted')), ...(await knowledge.listInState('submitted'))]
    for (const { entry, version, state, author } of rows) put([entry, version, stateOf(state), author])
    if (rows.length === 0) say('没有草稿，也没有待审核的条目。')
  })
}

export async function showDifference(
  config: Config,
  entry: string,
  versions: [string, string],
): Promise<void> {
  const [before, after] = versions.map(version => numberOf(version, '版本'))
  await atOffice(config, async ({ knowledge }) => {
    process.stdout.write(await knowledge.diff(entry, before ?? 0, after ?? 0))
  })
}

/** What is done with one version of an entry. */
export interface VersionAct {
  act: 'submit' | 'publish' | 'reject' | 'recall' | 'rollback'
  entry: string
  version: string
}

export interface ActOptions {
  as?: string
  note?: string
  /** YYYY-MM-DD */
  from?: string
  despite?: boolean
}

export async function handleVersion(
  config: Config,
  { act, entry, version }: VersionAct,
  options: ActOptions,
) {
  const which = whichOf(entry, version)
  const by = actor(options.as)
  const { note = '', from, despite = false } = options
  await atOffice(config, async office => {
    const { knowledge } = office
    if (act === 'submit') await knowledge.submit(which, by)
    if (act === 'reject') await knowledge.reject(which, by, note)
    if (act === 'publish') await knowledge.approve(which, by, { despite, ...(from && { from }) })
    if (act === 'recall') await knowledge.recall(which, by, note)
    const made = act === 'rollback' ? await knowledge.rollback(which, by) : which
    say(await sayDone(office, act, made))
  })
}

async function sayDone(office: Office, act: VersionAct['act'], { entry, version }: Which): Promise<string> {
  const name = `条目 ${entry} 的第${version}版`
  if (act === 'submit') return `${name}已提交，等待审核。`
  if (act === 'reject') return `${name}已退回。`
  if (act === 'publish') return `${name}已发布，正在运行的产品两秒内就会采用。`
  if (act === 'rollback') return `已按旧版起草${name}，提交审核后才会采用。`
  const misled = await openDesks(office, silentLog).questions.countMisled(entry, version)
  return `${name}已撤回，不再用于答复。有${misled}个对话看过它；要发更正，请用 questions correct。`
}

export async function withdrawEntry(config: Config, entry: string, options: ActOptions): Promise<void> {
  const by = actor(options.as)
  await atOffice(config, async ({ knowledge }) => {
    await knowledge.withdraw(entry, by)
    say(`条目 ${entry} 已停用，正在运行的产品两秒内不再引用它。`)
  })
}

async function atDesks(config: Config, work: (desks: Desks) => Promise<void>): Promise<void> {
  await atOffice(config, office => work(openDesks(office, silentLog)))
}

/** One line a group of questions: number, how many asked, how many wait, owner, due day, one of the questions. */
export async function listQuestions(config: Config): Promise<void> {
  await atDesks(config, async ({ questions }) => {
    const clusters = await questions.list()
    for (const { seq, asked, waiting, owner, due_on, label } of clusters)
      put([seq, asked, waiting, owner, due_on, label])
    if (clusters.length === 0) say('没有待处理的问题。正在运行的产品每十分钟汇总一次。')
  })
}

export interface ClusterAct extends ActOptions {
  act: 'assign' | 'answer' | 'dismiss'
  cluster: string
  owner?: string
  due?: string
  entry?: string
}

export async function handleQuestions(config: Config, done: ClusterAct): Promise<void> {
  const cluster = numberOf(done.cluster, '问题组')
  const by = actor(done.as)
  await atDesks(config, async ({ questions }) => {
    if (done.act === 'dismiss') {
      await questions.dismiss(cluster, by)
      return say(`问题组 ${cluster} 已关闭，不需要答复。`)
    }
    if (done.act === 'assign') {
      const { owner = '', due: dueOn = '' } = done
      if (!/^\d{4}-\d{2}-\d{2}$/.test(dueOn) || Number.isNaN(Date.parse(dueOn)))
        throw new Refusal('date', '期限要写成 YYYY-MM-DD，例如 --due 2027-01-15。')
      await questions.assign(cluster, { owner, dueOn }, by)
      return say(`问题组 ${cluster} 由${owner}在 ${dueOn} 前办理。`)
    }
    const told = await questions.answer(cluster, done.entry ?? '', by)
    say(`问题组 ${cluster} 已由条目 ${done.entry} 答复，告诉了${told}个等着答复的人。`)
  })
}

export interface CorrectionOptions extends ActOptions {
  text?: string
  dryRun?: boolean
}

/** Tells all who were told a version what is right; or only counts them. */
export async function sendCorrection(config: Config, which: [string, string], options: CorrectionOptions) {
  const wrong = whichOf(...which)
  await atDesks(config, async ({ questions }) => {
    if (options.dryRun)
      return say(`有${await questions.countMisled(wrong.entry, wrong.version)}个对话看过它，还没有收到更正。`)
    if (!options.text?.trim()) throw new Refusal('text', '请用 --text 写明更正的内容。')
    const told = await questions.correct(wrong, options.text.trim(), actor(options.as))
    say(`更正已发给${told}个对话。`)
  })
}

/** One line a message that was left: number, day, subject, contact, text. */
export async function listMessages(config: Config, { all = false }: { all?: boolean }): Promise<void> {
  await atDesks(config, async ({ left }) => {
    const messages = [...(await left.list()), ...(all ? await left.list('answered') : [])]
    for (const { number, createdAt, topic, contact, text } of messages)
      put([number, formatLegalDate(createdAt), topic, contact, text])
    if (messages.length === 0) say('没有待答复的留言。')
  })
}

export async function answerMessage(
  config: Config,
  number: string,
  options: CorrectionOptions,
): Promise<void> {
  if (!options.text?.trim()) throw new Refusal('text', '请用 --text 写明答复的内容。')
  const text = options.text.trim()
  const by = actor(options.as)
  await atDesks(config, async ({ left }) => {
    await left.answer(number, text, by)
    say(`留言 ${number} 已答复，会发到对方的对话里。`)
  })
}
