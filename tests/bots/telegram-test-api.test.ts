/** Telegram before another emulator, which knows nothing of ours: messages, commands, buttons, both ways. */
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTelegram } from '../../bots/telegram/index.ts'
import { until } from '../base/until.ts'
import { findFreePort } from '../integration/product.ts'
import { conditions, duration, openSmallHouse, wording as w } from './small-house.ts'
import { openDoorway } from './telegram-chat.ts'

const token = '666:TestTokenOfTheOtherEmulator'

async function open(webhook?: { url: string; secret: string }) {
  const server = new TelegramServer({ port: await findFreePort(), host: '127.0.0.1' })
  await server.start()
  // It counts queries as it counts messages; Telegram's are numbers of nineteen digits.
  Object.assign(server, { callbackId: 7_000_000_000 })
  const createChannel = () => createTelegram({ token, apiRoot: server.config.apiURL, webhook })
  const house = await openSmallHouse({ createChannel })
  onTestFinished(async () => {
    await house.close()
    await server.stop()
  })
  const client = server.getClient(token, { chatId: 5, userId: 5 })
  const said = () => server.storage.botMessages.map(one => String(one.message.text))
  const buttons = () =>
    JSON.stringify(server.storage.botMessages.map(one => one.message.reply_markup ?? null))
  /** This one does not wait when it is asked for updates: the channel pauses, and the clock is the test's. */
  const saying = async (words: string) => {
    await until(`${words} is said`, async () => {
      if (house.clock.sleepers() > 0) await house.clock.advance(1_000)
      return said().some(text => text.includes(words))
    })
  }
  return { house, client, buttons, saying }
}

describe('before telegram-test-api', () => {
  it('answers commands, questions and buttons by polling', async () => {
    const { client, saying, buttons } = await open()
    await client.sendCommand(client.makeCommand('/start'))
    await saying(w.greeting)
    await client.sendMessage(client.makeMessage(conditions))
    await saying('缴费满一年')
    const data = /"callback_data":"([^"]+)"/.exec(buttons().slice(buttons().indexOf(duration)))?.[1] ?? ''
    await client.sendCallback(client.makeCallbackQuery(data))
    await saying('二十四个月')
  })

  it('answers through its webhook, with the secret that it does not send', async () => {
    const doorway = await openDoorway()
    onTestFinished(() => doorway.close())
    const { house, client, saying } = await open({ url: doorway.url, secret: 's3cret' })
    doorway.lead(async request => {
      expect(request.headers.has('x-telegram-bot-api-secret-token')).toBe(false)
      const headers = { 'x-telegram-bot-api-secret-token': 's3cret' }
      const vouched = new Request(request.url, { method: 'POST', headers, body: await request.text() })
      return (await house.channel().fetch?.(vouched)) ?? new Response(null, { status: 404 })
    })
    // It does not tell of its webhooks, and that is asked for when the webhook is set.
    await until('the webhook is set', () => house.channel().health().detail !== '正在连接 Telegram')
    await client.sendMessage(client.makeMessage(conditions))
    await saying('缴费满一年')
  })
})
