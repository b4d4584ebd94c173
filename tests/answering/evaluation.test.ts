import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createAnswering } from '#answering'
import { loadKnowledge } from '#knowledge'
import { readQuestions, type Tally, tally, today } from '../../bench/retrieval/own.ts'

const share = (part: number, whole: number) => part / whole

async function tallyAll(): Promise<Tally> {
  const { entries } = await loadKnowledge('knowledge', today)
  return tally(readQuestions('.'), createAnswering({ entries, today }).answer)
}

// The floors lie a little below what was reached when the thresholds were chosen: they hold the line, and an edit of
// one entry does not trip them.
describe.runIf(existsSync('knowledge'))(
  'our own questions, written without sight of the entries',
  async () => {
    const t = await tallyAll()

    it('are mostly answered rightly, or the right entry is among those offered', () => {
      expect(share(t.answered, t.in)).toBeGreaterThan(0.65)
      expect(share(t.answered + t.offered, t.in)).toBeGreaterThan(0.82)
    })

    it('are seldom answered wrongly, or offered the wrong entries', () => {
      expect(share(t.wrong, t.in)).toBeLessThan(0.045)
      expect(share(t.wrong + t.badOffer, t.in)).toBeLessThan(0.06)
    })

    it('are refused or handed over where they are none of ours', () => {
      expect(share(t.refused, t.out)).toBeGreaterThan(0.9)
    })
  },
)
