/** `ask` and `knowledge …`: answers and checks without a database. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type Answer, createAnswerer, createAnswering } from '#answering'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import { formatPlain } from '#channel'
import type { Config } from '#config'
import { citationsOf, loadKnowledge } from '#knowledge'

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

/** Names every entry that is not served, with file, line and reason. */
export async function checkKnowledge(config: Config, dir?: string): Promise<void> {
  const { entries, problems } = await open(dir ?? config.knowledgeDir)
  for (const p of problems) process.stderr.write(`${p.file}${p.line ? `:${p.line}` : ''} ${p.problem}\n`)
  process.stderr.write(`${entries.length} 条可用，${problems.length} 处问题。\n`)
  if (problems.length > 0) process.exitCode = 1
}
