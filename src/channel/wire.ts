/** HTTP to a platform: one request, which tells whether anything of it has left this machine. */
import type { Dispatcher } from 'undici'
import { ChannelFailure } from '#base/errors'

export type WireRequest = Dispatcher.DispatchOptions & { signal?: AbortSignal | undefined }

export interface WireAnswer {
  status: number
  text: string
}

/**
 * Undici's own `request` does not tell whether anything was written; its handler does: it is told when the request
 * goes to an open connection, through the proxy and TLS. What failed before that has not left this machine.
 * Throws ChannelFailure: `before` and retryable, or `after`.
 */
export function exchangeOver(
  dispatcher: Dispatcher,
  { signal, ...options }: WireRequest,
): Promise<WireAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
  const chunks: Buffer[] = []
  let written = false
  let status = 0
  let abort = () => reject(new ChannelFailure('aborted', { stage: 'before', retryable: true }))
  const onAbort = () => abort()
  signal?.addEventListener('abort', onAbort, { once: true })
  dispatcher.dispatch(options, {
    onRequestStart(controller) {
      abort = () => controller.abort(new Error('aborted'))
      if (signal?.aborted) abort()
      else written = true
    },
    onResponseStart(_, code) {
      status = code
    },
    onResponseData(_, chunk) {
      chunks.push(chunk)
    },
    onResponseEnd() {
      signal?.removeEventListener('abort', onAbort)
      resolve({ status, text: Buffer.concat(chunks).toString() })
    },
    onResponseError(_, error) {
      signal?.removeEventListener('abort', onAbort)
      const { code } = error as { code?: string }
      const reason = code ? `${code}: ${error.message}` : error.message
      reject(new ChannelFailure(reason, { stage: written ? 'after' : 'before', retryable: !written }))
    },
  })
  return promise
}

/** JSON that is written out already, or a form; a form is written out in full, so that its length is known. */
export async function encodeBody(body: string | FormData): Promise<{ type: string; bytes: string | Buffer }> {
  if (typeof body === 'string') return { type: 'application/json', bytes: body }
  const response = new Response(body)
  const bytes = Buffer.from(await response.arrayBuffer())
  return { type: response.headers.get('content-type') ?? '', bytes }
}
