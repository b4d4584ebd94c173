/** How much one key may ask for in a minute. */
import { describe, expect, it } from 'vitest'
import { createLimit } from '#http'

describe('a limit', () => {
  it('admits as many as it says and then tells how long to wait', async () => {
    const limit = createLimit(3)
    const waits = [await limit.admit('a'), await limit.admit('a'), await limit.admit('a')]
    expect(waits).toEqual([undefined, undefined, undefined])
    const wait = await limit.admit('a')
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60_000)
  })

  it('counts each key for itself', async () => {
    const limit = createLimit(1)
    expect(await limit.admit('a')).toBeUndefined()
    expect(await limit.admit('b')).toBeUndefined()
    expect(await limit.admit('a')).toBeGreaterThan(0)
  })

  it('of nought is none', async () => {
    const limit = createLimit(0)
    for (let i = 0; i < 1_000; i++) expect(await limit.admit('a')).toBeUndefined()
  })
})
