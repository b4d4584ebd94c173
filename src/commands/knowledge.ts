/** Asking: `chat` and `ask`; and `knowledge check`, what is wrong or getting old in the entries. */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type Answer, createAnswerer, createAnswering } from '#answering'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import { newUuid } from '#base/ids'
import { createLog } from '#base/log'
import { type Channel, formatPlain, paragraph } from '#channel'
import type { Config } from '#config'
import { type Answerer, createSession, createWording, parseCommand, takeTurn } from '#dialog'
import { openHouse, openStore } from '#house'
import {
  citationsOf,
  createKnowledgeStore,
  type Edited,
  lineOfField,
  listEdited,
  loadKnowledge,
  type Remark,
  reviewEntries,
} from '#knowledge'

const questionShape = z.object({ id: z.union([z.string(), z.number()]), text: z.string() })

/** The folder that was named, or else the one of the settings. Throws a Refusal where there is none. */
export function findFolder(config: Config, dir: string | undefined): string {
  const folder = resolve(dir ?? config.knowledgeDir)
  const advice = dir === undefined ? '请核对设置 KNOWLEDGE_DIR' : '请核对路径'
  if (!existsSync(folder)) throw new Refusal('absent', `没有知识库文件夹 ${folder}，${advice}。`)
  if (!statSync(folder).isDirectory())
    throw new Refusal('kind', `${folder} 是一个文件。请给出它所在的知识库文件夹。`)
  return folder
}

async function open(folder: string, unsourced = false) {
  const today = formatLegalDate(systemClock.now())
  return { today, ...(await loadKnowledge(folder, today, { unsourced })) }
}

function resultOf(answer: Answer, text: string) {
  return {
    outcome: answer.outcome,
    entry: answer.outcome === 'answered' ? (answer.entry?.id ?? null) : null,
    confidence: answer.confidence,
    text,
    citations: answer.outcome === 'answered' && answer.entry ? citationsOf(answer.entry) : [],
    offers: answer.offers.map(({ id, title }) => ({ entry: id, title })),
    candidates: answer.candidates.map(({ id, confidence }) => ({ entry: id, confidence })),
  }
}

/** What a greeting or a command gets, which the conversation answers by itself; undefined for a question. */
async function answerCommand(text: string, { config, answerer }: { config: Config; answerer: Answerer }) {
  const command = parseCommand(text)
  if (command === undefined) return undefined
  const { agency, retentionDays } = config
  const aside = `这里只回答政策问题，不能留言。要找工作人员，请拨打${agency.hotline}，或者在对话里发送「人工」。`
  if (command === 'human') return { outcome: 'handover' as const, document: [paragraph(aside)] }
  const input = { text, choice: undefined, first: false, resumed: false, conversation: 0 }
  const wording = createWording(agency)
  const deps = { wording, retentionDays, answerer, forms: () => new Map(), humanForm: '' }
  const turn = await takeTurn(createSession(), input, deps)
  // No question of policy was asked, and none is answered.
  return turn.outcome === 'command' ? { outcome: 'refused' as const, document: turn.say.flat() } : undefined
}

/** Answers JSONL from standard input, each line a fresh conversation; a bad line is named and ends with code 1. */
export async function ask(config: Config, dir?: string): Promise<void> {
  const folder = findFolder(config, dir)
  const { entries, problems, today } = await open(folder, dir !== undefined)
  const unread = problems.find(p => p.file === folder)
  if (unread) throw new Refusal('unread', `${folder} ${unread.problem}。`)
  for (const p of problems) process.stderr.write(`${p.file}${p.line ? `:${p.line}` : ''} ${p.problem}\n`)
  const answering = createAnswering({ entries, today })
  const answerer = createAnswerer({ answering, hotline: config.agency.hotline })
  let number = 0
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (line.trim() === '') continue
    const parsed = questionShape.safeParse(parseJson(line))
    if (!parsed.success) throw new Refusal('line', `第${number}行不是 {"id","text"}，请改正后重试。`)
    const { id, text } = parsed.data
    const answer = answering.answer(text, { most: 20 })
    const command = await answerCommand(text, { config, answerer })
    const reply = command ?? (await answerer.answer(text, { language: 'zh-CN', conversation: 0 }))
    const result = resultOf(
      command ? { ...answer, ...command, offers: [] } : answer,
      formatPlain(reply.document),
    )
    process.stdout.write(`${JSON.stringify({ id, ...result })}\n`)
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** What officials have edited stands in the database. */
async function readEdited(config: Config, today: string): Promise<Edited> {
  if (!config.databaseUrl && !existsSync(config.databaseFile)) return { entries: [], problems: [] }
  const store = await openStore(config)
  try {
    return await listEdited(createKnowledgeStore(store), today)
  } finally {
    await store.close()
  }
}

/** The folder, and without one of its own also what officials have put in the place of its entries. */
async function readAll(config: Config, dir: string | undefined) {
  const { today, ...folder } = await open(findFolder(config, dir))
  const edited = dir === undefined ? await readEdited(config, today) : { entries: [], problems: [] }
  const replaced = new Set([...edited.entries, ...edited.problems.map(p => ({ id: p.entry }))].map(e => e.id))
  const texts = [...folder.texts.values()].filter(({ entry }) => !replaced.has(entry.id))
  return {
    today,
    entries: [...texts.map(({ entry }) => entry), ...edited.entries],
    problems: [...folder.problems.filter(p => !replaced.has(p.entry)), ...edited.problems],
    /** Where an entry is edited: line and file, or its id in the database. */
    placeOf({ entry, at }: Remark): string {
      const held = folder.texts.get(entry)
      if (!held || replaced.has(entry)) return entry
      return at ? `${held.file}:${lineOfField(held.text, at)}` : held.file
    },
  }
}

/**
 * Names what is wrong, a line each with file or entry and what to do. The exit code is 1 when citizens do not get an
 * entry because of it; all else is advice.
 */
export async function checkKnowledge(config: Config, dir?: string): Promise<void> {
  const { today, entries, problems, placeOf } = await readAll(config, dir)
  const remarks = reviewEntries(entries, today)
  const lines = [
    ...problems.map(p => ({
      line: `${p.file}${p.line ? `:${p.line}` : ''} ${p.problem}`,
      blocking: p.dropped,
    })),
    ...remarks.map(r => ({ line: `${placeOf(r)} ${r.problem}`, blocking: r.blocking })),
  ]
  const [bad, advice] = [lines.filter(one => one.blocking), lines.filter(one => !one.blocking)]
  for (const { line } of bad) process.stderr.write(`${line}\n`)
  for (const { line } of advice) process.stderr.write(`建议 ${line}\n`)
  const dropped = new Set(problems.filter(p => p.dropped).map(p => p.entry))
  const usable = entries.filter(entry => entry.extends === null && !dropped.has(entry.id)).length
  process.stderr.write(`${usable} 条可用，${bad.length} 处问题，${advice.length} 条建议。\n`)
  if (bad.length > 0) process.exitCode = 1
}

type TerminalFactory = (options: {
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  chat: string
  newUuid: () => string
  onEnd(): void
}) => Channel

/** Talks until the input ends; everything typed is answered before it returns. */
export async function chat(config: Config, name: string, createTerminal: TerminalFactory): Promise<void> {
  const house = await openHouse(config, createLog(config.logLevel === 'info' ? 'error' : config.logLevel))
  const ended = Promise.withResolvers<void>()
  process.once('SIGINT', () => ended.resolve())
  process.once('SIGTERM', () => ended.resolve())
  if (process.stdin.isTTY) process.stderr.write(`${config.agency.name}：请输入问题，按 Ctrl+D 结束。\n\n`)
  const { stdin: input, stdout: output } = process
  await house.open(createTerminal({ input, output, chat: name, newUuid, onEnd: () => ended.resolve() }))
  await house.startWork()
  await ended.promise
  await house.close()
}
