import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blend, calibrations, confidencesOf } from '../../src/retrieval/calibration.ts'
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

describe('what meaning adds', () => {
  const { worded } = calibrations
  const found = ranking([0.5, 0.45, 0.3])
  const plain = confidencesOf(found, worded)
  /** The cosines of many documents that are all about as far, except for these. */
  const among = (near: Record<number, number>, count = 200) =>
    new Map(Array.from({ length: count }, (_, index) => [index, near[index] ?? 0.1 + (index % 7) / 100]))
  const confidenceOf = (cosines: ReadonlyMap<number, number>, index: number) =>
    blend(found, worded, cosines).find(candidate => candidate.index === index)?.confidence as number
  const inOrder = (cosines: ReadonlyMap<number, number>) => blend(found, worded, cosines).map(c => c.index)

  it('is nothing where there are no cosines, or where all are the same', () => {
    const same = new Map(Array.from({ length: 200 }, (_, index) => [index, 0.3]))
    for (const cosines of [new Map<number, number>(), new Map([[0, 0.9]]), same])
      expect(blend(found, worded, cosines)).toEqual(
        plain.map((confidence, index) => ({ index, confidence: expect.closeTo(confidence, 12) })),
      )
  })

  it('makes the candidate surer that is nearest of all, and the others less sure', () => {
    const cosines = among({ 1: 0.8 })
    expect(confidenceOf(cosines, 1)).toBeGreaterThan(plain[1] as number)
    expect(confidenceOf(cosines, 0)).toBeLessThan(plain[0] as number)
  })

  it('puts a near rival first, and leaves behind what shares too few words', () => {
    expect(inOrder(among({ 1: 0.8 }))).toEqual([1, 0, 2])
    expect(inOrder(among({ 2: 0.8 }))[0]).not.toBe(2)
  })

  it('makes no candidate surer while another document is nearer by far', () => {
    expect(confidenceOf(among({ 0: 0.5, 150: 0.9 }), 0)).toBeLessThan(plain[0] as number)
  })

  it('counts a candidate that has no cosine yet by its words alone', () => {
    const cosines = among({ 1: 0.8 })
    cosines.delete(0)
    expect(confidenceOf(cosines, 0)).toBeCloseTo(plain[0] as number, 12)
  })

  it('may order a few documents, and makes none of them surer', () => {
    const few = among({ 1: 0.8 }, 20)
    expect(confidenceOf(few, 1)).toBeCloseTo(plain[1] as number, 12)
    expect(confidenceOf(few, 0)).toBeLessThan(plain[0] as number)
  })

  it('names no candidate where the words found none', () => {
    expect(blend(ranking([]), worded, among({ 3: 0.9 }))).toEqual([])
  })

  it('does not depend on how the cosines of a model are spread', () => {
    const cosines = among({ 0: 0.3, 1: 0.8 })
    const other = new Map([...cosines].map(([index, cosine]) => [index, 0.6 + cosine / 4]))
    expect(inOrder(other)).toEqual(inOrder(cosines))
    for (const index of [0, 1, 2])
      expect(confidenceOf(other, index)).toBeCloseTo(confidenceOf(cosines, index), 9)
  })

  it('moves the odds by a bounded amount, whatever the cosines, and gives the same candidates best first', () => {
    const oddsOf = (confidence: number) => Math.log(confidence / (1 - confidence))
    const cosine = fc.double({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), cosine), { maxLength: 300 }), pairs => {
        const blended = blend(found, worded, new Map(pairs))
        expect(blended.map(c => c.index).sort()).toEqual([0, 1, 2])
        expect(blended.map(c => c.confidence)).toEqual(blended.map(c => c.confidence).sort((a, b) => b - a))
        for (const { index, confidence } of blended) {
          const moved = oddsOf(confidence) - oddsOf(plain[index] as number)
          expect(moved).toBeGreaterThan(-0.51)
          expect(moved).toBeLessThan(1.51)
        }
      }),
    )
  })
})
