/**
 * What a server of embeddings adds: the same questions by their words alone, by the vectors alone, and by both, through
 * the whole path to the server. Without a server's address one is opened on loopback (latent.ts).
 *
 *   npx node bench/retrieval/meaning.ts [--questions ../shared/data/faq-dev.jsonl]
 *     [--url http://127.0.0.1:11434/v1 --model bge-m3 [--key …]]
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultThresholds, isHeldOut, isRight } from '../../src/answering/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { type Entry, loadKnowledge } from '../../src/knowledge/index.ts'
import { createModel, createSemantic, type Model } from '../../src/model/index.ts'
import {
  type Blended,
  blend,
  calibrationFor,
  createRanker,
  type RankedDocument,
} from '../../src/retrieval/index.ts'
import { openEmbeddingServer } from './embedding-server.ts'
import { trainLatent } from './latent.ts'
import { readSuites, type Suite } from './open-sets.ts'
import { readQuestions, today } from './own.ts'
import { createTypist } from './typing.ts'

const root = resolve(import.meta.dirname, '../..')
const { values: settings } = parseArgs({
  options: {
    questions: { type: 'string', default: '../shared/data/faq-dev.jsonl' },
    laws: { type: 'string', default: '../shared/laws' },
    url: { type: 'string' },
    model: { type: 'string', default: 'latent' },
    key: { type: 'string' },
  },
})

/** As many of the ranking as answering considers; behind them nothing comes to the front. */
const considered = 20
const dimensions = 256
const questionsAtOnce = 8
const deadlineMs = 60_000

type Document = RankedDocument & { id: string }
interface Question {
  text: string
  /** Of the documents that answer it; empty where none does. */
  right: ReadonlySet<string>
}
/** A collection with questions of several kinds; those of `strangers` have no answer in it. */
interface Trial {
  name: string
  documents: Document[]
  kinds: Record<string, Question[]>
  strangers: Question[]
}
interface Told {
  question: Question
  words: Blended[]
  meaning: Blended[]
  both: Blended[]
}

function openTrial({ name, items, queries, strangers }: Suite): Trial {
  const ask = (kind: 'query' | 'typo') => queries.map(q => ({ text: q[kind], right: new Set(q.gold) }))
  return {
    name,
    documents: items.map(i => ({ ...i, title: i.question, questions: i.variants, not: [], topic: null })),
    kinds: { 'as typed': ask('query'), 'with typing errors': ask('typo') },
    strangers: strangers.map(text => ({ text, right: new Set() })),
  }
}

function ownTrials(entries: Entry[]): Trial[] {
  const all = readQuestions(root)
  const mistype = createTypist(entries.flatMap(entry => [entry.title, ...entry.questions]))
  const trial = (name: string, half: typeof all): Trial => {
    const asked = half.map(question => ({
      kind: question.kind,
      text: question.text,
      right: new Set(question.kind === 'in' ? entries.filter(e => isRight(e, question)).map(e => e.id) : []),
    }))
    const inside = asked.filter(q => q.kind === 'in')
    return {
      name,
      documents: entries,
      kinds: {
        'as typed': inside,
        'with typing errors': inside.map(question => ({ ...question, text: mistype(question.text) })),
      },
      strangers: asked.filter(q => q.kind === 'out'),
    }
  }
  return [
    trial(
      'own, tuning half',
      all.filter((q, i) => !isHeldOut(q, i)),
    ),
    trial('own, held-out half', all.filter(isHeldOut)),
  ]
}

async function pose(model: Model, { documents }: Trial, questions: readonly Question[]): Promise<Told[]> {
  const ranker = createRanker(documents)
  const calibration = calibrationFor(documents)
  const positions = new Map(documents.map(({ id }, index) => [id, index]))
  const semantic = createSemantic({ model, clock: systemClock })
  semantic.change(documents, [])
  if (!(await semantic.prepare())) throw new Error('the server gave no vectors for the entries')
  return inTurn(questions, async question => {
    const similar = await semantic.similar(question.text, deadlineMs)
    if (!similar) throw new Error(`the server gave no vector for a question: ${question.text}`)
    const cosines = new Map([...similar].map(([id, cosine]) => [positions.get(id) as number, cosine]))
    const ranking = ranker.rank(question.text, considered)
    return {
      question,
      words: blend(ranking, calibration, new Map()),
      meaning: [...cosines].map(([index, confidence]) => ({ index, confidence })).sort(byConfidence),
      both: blend(ranking, calibration, cosines),
    }
  })
}

const byConfidence = (a: Blended, b: Blended) => b.confidence - a.confidence

/** A few at a time, as the server can take them. */
async function inTurn<A, B>(list: readonly A[], work: (one: A) => Promise<B>): Promise<B[]> {
  const done: B[] = []
  for (let i = 0; i < list.length; i += questionsAtOnce)
    done.push(...(await Promise.all(list.slice(i, i + questionsAtOnce).map(work))))
  return done
}

type Way = 'words' | 'meaning' | 'both'
const ways: Record<Way, string> = { words: 'words alone', meaning: 'vectors alone', both: 'both' }

/** One row of the table. */
function rowOf(trial: Trial, told: { asked: Told[]; strangers: Told[] }, kind: string, way: Way): string {
  const isRightAt = (t: Told, from: Way, place: number) =>
    t.question.right.has(trial.documents[t[from][place]?.index ?? -1]?.id ?? '')
  const sure = (t: Told) => t[way][0]?.confidence ?? 0
  const share = (list: Told[], holds: (t: Told) => boolean) =>
    ((list.filter(holds).length / list.length) * 100).toFixed(1)
  const isFirst = (t: Told) => isRightAt(t, way, 0)
  const gained = told.asked.filter(t => isFirst(t) && !isRightAt(t, 'words', 0)).length
  const lost = told.asked.filter(t => !isFirst(t) && isRightAt(t, 'words', 0)).length
  const { answer, offer } = defaultThresholds
  const decided = [
    share(told.asked, t => isFirst(t) && sure(t) >= answer),
    share(told.asked, t => !isFirst(t) && sure(t) >= answer),
    share(told.strangers, t => sure(t) < offer),
  ]
  const cells = [
    trial.name,
    kind,
    ways[way],
    share(told.asked, isFirst),
    share(told.asked, t => [0, 1, 2, 3, 4].some(place => isRightAt(t, way, place))),
    way === 'words' ? '' : `+${gained} −${lost}`,
    ...(way === 'meaning' ? ['', '', ''] : decided),
  ]
  return `| ${cells.join(' | ')} |`
}

async function report(model: Model, trial: Trial): Promise<void> {
  const strangers = await pose(model, trial, trial.strangers)
  for (const [kind, questions] of Object.entries(trial.kinds)) {
    const asked = await pose(model, trial, questions)
    for (const way of Object.keys(ways) as Way[]) console.log(rowOf(trial, { asked, strangers }, kind, way))
  }
}

/** Each entry as a passage, each paragraph of a law. */
function passagesOf(entries: readonly Entry[]): string[] {
  const laws = globSync(`${resolve(root, settings.laws)}/**/*.md`).sort()
  return [
    ...entries.map(({ title, questions, answer }) => [title, ...questions, answer].join('\n')),
    ...laws.flatMap(file => readFileSync(file, 'utf8').split('\n')).filter(line => line.trim().length > 10),
  ]
}

/** A text of which nothing is known lies in a direction of its own: no server sends a vector without one. */
function trainEncoder(passages: readonly string[]): (text: string) => number[] {
  const encode = trainLatent(passages, dimensions)
  return text => {
    const vector = [...encode(text)]
    return [...vector, vector.every(part => part === 0) ? 1 : 0]
  }
}

const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
const server = settings.url ? undefined : await openEmbeddingServer(trainEncoder(passagesOf(entries)))
const vectors = new Map<string, string>()
const model = createModel({
  baseUrl: settings.url ?? server?.url ?? '',
  apiKey: settings.key,
  model: 'none',
  embeddingModel: settings.model,
  clock: systemClock,
  log: silentLog,
  cache: { get: async key => vectors.get(key), set: async (key, value) => vectors.set(key, value) },
})
console.log(
  '| questions | | ranked by | Top-1 % | Top-5 % | first right: gained, lost | answered rightly % | wrongly % | strangers refused % |',
)
console.log('| --- | --- | --- | --: | --: | --: | --: | --: | --: |')
const openSets = resolve(root, settings.questions)
const open = existsSync(openSets) ? readSuites(openSets).map(openTrial) : []
for (const trial of [...open, ...ownTrials(entries)]) await report(model, trial)
await server?.close()
