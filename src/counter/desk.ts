/** `desk` and `calendar`: the whole office on requests for information, run by commands. */
import { readFileSync, statSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { z } from 'zod'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import { createLog } from '#base/log'
import type { DisclosureDesk, Registered, Shown } from '#casework'
import type { Config } from '#config'
import { requestChannels } from '#disclosure'
import { type Case, isUndelivered, stateWords, textOf } from '#dossier'
import { openMasterKeys, openStore } from '#house'
import { openDisclosure } from '#requests'
import { createStaffDesk, createStaffStore, operator, type StaffDesk } from '#staff'
import { applicants } from '#statute'
import { createVault, type Store, type Vault } from '#storage'
import { without, wordsOf } from './mask.ts'
import { oneOf, parseOptions } from './option.ts'
import type { DeskVerb } from './verb.ts'

export interface DeskOptions {
  as?: string
  json?: true
  [option: string]: unknown
}

const say = (line: string) => void process.stderr.write(`${line}\n`)
const write = (line: string) => void process.stdout.write(`${line}\n`)

export function actor(by: string | undefined): string {
  if (!by?.trim()) throw new Refusal('who', '请用 --as 写明由谁办理，例如 --as 张三。')
  return by.trim()
}

export async function atDesk<T>(
  config: Config,
  work: (desk: DisclosureDesk, parts: { store: Store; staff: StaffDesk; vault: Vault }) => Promise<T>,
): Promise<T> {
  const store = await openStore(config)
  const clock = systemClock
  try {
    const staff = createStaffDesk({ store: createStaffStore(store), clock })
    const vault = createVault(store, openMasterKeys(config))
    const log = createLog(config.logLevel === 'info' ? 'error' : config.logLevel)
    return await work(openDisclosure(config, { store, vault, clock, staff }, { log }), {
      store,
      staff,
      vault,
    })
  } finally {
    await store.close()
  }
}

/** What of a case is no personal data. */
export function statusOf({
  ref,
  kind,
  state,
  receipt,
  dueOn,
  closedOn,
  disposition,
  assignee,
  version,
}: Case) {
  return { ref, kind, state, receivedOn: receipt.receivedOn, dueOn, closedOn, disposition, assignee, version }
}

export function sayCase({ ref, state, dueOn, closedOn }: Case): string {
  const until = closedOn === null ? `期限 ${dueOn}` : `${closedOn} 办结`
  return `${ref} ${stateWords[state]}，${until}。`
}

/** Letters that the product does not carry, and of which nobody has yet recorded how they went out. */
const sayPaper = ({ ref, told }: Case): string[] =>
  told
    .filter(isUndelivered)
    .map(({ letter }) => `《${letter.title}》请您送达，用 desk show ${ref} --letter 打印。`)

/** Does one verb on one request. */
export async function doVerb(
  config: Config,
  { verb, ref }: { verb: DeskVerb; ref: string },
  options: DeskOptions,
): Promise<void> {
  const by = actor(options.as)
  await atDesk(config, async desk => {
    const done = await verb.run(desk, { ref, by }, options)
    const all = Array.isArray(done) ? done : [done]
    if (options.json) return write(JSON.stringify(Array.isArray(done) ? all.map(statusOf) : statusOf(done)))
    for (const one of all) for (const line of [sayCase(one), ...sayPaper(one)]) say(line)
  })
}

const words = (field: string) => z.string(`${field} 要写成文字`).trim().max(2000, `${field} 太长`)
export const perhaps = (field: string) =>
  words(field)
    .nullish()
    .transform(value => value || null)
const intake = z.object(
  {
    channel: oneOf('channel', requestChannels),
    arrivedOn: z.string('arrivedOn 要写成日期').optional(),
    confirmedOn: z.string('confirmedOn 要写成日期').optional(),
    applicant: oneOf('applicant', applicants),
    name: words('name'),
    idNumber: perhaps('idNumber'),
    contact: perhaps('contact'),
    address: perhaps('address'),
    description: words('description'),
    medium: perhaps('medium'),
    delivery: oneOf('delivery', ['email', 'post', 'pick-up']),
  },
  '文件要写成 {"channel","applicant","name","description","delivery",…}，照 docs/disclosure.md 写',
)

/** Personal data stands in a file or on standard input (`-`), never on a command line that others can read. */
export async function readJson(file: string | undefined): Promise<unknown> {
  if (!file) throw new Refusal('file', '请用 --file 写明申请的文件（JSON），或者 --file - 从标准输入读。')
  if (file !== '-' && !statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Refusal('absent', `没有文件 ${file}。请核对路径。`)
  const content = file === '-' ? await readAll(process.stdin) : readFileSync(file, 'utf8')
  try {
    return JSON.parse(content)
  } catch {
    throw new Refusal('json', `${file === '-' ? '标准输入' : file} 不是 JSON。什么都没有登记。`)
  }
}

function tellRegistered(made: Registered, json: true | undefined): void {
  write(json ? JSON.stringify(made) : made.ref)
  if (json) return
  say(`收到日期 ${made.receivedOn}：${made.how}。`)
  say(`期限 ${made.dueOn}：${made.explanation}`)
}

export async function registerRequest(
  config: Config,
  options: DeskOptions & { file?: string },
): Promise<void> {
  const by = actor(options.as)
  const given = parseOptions(intake, await readJson(options.file))
  await atDesk(config, async desk => {
    tellRegistered(await desk.register({ ...given, conversation: null, abroad: false }, by), options.json)
  })
}

export async function registerAssisted(
  config: Config,
  options: DeskOptions & { from?: string; description?: string; due?: string },
): Promise<void> {
  const by = actor(options.as)
  const { from = '', description = '', due = '' } = options
  await atDesk(config, async desk => {
    tellRegistered(await desk.registerAssisted({ from, description, dueOn: due }, by), options.json)
  })
}

/** One line a request: number, state, received, due, official. */
export async function listRequests(config: Config, options: DeskOptions): Promise<void> {
  const by = actor(options.as)
  await atDesk(config, async desk => {
    const open = await desk.list(by)
    const today = formatLegalDate(systemClock.now())
    if (options.json) return write(JSON.stringify(open.map(statusOf)))
    for (const one of open) {
      const late = one.dueOn < today ? '逾期' : ''
      write(
        [one.ref, stateWords[one.state], one.receipt.receivedOn, one.dueOn, one.assignee ?? '', late].join(
          '\t',
        ),
      )
    }
    if (open.length === 0) say('没有正在办理的申请。')
  })
}

/** With the data of the applicant and of third parties masked: only a reveal, which the trail tells of, shows it. */
function masked(shown: Shown): Shown {
  const { one, history } = shown
  const told = one.told.map(each => ({ ...each, letter: { ...each.letter, paragraphs: [] } }))
  const events = history.map(event => ({ ...event, old: null, new: null }))
  return without({ ...shown, one: { ...one, told }, history: events }, wordsOf(one))
}

export async function showRequest(
  config: Config,
  ref: string,
  options: DeskOptions & { reveal?: true; letter?: true },
): Promise<void> {
  const by = actor(options.as)
  await atDesk(config, async desk => {
    const reveal = options.reveal === true || options.letter === true
    const found = await desk.show({ ref, by }, { reveal })
    const shown = reveal ? found : masked(found)
    if (options.letter) return write(letterOf(found.one))
    if (options.json) return write(JSON.stringify(shown))
    const { one, explanation, dues, history } = shown
    say(sayCase(one))
    if (explanation) say(explanation)
    for (const { what, dueOn, id } of dues) write(`${dueOn}\t${dueWords[what]}${id ?? ''}`)
    write(`申请人\t${one.name}\t${one.idNumber ?? ''}\t${one.contact ?? ''}\t${one.address ?? ''}`)
    write(`需要的信息\t${one.description.replace(/\s+/g, ' ')}`)
    for (const { seq, at, staff, verb } of history) write(`${seq}\t${formatLegalDate(at)}\t${staff}\t${verb}`)
    if (!reveal) say('姓名和联系方式已遮盖，要看请加 --reveal（会记入审计）。')
  })
}

/** The oldest letter that has still to go out, else the newest. */
function letterOf({ ref, told }: Case): string {
  const one = told.find(isUndelivered) ?? told.at(-1)
  if (!one) throw new Refusal('letter', `${ref} 还没有文书。`)
  return textOf(one.letter)
}

const dueWords: Record<Shown['dues'][number]['what'], string> = {
  reply: '答复期限',
  'supplement-notice': '要求补正的期限',
  supplement: '申请人补正的期限',
  consultation: '征求意见的期限',
  fee: '缴费的期限',
}

/** Loads a notice of the State Council, and recomputes every open request. */
export async function importCalendar(config: Config, file: string, options: { as?: string }): Promise<void> {
  const content = JSON.stringify(await readJson(file))
  await atDesk(config, async desk => {
    if (options.as) await desk.mayHandle(options.as)
    const { fresh, changed } = await desk.loadNotice(content, options.as ?? operator)
    say(fresh ? '放假通知已载入。' : '这份通知以前载入过。')
    for (const { ref, from, to } of changed) write(`${ref}\t${from}\t${to}`)
    say(`重新计算了在办的申请，${changed.length}件的期限有变化。`)
  })
}
