/** A server on loopback that speaks like a language model's, or misbehaves in a way that a test asks for. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How one request is answered. */
export type Behaviour = (response: ServerResponse, body: string) => void

export interface ModelServer {
  /** Up to and with `/v1`. */
  url: string
  /** Every body that arrived, as it arrived. */
  bodies: string[]
  /** The next answers in order; the last one stays. */
  behave(...behaviours: Behaviour[]): void
  close(): Promise<void>
}

export async function openModelServer(): Promise<ModelServer> {
  const bodies: string[] = []
  let behaviours: Behaviour[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const [first, ...rest] = behaviours
    if (rest.length > 0) behaviours = rest
    bodies.push(`${request.url} ${body}`)
    first?.(response, body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    bodies,
    behave(...next) {
      behaviours = next
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const json = { 'content-type': 'application/json' }

/** Answers with this body. */
export function sends(body: unknown, status = 200, headers: Record<string, string> = {}): Behaviour {
  return response =>
    void response
      .writeHead(status, { ...json, ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** A chat answer with this text, or with an object as JSON. */
export function says(text: string | object, rest: object = { finish_reason: 'stop' }): Behaviour {
  const content = typeof text === 'string' ? text : JSON.stringify(text)
  return sends({ choices: [{ index: 0, message: { role: 'assistant', content }, ...rest }] })
}

/** Vectors that are the counts of some characters of each text, in an order of its own. */
export function embeds(characters: string): Behaviour {
  return (response, body) => {
    const { input }: { input: string[] } = JSON.parse(body)
    const data = input.map((text, index) => ({
      index,
      embedding: [...characters].map(c => text.split(c).length - 1),
    }))
    sends({ data: data.toReversed() })(response, body)
  }
}

export const tooMany = (retryAfter?: string): Behaviour =>
  sends({ error: { message: 'rate limit' } }, 429, retryAfter ? { 'retry-after': retryAfter } : {})

const half = '{"choices":[{"message":{"content":"失业'

/** Those that come to no end by themselves. */
export const hanging: Record<string, Behaviour> = {
  'says nothing at all': () => {},
  'sends headers and falls silent': response => response.writeHead(200, json).flushHeaders(),
  'sends half an answer and falls silent': response => void response.writeHead(200, json).write(half),
  'sends half a stream of events and falls silent': response =>
    void response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write('data: {"choices":[{"delta":{"content":"失"}}]}\n\n'),
  'sends a blank at a time without end': response => {
    response.writeHead(200, json)
    function drip(): void {
      if (response.destroyed) return
      response.write(' ')
      setImmediate(drip)
    }
    drip()
  },
  'says that it is at fault and does not say how': response => response.writeHead(500, json).flushHeaders(),
}

/** Those that end, in something that is no answer. */
export const useless: Record<string, Behaviour> = {
  'is at fault': sends({ error: { message: 'internal' } }, 500),
  'cannot be reached behind its proxy': sends('<html>Bad Gateway</html>', 502, {
    'content-type': 'text/html',
  }),
  'is asked too often': tooMany(),
  'is asked too often for a long while': tooMany('3600'),
  'is asked too often until a strange time': tooMany('soon'),
  'wants another key': sends({ error: { message: 'invalid key' } }, 401),
  'knows no such model': sends({ error: { message: 'no such model' } }, 404),
  'refuses the question': sends({ error: { message: 'data_inspection_failed' } }, 400),
  'breaks off in the middle': response => {
    response.writeHead(200, { ...json, 'content-length': '5000' }).write(half, () => response.destroy())
  },
  'hangs up': response => void response.destroy(),
  'sends half of its JSON as if it were all': sends(half),
  'sends a page': sends('<html>Welcome</html>', 200, { 'content-type': 'text/html' }),
  'sends nothing': sends(''),
  'sends no content': response => void response.writeHead(204).end(),
  'sends bytes that are no text': response => void response.writeHead(200, json).end(Buffer.alloc(999, 0xff)),
  'sends JSON of another shape': sends({ result: 'ok' }),
  'sends a list': sends([1, 2, 3]),
  'sends no choice': sends({ choices: [] }),
  'sends a choice without a text': sends({
    choices: [{ message: { content: null }, finish_reason: 'stop' }],
  }),
  'sends a text of blanks': says('  \n '),
  'says far more than it was asked for': says('失业'.repeat(15_000)),
  'was stopped by its length': says('{"question":"失业', { finish_reason: 'length' }),
  'was stopped by its filter': says('{}', { finish_reason: 'content_filter' }),
  'sends more than anyone can want': response => {
    response.writeHead(200, json).write(half)
    const flood = () => {
      while (!response.destroyed && response.write('多'.repeat(50_000)));
      if (!response.destroyed) response.once('drain', flood)
    }
    flood()
  },
  'sends one elsewhere': sends('', 307, { location: 'http://127.0.0.1:9/v1/chat/completions' }),
}
