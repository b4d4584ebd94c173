import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#base/clock'
import { createLog, silentLog } from '#base/log'
import { type Completion, createModel, type Model, type ModelFailure, type Prompt } from '#model'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { hanging, type ModelServer, openModelServer, says, sends, tooMany, useless } from './model-server.ts'

const deadlineMs = 2_000
const prompt: Prompt = { system: '你回答问题。', user: '失业金怎么领', deadlineMs, maxTokens: 100 }
const failed = (failure: ModelFailure): Completion => ({ ok: false, failure })

let server: ModelServer
let clock: TestClock
let lines: string[]
let model: Model

beforeEach(async () => {
  server = await openModelServer()
  clock = createTestClock(1_900_000_000_000)
  lines = []
  const log = createLog('debug', line => void lines.push(line))
  model = createModel({ baseUrl: server.url, apiKey: 'key', model: 'small', clock, log })
})
afterEach(() => server.close())

const arrived = (count: number) => until(`${count} requests arrived`, () => server.bodies.length >= count)

describe('a question to the model', () => {
  it('resolves to the text, and is sent as the settings say', async () => {
    server.behave(says('  到经办机构申领。\n'))
    expect(await model.complete(prompt)).toEqual({ ok: true, text: '到经办机构申领。' })
    const [path, body = ''] = server.bodies[0]?.split(/ (.*)/s) ?? []
    expect(path).toBe('/v1/chat/completions')
    expect(JSON.parse(body)).toEqual({
      model: 'small',
      messages: [
        { role: 'system', content: '你回答问题。' },
        { role: 'user', content: '失业金怎么领' },
      ],
      temperature: 0,
      max_tokens: 100,
    })
    expect(lines).toEqual([])
  })

  it('leaves no timer behind when it has its answer', async () => {
    server.behave(says('好'))
    await model.complete(prompt)
    expect(clock.sleepers()).toBe(0)
  })

  it('needs no key where the server asks for none', async () => {
    const open = createModel({ baseUrl: server.url, model: 'small', clock, log: silentLog })
    server.behave(says('好'))
    expect(await open.complete(prompt)).toEqual({ ok: true, text: '好' })
  })

  it.each(Object.keys(hanging))('is over at its deadline when the server %s', async name => {
    server.behave(hanging[name] as never)
    const answer = model.complete(prompt)
    await arrived(1)
    await clock.advance(deadlineMs - 1)
    expect(clock.sleepers()).toBe(1)
    await clock.advance(1)
    expect(await answer).toEqual(failed('late'))
    expect(clock.sleepers()).toBe(0)
  })

  it('hangs up on a server that it no longer waits for', async () => {
    let hungUp = false
    server.behave(response => {
      response.on('close', () => {
        hungUp = true
      })
      hanging['sends half an answer and falls silent']?.(response, '')
    })
    const answer = model.complete(prompt)
    await arrived(1)
    await clock.advance(deadlineMs)
    await answer
    await until('the server sees the end', () => hungUp)
  })

  it('is over at its deadline by the real clock too', async () => {
    const real = createModel({ baseUrl: server.url, model: 'small', clock: systemClock, log: silentLog })
    server.behave(() => {})
    expect(await real.complete({ ...prompt, deadlineMs: 30 })).toEqual(failed('late'))
  })

  const kinds: Record<string, ModelFailure> = {
    'is asked too often': 'busy',
    'is asked too often for a long while': 'busy',
    'is asked too often until a strange time': 'busy',
    'refuses the question': 'refused',
    'was stopped by its filter': 'refused',
  }
  it.each(Object.keys(useless))('fails when the server %s', async name => {
    server.behave(useless[name] as never)
    const failure = kinds[name] ?? 'broken'
    expect(await model.complete(prompt)).toEqual(failed(failure))
    expect(server.bodies).toHaveLength(1)
    expect(lines.map(line => JSON.parse(line).failure)).toEqual([failure])
    expect(clock.sleepers()).toBe(0)
  })

  it('fails when nobody listens', async () => {
    await server.close()
    expect(await model.complete(prompt)).toEqual(failed('broken'))
    server = await openModelServer()
  })

  it('is given up when whoever asked gives up', async () => {
    const gone = new AbortController()
    server.behave(() => {})
    const answer = model.complete({ ...prompt, signal: gone.signal })
    await arrived(1)
    gone.abort()
    expect(await answer).toEqual(failed('late'))
    expect(await model.complete({ ...prompt, signal: gone.signal })).toEqual(failed('late'))
    expect(server.bodies).toHaveLength(1)
  })

  it('does not go out when its time is already over', async () => {
    expect(await model.complete({ ...prompt, deadlineMs: 0 })).toEqual(failed('late'))
    expect(server.bodies).toEqual([])
  })
})

describe('a server that is asked too often', () => {
  it('is asked once more after the short pause that it wants', async () => {
    server.behave(tooMany('1'), says('好'))
    const answer = model.complete(prompt)
    await until('the pause has begun', () => clock.sleepers() === 2)
    await clock.advance(999)
    expect(server.bodies).toHaveLength(1)
    await clock.advance(1)
    expect(await answer).toEqual({ ok: true, text: '好' })
  })

  it('is asked once more at the time that it names', async () => {
    server.behave(tooMany(new Date(clock.now() + 1_000).toUTCString()), says('好'))
    const answer = model.complete(prompt)
    await until('the pause has begun', () => clock.sleepers() === 2)
    await clock.advance(1_000)
    expect(await answer).toEqual({ ok: true, text: '好' })
  })

  it('is not asked a third time', async () => {
    server.behave(tooMany('1'))
    const answer = model.complete(prompt)
    await until('the pause has begun', () => clock.sleepers() === 2)
    await clock.advance(1_000)
    expect(await answer).toEqual(failed('busy'))
    expect(server.bodies).toHaveLength(2)
  })

  it('is not waited for where the pause is longer than the deadline', async () => {
    server.behave(tooMany('1'))
    expect(await model.complete({ ...prompt, deadlineMs: 900 })).toEqual(failed('busy'))
    expect(server.bodies).toHaveLength(1)
  })

  it('gets no more than 32 questions at once; the others are told at once', async () => {
    server.behave(() => {})
    const answers = Array.from({ length: 33 }, () => model.complete(prompt))
    expect(await answers.pop()).toEqual(failed('busy'))
    await arrived(32)
    await clock.advance(deadlineMs)
    expect(await Promise.all(answers)).toEqual(answers.map(() => failed('late')))
  })
})

describe('a server that fails again and again', () => {
  const ask = async (times: number) => {
    for (let i = 0; i < times; i++) await model.complete(prompt)
  }

  it('is left alone after five failures, and tried again after 30 seconds', async () => {
    server.behave(useless['is at fault'] as never)
    await ask(5)
    expect(await model.complete(prompt)).toEqual(failed('open'))
    expect(server.bodies).toHaveLength(5)
    await clock.advance(30_000)
    server.behave(says('好'))
    expect(await model.complete(prompt)).toEqual({ ok: true, text: '好' })
    await ask(2)
    expect(server.bodies).toHaveLength(8)
  })

  it('is not left alone because it refuses what somebody asks', async () => {
    server.behave(useless['refuses the question'] as never)
    await ask(6)
    expect(server.bodies).toHaveLength(6)
  })

  it('is not left alone because people give up', async () => {
    server.behave(() => {})
    for (let i = 1; i <= 6; i++) {
      const gone = new AbortController()
      const answer = model.complete({ ...prompt, signal: gone.signal })
      await arrived(i)
      gone.abort()
      await answer
    }
    server.behave(says('好'))
    expect(await model.complete(prompt)).toEqual({ ok: true, text: '好' })
  })
})

describe('personal data', () => {
  const idNumber = '110101199003070011'
  const mobile = '13800138000'

  it.each<[string, Partial<Prompt>]>([
    ['in the question', { user: `我的身份证号是${idNumber}，电话${mobile}，失业金怎么领` }],
    ['in the instructions', { system: `市民的身份证号是${idNumber}` }],
    ['in full-width digits', { user: '１１０１０１１９９００３０７００１１' }],
    ['deep in an object', { user: { 条目: [{ 正文: `打${mobile}` }, { 问题: idNumber }] } }],
    ['behind a sign that JSON escapes with digits', { user: { 问题: `\u0001${idNumber}` } }],
    ['as a number', { user: { 电话: Number(mobile) } }],
  ])('never leaves: %s', async (_, part) => {
    server.behave(says('好'))
    await model.complete({ ...prompt, ...part })
    expect(server.bodies).toHaveLength(1)
    const received = server.bodies.join('\n').normalize('NFKC')
    expect(received).not.toContain(idNumber)
    expect(received).not.toContain(mobile)
    expect(received).toContain('已隐去')
  })

  it('does not come into the log by way of what the server says', async () => {
    server.behave(sends({ error: { message: `cannot answer ${idNumber} 张三` } }, 500))
    await model.complete({ ...prompt, user: idNumber })
    expect(lines.join()).toContain('model.failed')
    expect(lines.join()).not.toMatch(/张三|1101011990/)
  })

  it('does not come onto the console by way of the SDK', async () => {
    const spies = (['debug', 'log', 'info', 'warn', 'error'] as const).map(name =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    )
    server.behave(useless['is at fault'] as never, says('好'))
    await model.complete(prompt)
    await model.complete(prompt)
    expect(spies.flatMap(spy => spy.mock.calls)).toEqual([])
    for (const spy of spies) spy.mockRestore()
  })

  it('goes to no other server than the one that was named', async () => {
    const other = await openModelServer()
    server.behave(sends('', 307, { location: `${other.url}/chat/completions` }))
    expect(await model.complete(prompt)).toEqual(failed('broken'))
    expect(other.bodies).toEqual([])
    await other.close()
  })
})

describe('the SDK', () => {
  it('is not loaded before the first question', () => {
    const script = `
      import { registerHooks } from 'node:module'
      const names = []
      registerHooks({ resolve: (name, context, next) => (names.push(name), next(name, context)) })
      const { createModel } = await import('#model')
      const model = createModel({ baseUrl: 'http://127.0.0.1:9/v1', model: 'm', clock: { now: () => 0, sleep: async () => {} }, log: { warn() {} } })
      const before = names.includes('openai')
      await model.complete({ system: '', user: '', deadlineMs: 1, maxTokens: 1 })
      process.stdout.write(JSON.stringify([before, names.includes('openai')]))
      process.exit()`
    const root = join(import.meta.dirname, '../..')
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root })
    expect(JSON.parse(said.toString())).toEqual([false, true])
  })
})
