/**
 * How long one decision takes, how long building takes and how much memory it needs, at 1,500 and at 100,000 entries of
 * fifteen questions each, made up from this project's own; and how long it takes to take in one edited entry. Every
 * question was asked once before it is timed, three times over.
 *
 *   npx node --expose-gc --max-old-space-size=8000 bench/retrieval/scale.ts
 */
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAnswering } from '../../src/answering/index.ts'
import { type Entry, loadKnowledge } from '../../src/knowledge/index.ts'
import { createRanker } from '../../src/retrieval/index.ts'
import { readQuestions, today } from './own.ts'

const root = resolve(import.meta.dirname, '../..')
const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
const questions = readQuestions(root).map(q => q.text)
const wordings = entries.flatMap(entry => entry.questions)

let state = 1
const draw = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return Math.floor((state / 0x7fffffff) * below)
}

/** Half of one wording and half of another: real words in new company. */
function makeUp(): string {
  const [a, b] = [wordings[draw(wordings.length)] ?? '', wordings[draw(wordings.length)] ?? '']
  return a.slice(0, Math.ceil(a.length / 2)) + b.slice(Math.floor(b.length / 2))
}

function grow(count: number): Entry[] {
  return Array.from({ length: count }, (_, i) => {
    const from = entries[i % entries.length] as Entry
    if (i < entries.length) return from
    return {
      ...from,
      id: `${from.id}-${i}`,
      title: makeUp(),
      questions: Array.from({ length: 15 }, makeUp),
      not: [],
    }
  })
}

const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

/** Typed arrays are freed a moment after the collection that finds them dead. */
async function sweep(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await sleep(300)
  }
}

console.log(`${cpus()[0]?.model}, Node ${process.versions.node}`)
console.log(
  '| entries | build, CPU-seconds | memory, MB | decision, median ms | p99 ms | one edited entry, ms |',
)
console.log('| --: | --: | --: | --: | --: | --: |')
for (const count of [1_500, 100_000]) {
  const grown = grow(count)
  await sweep()
  const before = process.memoryUsage()
  const start = process.cpuUsage()
  const answering = createAnswering({ entries: grown, today })
  const built = cpuMs(start) / 1000
  await sweep()
  const after = process.memoryUsage()
  const memory = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6
  for (const text of questions) answering.answer(text)
  const times = [...questions, ...questions, ...questions].map(text => {
    const began = performance.now()
    answering.answer(text)
    return performance.now() - began
  })
  times.sort((a, b) => a - b)
  const ranker = createRanker(grown)
  const edit = process.cpuUsage()
  for (let i = 0; i < 20; i++) ranker.put(grown[i] as Entry, i)
  const edited = cpuMs(edit) / 20
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(2)
  console.log(
    `| ${count} | ${built.toFixed(2)} | ${memory.toFixed(0)} | ${at(0.5)} | ${at(0.99)} | ${edited.toFixed(2)} |`,
  )
}
