import { beforeEach, describe, expect, it } from 'vitest'
import { type Circuit, createCircuit, type Ended } from '../../src/model/circuit.ts'
import { createTestClock, type TestClock } from '../base/test-clock.ts'

describe('the circuit', () => {
  let clock: TestClock
  let circuit: Circuit
  beforeEach(() => {
    clock = createTestClock(1_000_000)
    circuit = createCircuit({ clock, opensAfter: 3, restsMs: 30_000 })
  })

  /** Makes one call that ends so; false when it was not let out. */
  function call(ended: Ended): boolean {
    const settle = circuit.admit()
    settle?.(ended)
    return settle !== undefined
  }
  const calls = (...ends: Ended[]) => ends.map(call)

  it('opens after so many failures in a row, and not before', () => {
    expect(calls('bad', 'bad', 'good', 'bad', 'bad', 'bad')).toEqual([true, true, true, true, true, true])
    expect(call('good')).toBe(false)
  })

  it('lets one call try after the pause, and nobody else until it has ended', async () => {
    calls('bad', 'bad', 'bad')
    await clock.advance(29_999)
    expect(circuit.admit()).toBeUndefined()
    await clock.advance(1)
    const trial = circuit.admit()
    expect(circuit.admit()).toBeUndefined()
    trial?.('good')
    expect(calls('bad', 'bad', 'good')).toEqual([true, true, true])
  })

  it('rests again for as long when the trial fails', async () => {
    calls('bad', 'bad', 'bad')
    await clock.advance(30_000)
    expect(calls('bad', 'good')).toEqual([true, false])
    await clock.advance(30_000)
    expect(calls('good', 'good')).toEqual([true, true])
  })

  it('learns nothing from a call that was given up, and lets another one try', async () => {
    expect(calls('bad', 'bad', 'unknown', 'unknown')).toEqual([true, true, true, true])
    calls('bad')
    await clock.advance(30_000)
    expect(calls('unknown', 'good', 'good')).toEqual([true, true, true])
  })
})
