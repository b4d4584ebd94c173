/** The far side of the measurement: takes what is sent as fast as it comes, and counts it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Platform {
  apiRoot: string
  sent(): number
  /** Resolves when so many messages have been sent in all. */
  until(count: number): Promise<void>
  close(): void
}

const me = { id: 123456789, is_bot: true, first_name: 'bench', username: 'bench_bot' }
const message = { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: '' }
const answers: Record<string, unknown> = { getMe: me, sendMessage: message, getWebhookInfo: {} }

export async function openPlatform(): Promise<Platform> {
  let sent = 0
  let waiting: { count: number; resolve(): void } | undefined
  const server = createServer((request, response) => {
    const method = request.url?.split('/').at(-1) ?? ''
    request.resume().once('end', () => {
      const body = JSON.stringify({ ok: true, result: answers[method] ?? true })
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
      if (method !== 'sendMessage') return
      sent++
      if (waiting && sent >= waiting.count) waiting.resolve()
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    until(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting = { count, resolve }
      if (sent >= count) resolve()
      return promise
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
