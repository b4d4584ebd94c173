import { describe, expect, it } from 'vitest'
import { isTelegramClean, runTelegramTrial, ways } from './telegram-trial.ts'

describe.each(ways)('the product on Telegram by %s', way => {
  it('killed ten times under load loses nothing, answers nothing twice and keeps the order', async () => {
    const trial = await runTelegramTrial({ way, kills: 10 })
    const { messages, answered, unknown, inFlight, faults, samples } = trial
    expect(
      isTelegramClean(trial),
      [`${unknown} unknown of ${inFlight}`, ...faults, ...samples].join('\n'),
    ).toBe(true)
    expect(messages).toBeGreaterThan(50)
    expect(answered).toBe(messages)
  })
})
