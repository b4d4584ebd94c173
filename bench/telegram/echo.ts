/** The peer: a bare telegraf bot behind its own webhook that sends back what it hears. It stores nothing. */
import { createServer } from 'node:http'
import { Telegraf } from 'telegraf'

const { TELEGRAM_BOT_TOKEN = '', TELEGRAM_API_ROOT = '', TELEGRAM_WEBHOOK_SECRET = '', PORT } = process.env
const bot = new Telegraf(TELEGRAM_BOT_TOKEN, {
  telegram: { apiRoot: TELEGRAM_API_ROOT, webhookReply: false },
})
bot.on('text', context => context.reply(context.message.text))
bot.botInfo = await bot.telegram.getMe()
const callback = bot.webhookCallback('/channels/telegram', { secretToken: TELEGRAM_WEBHOOK_SECRET })
const server = createServer(callback).listen(Number(PORT), '127.0.0.1')
process.once('SIGTERM', () => server.close(() => process.exit(0)))
