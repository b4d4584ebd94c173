import { describe, expect, it } from 'vitest'
import { isClean, runTrial } from './trial.ts'

const kinds = process.env.TEST_DATABASE_URL ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const)

describe.each(kinds)('the product on %s', kind => {
  it('killed four times under load loses nothing, answers nothing twice and keeps the order', async () => {
    const trial = await runTrial(kind, 4)
    const { messages, answered, unknown, faults, samples } = trial
    expect(isClean(trial), [...faults, ...samples].join('\n')).toBe(true)
    expect(messages).toBeGreaterThan(100)
    expect(answered + unknown).toBe(messages)
  })
})
