/** The other peer: node:http and an undici pool and nothing else. It stores nothing either. */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Pool } from 'undici'

const { TELEGRAM_BOT_TOKEN = '', TELEGRAM_API_ROOT = '', PORT } = process.env
const pool = new Pool(new URL(TELEGRAM_API_ROOT).origin, { connections: 64 })
const path = `/bot${TELEGRAM_BOT_TOKEN}/sendMessage`
const headers = { 'content-type': 'application/json' }

const server = createServer(async (request, response) => {
  const { message } = JSON.parse(await text(request))
  if (message) {
    const body = JSON.stringify({ chat_id: message.chat.id, text: message.text })
    const sent = await pool.request({ method: 'POST', path, headers, body })
    await sent.body.json()
  }
  response.end()
}).listen(Number(PORT), '127.0.0.1')
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})
