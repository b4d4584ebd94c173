/** Work under one key goes in order; keys do not wait for one another. */
import { describe, expect, it } from 'vitest'
import { createLines } from '#base/lines'
import { settle } from './test-clock.ts'

/** Runs `body` while rejections that nobody handles are counted instead of ending the run. */
async function countUnhandled(body: () => Promise<void>): Promise<number> {
  const listeners = process.listeners('unhandledRejection')
  let count = 0
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', () => void count++)
  try {
    await body()
    await settle()
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
  return count
}

describe('lines', () => {
  it('run what stands under one key one after the other, in order', async () => {
    const lines = createLines()
    const gate = Promise.withResolvers<void>()
    const ran: string[] = []
    lines.enqueue('a', async () => {
      await gate.promise
      ran.push('first')
    })
    lines.enqueue('a', async () => void ran.push('second'))
    lines.enqueue('a', async () => void ran.push('third'))
    await settle()
    expect(ran).toEqual([])
    gate.resolve()
    await lines.idle()
    expect(ran).toEqual(['first', 'second', 'third'])
  })

  it('let other keys go on while one waits', async () => {
    const lines = createLines()
    const gate = Promise.withResolvers<void>()
    const ran: string[] = []
    lines.enqueue('a', () => gate.promise)
    lines.enqueue('b', async () => void ran.push('b'))
    await settle()
    expect(ran).toEqual(['b'])
    expect(lines.size()).toBe(1)
    gate.resolve()
    await lines.idle()
  })

  it('begin the first work at once', () => {
    const lines = createLines()
    let began = false
    lines.enqueue('a', async () => {
      began = true
    })
    expect(began).toBe(true)
  })

  it('forget a key when its work is done', async () => {
    const lines = createLines()
    for (let i = 0; i < 100; i++) lines.enqueue(`k${i}`, async () => {})
    expect(lines.size()).toBe(100)
    await lines.idle()
    expect(lines.size()).toBe(0)
  })

  it('are idle only when work that came in meanwhile is done too', async () => {
    const lines = createLines()
    const ran: string[] = []
    lines.enqueue('a', async () => {
      lines.enqueue('a', async () => void ran.push('inner'))
      lines.enqueue('b', async () => void ran.push('other'))
    })
    await lines.idle()
    expect(ran.sort()).toEqual(['inner', 'other'])
  })

  it('go on after work that failed, and let the failure out of the line to nobody', async () => {
    const lines = createLines()
    const ran: string[] = []
    const unhandled = await countUnhandled(async () => {
      lines.enqueue('a', async () => {
        throw new Error('a bug in this piece of work')
      })
      lines.enqueue('a', async () => void ran.push('next'))
      await lines.idle().catch(() => {})
    })
    expect({ ran, unhandled }).toEqual({ ran: ['next'], unhandled: 0 })
  })
})
