/** How Telegram is heard: nothing is confirmed before it is stored, and nothing ends the hearing. */
import { describe, expect, it } from 'vitest'
import { Refusal } from '#channel'
import { settle } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createTelegramEmulator, type Fault } from '../emulators/telegram/index.ts'
import { openDoorway, secret } from './telegram-chat.ts'
import { openStage, type Stage } from './telegram-stage.ts'

const notStored = async () => {
  throw new Refusal('not-stored', '暂时收不下。')
}
const textsOf = ({ received }: Stage) => received.map(one => one.text)
const failing = (stage: Stage) => until('it is failing', () => stage.channel.health().state === 'failing')

async function wake(stage: Stage, ms: number): Promise<void> {
  await until('it waits', () => stage.clock.sleepers() > 1)
  await stage.clock.advance(ms)
}

describe('polling', () => {
  it('hears messages, corrections and buttons, and lets the button rest', async () => {
    const stage = await openStage()
    const id = stage.emulator.say(5, '你好')
    stage.emulator.edit(5, id, '您好', 1_700_000_000)
    const query = stage.emulator.press(5, id, 'example:0')
    await until('all are heard', () => stage.received.length === 3)
    expect(stage.received.map(one => one.nativeId)).toEqual(['1', '1e1700000000', query])
    await until('the button rests', () => stage.emulator.calls.get('answerCallbackQuery') === 1)
  })

  it('confirms a batch only when every update of it is stored', async () => {
    const stage = await openStage()
    stage.receive = async ({ text }) => (text === '二' ? notStored() : 'accepted')
    for (const [i, text] of ['一', '二', '三'].entries()) stage.emulator.say(i + 1, text)
    await failing(stage)
    expect(stage.emulator.updates.pending()).toBe(3)
    stage.receive = async ({ text }) => (text === '二' ? 'accepted' : 'duplicate')
    await wake(stage, 1_000)
    await until('all is confirmed', () => stage.emulator.updates.pending() === 0)
    expect(textsOf(stage)).toContain('二')
    expect(stage.channel.health().state).toBe('on')
  })

  it('stores those of one chat in their order, also where they come out of order and twice', async () => {
    const stage = await openStage({ emulator: await createTelegramEmulator({ retryMs: 0 }) })
    Object.assign(stage.emulator.updates.faults, { reorder: 1, duplicate: 1 })
    const texts = Array.from({ length: 50 }, (_, i) => `第${i}句`)
    for (const text of texts) stage.emulator.say(5, text)
    await until('all are heard', () => stage.received.length >= 100)
    expect([...new Set(textsOf(stage))]).toEqual(texts)
  })

  it.each<[string, Fault, number, RegExp]>([
    ['somebody else asks for the updates', { kind: 'conflict' }, 5_000, /另一个程序/],
    [
      'the token is refused',
      { kind: 'refusal', code: 401, description: 'Unauthorized' },
      1_000,
      /TELEGRAM_BOT_TOKEN/,
    ],
    ['it asks too often', { kind: 'too-many', retryAfter: 9 }, 9_000, /429/],
    ['the gateway fails', { kind: 'server', status: 502, html: true }, 1_000, /502/],
    ['the answer is cut', { kind: 'reset' }, 1_000, /Telegram 出错/],
  ])('goes on where %s', async (_, fault, ms, words) => {
    const stage = await openStage()
    stage.emulator.faults.next('getUpdates', fault)
    // Whoever asks at the moment is answered properly; the fault meets the next question.
    stage.emulator.say(5, '一')
    await failing(stage)
    expect(stage.channel.health().detail).toMatch(words)
    stage.emulator.say(5, '二')
    await wake(stage, ms)
    await until('both are heard', () => stage.received.length === 2)
    expect(stage.channel.health().state).toBe('on')
  })

  it('takes turns with another process that asks for the same updates', async () => {
    const emulator = await createTelegramEmulator({ retryMs: 0 })
    const first = await openStage({ emulator })
    await until('the first asks', () => first.clock.sleepers() > 0)
    const second = await openStage({ emulator })
    await failing(first)
    emulator.say(5, '一')
    await until('the second hears', () => textsOf(second).includes('一'))
    await until('that is confirmed', () => emulator.updates.pending() === 0)
    await wake(first, 5_000)
    await failing(second)
    emulator.say(5, '二')
    await until('the first hears', () => textsOf(first).includes('二'))
    expect(first.channel.health().state).toBe('on')
  })

  it('takes away a webhook that stands in the way', async () => {
    const emulator = await createTelegramEmulator({ retryMs: 0 })
    const stage = await openStage({ emulator })
    await until('it asks', () => (emulator.calls.get('getWebhookInfo') ?? 0) > 0)
    emulator.updates.setWebhook({ url: 'http://127.0.0.1:9/' })
    await failing(stage)
    await wake(stage, 5_000)
    emulator.say(5, '一')
    await until('it is heard', () => stage.received.length === 1)
  })

  it('does not look past updates whose numbers begin anew', async () => {
    const stage = await openStage()
    stage.emulator.put({
      update_id: 900_000,
      message: { message_id: 1, date: 1, chat: { id: 5, type: 'private' }, text: '一' },
    })
    await until('the first is heard', () => stage.received.length === 1)
    await until('it is confirmed', () => stage.emulator.updates.pending() === 0)
    await settle()
    // The question that waits now still names the old number; the one after it does not.
    stage.emulator.updates.setWebhook({ url: 'http://127.0.0.1:9/' })
    await failing(stage)
    stage.emulator.updates.setWebhook(undefined)
    await wake(stage, 5_000)
    stage.emulator.say(5, '二')
    await until('the second is heard', () => stage.received.length === 2)
  })

  it('leaves aside what it cannot read, counts it, and goes on', async () => {
    const stage = await openStage()
    stage.emulator.put({ message: { chat: 'nobody' } })
    stage.emulator.put({ edited_channel_post: {} })
    stage.emulator.say(-5, '大家好')
    stage.emulator.say(5, '你好')
    await until('the last is heard', () => stage.received.length === 1)
    expect(stage.channel.report?.().figures).toMatchObject({ ignored: 2, unreadable: 1 })
  })

  it('takes up after a restart what was not confirmed', async () => {
    const emulator = await createTelegramEmulator({ retryMs: 0 })
    const stage = await openStage({ emulator })
    stage.receive = notStored
    emulator.say(5, '一')
    await failing(stage)
    await stage.channel.stop()
    const next = await openStage({ emulator })
    await until('it is heard', () => next.received.length === 1)
  })

  it('tells how many wait, how old the last one was, and whether it hears', async () => {
    const stage = await openStage()
    stage.emulator.say(5, '一', { date: Math.floor(stage.clock.now() / 1000) - 30 })
    await until('it is heard', () => stage.received.length === 1)
    await until('it has asked', () => stage.channel.report?.().figures.pending_updates !== undefined)
    expect(stage.channel.report?.()).toMatchObject({ hears: true, figures: { queue_age_seconds: 30 } })
  })

  it('hears nothing any more when every question has failed for long', async () => {
    const stage = await openStage()
    const everything = {
      methods: ['getUpdates'],
      chance: 1,
      faults: [{ kind: 'server', status: 502, html: true }],
    } as const
    stage.emulator.faults.storm(everything)
    stage.emulator.say(5, '一')
    await failing(stage)
    for (let minute = 0; minute < 11; minute++) await wake(stage, 60_000)
    expect(stage.channel.report?.().hears).toBe(false)
    stage.emulator.faults.storm(undefined)
    stage.emulator.say(5, '二')
    await wake(stage, 60_000)
    await until('it is heard', () => stage.received.length === 2)
    expect(stage.channel.report?.().hears).toBe(true)
  })

  it('begins as soon as Telegram can be reached', async () => {
    const emulator = await createTelegramEmulator({ retryMs: 0 })
    emulator.faults.next('getMe', { kind: 'reset' }, { kind: 'server', status: 502, html: true })
    const stage = await openStage({ emulator, unready: true })
    await failing(stage)
    for (let i = 0; i < 2; i++) {
      await until('it waits', () => stage.clock.sleepers() > 0)
      await stage.clock.advance(2_000)
    }
    await stage.ready()
  })
})

describe('the webhook', () => {
  const url = 'https://bot.test/channels/telegram'
  const open = (more: object = {}) => openStage({ webhook: { url, secret }, ...more })
  const update = {
    update_id: 1,
    message: { message_id: 1, date: 1, chat: { id: 5, type: 'private' }, text: '你好' },
  }
  const header = 'x-telegram-bot-api-secret-token'

  async function call(stage: Stage, body: string, { method = 'POST', token = secret } = {}): Promise<number> {
    const content = method === 'POST' ? { body } : {}
    const response = await stage.channel.fetch?.(
      new Request(url, { method, headers: { [header]: token }, ...content }),
    )
    return response?.status ?? 0
  }

  it('says 200 when the message is stored, and not before', async () => {
    const stage = await open()
    const gate = Promise.withResolvers<'accepted'>()
    stage.receive = () => gate.promise
    let status = 0
    const called = call(stage, JSON.stringify(update)).then(code => {
      status = code
    })
    await settle()
    expect(status).toBe(0)
    gate.resolve('accepted')
    await called
    expect(status).toBe(200)
  })

  it('asks for the message again where it could not be stored', async () => {
    const stage = await open()
    stage.receive = notStored
    expect(await call(stage, JSON.stringify(update))).toBe(503)
    expect(stage.channel.health().state).toBe('failing')
    stage.receive = async () => 'accepted'
    expect(await call(stage, JSON.stringify(update))).toBe(200)
    expect(stage.channel.health().state).toBe('on')
  })

  it.each(['', 'wrong', `${secret}x`, secret.slice(1)])(
    'refuses whoever says %j for the secret',
    async token => {
      const stage = await open()
      expect(await call(stage, JSON.stringify(update), { token })).toBe(403)
      expect(stage.received).toEqual([])
    },
  )

  it.each([
    ['{"update_id":', 400],
    ['', 400],
    ['null', 200],
    ['[]', 200],
    ['"text"', 200],
    ['{"update_id":"1"}', 200],
    ['{"update_id":1,"message":{"text":7}}', 200],
    ['{"update_id":1,"message":null}', 200],
  ])('says to the body %s %i and stores nothing', async (body, status) => {
    const stage = await open()
    expect(await call(stage, body)).toBe(status)
    expect(stage.received).toEqual([])
  })

  it('knows no other method, and says nothing while it is not ready or has stopped', async () => {
    const stage = await open()
    expect(await call(stage, '', { method: 'GET' })).toBe(405)
    await stage.channel.stop()
    expect(await call(stage, JSON.stringify(update))).toBe(503)
    const polling = await openStage()
    expect(await call(polling, JSON.stringify(update))).toBe(404)
  })

  it('is set with its secret, and set again when somebody has changed it', async () => {
    const stage = await open()
    const { updates } = stage.emulator
    expect(updates.webhook()).toEqual({ url, secret_token: secret, max_connections: 100 })
    updates.setWebhook({ url: 'https://elsewhere.test/' })
    await until('it has looked', () => stage.clock.sleepers() > 0)
    await stage.clock.advance(60_000)
    await until('it is set again', () => updates.webhook()?.url === url)
  })

  it('keeps the order of each chat through failures, repetitions and answers that are not heard', async () => {
    let seed = 7
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const emulator = await createTelegramEmulator({ retryMs: 0, random })
    Object.assign(emulator.updates.faults, { unheard: 0.3, duplicate: 0.3 })
    const doorway = await openDoorway()
    const stage = await openStage({ emulator, webhook: { url: doorway.url, secret } })
    stage.receive = async () => (random() < 0.2 ? notStored() : 'accepted')
    doorway.lead(
      async request => (await stage.channel.fetch?.(request)) ?? new Response(null, { status: 404 }),
    )
    for (let i = 0; i < 100; i++) emulator.say((i % 5) + 1, `第${i}句`)
    await until('all are taken', () => emulator.updates.pending() === 0)
    await doorway.close()
    for (let chat = 1; chat <= 5; chat++) {
      const heard = stage.received.filter(one => one.chat === String(chat)).map(one => one.text)
      const said = Array.from({ length: 20 }, (_, i) => `第${i * 5 + chat - 1}句`)
      expect([...new Set(heard)]).toEqual(said)
    }
  })
})
