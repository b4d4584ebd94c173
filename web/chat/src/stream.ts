/** The conversation's event stream: EventSource reconnects after a break, and we when it has given up. */
import { backoffMs } from './backoff.ts'
import { type Message, type Past, parseJson, parseMessage, parsePast } from './wire.ts'

export interface StreamOptions {
  message(message: Message): void
  past(past: Past): void
  gone(): void
  connected(connected: boolean): void
}

export interface Stream {
  open(conversation: string): void
  close(): void
  /** Asks for the whole conversation again, over a new connection. */
  reopen(): void
  /** Connects at once when it waits to. */
  hurry(): void
}

const urlOf = (conversation: string) => `/api/chat/events?conversation=${encodeURIComponent(conversation)}`

/** What a break in the connection leads to is in `broken`; everything else is handed on. */
function listen(source: EventSource, options: StreamOptions, broken: () => void): void {
  const on = <T>(name: string, parse: (value: unknown) => T | undefined, take: (value: T) => void) =>
    source.addEventListener(name, event => {
      const value = parse(parseJson((event as MessageEvent<string>).data))
      if (value !== undefined) take(value)
    })
  on('message', parseMessage, options.message)
  on('past', parsePast, options.past)
  source.addEventListener('gone', options.gone)
  source.addEventListener('open', () => options.connected(true))
  source.addEventListener('error', broken)
}

export function createStream(options: StreamOptions): Stream {
  let conversation: string | undefined
  let source: EventSource | undefined
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function disconnect(): void {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }

  function connect(): void {
    disconnect()
    if (conversation === undefined) return
    const fresh = new EventSource(urlOf(conversation))
    source = fresh
    fresh.addEventListener('open', () => {
      failures = 0
    })
    listen(fresh, options, () => broken(fresh))
  }

  function broken(from: EventSource): void {
    if (from !== source) return
    options.connected(false)
    if (from.readyState !== EventSource.CLOSED) return
    disconnect()
    timer = setTimeout(connect, backoffMs(failures++))
  }

  return {
    open(next) {
      conversation = next
      connect()
    },
    close() {
      conversation = undefined
      disconnect()
    },
    reopen: connect,
    hurry() {
      if (conversation !== undefined && source?.readyState !== EventSource.OPEN) connect()
    },
  }
}
