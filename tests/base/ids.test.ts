/** Identifiers from outside are checked, and those of our own pass the check. */
import { describe, expect, it } from 'vitest'
import { ChannelFailure, Refusal, reasonOf } from '#base/errors'
import { isUuid, newUuid } from '#base/ids'

describe('an identifier', () => {
  it('that we make is one that we accept, and is new each time', () => {
    const made = Array.from({ length: 100 }, () => newUuid())
    expect(made.every(isUuid)).toBe(true)
    expect(new Set(made).size).toBe(100)
  })

  it.each([
    '',
    'x',
    '../../etc',
    `${'a'.repeat(8)}-bbbb-cccc-dddd-eeeeeeeeeeeeg`,
    `${newUuid()} `,
    `${newUuid()}\n`,
  ])('that is not a UUID is refused: %j', text => {
    expect(isUuid(text)).toBe(false)
  })
})

describe('an expected failure', () => {
  it('carries what to say to the person', () => {
    const refusal = new Refusal('absent', '没有这个文件。请检查路径。')
    expect(refusal).toMatchObject({ code: 'absent', say: '没有这个文件。请检查路径。', name: 'Refusal' })
  })

  it('of a channel carries whether to try again', () => {
    const failure = new ChannelFailure('429', { stage: 'refused', retryable: true, retryAfterMs: 5 })
    expect(failure.detail).toEqual({ stage: 'refused', retryable: true, retryAfterMs: 5 })
  })

  it('is told in words whatever was thrown', () => {
    expect([reasonOf(new Error('a')), reasonOf('b'), reasonOf(undefined)]).toEqual(['a', 'b', 'undefined'])
  })
})
