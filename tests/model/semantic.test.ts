import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import { createModel, createSemantic, type Semantic, type SemanticEntry } from '#model'
import { createTestClock, settle, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import {
  type Behaviour,
  embeds,
  type ModelServer,
  openModelServer,
  sends,
  tooMany,
  useless,
} from './model-server.ts'

const deadlineMs = 2_000

let server: ModelServer
let clock: TestClock
beforeEach(async () => {
  server = await openModelServer()
  clock = createTestClock(1_900_000_000_000)
})
afterEach(() => server.close())

const entryOf = (id: string, title: string, answer = '？', questions: string[] = []): SemanticEntry => ({
  id,
  title,
  questions,
  answer,
})
const some = [entryOf('a', '失业金怎么领', '失工', ['失业了']), entryOf('b', '工伤'), entryOf('c', '失工')]

function semanticWith(entries: readonly SemanticEntry[]): Semantic {
  const model = createModel({
    baseUrl: server.url,
    model: 'small',
    embeddingModel: 'vectors',
    clock,
    log: silentLog,
  })
  const semantic = createSemantic({ model, clock })
  semantic.change(entries, [])
  return semantic
}

async function cosines(semantic: Semantic, text: string) {
  const similar = await semantic.similar(text, deadlineMs)
  return similar && Object.fromEntries([...similar].map(([id, c]) => [id, Number(c.toFixed(2))]))
}

const inputs = (): string[][] => server.bodies.map(body => JSON.parse(body.replace(/^\S+ /, '')).input)

/** Refuses requests that hold this text. */
const refuses =
  (text: string): Behaviour =>
  (response, body) =>
    (body.includes(text) ? sends({ error: { message: 'data_inspection_failed' } }, 400) : embeds('失工'))(
      response,
      body,
    )

describe('likeness by meaning', () => {
  it('is a cosine for each entry: of its wordings or of its answer, whichever is nearer', async () => {
    server.behave(embeds('失工'))
    const semantic = semanticWith(some)
    expect(await semantic.prepare()).toBe(true)
    expect(await cosines(semantic, '失')).toEqual({ a: 1, b: 0, c: 0.71 })
    expect(await cosines(semantic, '失工')).toEqual({ a: 1, b: 0.71, c: 1 })
    expect(inputs()[0]).toEqual(['失业金怎么领\n失业了', '失工', '工伤'])
  })

  it('is not waited for while the entries are being read: the first question begins it', async () => {
    server.behave(embeds('失工'))
    const semantic = semanticWith(some)
    expect(await semantic.similar('失', deadlineMs)).toBeUndefined()
    expect(await semantic.prepare()).toBe(true)
    expect(inputs()).toHaveLength(1)
    expect(await cosines(semantic, '工')).toMatchObject({ b: 1 })
  })

  it('is looked for again a minute after it could not be had, not with every question', async () => {
    server.behave(tooMany())
    const semantic = semanticWith(some)
    expect(await semantic.prepare()).toBe(false)
    server.behave(embeds('失工'))
    expect(await semantic.similar('失', deadlineMs)).toBeUndefined()
    await settle()
    expect(inputs()).toHaveLength(1)
    await clock.advance(60_000)
    await semantic.similar('失', deadlineMs)
    await until('the entries are read', async () => (await semantic.similar('失', deadlineMs)) !== undefined)
  })

  it('is not to be had without entries, nor for a text without words', async () => {
    server.behave(embeds('失工'))
    expect(await semanticWith([]).similar('失', deadlineMs)).toBeUndefined()
    const semantic = semanticWith(some)
    await semantic.prepare()
    expect(await semantic.similar('？！', deadlineMs)).toBeUndefined()
  })

  it('is not to be had where the vectors do not fit the entries', async () => {
    server.behave(embeds('失工'), embeds('失工伤'))
    const semantic = semanticWith(some)
    await semantic.prepare()
    expect(await semantic.similar('失', deadlineMs)).toBeUndefined()
  })

  it.each(Object.keys(useless))('is not to be had, and costs no more, when the server %s', async name => {
    server.behave(embeds('失工'), useless[name] as never)
    const semantic = semanticWith(some)
    await semantic.prepare()
    expect(await semantic.similar('失', deadlineMs)).toBeUndefined()
  })
})

describe('likeness by meaning to entries that change', () => {
  const many = Array.from({ length: 20 }, (_, i) => entryOf(`e${i}`, `失${i}`))

  it('reads what is new, alone, and leaves it out until then', async () => {
    server.behave(embeds('失工'))
    const semantic = semanticWith(many)
    await semantic.prepare()
    semantic.change([entryOf('e3', '工三'), entryOf('new', '新工')], ['e4'])
    const before = await cosines(semantic, '工')
    expect(Object.keys(before ?? {})).toHaveLength(18)
    await semantic.prepare()
    const after = await cosines(semantic, '工')
    expect(after).toMatchObject({ e2: 0, e3: 1, new: 1 })
    expect(Object.keys(after ?? {})).toHaveLength(20)
    expect(inputs().filter(batch => batch.length === 2)).toEqual([['工三', '新工']])
  })

  it('is not to be had while many of them are new', async () => {
    server.behave(embeds('失工'))
    const semantic = semanticWith(many)
    await semantic.prepare()
    semantic.change(
      many.slice(0, 3).map(entry => ({ ...entry, title: '工' })),
      [],
    )
    expect(await semantic.similar('失', deadlineMs)).toBeUndefined()
  })

  it('does not take in the words that an entry had before', async () => {
    server.behave(embeds('失工'))
    const semantic = semanticWith([entryOf('a', '失')])
    const reading = semantic.prepare()
    semantic.change([entryOf('a', '工')], [])
    expect(await reading).toBe(true)
    expect(await cosines(semantic, '工')).toEqual({ a: 1 })
  })

  it('keeps what was read before the server failed', async () => {
    server.behave(...Array.from({ length: 5 }, () => embeds('失工')), tooMany(), embeds('失工'))
    const entries = Array.from({ length: 60 }, (_, i) => entryOf(`e${i}`, `失${i}`))
    const semantic = semanticWith(entries)
    expect(await semantic.prepare()).toBe(false)
    await semantic.prepare()
    expect(inputs().map(batch => batch[0])).toEqual(['失0', '失10', '失20', '失30', '失40', '失50', '失50'])
  })

  it('leaves out the one entry that the server refuses, and reads the others', async () => {
    server.behave(refuses('罢'))
    const semantic = semanticWith([...many, entryOf('x', '罢工')])
    await until('all others are read', async () => {
      await semantic.prepare()
      return (await semantic.similar('失', deadlineMs))?.size === 20
    })
    expect((await semantic.similar('失', deadlineMs))?.has('x')).toBe(false)
    expect(await semantic.prepare()).toBe(true)
  })
})
