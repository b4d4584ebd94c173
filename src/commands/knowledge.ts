/** `ask` and `knowledge check`: answers without a database, and what is wrong or getting old in the entries. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type Answer, createAnswerer, createAnswering } from '#answering'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import { formatPlain } from '#channel'
import type { Config } from '#config'
import { openStore } from '#house'
import {
  citationsOf,
  createKnowledgeStore,
  type Edited,
  listEdited,
  loadKnowledge,
  reviewEntries,
} from '#knowledge'

const questionShape = z.object({ id: z.union([z.string(), z.number()]), text: z.string() })

async function open(dir: string, unsourced = false) {
  const folder = resolve(dir)
  if (!existsSync(folder))
    throw new Refusal('absent', `没有知识库文件夹 ${folder}。请检查 --knowledge 的路径。`)
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

/** Answers JSONL from standard input, each line a fresh conversation; a bad line is named and ends with code 1. */
export async function ask(config: Config, dir?: string): Promise<void> {
  const { entries, problems, today } = await open(dir ?? config.knowledgeDir, dir !== undefined)
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
    const reply = await answerer.answer(text, { language: 'zh-CN', conversation: 0 })
    const answer = answering.answer(text, { most: 20 })
    process.stdout.write(`${JSON.stringify({ id, ...resultOf(answer, formatPlain(reply.document)) })}\n`)
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
  const { today, ...folder } = await open(dir ?? config.knowledgeDir)
  const edited = dir === undefined ? await readEdited(config, today) : { entries: [], problems: [] }
  const replaced = new Set([...edited.entries, ...edited.problems.map(p => ({ id: p.entry }))].map(e => e.id))
  const texts = [...folder.texts.values()].filter(({ entry }) => !replaced.has(entry.id))
  return {
    today,
    entries: [...texts.map(({ entry }) => entry), ...edited.entries],
    problems: [...folder.problems.filter(p => !replaced.has(p.entry)), ...edited.problems],
    /** Where an entry is edited: its file, or its id in the database. */
    places: new Map(texts.map(({ entry, file }) => [entry.id, file])),
  }
}

/**
 * Names what is wrong, a line each with file or entry and what to do. The exit code is 1 when citizens do not get an
 * entry because of it; all else is advice.
 */
export async function checkKnowledge(config: Config, dir?: string): Promise<void> {
  const { today, entries, problems, places } = await readAll(config, dir)
  const remarks = reviewEntries(entries, today)
  const lines = [
    ...problems.map(p => ({
      line: `${p.file}${p.line ? `:${p.line}` : ''} ${p.problem}`,
      blocking: p.dropped,
    })),
    ...remarks.map(r => ({ line: `${places.get(r.entry) ?? r.entry} ${r.problem}`, blocking: r.blocking })),
  ]
  const [bad, advice] = [lines.filter(one => one.blocking), lines.filter(one => !one.blocking)]
  for (const { line } of bad) process.stderr.write(`${line}\n`)
  for (const { line } of advice) process.stderr.write(`建议 ${line}\n`)
  const dropped = new Set(problems.filter(p => p.dropped).map(p => p.entry))
  const usable = entries.filter(entry => entry.extends === null && !dropped.has(entry.id)).length
  process.stderr.write(`${usable} 条可用，${bad.length} 处问题，${advice.length} 条建议。\n`)
  if (bad.length > 0) process.exitCode = 1
}
