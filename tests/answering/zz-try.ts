/** Scratch. */
import { type Entry, loadKnowledge } from '#knowledge'
import { createRanker } from '#retrieval'
import { faultOf } from '../../src/answering/grounding.ts'

const { entries } = await loadKnowledge('/work/main/knowledge', '2026-11-23')
const sentencesOf = (e: Entry) =>
  e.answer
    .split(/(?<=[。！？])|\n/u)
    .map(s => s.replace(/^- /, '').trim())
    .filter(s => s.length >= 4)
const count: Record<string, number> = {}
const shown: Record<string, string[]> = {}
const add = (k: string, s: string) => {
  count[k] = (count[k] ?? 0) + 1
  ;(shown[k] ??= []).push(s)
}
let n = 0
for (const e of entries)
  for (const s of sentencesOf(e)) {
    n++
    const f = faultOf([{ text: s, entries: [e.id] }], [e])
    if (f) add(f, `${e.id}: ${s}`)
  }
console.log('own sentences', n, count)
for (const [k, v] of Object.entries(shown)) console.log(k, v.slice(0, 8).join('\n   '))
const ranker = createRanker(entries)
const near: Record<string, number> = {}
let m = 0
const passed: string[] = []
entries.forEach((e, i) => {
  for (const s of sentencesOf(e)) {
    const b = entries[ranker.rank(e.title, 2, i).ranked[0]!.index]!
    if (b.answer.includes(s)) continue
    m++
    const f = faultOf([{ text: s, entries: [b.id] }], [b]) ?? 'PASSED'
    near[f] = (near[f] ?? 0) + 1
    if (f === 'PASSED') passed.push(`${s}   <<< ${b.id} ${b.title}`)
  }
})
console.log('nearest other', m, near)
console.log(passed.slice(0, 60).join('\n'))
