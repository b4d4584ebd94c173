/** Our own knowledge on our own questions, which were written from the laws without sight of the entries. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  createAnswering,
  type Evaluation,
  type EvaluationQuestion,
  evaluate,
  isHeldOut,
  parseQuestions,
} from '../../src/answering/index.ts'
import { loadKnowledge } from '../../src/knowledge/index.ts'

export const today = '2026-11-23'

export function readQuestions(root: string): EvaluationQuestion[] {
  return parseQuestions(readFileSync(resolve(root, 'knowledge/evaluation.jsonl'), 'utf8'))
}

const percent = (value: number) => (value * 100).toFixed(1)
const rowOf = (name: string, f: Evaluation['inScope'], refused?: number) =>
  `| ${[name, ...[f.top1, f.top5, f.answered, f.helped, f.wrong, f.harmed].map(percent), refused === undefined ? '–' : percent(refused)].join(' | ')} |`

/** The figures of both halves and of each topic, and the curve of the held-out half, as Markdown. */
export async function reportOwn(root: string): Promise<string> {
  const { entries } = await loadKnowledge(resolve(root, 'knowledge'), today)
  const all = readQuestions(root)
  const answering = createAnswering({ entries, today })
  const measure = (questions: EvaluationQuestion[]) => evaluate(answering, questions, entries.length)
  const [tuning, heldOut, whole] = [
    measure(all.filter((q, i) => !isHeldOut(q, i))),
    measure(all.filter(isHeldOut)),
    measure(all),
  ]
  return [
    `\n${entries.length} entries, ${all.length} questions; the thresholds were chosen on the tuning half.\n`,
    '| | Top-1 % | Top-5 % | answered rightly % | … or rightly offered % | answered wrongly % | … or wrongly offered % | strangers refused % |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    rowOf('tuning half', tuning.inScope, tuning.strangersRefused),
    rowOf('held-out half', heldOut.inScope, heldOut.strangersRefused),
    ...Object.entries(whole.topics).map(([topic, figures]) => rowOf(topic, figures)),
    '\n### Risk and coverage (held-out half)\n',
    'An answer is given from this confidence on, nothing is offered.\n',
    '| confidence | in-scope answered % | of all answers wrong % |',
    '| --: | --: | --: |',
    ...heldOut.riskCoverage.map(r => `| ${r.confidence} | ${percent(r.coverage)} | ${percent(r.risk)} |`),
  ].join('\n')
}
