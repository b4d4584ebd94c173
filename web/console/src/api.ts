/** The staff API, typed by the routes themselves; what the server says of a problem is shown as it is. */
import { hc } from 'hono/client'
import type { ConsoleApi } from '#console'

let csrf = ''

/** The word that the server gives with the session; each change carries it. */
export function rememberWord(word: string): void {
  csrf = word
}

const client = hc<ConsoleApi>('/', { headers: () => ({ 'x-csrf-token': csrf }) })
export const api = client.api.staff

export class Problem extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** What a call gave. Throws a Problem with the server's own sentence. */
export async function take<T>(call: Promise<{ ok: boolean; json(): Promise<T> }>): Promise<T> {
  let response: { ok: boolean; json(): Promise<unknown> }
  try {
    response = await call
  } catch {
    throw new Problem('offline', '连不上服务器，请检查网络后再试。')
  }
  const body = await response.json().catch(() => undefined)
  if (response.ok) return body as T
  const { code = 'failed', message = '系统出了点问题，请稍后再试。' } =
    (body as { error?: { code?: string; message?: string } } | undefined)?.error ?? {}
  throw new Problem(code, message)
}
