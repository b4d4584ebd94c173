/** Hands one message to the server and says what became of it. */
import { type Message, parseJson, parseProblem, parseReplies } from './wire.ts'

/** A message on its way out. */
export interface Outgoing {
  clientId: string
  conversation: string
  text: string
  /** The id of the choice that was taken; `text` is then its label. */
  choice?: string
  createdAt: number
  /** Why the server does not take it. */
  refused?: string
}

export type Outcome =
  /** The server has it. `complete`: all replies are here; else the event stream brings them. */
  | { kind: 'stored'; messages: Message[]; complete: boolean }
  | { kind: 'refused'; sentence: string }
  /** To be sent again; `giveUp` is what to say when it keeps failing, absent when it must not be given up. */
  | { kind: 'later'; note: string; waitMs: number; giveUp?: string }

// The server waits ten seconds for replies; after thirty the connection must be dead.
const patienceMs = 30_000
const unreachable: Outcome = { kind: 'later', note: '网络不通，恢复后自动发送', waitMs: 0 }
const unknownRefusal = '这条消息没有被接收，请修改后再发。'
const retryable = new Set([408, 425, 429, 502, 503, 504])

function bodyOf({ conversation, clientId, text, choice }: Outgoing): string {
  return JSON.stringify({ conversation, clientId, ...(choice === undefined ? { text } : { choice }) })
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0)
  return Number.isFinite(seconds) ? seconds * 1000 : 0
}

function judgeFailure(response: Response, sentence: string | undefined): Outcome {
  const { status } = response
  if (status >= 400 && status < 500 && !retryable.has(status))
    return { kind: 'refused', sentence: sentence ?? unknownRefusal }
  const note = status === 429 ? '发送得太快，稍后自动发送' : '系统繁忙，稍后自动发送'
  const later: Outcome = { kind: 'later', note, waitMs: retryAfterMs(response) }
  return retryable.has(status) ? later : { ...later, giveUp: sentence ?? unknownRefusal }
}

async function judge(response: Response): Promise<Outcome> {
  const body = parseJson(await response.text())
  if (response.status !== 200 && response.status !== 202) return judgeFailure(response, parseProblem(body))
  const messages = parseReplies(body)
  return messages ? { kind: 'stored', messages, complete: response.status === 200 } : unreachable
}

export async function post(outgoing: Outgoing): Promise<Outcome> {
  const dead = new AbortController()
  const timer = setTimeout(() => dead.abort(), patienceMs)
  try {
    const response = await fetch('/api/chat/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodyOf(outgoing),
      signal: dead.signal,
      // It goes on while the page is left.
      keepalive: true,
    })
    return await judge(response)
  } catch {
    return unreachable
  } finally {
    clearTimeout(timer)
  }
}
