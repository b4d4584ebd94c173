/** The peer: a bare Hono application that reads a JSON body and sends JSON back. It stores nothing. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const app = new Hono()
app.post('/api/chat/messages', async c => {
  const { conversation, clientId, text } = await c.req.json()
  return c.json({ conversation, messages: [{ id: clientId, text, choices: [], citations: [] }] })
})
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })
process.once('SIGTERM', () => server.close(() => process.exit(0)))
