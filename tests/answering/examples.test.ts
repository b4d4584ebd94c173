import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAnswering } from '#answering'
import { createWording } from '#dialog'
import { loadKnowledge } from '#knowledge'

const knowledge = await loadKnowledge(join(import.meta.dirname, '../../knowledge'), '2026-11-23')
const answering = createAnswering({ entries: knowledge.entries, today: '2026-11-23' })
const { examples } = createWording({ name: '', hotline: '' })['zh-CN']

const answers: Record<string, string> = {
  '失业保险金怎么领取？': 'unemployment-apply',
  '单位不签劳动合同怎么办？': 'contract-no-written-double-pay',
  '工伤认定多久内申请？': 'injury-worker-deadline',
  '怎样申请政府信息公开？': 'disclosure-how',
}

describe('the shipped knowledge', () => {
  it('is served whole', () => {
    expect(knowledge.problems).toEqual([])
    expect(knowledge.entries.length).toBeGreaterThanOrEqual(400)
  })

  it.each(examples)('answers the example of the menu: %s', example => {
    const { outcome, entry } = answering.answer(example)
    expect({ outcome, entry: entry?.id }).toEqual({ outcome: 'answered', entry: answers[example] })
  })
})
