/**
 * Retrieval beside the libraries on the open question sets, then our own knowledge on our own questions.
 *
 *   npm --prefix bench/retrieval install
 *   npx node bench/retrieval/run.ts [../shared/data/faq-dev.jsonl]
 */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { readSuites, type Suite } from './open-sets.ts'
import { reportOwn } from './own.ts'
import { type Peer, peers } from './peers.ts'

const root = resolve(import.meta.dirname, '../..')
const openSets = resolve(root, process.argv[2] ?? '../shared/data/faq-dev.jsonl')
const percent = (part: number, whole: number) => ((part / whole) * 100).toFixed(1)

async function measure(peer: Peer, suite: Suite): Promise<string> {
  const find = await peer.index(suite.items)
  const right = { first: 0, five: 0, typo: 0 }
  for (const { query, typo, gold } of suite.queries) {
    const found = await find(query)
    if (gold.includes(found[0] ?? '')) right.first++
    if (found.some(id => gold.includes(id))) right.five++
    if (gold.includes((await find(typo))[0] ?? '')) right.typo++
  }
  const count = suite.queries.length
  const rate = Math.round(await rateOf(find, suite))
  const cells = [right.first, right.five, right.typo].map(n => percent(n, count))
  return `| ${[suite.name, peer.name, ...cells, rate.toLocaleString('en')].join(' | ')} |`
}

/** Questions per CPU-second, user and system: the best of three rounds of at least one second each. */
async function rateOf(find: (query: string) => unknown, suite: Suite): Promise<number> {
  let best = 0
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage()
    let asked = 0
    let used = 0
    while (used < 1) {
      for (const { query } of suite.queries) await find(query)
      asked += suite.queries.length
      const { user, system } = process.cpuUsage(start)
      used = (user + system) / 1e6
    }
    best = Math.max(best, asked / used)
  }
  return best
}

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}\n`)
if (existsSync(openSets)) {
  console.log(
    '| suite | ranker | Top-1 % | Top-5 % | Top-1 % with typing errors | questions per CPU-second |',
  )
  console.log('| --- | --- | --: | --: | --: | --: |')
  for (const suite of readSuites(openSets)) {
    for (const peer of peers) console.log(await measure(peer, suite))
  }
} else console.log(`${openSets} is not here; the comparison is left out.`)
console.log(await reportOwn(root))
