/** The one place that speaks to the server: the SDK, loaded when it is first used, with a limit on what is read. */
import type { OpenAI } from 'openai'

type Sdk = typeof import('openai')

export interface Wire {
  /** Resolves to the body of the answer, unchecked; rejects with a WireFailure. */
  chat(body: OpenAI.ChatCompletionCreateParamsNonStreaming, signal: AbortSignal): Promise<unknown>
  embeddings(body: OpenAI.EmbeddingCreateParams, signal: AbortSignal): Promise<unknown>
}

export interface WireDetail {
  /** `refused`: this request was refused; `busy`: too many of them; `broken`: the server or its setting is at fault. */
  failure: 'refused' | 'busy' | 'broken'
  status?: number | undefined
  /** The server's own wish, in milliseconds from now. */
  retryAfterMs?: number | undefined
}

export class WireFailure extends Error {
  readonly detail: WireDetail
  constructor(detail: WireDetail) {
    super(`the model's server: ${detail.failure} (${detail.status ?? 'no status'})`)
    this.name = 'WireFailure'
    this.detail = detail
  }
}

/** What the server says of the request itself: too long, malformed, against its rules. */
const refusals = [400, 413, 422, 451]

/** More than any answer needs, less than would hurt: the vectors of a batch take most. */
const mostBytes = 4 * 1024 * 1024

export interface WireOptions {
  baseUrl: string
  apiKey: string
  now: () => number
}

export function createWire(options: WireOptions): Wire {
  let opened: Promise<{ sdk: Sdk; client: OpenAI }> | undefined

  async function call(ask: (client: OpenAI) => PromiseLike<unknown>): Promise<unknown> {
    opened ??= open(options)
    const { sdk, client } = await opened
    try {
      return await ask(client)
    } catch (error) {
      throw new WireFailure(detailOf(error instanceof sdk.APIError ? error : undefined, options.now()))
    }
  }

  return {
    chat: (body, signal) => call(client => client.chat.completions.create(body, { signal })),
    embeddings: (body, signal) => call(client => client.embeddings.create(body, { signal })),
  }
}

async function open({ baseUrl, apiKey }: WireOptions): Promise<{ sdk: Sdk; client: OpenAI }> {
  const sdk = await import('openai')
  const client = new sdk.OpenAI({
    baseURL: baseUrl,
    apiKey,
    // Whatever else it would read from the environment.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    // It would write what the server says, which may repeat the question.
    logLevel: 'off',
    maxRetries: 0,
    fetch: limitedFetch,
  })
  return { sdk, client }
}

/** No redirects: the questions go to the server that was named and to no other. */
async function limitedFetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'error' })
  if (response.body === null) return response
  const { status, statusText, headers } = response
  return new Response(response.body.pipeThrough(createByteLimit()), { status, statusText, headers })
}

/** Lets bytes through up to the limit, then breaks off the whole answer. */
function createByteLimit(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let read = 0
  return new TransformStream({
    transform(chunk, controller) {
      read += chunk.byteLength
      if (read > mostBytes) controller.error(new RangeError('the answer is too long'))
      else controller.enqueue(chunk)
    },
  })
}

/** `error`: what the SDK makes of the server's answer; absent where it did not even come to that. */
function detailOf(error: { status?: unknown; headers?: unknown } | undefined, now: number): WireDetail {
  const status = typeof error?.status === 'number' ? error.status : undefined
  if (status === 429) {
    const headers = error?.headers instanceof Headers ? error.headers : new Headers()
    return { failure: 'busy', status, retryAfterMs: retryAfterOf(headers, now) }
  }
  return { failure: status !== undefined && refusals.includes(status) ? 'refused' : 'broken', status }
}

/** `Retry-After` in milliseconds, whether it is written in seconds or as a date. */
function retryAfterOf(headers: Headers, now: number): number | undefined {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (exact >= 0) return exact
  const told = headers.get('retry-after') ?? ''
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(told) ? Number(told) * 1000 : Date.parse(told) - now
  return ms >= 0 ? ms : undefined
}
