/** `knowledge` versions and `questions`: what officials do, by commands, for entries and for those who wait. */
import { clusterStates } from '#answering'
import { formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { silentLog } from '#base/log'
import type { Config } from '#config'
import { type Office, openDesks } from '#house'
import { parseEntry, type Which } from '#knowledge'
import { atDesks, atOffice } from './exchange.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)
export const put = (cells: readonly unknown[]) =>
  void process.stdout.write(`${cells.map(cell => String(cell ?? '').replace(/\s+/g, ' ')).join('\t')}\n`)
const stateWords: Record<string, string> = {
  drafted: '草稿',
  submitted: '待审核',
  rejected: '退回',
  published: '在用',
  replaced: '已被新版代替',
  withdrawn: '停用',
  recalled: '撤回',
}

type Version = Awaited<ReturnType<Office['knowledge']['history']>>[number]

/** Whether a version that is published holds from a later day on. */
const isLater = (row: Version, today: string) =>
  row.state === 'published' && (row.effective_from ?? '') > today

/** Who acts; throws a Refusal where nobody is named. */
export function actor(by: string | undefined): string {
  if (!by) throw new Refusal('who', '请用 --as 写明由谁办理，例如 --as 张三。')
  return by
}

function numberOf(text: string, what: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Refusal('number', `${what}要写成数字，例如 3；“${text}”不是。`)
  return Number(text)
}

const nameOf = ({ entry, version }: Which) => `条目 ${entry} 的第${version}版`
const whichOf = (entry: string, version: string): Which => ({ entry, version: numberOf(version, '版本') })

/** Throws a Refusal where there is no such entry. */
async function historyOf({ knowledge }: Office, entry: string): Promise<Version[]> {
  const rows = await knowledge.history(entry)
  if (rows.length === 0) throw new Refusal('entry', `没有条目 ${entry}，请核对编号。`)
  return rows
}

async function findVersion(office: Office, { entry, version }: Which): Promise<Version> {
  const row = (await historyOf(office, entry)).find(one => one.version === version)
  if (!row)
    throw new Refusal('version', `没有${nameOf({ entry, version })}，请用 knowledge history ${entry} 核对。`)
  return row
}

const todayAt = ({ clock }: Office) => formatLegalDate(clock.now())

/** One line a version: number, state, author, reviewer, day, from when it holds, note. */
export async function listHistory(config: Config, entry: string): Promise<void> {
  await atOffice(config, async office => {
    const today = todayAt(office)
    for (const row of await historyOf(office, entry)) {
      const { version, author, reviewer, effective_from, created_at, note } = row
      const day = formatLegalDate(created_at)
      const standing = isLater(row, today) ? '待起用' : stateWords[row.state]
      put([version, standing, author, reviewer, day, effective_from, note])
    }
  })
}

/** One line a version that waits: entry, number, state, author, day. */
export async function listDrafts(config: Config): Promise<void> {
  await atOffice(config, async ({ knowledge }) => {
    const rows = [...(await knowledge.listInState('drafted')), ...(await knowledge.listInState('submitted'))]
    for (const { entry, version, state, author, created_at } of rows)
      put([entry, version, stateWords[state], author, formatLegalDate(created_at)])
    if (rows.length === 0) say('没有草稿，也没有待审核的条目。')
  })
}

export async function showDifference(config: Config, entry: string, versions: [string, string]) {
  const [before, after] = versions.map(version => numberOf(version, '版本')) as [number, number]
  await atOffice(config, async office => {
    const { content } = await findVersion(office, { entry, version: before })
    if ((await findVersion(office, { entry, version: after })).content === content) say('这两版的内容相同。')
    else process.stdout.write(await office.knowledge.diff(entry, before, after))
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

export async function handleVersion(config: Config, { act, ...named }: VersionAct, options: ActOptions) {
  const which = whichOf(named.entry, named.version)
  const by = actor(options.as)
  const { note = '', from, despite = false } = options
  if ((act === 'reject' || act === 'recall') && note.trim() === '')
    throw new Refusal('note', '请用 --note 写明理由，例如 --note 天数写错。')
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

async function sayDone(office: Office, act: VersionAct['act'], which: Which): Promise<string> {
  const name = nameOf(which)
  if (act === 'submit') return `${name}已提交，等待审核。`
  if (act === 'reject') return `${name}已退回。`
  if (act === 'rollback') return `已按旧版起草${name}，提交审核后才会采用。`
  if (act === 'recall') return `${name}已撤回，不再用于答复。${await sayMisled(office, which)}`
  const row = await findVersion(office, which)
  const later = isLater(row, todayAt(office))
  return `${name}已发布，${later ? `从 ${row.effective_from} 起采用` : '正在运行的产品两秒内就会采用'}。`
}

/** Who was told a local rule was told it with the entry that it stands behind: a sentence, where it is one. */
function sayLocal({ entry, content }: Version): string | undefined {
  const base = parseEntry(content, () => {})?.extends
  if (!base) return undefined
  return `条目 ${entry} 是 ${base} 的地方补充，看过的人记在 ${base} 名下；要发更正，请用 questions correct ${base}。`
}

async function sayMisled(office: Office, which: Which): Promise<string> {
  const misled = await openDesks(office, silentLog).questions.countMisled(which.entry, which.version)
  return (
    sayLocal(await findVersion(office, which)) ??
    `有${misled}个对话看过它；要发更正，请用 questions correct。`
  )
}

export async function withdrawEntry(config: Config, entry: string, options: ActOptions): Promise<void> {
  const by = actor(options.as)
  await atOffice(config, async ({ knowledge }) => {
    await knowledge.withdraw(entry, by)
    say(`条目 ${entry} 已停用，正在运行的产品两秒内不再引用它。`)
  })
}

/** One line a group of questions: number, how many asked, how many wait, owner, due day, one of the questions, entry. */
export async function listQuestions(config: Config, { state = 'gathered' }: { state?: string } = {}) {
  const wanted = clusterStates.find(one => one === state)
  if (!wanted)
    throw new Refusal('state', '--state 只能是 gathered（待处理）、answered（已答复）、dismissed（已关闭）。')
  await atDesks(config, async ({ questions }) => {
    const clusters = await questions.list(wanted)
    for (const { seq, asked, waiting, owner, due_on, label, entry } of clusters)
      put([seq, asked, waiting, owner, due_on, label, ...(entry === null ? [] : [entry])])
    if (clusters.length === 0) say('没有这样的问题组。正在运行的产品每十分钟汇总一次没有答上的问题。')
  })
}

const wishWords = { none: '', waiting: '等答复', told: '已告诉' } as const

/** One line a question of a group: day, text, the wish to be told, what was told, what was wrong, the nearest entries. */
export async function showQuestions(config: Config, number: string): Promise<void> {
  const cluster = numberOf(number, '问题组')
  await atDesks(config, async ({ questions }) => {
    const asked = await questions.show(cluster)
    for (const { askedAt, text, wish, entry, reason, candidates } of asked)
      put([formatLegalDate(askedAt), text, wishWords[wish], entry, reason, candidates.join('、')])
    if (asked.length === 0) say('这组的问题已经到期删除。')
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
      await questions.assign(cluster, { owner, dueOn }, by)
      return say(`问题组 ${cluster} 由${owner}在 ${dueOn} 前办理。`)
    }
    const told = await questions.answer(cluster, done.entry ?? '', by)
    say(`问题组 ${cluster} 已由条目 ${done.entry} 答复，告诉了${told}个等着答复的人。${carriedBy(told)}`)
  })
}

/** A command enters what is to be said; it is carried by the product. */
export const carriedBy = (count: number) =>
  count === 0 ? '' : '产品正在运行的，五秒内送到；没有运行的，下次启动时送到。'

export interface CorrectionOptions extends ActOptions {
  text?: string
  dryRun?: boolean
}

const untold = ['drafted', 'submitted', 'rejected']

/** Throws a Refusal where nobody can have been told a version. */
async function findTold(office: Office, which: Which): Promise<Version> {
  const row = await findVersion(office, which)
  const local = sayLocal(row)
  if (local) throw new Refusal('local', local)
  if (untold.includes(row.state) || isLater(row, todayAt(office)))
    throw new Refusal('untold', `${nameOf(which)}没有用于答复过，没有人看过，请核对版本。`)
  return row
}

const firstRecall =
  '还会有人看到它。请先用 knowledge recall 撤回，或发布改正的新版；确实要现在发，请加上 --despite。'

/** Tells all who were told a version what is right; or only counts them. */
export async function sendCorrection(config: Config, which: [string, string], options: CorrectionOptions) {
  const wrong = whichOf(...which)
  await atOffice(config, async office => {
    const { state } = await findTold(office, wrong)
    const { questions } = openDesks(office, silentLog)
    if (options.dryRun)
      return say(`有${await questions.countMisled(wrong.entry, wrong.version)}个对话看过它，还没有收到更正。`)
    if (!options.text?.trim()) throw new Refusal('text', '请用 --text 写明更正的内容。')
    const by = actor(options.as)
    if (state === 'published' && !options.despite)
      throw new Refusal('in-use', `${nameOf(wrong)}还在用，${firstRecall}`)
    const told = await questions.correct(wrong, options.text.trim(), by)
    say(`更正已发给${told}个对话。${carriedBy(told)}`)
  })
}
