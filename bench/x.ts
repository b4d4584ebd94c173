import { createAnswering } from '../src/answering/index.ts'
import { loadKnowledge } from '../src/knowledge/index.ts'
import { readQuestions, tally, today } from './retrieval/own.ts'
import pinyin from 'tiny-pinyin'
const { entries } = await loadKnowledge('knowledge', today)
const all = readQuestions('.')
const chars = [...new Set(entries.flatMap(e => [e.title, ...e.questions]).join('').match(/\p{Script=Han}/gu)!)]
const by = Map.groupBy(chars, c => pinyin.convertToPinyin(c, '', true))
let seed = 7; const rnd = () => { seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff; return seed / 0x7fffffff }
const typo = (t: string) => { const cs = [...t]; for (let k = 0; k < 8; k++) { const i = Math.floor(rnd() * cs.length); const same = (by.get(pinyin.convertToPinyin(cs[i]!, '', true)) ?? []).filter(c => c !== cs[i]); if (same.length) { cs[i] = same[Math.floor(rnd() * same.length)]!; break } } return cs.join('') }
const typed = all.map(q => ({ ...q, text: typo(typo(q.text)) }))
const a = createAnswering({ entries, today })
const show = (n: string, q: any) => { const t = tally(q, x => a.answer(x)); console.log(n, 'answered', (t.answered / t.in * 100).toFixed(1), 'helped', ((t.answered + t.offered) / t.in * 100).toFixed(1), 'wrong', (t.wrong / t.in * 100).toFixed(1), 'harm', ((t.wrong + t.badOffer) / t.in * 100).toFixed(1), 'refused', (t.refused / t.out * 100).toFixed(1)) }
show('clean tuning', all.filter((_, i) => i % 2 === 0)); show('clean heldout', all.filter((_, i) => i % 2 === 1)); show('typos', typed)
