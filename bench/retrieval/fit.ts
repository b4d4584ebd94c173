/**
 * Fits the coefficients of `src/retrieval/calibration.ts`, prints them with how they do, and writes nothing.
 *
 *   npx node bench/retrieval/fit.ts [../shared/data/faq-dev.jsonl]
 *
 * `worded`: the questions of the tuning half, posed to the whole knowledge; told on the held-out half.
 * `bare`: the authors' own wordings posed to the knowledge without any, every fourth of them with its entry left out;
 * told on the open question sets, of which the fit sees nothing.
 * `few`: the authors' own wordings posed to folders of a few entries.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createAnswering, type EvaluationQuestion, isHeldOut, isRight } from '../../src/answering/index.ts'
import { type Entry, loadKnowledge } from '../../src/knowledge/index.ts'
import {
  type Calibration,
  confidencesOf,
  type Evidence,
  evidence,
  evidenceOf,
} from '../../src/retrieval/calibration.ts'
import { createRanker, type Ranking } from '../../src/retrieval/ranker.ts'
import { fitLogistic } from './logistic.ts'
import { readSuites } from './open-sets.ts'
import { readQuestions, today } from './own.ts'

/** A ranking, and whether its first candidate was right. */
interface Sample {
  ranking: Ranking
  right: boolean
}

function poseQuestions(entries: readonly Entry[], questions: readonly EvaluationQuestion[]): Sample[] {
  const ranker = createRanker(entries)
  // What is handed over or refused whatever the confidence has no part in it.
  const open = createAnswering({ entries, today, thresholds: { answer: -1, offer: -1 } })
  return questions
    .filter(({ kind, text }) => kind !== 'risk' && open.answer(text).outcome === 'answered')
    .map(question => {
      const ranking = ranker.rank(question.text, 20)
      const best = entries[ranking.ranked[0]?.index ?? -1]
      return { ranking, right: question.kind === 'in' && best !== undefined && isRight(best, question) }
    })
}

function poseWordings(entries: readonly Entry[]): Sample[] {
  const ranker = createRanker(entries.map(entry => ({ ...entry, questions: [] })))
  return entries.flatMap((entry, index) =>
    entry.questions.map((question, i) => {
      const ranking = ranker.rank(question, 20, place => (index + i) % 4 !== 0 || place !== index)
      return { ranking, right: ranking.ranked[0]?.index === index }
    }),
  )
}

/**
 * Three wordings of each entry posed to folders of a few entries, every other folder without any wordings: half of
 * the questions belong to entries of other topics, which are not there.
 */
function poseInFolders(entries: readonly Entry[], size: number, folders: number): Sample[] {
  return Array.from({ length: folders }, (_, n) => {
    const inside = Array.from(
      { length: size },
      (_, i) => entries[(n * 37 + i * 101) % entries.length] as Entry,
    )
    const strangers = Array.from(
      { length: size },
      (_, i) => entries[(n * 53 + i * 89 + 7) % entries.length] as Entry,
    )
    const ranker = createRanker(
      inside.map(e => ({ ...e, questions: n % 2 === 0 ? [] : e.questions.slice(3) })),
    )
    const pose = (entry: Entry, index: number): Sample[] =>
      entry.questions.slice(0, 3).map(question => {
        const ranking = ranker.rank(question, 20)
        return { ranking, right: ranking.ranked[0]?.index === index }
      })
    const topics = new Set(inside.map(entry => entry.topic))
    return [
      ...inside.flatMap(pose),
      ...strangers.filter(entry => !topics.has(entry.topic)).flatMap(entry => pose(entry, -1)),
    ]
  }).flat()
}

function fit(samples: readonly Sample[], names: readonly (keyof Evidence)[]): Calibration {
  const used = samples.filter(sample => sample.ranking.ranked.length > 0)
  const rows = used.map(({ ranking }) => [1, ...names.map(name => evidenceOf(ranking, 0)[name])])
  const [constant = 0, ...found] = fitLogistic(
    rows,
    used.map(sample => sample.right),
  )
  const calibration: Calibration = {
    constant,
    share: 0,
    known: 0,
    margin: 0,
    found: 0,
    asked: 0,
    agreement: 0,
  }
  names.forEach((name, i) => {
    calibration[name] = found[i] ?? 0
  })
  return calibration
}

/** How far the confidence lies from the truth (in ten bands), and how well it tells right from wrong. */
function judge(samples: readonly Sample[], calibration: Calibration): string {
  const told = samples.map(s => ({
    confidence: confidencesOf(s.ranking, calibration)[0] ?? 0,
    right: s.right,
  }))
  const bands = Map.groupBy(told, t => Math.min(9, Math.floor(t.confidence * 10)))
  const gaps = [...bands.values()].map(band =>
    Math.abs(band.reduce((sum, t) => sum + t.confidence - Number(t.right), 0)),
  )
  const error = gaps.reduce((sum, gap) => sum + gap, 0) / told.length
  const [good, bad] = [told.filter(t => t.right), told.filter(t => !t.right)]
  const wins = good.reduce((sum, g) => sum + bad.filter(b => b.confidence < g.confidence).length, 0)
  return `${told.length} questions, ${good.length} right; calibration error ${error.toFixed(3)}, area under the curve ${(wins / good.length / bad.length).toFixed(3)}`
}

const print = (name: string, calibration: Calibration) =>
  console.log(
    name,
    Object.fromEntries(Object.entries(calibration).map(([key, value]) => [key, Number(value.toFixed(2))])),
  )

const root = resolve(import.meta.dirname, '../..')
const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
const questions = readQuestions(root)

const worded = fit(
  poseQuestions(
    entries,
    questions.filter((q, i) => !isHeldOut(q, i)),
  ),
  evidence,
)
print('worded', worded)
console.log('  held-out half:', judge(poseQuestions(entries, questions.filter(isHeldOut)), worded))

const bare = fit(poseWordings(entries), ['share', 'margin', 'found'])
print('bare', bare)
const openSets = resolve(root, process.argv[2] ?? '../shared/data/faq-dev.jsonl')
for (const { name, items, queries, strangers } of existsSync(openSets) ? readSuites(openSets) : []) {
  const documents = items.map(i => ({ ...i, title: i.question, questions: i.variants, not: [], topic: null }))
  const ranker = createRanker(documents)
  const samples = [...queries, ...strangers.map(query => ({ query, gold: [] as string[] }))].map(
    ({ query, gold }) => {
      const ranking = ranker.rank(query, 20)
      return { ranking, right: gold.includes(items[ranking.ranked[0]?.index ?? -1]?.id ?? '') }
    },
  )
  console.log(`  ${name}:`, judge(samples, bare))
}

const folders = [3, 10, 30].map(size => ({ size, samples: poseInFolders(entries, size, 600 / size) }))
const few = fit(
  folders.flatMap(({ samples }) => samples),
  ['share', 'margin', 'found', 'asked'],
)
print('few', few)
for (const { size, samples } of folders) console.log(`  folders of ${size}:`, judge(samples, few))
