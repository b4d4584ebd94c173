/** The emulator against the two clients that bots are written with: what they understand is what Telegram says. */
import { Bot as GrammyBot, GrammyError, InputFile } from 'grammy'
import { Telegraf, TelegramError } from 'telegraf'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../base/until.ts'
import { openDoorway } from '../../bots/telegram-chat.ts'
import { createTelegramEmulator, type TelegramEmulator } from './index.ts'

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47])

async function open(): Promise<TelegramEmulator> {
  const emulator = await createTelegramEmulator({ retryMs: 0 })
  onTestFinished(() => emulator.close())
  return emulator
}

/** A bot that says back what it hears, on either client. */
interface Echo {
  begin(): void
  stop(): Promise<void>
  webhook(url: string): Promise<(request: Request) => Promise<Response>>
  send(chat: number, text: string): Promise<{ message_id: number }>
  sendPhoto(chat: number): Promise<unknown>
  sendDocument(chat: number): Promise<unknown>
  pressed: string[]
}

function createTelegrafEcho({ token, apiRoot }: TelegramEmulator): Echo {
  const bot = new Telegraf(token, { telegram: { apiRoot, webhookReply: false } })
  const pressed: string[] = []
  bot.on('message', context => context.reply('text' in context.message ? context.message.text : '?'))
  bot.on('callback_query', async context => {
    pressed.push('data' in context.callbackQuery ? context.callbackQuery.data : '')
    await context.answerCbQuery()
  })
  return {
    pressed,
    begin: () => void bot.launch().catch(() => {}),
    stop: async () => bot.stop(),
    async webhook(url) {
      bot.botInfo = await bot.telegram.getMe()
      await bot.telegram.setWebhook(url, { secret_token: 's3cret' })
      return async request => {
        if (request.headers.get('x-telegram-bot-api-secret-token') !== 's3cret') throw new Error('no secret')
        await bot.handleUpdate(JSON.parse(await request.text()))
        return new Response(null)
      }
    },
    send: (chat, text) => bot.telegram.sendMessage(chat, text),
    sendPhoto: chat => bot.telegram.sendPhoto(chat, { source: png }, { caption: '图' }),
    sendDocument: chat => bot.telegram.sendDocument(chat, { source: Buffer.from('%PDF'), filename: 'a.pdf' }),
  }
}

function createGrammyEcho({ token, apiRoot }: TelegramEmulator): Echo {
  const bot = new GrammyBot(token, { client: { apiRoot } })
  const pressed: string[] = []
  bot.on('message', context => context.reply(context.message.text ?? '?'))
  bot.on('callback_query:data', async context => {
    pressed.push(context.callbackQuery.data)
    await context.answerCallbackQuery()
  })
  bot.catch(() => {})
  return {
    pressed,
    begin: () => void bot.start().catch(() => {}),
    stop: () => bot.stop(),
    async webhook(url) {
      await bot.init()
      await bot.api.setWebhook(url, { secret_token: 's3cret' })
      return async request => {
        await bot.handleUpdate(JSON.parse(await request.text()))
        return new Response(null)
      }
    },
    send: (chat, text) => bot.api.sendMessage(chat, text),
    sendPhoto: chat => bot.api.sendPhoto(chat, new InputFile(png), { caption: '图' }),
    sendDocument: chat => bot.api.sendDocument(chat, new InputFile(Buffer.from('%PDF'), 'a.pdf')),
  }
}

const clients = [
  ['telegraf', createTelegrafEcho, TelegramError],
  ['grammY', createGrammyEcho, GrammyError],
] as const

describe.each(clients)('the emulator for %s', (_, createEcho, ClientError) => {
  it('brings messages and buttons by polling and shows what is sent', async () => {
    const emulator = await open()
    const echo = createEcho(emulator)
    echo.begin()
    onTestFinished(() => echo.stop())
    for (const text of ['一', '/二', '三']) emulator.say(1, text)
    emulator.press(1, 1, 'data')
    await until('all are back', () => emulator.shown(1).length === 3 && echo.pressed.length === 1)
    expect(emulator.shown(1).map(one => one.text)).toEqual(['一', '/二', '三'])
    await until('all is confirmed', () => emulator.updates.pending() === 0)
  })

  it('calls a webhook with the secret, in order, until it says 200', async () => {
    const emulator = await open()
    const doorway = await openDoorway()
    onTestFinished(() => doorway.close())
    const handle = await createEcho(emulator).webhook(doorway.url)
    let refusals = 2
    doorway.lead(async request => (refusals-- > 0 ? new Response(null, { status: 500 }) : handle(request)))
    for (const text of ['一', '二', '三']) emulator.say(1, text)
    await until('all are back', () => emulator.updates.pending() === 0)
    expect(emulator.shown(1).map(one => one.text)).toEqual(['一', '二', '三'])
    expect(emulator.updates.calls).toEqual({ made: 5, failed: 2 })
  })

  it('takes pictures and documents with their names and bytes', async () => {
    const emulator = await open()
    const echo = createEcho(emulator)
    await echo.sendPhoto(1)
    await echo.sendDocument(1)
    const [photo, document] = emulator.shown(1)
    expect(photo).toMatchObject({ text: '图', file: { field: 'photo', bytes: new Uint8Array(png) } })
    expect(Buffer.from(document?.file?.bytes ?? []).toString()).toBe('%PDF')
    expect(document?.file?.name).toBe('a.pdf')
  })

  it('refuses as Telegram does, in words and parameters that the client understands', async () => {
    const emulator = await open()
    const echo = createEcho(emulator)
    emulator.faults.next('sendMessage', { kind: 'too-many', retryAfter: 7 })
    const tooMany = await echo.send(1, '你好').catch(error => error)
    expect(tooMany).toBeInstanceOf(ClientError)
    expect(tooMany).toMatchObject({ parameters: { retry_after: 7 } })
    emulator.chats.close(2, 403, 'Forbidden: bot was blocked by the user')
    emulator.chats.migrate(-3, -1003)
    const said: [number, string, object][] = [
      [2, '你好', { description: expect.stringContaining('blocked') }],
      [-3, '你好', { parameters: { migrate_to_chat_id: -1003 } }],
      [1, ' ', { description: expect.stringContaining('empty') }],
      [1, '字'.repeat(4097), { description: expect.stringContaining('too long') }],
    ]
    for (const [chat, text, error] of said) await expect(echo.send(chat, text)).rejects.toMatchObject(error)
    expect(emulator.shown()).toEqual([])
  })

  it('has what was carried out before the connection was cut, and nothing else', async () => {
    const emulator = await open()
    const echo = createEcho(emulator)
    emulator.faults.next(
      'sendMessage',
      { kind: 'reset' },
      { kind: 'cut' },
      { kind: 'server', status: 502, html: true },
    )
    for (const text of ['一', '二', '三']) await expect(echo.send(1, text)).rejects.toThrow()
    expect(emulator.shown(1).map(one => one.text)).toEqual(['二'])
  })
})

describe('the emulator', () => {
  const ask = async (emulator: TelegramEmulator, method: string, body: object) => {
    const url = `${emulator.apiRoot}/bot${emulator.token}/${method}`
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return response.json() as Promise<{ ok: boolean; error_code?: number; result: { update_id: number }[] }>
  }

  it('keeps updates until they are confirmed, and knows which come next', async () => {
    const emulator = await open()
    for (const text of ['一', '二', '三']) emulator.say(1, text)
    const numbers = async (body: object) =>
      (await ask(emulator, 'getUpdates', body)).result.map(u => u.update_id)
    expect(await numbers({})).toEqual([1, 2, 3])
    expect(await numbers({ offset: 2, limit: 1 })).toEqual([2])
    expect(await numbers({ offset: -1 })).toEqual([3])
    expect(await numbers({ offset: 4 })).toEqual([])
  })

  it('lets the later of two who ask at once have the updates', async () => {
    const emulator = await open()
    const first = ask(emulator, 'getUpdates', { timeout: 30 })
    await until('the first asks', () => emulator.faults.struck.size === 0 && emulator.updates.pending() === 0)
    const second = ask(emulator, 'getUpdates', { timeout: 30 })
    const early = await Promise.race([first, second])
    expect(early).toMatchObject({ ok: false, error_code: 409 })
    emulator.say(1, '一')
    const outcomes = await Promise.all([first, second])
    expect(outcomes.filter(one => one.ok).flatMap(one => one.result)).toHaveLength(1)
  })

  it('refuses to be asked where a webhook is set, and a token that is not its own', async () => {
    const emulator = await open()
    await ask(emulator, 'setWebhook', { url: 'http://127.0.0.1:9/' })
    expect(await ask(emulator, 'getUpdates', {})).toMatchObject({ error_code: 409 })
    expect(await ask({ ...emulator, token: '1:x' }, 'getMe', {})).toMatchObject({ error_code: 401 })
    expect(await ask(emulator, 'getNothing', {})).toMatchObject({ error_code: 404 })
  })

  it('brings updates twice, out of order and again, by chance', async () => {
    const emulator = await createTelegramEmulator({ random: () => 0.4, retryMs: 0 })
    onTestFinished(() => emulator.close())
    Object.assign(emulator.updates.faults, { duplicate: 0.5 })
    for (const text of ['一', '二']) emulator.say(1, text)
    expect((await ask(emulator, 'getUpdates', {})).result.map(u => u.update_id)).toEqual([1, 2, 1, 2])
    emulator.faults.storm({ methods: ['getMe'], chance: 0.5, faults: [{ kind: 'conflict' }] })
    expect(await ask(emulator, 'getMe', {})).toMatchObject({ error_code: 409 })
    expect(emulator.faults.struck.get('conflict')).toBe(1)
  })
})
