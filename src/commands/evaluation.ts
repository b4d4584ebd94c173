/** `knowledge eval`: how well the entries answer a set of known questions, beside the version before. */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import {
  createAnswering,
  defaultThresholds,
  type EvaluationQuestion,
  evaluateHalves,
  evaluationFile,
  type Figures,
  type Halves,
  parseQuestions,
  worseThan,
} from '#answering'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import { silentLog } from '#base/log'
import type { Config } from '#config'
import { createKnowledgeStore, type Entry, openLibrary } from '#knowledge'
import { openSqlite } from '#storage'
import { atOffice } from './exchange.ts'
import { findFolder } from './knowledge.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)

/** Entries to be measured, and how people call them. */
interface Version {
  name: string
  entries: readonly Entry[]
}

/** A path as short as people type it. */
function shorten(path: string): string {
  const near = relative(process.cwd(), path)
  return near === '' || near.startsWith('..') ? path : near
}

/** What is quoted now. */
async function readInUse(config: Config): Promise<Version> {
  let entries: readonly Entry[] = []
  await atOffice(config, async ({ library }) => {
    entries = library.entries()
  })
  return { name: '在用的知识库', entries }
}

/** What would be quoted if there were nothing but the folder: with the local rules, without what may not be quoted. */
async function readFolder(
  { agency }: Config,
  folder: string,
  complain: typeof say = () => {},
): Promise<Version> {
  const database = await openSqlite(':memory:')
  const store = createKnowledgeStore(database)
  try {
    const options = { store, clock: systemClock, log: silentLog, region: agency.region }
    const library = await openLibrary({ ...options, folder })
    for (const { file, line, problem } of library.problems())
      complain(`${file}${line ? `:${line}` : ''} ${problem}`)
    return { name: shorten(folder), entries: library.entries() }
  } finally {
    await database.close()
  }
}

/** A folder may bring questions of its own; else those beside the entries of the settings are asked. */
function findQuestions(folder: string, { knowledgeDir }: Config): string {
  const file = [folder, knowledgeDir].map(dir => join(dir, evaluationFile)).find(existsSync)
  if (file) return file
  throw new Refusal(
    'questions',
    `没有评测问题 ${join(folder, evaluationFile)}。每行写一个 {"id","kind","text",…}，格式见 docs/evaluation.md。`,
  )
}

function measure({ entries }: Version, questions: readonly EvaluationQuestion[]): Halves | undefined {
  if (entries.length === 0) return undefined
  const today = formatLegalDate(systemClock.now())
  return evaluateHalves(createAnswering({ entries, today }), questions, entries.length)
}

/**
 * Measures a folder beside what is in use, or, without a folder, what is in use beside the folder that the product came
 * with. Figures that have fallen are named; they are no failure.
 */
export async function evaluateKnowledge(
  config: Config,
  dir: string | undefined,
  { json = false }: { json?: boolean },
): Promise<void> {
  const folder = findFolder(config, dir)
  const file = findQuestions(folder, config)
  const questions = parseQuestions(readFileSync(file, 'utf8'), file)
  if (questions.length === 0) throw new Refusal('questions', `${file} 里没有问题。每行请写一个。`)
  const offered = await readFolder(config, folder, dir === undefined ? undefined : say)
  const inUse = await readInUse(config)
  const [now, old] = dir === undefined ? [inUse, offered] : [offered, inUse]
  const figures = measure(now, questions)
  const before = measure(old, questions)
  if (!figures)
    throw new Refusal('empty', `${now.name}里没有可用的条目，无法评测。请先导入条目，或核对路径。`)
  const worse = before ? worseThan(before.all, figures.all) : []
  const told = { of: now.name, questions: file, thresholds: defaultThresholds, ...figures }
  if (json)
    process.stdout.write(
      `${JSON.stringify({ ...told, before: before ? { of: old.name, ...before } : null, worse })}\n`,
    )
  else sayFigures({ ...told, count: questions.length }, before && { of: old.name, ...before })
  if (before) say(sayWorse(worse, old.name))
}

const sayWorse = (worse: readonly string[], name: string) =>
  worse.length === 0
    ? `与 ${name} 相比，没有变差。`
    : `与 ${name} 相比变差：${worse.join('；')}。请再看一遍。`

interface Told extends Halves {
  of: string
}

const columns = ['问题', '覆盖', 'Top-1', 'Top-5', '答对', '答对或选项里有', '答错', '答错或选项全不对']

function sayFigures(told: Told & { questions: string; count: number }, before: Told | undefined): void {
  const { all, tuning, heldOut } = told
  const { answer, offer } = defaultThresholds
  say(`${told.of}：${all.entries}条。问题：${shorten(told.questions)}，${told.count}个。`)
  say(`把握到${answer}直接答复，到${offer}给出选项。以下都是百分比。\n`)
  const rowOf = (name: string, e: Halves['all']) => [
    name,
    ...cellsOf(e.inScope),
    percent(e.strangersRefused),
    percent(e.risksGuarded),
  ]
  const halves = [rowOf('调优的一半', tuning), rowOf('保留的一半', heldOut), rowOf('全部', all)]
  const earlier = before ? [rowOf(`全部（${before.of}）`, before.all)] : []
  sayTable(['', ...columns, '范围外不作答', '风险识别'], [...halves, ...earlier])
  const change = ({ helped }: Figures, old: Figures | undefined) => (old ? signed(helped - old.helped) : '–')
  if (before) say('变化：“答对或选项里有”比之前高多少。\n')
  sayTable(
    ['主题', ...columns, '变化'],
    Object.entries(all.topics).map(([topic, f]) => [
      topic || '（未写）',
      ...cellsOf(f),
      change(f, before?.all.topics[topic]),
    ]),
  )
  sayTable(
    ['范围外和风险', '条数', '处理得当'],
    Object.entries(all.reasons).map(([reason, r]) => [reason, String(r.questions), percent(r.handled)]),
  )
  sayTable(
    ['把握从（保留的一半）', '覆盖', '其中答错'],
    heldOut.riskCoverage.map(r => [String(r.confidence), percent(r.coverage), percent(r.risk)]),
  )
}

const percent = (share: number) => (share * 100).toFixed(1)
const signed = (share: number) => `${share < 0 ? '' : '+'}${percent(share)}`

const cellsOf = ({ questions, ...f }: Figures): string[] => [
  String(questions),
  ...[f.coverage, f.top1, f.top5, f.answered, f.helped, f.wrong, f.harmed].map(percent),
]

/** What a terminal shows two columns wide. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu
const widthOf = (text: string) => text.length + (text.match(wide)?.length ?? 0)

/** A Markdown table, which can be read on a terminal and put into a document. */
function sayTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((name, i) => Math.max(3, ...[name, ...rows.map(row => row[i] ?? '')].map(widthOf)))
  const pad = (text: string, i: number) => {
    const blank = ' '.repeat((widths[i] ?? 0) - widthOf(text))
    return i === 0 ? text + blank : blank + text
  }
  const lineOf = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  say([lineOf(head), lineOf(rule), ...rows.map(lineOf), ''].join('\n'))
}
