/** The server of @dwmkerr/mock-llm on loopback: others wrote it, so that ours is not only measured by itself. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '@dwmkerr/mock-llm/dist/server.js'
import { onTestFinished, vi } from 'vitest'

export interface MockRule {
  /** A regular expression over the path. */
  path: string
  /** JMESPath over the request; absent: always. The last rule that matches answers. */
  match?: string
  /** Which request of its path this is, counted from 0. */
  sequence?: number
  response: { status: number; content: string }
}

export const chatPath = '/v1/chat/completions'

/** A rule under which it says this, where the instructions hold these words. */
export function sayWhere(words: string, answer: object | string): MockRule {
  const content = typeof answer === 'string' ? answer : JSON.stringify(answer)
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
  return {
    path: chatPath,
    match: `contains(body.messages[0].content, '${words}')`,
    response: { status: 200, content: JSON.stringify({ object: 'chat.completion', choices }) },
  }
}

/** Opens one until the end of the test; gives its address up to and with `/v1`. */
export async function openMockLlm(rules: MockRule[]): Promise<string> {
  // It tells each request on the console.
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const app = createServer({ streaming: { chunkSize: 50, chunkIntervalMs: 0 }, rules }, '127.0.0.1', 0)
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
    log.mockRestore()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}
