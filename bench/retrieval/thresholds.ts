/**
 * What each pair of thresholds would give on the tuning half, best first; writes nothing.
 *
 *   npx node bench/retrieval/thresholds.ts
 */
import { resolve } from 'node:path'
import { createAnswering, type EvaluationQuestion, isHeldOut, isRight } from '../../src/answering/index.ts'
import { type Entry, loadKnowledge } from '../../src/knowledge/index.ts'
import { readQuestions, today } from './own.ts'

/** Shares of the questions in scope (of the strangers for `refused`), 0–1. */
interface Outcome {
  answer: number
  offer: number
  answered: number
  helped: number
  wrong: number
  harmed: number
  refused: number
}

interface Told {
  inScope: boolean
  confidence: number
  /** The best candidate is right; one of the four best is. */
  first: boolean
  four: boolean
}

const root = resolve(import.meta.dirname, '../..')
const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
const byId = new Map(entries.map(entry => [entry.id, entry]))
const open = createAnswering({ entries, today, thresholds: { answer: -1, offer: -1 } })

function tell(question: EvaluationQuestion): Told {
  const { outcome, confidence, candidates } = open.answer(question.text)
  const inScope = question.kind === 'in'
  const right = candidates.slice(0, 4).map(({ id }) => inScope && isRight(byId.get(id) as Entry, question))
  const given = outcome === 'answered'
  return {
    inScope,
    confidence: given ? confidence : -1,
    first: right[0] === true,
    four: right.includes(true),
  }
}

function weigh(told: readonly Told[], answer: number, offer: number): Outcome {
  const inside = told.filter(t => t.inScope)
  const share = (list: readonly Told[], all: readonly Told[]) => list.length / all.length
  const given = inside.filter(t => t.confidence >= answer)
  const offered = inside.filter(t => t.confidence >= offer && t.confidence < answer)
  const answered = share(
    given.filter(t => t.first),
    inside,
  )
  const wrong = share(
    given.filter(t => !t.first),
    inside,
  )
  const helped =
    answered +
    share(
      offered.filter(t => t.four),
      inside,
    )
  const harmed =
    wrong +
    share(
      offered.filter(t => !t.four),
      inside,
    )
  const outside = told.filter(t => !t.inScope)
  return {
    answer,
    offer,
    answered,
    helped,
    wrong,
    harmed,
    refused: share(
      outside.filter(t => t.confidence < offer),
      outside,
    ),
  }
}

/** How far an outcome falls short of what is asked for (docs of issue 3), then how much it helps. */
function shortfall(o: Outcome): number {
  const short = [0.65 - o.answered, 0.85 - o.helped, o.wrong - 0.04, o.harmed - 0.06, 0.92 - o.refused]
  return short.reduce((sum, gap) => sum + Math.max(0, gap), 0)
}

const steps = Array.from({ length: 49 }, (_, i) => (i + 1) / 50)
const told = readQuestions(root)
  .filter((q, i) => q.kind !== 'risk' && !isHeldOut(q, i))
  .map(tell)
const outcomes = steps.flatMap(answer =>
  steps.filter(offer => offer < answer).map(offer => weigh(told, answer, offer)),
)
const best = outcomes.sort(
  (a, b) => shortfall(a) - shortfall(b) || b.helped - b.harmed - (a.helped - a.harmed),
)
console.log('| answer from | offer from | answered % | helped % | wrong % | harmed % | strangers refused % |')
console.log('| --: | --: | --: | --: | --: | --: | --: |')
for (const o of best.slice(0, 12)) {
  const shares = [o.answered, o.helped, o.wrong, o.harmed, o.refused].map(value => (value * 100).toFixed(1))
  console.log(`| ${[o.answer, o.offer, ...shares].join(' | ')} |`)
}
