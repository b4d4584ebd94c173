/** A server on loopback that gives vectors as OpenAI's embeddings interface does, from any function of a text. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface EmbeddingServer {
  /** Up to and with `/v1`. */
  url: string
  close(): Promise<void>
}

export async function openEmbeddingServer(encode: (text: string) => number[]): Promise<EmbeddingServer> {
  const server = createServer(async (request, response) => {
    const { input, model }: { input: string | string[]; model: string } = JSON.parse(await text(request))
    const data = [input].flat().map((one, index) => ({ object: 'embedding', index, embedding: encode(one) }))
    response.writeHead(request.url === '/v1/embeddings' ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ object: 'list', model, data }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
