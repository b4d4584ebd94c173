import { describe, it } from 'vitest'
import { runScene } from './account-scenes.ts'
import { isAccountClean, kinds } from './account-trial.ts'

// They wait most of the time: side by side they take as long as the longest.
describe.concurrent.each(kinds)('an Official Account with %s', kind => {
  it('answers each slow question once or lists it, killed in between', async ({ expect }) => {
    const trial = await runScene({ scene: 'slow', kind, kills: 2, questions: 100 })
    expect(isAccountClean(trial), trial.faults.join('\n')).toBe(true)
    expect(trial.answered + trial.unknown).toBeGreaterThanOrEqual(trial.accepted)
    expect(trial.accepted).toBeGreaterThan(50)
  })

  it('killed ten times under load loses nothing and answers nothing twice', async ({ expect }) => {
    const trial = await runScene({ scene: 'kills', kind, kills: 10, questions: 60 })
    expect(isAccountClean(trial), trial.faults.join('\n')).toBe(true)
    expect(trial.accepted).toBeGreaterThan(50)
  })
})
