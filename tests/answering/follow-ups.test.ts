/** Questions after other questions, and several in one message, on sets written without sight of the answering. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Answer, createAnswering } from '#answering'
import { loadKnowledge } from '#knowledge'
import { root } from '../sources.ts'

interface FollowUp {
  first: string
  follow: string
  accept: string[]
}
interface Several {
  text: string
  /** For each question the entries that answer it. */
  accept: string[][]
}

const today = '2026-11-23'
const { entries } = await loadKnowledge(`${root}/knowledge`, today)
const answering = createAnswering({ entries, today })
const read = <T>(name: string): T[] =>
  readFileSync(`${root}/tests/answering/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
const share = <T>(list: readonly T[], holds: (item: T) => boolean) => list.filter(holds).length / list.length

const told = ({ entry, also = [] }: Answer) => [entry, ...also].flatMap(e => e?.id ?? [])
const shown = (answer: Answer) => [
  ...told(answer),
  ...[...answer.offers, ...(answer.open ?? []).flatMap(({ offers }) => offers)].map(e => e.id),
]

// The floors lie a little below what was reached when the weights were chosen: they hold the line.
describe('a question after another one', () => {
  const asked = read<FollowUp>('follow-ups').map(({ first, follow, accept }) => {
    const before = { question: first, entry: answering.answer(first).entry?.id ?? null }
    return { accept, answer: answering.answer(follow, { before }) }
  })

  it('is mostly answered rightly, or the right entry is offered', () => {
    expect(
      share(asked, ({ accept, answer }) => accept.some(id => shown(answer).includes(id))),
    ).toBeGreaterThan(0.85)
  })

  it('is seldom answered wrongly', () => {
    const wrong = share(asked, ({ accept, answer }) => {
      return told(answer).length > 0 && !accept.some(id => told(answer).includes(id))
    })
    expect(wrong).toBeLessThan(0.08)
  })
})

describe('a message', () => {
  const asked = read<Several>('several').map(({ text, accept }) => ({
    accept,
    answer: answering.answer(text),
  }))
  const isFull = ({ accept, answer }: (typeof asked)[number]) =>
    accept.every(ids => ids.some(id => shown(answer).includes(id)))

  it('of several questions mostly has all of them answered', () => {
    expect(
      share(
        asked.filter(({ accept }) => accept.length > 1),
        isFull,
      ),
    ).toBeGreaterThan(0.55)
  })

  it('of one question in a long story is not taken for several', () => {
    const single = asked.filter(({ accept }) => accept.length === 1)
    expect(share(single, isFull)).toBeGreaterThan(0.8)
    expect(share(single, ({ answer }) => answer.also !== undefined)).toBeLessThan(0.1)
  })
})
