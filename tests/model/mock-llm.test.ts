import { describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock'
import { silentLog } from '#base/log'
import { createModel, type Model } from '#model'
import { chatPath, type MockRule, openMockLlm, sayWhere } from './mock-llm.ts'

async function modelOver(rules: MockRule[]): Promise<Model> {
  const baseUrl = await openMockLlm(rules)
  const common = { clock: systemClock, log: silentLog, apiKey: 'any' }
  return createModel({ ...common, baseUrl, model: 'small', embeddingModel: 'vectors' })
}

const ask = (model: Model, system: string, user = '你好') =>
  model.complete({ system, user, maxTokens: 50, deadlineMs: 10_000 })

const echo: MockRule = {
  path: chatPath,
  match: '@',
  response: {
    status: 200,
    content: '{"choices":[{"message":{"content":"{{jmes request body.messages[-1].content}}"}}]}',
  },
}

describe('a server that others wrote', () => {
  it('answers with what it was told, masked', async () => {
    const model = await modelOver([echo])
    expect(await ask(model, '', '请打 13800138000')).toEqual({ ok: true, text: '请打 ［已隐去］' })
  })

  it('is given the instructions apart from the question', async () => {
    const model = await modelOver([echo, sayWhere('改写', '改写好了')])
    expect(await ask(model, '请改写')).toEqual({ ok: true, text: '改写好了' })
    expect(await ask(model, '请回答', '改写')).toEqual({ ok: true, text: '改写' })
  })

  it.each([
    [401, 'broken'],
    [429, 'busy'],
    [400, 'refused'],
    [503, 'broken'],
  ])('fails with %s as ours does, and answers the next question', async (status, failure) => {
    const error = { path: chatPath, sequence: 0, response: { status, content: '{"error":{"message":"no"}}' } }
    const model = await modelOver([echo, error])
    expect(await ask(model, '')).toEqual({ ok: false, failure })
    expect(await ask(model, '')).toEqual({ ok: true, text: '你好' })
  })

  it('fails where it has no such path', async () => {
    expect(await ask(await modelOver([]), '')).toEqual({ ok: false, failure: 'broken' })
  })

  it('gives vectors', async () => {
    const content = JSON.stringify({ data: [{ object: 'embedding', index: 0, embedding: [3, 4] }] })
    const model = await modelOver([{ path: '/v1/embeddings', response: { status: 200, content } }])
    const embedded = await model.embed({ texts: ['年'], deadlineMs: 10_000 })
    expect(embedded.ok && [...embedded.vectors[0]!].map(part => part.toFixed(2))).toEqual(['0.60', '0.80'])
  })
})
