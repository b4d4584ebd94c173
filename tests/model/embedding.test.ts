import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import { createModel, type Embedded, type Model, type VectorCache } from '#model'
import { createCache } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { databases } from '../storage/databases.ts'
import { embeds, type ModelServer, openModelServer, sends, useless } from './model-server.ts'

const deadlineMs = 2_000

let server: ModelServer
let clock: TestClock
beforeEach(async () => {
  server = await openModelServer()
  clock = createTestClock(1_900_000_000_000)
})
afterEach(() => server.close())

const modelWith = (cache?: VectorCache, embeddingModel = 'vectors'): Model =>
  createModel({ baseUrl: server.url, model: 'small', embeddingModel, clock, log: silentLog, cache })
const inputs = (): string[][] => server.bodies.map(body => JSON.parse(body.replace(/^\S+ /, '')).input)
const rounded = (embedded: Embedded) =>
  embedded.ok ? embedded.vectors.map(vector => [...vector].map(part => Number(part.toFixed(2)))) : embedded

describe('texts as vectors', () => {
  it('come in the order of the texts, each of length 1', async () => {
    server.behave(embeds('失业工'))
    const embedded = await modelWith().embed({ texts: ['失业', '工', '工伤工'], deadlineMs })
    expect(rounded(embedded)).toEqual([
      [0.71, 0.71, 0],
      [0, 0, 1],
      [0, 0, 1],
    ])
  })

  it('are asked for ten at a time, each once', async () => {
    server.behave(embeds('年'))
    const texts = Array.from({ length: 23 }, (_, i) => `年${i % 21}`)
    const embedded = await modelWith().embed({ texts, deadlineMs })
    expect(inputs().map(batch => batch.length)).toEqual([10, 10, 1])
    expect(embedded).toMatchObject({ ok: true, vectors: { length: 23 } })
  })

  it('are not to be had without a model for them', async () => {
    const model = createModel({ baseUrl: server.url, model: 'small', clock, log: silentLog })
    expect(await model.embed({ texts: ['年'], deadlineMs })).toEqual({ ok: false, failure: 'refused' })
    expect(server.bodies).toEqual([])
  })

  it('are masked before they leave, and cut to what a server takes', async () => {
    server.behave(embeds('年'))
    await modelWith().embed({ texts: ['年 110101199003070011', '年'.repeat(3_000)], deadlineMs })
    expect(inputs()[0]?.[0]).toBe('年 ［已隐去］')
    expect(inputs()[0]?.[1]).toHaveLength(2_000)
  })

  it('share one deadline over all batches', async () => {
    server.behave(embeds('年'), () => {})
    const texts = Array.from({ length: 11 }, (_, i) => `年${i}`)
    const embedded = modelWith().embed({ texts, deadlineMs })
    await until('the second batch has arrived', () => server.bodies.length === 2)
    await clock.advance(deadlineMs)
    expect(await embedded).toEqual({ ok: false, failure: 'late' })
  })

  const vector = (index: number, embedding: unknown) => ({ index, embedding })
  it.each<[string, unknown]>([
    ['too few', [vector(0, [1, 2])]],
    ['too many', [vector(0, [1]), vector(1, [1]), vector(2, [1])]],
    ['twice the same', [vector(0, [1, 2]), vector(0, [1, 2])]],
    ['of different lengths', [vector(0, [1, 2]), vector(1, [1, 2, 3])]],
    ['without a direction', [vector(0, [1, 2]), vector(1, [0, 0])]],
    ['empty', [vector(0, []), vector(1, [])]],
    ['no numbers', [vector(0, ['a']), vector(1, ['b'])]],
    ['beyond all numbers', [vector(0, [1e300, 1]), vector(1, [1, 1])]],
  ])('are not taken when they are %s', async (_, data) => {
    server.behave(sends({ data }))
    const embedded = await modelWith().embed({ texts: ['a', 'b'], deadlineMs })
    expect(embedded).toEqual({ ok: false, failure: 'broken' })
  })

  it.each(Object.keys(useless))('fail when the server %s', async name => {
    server.behave(useless[name] as never)
    expect(await modelWith().embed({ texts: ['a'], deadlineMs })).toMatchObject({ ok: false })
  })

  it('that cannot be had do not keep questions from being asked', async () => {
    server.behave(useless['knows no such model'] as never)
    const model = modelWith()
    for (let i = 0; i < 5; i++) await model.embed({ texts: ['a'], deadlineMs })
    expect(await model.embed({ texts: ['a'], deadlineMs })).toEqual({ ok: false, failure: 'open' })
    server.behave(sends({ choices: [{ message: { content: '好' } }] }))
    const answer = await model.complete({ system: '', user: '', deadlineMs, maxTokens: 1 })
    expect(answer).toEqual({ ok: true, text: '好' })
  })
})

describe.each(databases)('vectors of public texts in the cache on $name', ({ make }) => {
  it('are asked for once, also by the next start, and anew for another text or another model', async () => {
    const database = await make()
    const store = await database.open()
    const cacheNow = () => createCache({ store, clock, log: silentLog }, 'vectors')
    server.behave(embeds('失业工伤'))
    const first = await modelWith(await cacheNow()).embed({ texts: ['失业', '工伤'], keep: true, deadlineMs })
    const again = modelWith(await cacheNow())
    const second = await again.embed({ texts: ['工伤', '失业', '失业工伤'], keep: true, deadlineMs })
    expect(inputs()).toEqual([['失业', '工伤'], ['失业工伤']])
    expect(rounded(second)).toEqual([...(rounded(first) as number[][]).toReversed(), [0.5, 0.5, 0.5, 0.5]])
    await modelWith(await cacheNow(), 'other').embed({ texts: ['失业'], keep: true, deadlineMs })
    expect(inputs()).toHaveLength(3)
    await store.close()
    await database.remove()
  })

  it('do not include what a citizen asked', async () => {
    const database = await make()
    const store = await database.open()
    server.behave(embeds('失业'))
    const model = modelWith(await createCache({ store, clock, log: silentLog }, 'vectors'))
    await model.embed({ texts: ['我失业了'], deadlineMs })
    expect(await store.query(db => db.selectFrom('cache').selectAll())).toEqual([])
    await store.close()
    await database.remove()
  })
})

describe('a cache that fails', () => {
  it.each<[string, VectorCache]>([
    ['in reading', { get: () => Promise.reject(new Error('gone')), set: async () => true }],
    ['in writing', { get: async () => undefined, set: () => Promise.reject(new Error('gone')) }],
    ['by giving something else', { get: async () => 'eA==', set: async () => true }],
  ])('%s costs no more than asking the server', async (_, cache) => {
    server.behave(embeds('年'))
    const embedded = await modelWith(cache).embed({ texts: ['年'], keep: true, deadlineMs })
    expect(rounded(embedded)).toEqual([[1]])
  })
})
