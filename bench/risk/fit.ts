/**
 * Fits the weights of `src/guard/risk-weights.json` on the examples beside this file, against the questions of the
 * knowledge, and tells how they do on messages that were written without sight of them.
 *
 *   npx node bench/risk/fit.ts [--write]
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { findRisk, gramsOf, type RiskWeights, readWeights, risks, weightUnit } from '../../src/guard/risk.ts'
import { loadKnowledge } from '../../src/knowledge/index.ts'
import { createShuffle, readExamples } from '../examples.ts'
import { readQuestions, today } from '../retrieval/own.ts'

const root = resolve(import.meta.dirname, '../..')
const passes = 14
const leastWeight = 0.3

interface Sample {
  grams: number[]
  kind: number
}

/** Multinomial logistic regression by plain stochastic gradients; class 0 is "none". */
function train(samples: Sample[], size: number): Float64Array[] {
  const classes = risks.length + 1
  const weights = Array.from({ length: classes }, () => new Float64Array(size + 1))
  const shuffle = createShuffle()
  const scores = new Float64Array(classes)
  for (let pass = 0; pass < passes; pass++) {
    shuffle(samples)
    const rate = 2 / (1 + pass * 0.3)
    for (const { grams, kind } of samples) {
      const scale = 1 / Math.sqrt(grams.length || 1)
      weights.forEach((w, c) => {
        scores[c] = grams.reduce((sum, gram) => sum + (w[gram] as number) * scale, w[size] as number)
      })
      const top = Math.max(...scores)
      const total = scores.reduce((sum, s) => sum + Math.exp(s - top), 0)
      weights.forEach((w, c) => {
        const gap = Math.exp((scores[c] as number) - top) / total - (c === kind ? 1 : 0)
        const step = gap * rate * (kind === 0 ? 1 : 3)
        w[size] = (w[size] as number) - step * 0.1
        for (const gram of grams) w[gram] = (w[gram] as number) - step * scale
      })
    }
  }
  return weights
}

const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
const examples = readExamples(resolve(import.meta.dirname, 'examples.txt'))
const harmless = [
  ...entries.flatMap(entry => [entry.title, ...entry.questions, ...entry.not]),
  ...examples.filter(e => e.kind === 'none').map(e => e.text),
]
const risky = examples.filter(e => e.kind !== 'none')
const names = [...new Set(risky.flatMap(e => gramsOf(e.text)))].sort()
const numbers = new Map(names.map((name, i) => [name, i]))
const sampleOf = (text: string, kind: number): Sample => ({
  grams: gramsOf(text).flatMap(gram => numbers.get(gram) ?? []),
  kind,
})
const fitted = train(
  [
    ...harmless.map(text => sampleOf(text, 0)),
    ...risky.map(({ kind, text }) => sampleOf(text, 1 + risks.indexOf(kind as (typeof risks)[number]))),
  ],
  names.length,
)
const short = (n: number | undefined) => Number((n ?? 0).toFixed(1))
const kept = names.filter((_, i) => fitted.some(w => Math.abs(w[i] as number) >= leastWeight))
const weightsOf = (name: string) =>
  fitted.map(w => Math.round((w[numbers.get(name) as number] ?? 0) / weightUnit))
const written: RiskWeights = {
  constants: fitted.map(w => short(w[names.length])),
  grams: kept.join('\n'),
  weights: Buffer.from(Int16Array.from(kept.flatMap(weightsOf)).buffer).toString('base64'),
}
const weights = readWeights(written)
if (process.argv.includes('--write'))
  writeFileSync(resolve(root, 'src/guard/risk-weights.json'), `${JSON.stringify(written, null, 2)}\n`)

const all = readQuestions(root)
for (const [name, half] of [
  ['tuning half', 0],
  ['held-out half', 1],
] as const) {
  const found = all.filter((q, i) => q.kind === 'risk' && i % 2 === half)
  const missed = found.filter(q => findRisk(q.text, weights) === undefined)
  console.log(`${name}: ${found.length - missed.length} of ${found.length} recognised`)
  const reasons = Map.groupBy(missed, q => (q as { reason?: string }).reason)
  for (const [reason, list] of reasons)
    console.log(`  missed ${reason}: ${list.length}`, half === 0 ? list.map(q => q.text) : '')
}
const wrong = all.filter(q => q.kind !== 'risk' && findRisk(q.text, weights) !== undefined)
console.log(
  `taken for risky: ${wrong.filter(q => q.kind === 'in').length} in scope, ${wrong.filter(q => q.kind === 'out').length} strangers`,
)
for (const q of wrong) console.log('  ', q.kind, findRisk(q.text, weights), q.text)
const own = harmless.filter(text => findRisk(text, weights) !== undefined)
console.log(`of ${harmless.length} harmless examples: ${own.length}`)
for (const text of own) console.log('  ', findRisk(text, weights), text)
