import { describe, expect, it } from 'vitest'
import { calibrations, confidencesOf } from '../../src/retrieval/calibration.ts'
import type { Ranked, Ranking } from '../../src/retrieval/ranker.ts'

const candidate = (index: number, share: number): Ranked => ({
  index,
  score: share * 50,
  share,
  wording: share,
  other: 0,
  asked: share,
  agreement: 0.5,
})

const ranking = (shares: number[], known = 1): Ranking => ({
  ranked: shares.map((share, index) => candidate(index, share)),
  known,
  mass: 12,
})

const sureOf = (shares: number[], known = 1) =>
  confidencesOf(ranking(shares, known), calibrations.worded)[0] as number

describe('a confidence', () => {
  it('is a probability, and none is surer than the one before it', () => {
    const confidences = confidencesOf(ranking([0.7, 0.4, 0.4, 0.1]), calibrations.worded)
    expect(confidences.every(c => c > 0 && c < 1)).toBe(true)
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a))
  })

  it('rises with what the best entry shares with the question', () => {
    expect(sureOf([0.7])).toBeGreaterThan(sureOf([0.3]))
  })

  it('falls when a rival is as near', () => {
    expect(sureOf([0.5, 0.5])).toBeLessThan(sureOf([0.5, 0.2]))
  })

  it('is none where nothing was found', () => {
    expect(confidencesOf(ranking([]), calibrations.bare)).toEqual([])
  })
})
