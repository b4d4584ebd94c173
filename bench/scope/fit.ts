/**
 * Fits the weights of `src/guard/scope-weights.json` on the examples beside this file, on the wordings of the entries
 * and on the tuning half of the evaluation; tells how they do on the other half.
 *
 *   npx node bench/scope/fit.ts [--write]
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isHeldOut } from '../../src/answering/index.ts'
import { buckets, bucketsOf, readScope, type ScopeWeights, strangeness } from '../../src/guard/scope.ts'
import { loadKnowledge } from '../../src/knowledge/index.ts'
import { createShuffle, readExamples } from '../examples.ts'
import { readQuestions, today } from '../retrieval/own.ts'

const root = resolve(import.meta.dirname, '../..')
const passes = 12
/** What an example counts: strangers are few beside the wordings of the entries. */
const worth = { out: 5, ours: 2, wording: 1 }
const decay = 1e-4
const unit = 1 / 20

interface Sample {
  buckets: number[]
  strange: 0 | 1
  worth: number
}

/** Logistic regression by plain stochastic gradients. */
function train(samples: Sample[]): { constant: number; weights: Float64Array } {
  const weights = new Float64Array(buckets)
  let constant = 0
  const shuffle = createShuffle()
  for (let pass = 0; pass < passes; pass++) {
    shuffle(samples)
    const rate = 1.5 / (1 + pass * 0.4)
    for (const { buckets: found, strange, worth } of samples) {
      const scale = 1 / Math.sqrt(found.length)
      const logit = found.reduce((sum, bucket) => sum + (weights[bucket] as number) * scale, constant)
      const step = (1 / (1 + Math.exp(-logit)) - strange) * worth * rate
      constant -= step * 0.05
      for (const bucket of found) weights[bucket] = (weights[bucket] as number) * (1 - decay) - step * scale
    }
  }
  return { constant, weights }
}

const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
const all = readQuestions(root)
const examples = readExamples(resolve(import.meta.dirname, 'examples.txt'))
const sampleOf = (text: string, strange: 0 | 1, worth: number): Sample => ({
  buckets: bucketsOf(text),
  strange,
  worth,
})
const tuning = all.filter((q, i) => q.kind !== 'risk' && !isHeldOut(q, i))
const { constant, weights } = train([
  ...examples.map(({ kind, text }) =>
    kind === 'out' ? sampleOf(text, 1, worth.out) : sampleOf(text, 0, worth.ours),
  ),
  ...tuning.map(({ kind, text }) =>
    kind === 'out' ? sampleOf(text, 1, worth.out) : sampleOf(text, 0, worth.ours),
  ),
  ...entries.flatMap(e => [e.title, ...e.questions]).map(text => sampleOf(text, 0, worth.wording)),
])
const small = Int8Array.from(weights, w => Math.max(-127, Math.min(127, Math.round(w / unit))))
const written: ScopeWeights = {
  constant: Number(constant.toFixed(3)),
  weights: Buffer.from(small.buffer).toString('base64'),
  unit,
}
if (process.argv.includes('--write'))
  writeFileSync(resolve(root, 'src/guard/scope-weights.json'), `${JSON.stringify(written, null, 2)}\n`)

const scope = readScope(written)
const heldOut = all.filter(isHeldOut)
const shareAbove = (kind: string, logit: number) => {
  const list = heldOut.filter(q => q.kind === kind)
  return ((100 * list.filter(q => strangeness(q.text, scope) > logit).length) / list.length).toFixed(1)
}
console.log('log odds above | strangers % | in scope % (held-out half)')
for (const logit of [-6, -5, -4, -3, -2, -1, 0])
  console.log(`${logit} | ${shareAbove('out', logit)} | ${shareAbove('in', logit)}`)
