/** Reads a stream of server-sent events as a page does. */

export interface StreamEvent {
  name: string
  id: string | undefined
  data: Record<string, unknown>
}

export interface Follower {
  /** The next event; undefined when the stream has ended. Pauses and heartbeats are passed over. */
  next(): Promise<StreamEvent | undefined>
  take(count: number): Promise<StreamEvent[]>
  /** Everything that came so far, as it came. */
  raw(): string
  close(): Promise<void>
}

function parseEvent(block: string): StreamEvent | undefined {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()]
    }),
  )
  const data = fields.get('data')
  if (data === undefined) return undefined
  return { name: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(data) }
}

export function follow(response: Response): Follower {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Error('a stream without a body')
  const blocks: string[] = []
  let raw = ''
  let rest = ''

  async function next(): Promise<StreamEvent | undefined> {
    for (;;) {
      for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
        const event = parseEvent(block)
        if (event) return event
      }
      const { value, done } = await (reader as ReadableStreamDefaultReader<string>).read()
      if (done) return undefined
      raw += value
      const parts = (rest + value).split('\n\n')
      rest = parts.pop() ?? ''
      blocks.push(...parts)
    }
  }

  return {
    next,
    async take(count) {
      const events: StreamEvent[] = []
      while (events.length < count) {
        const event = await next()
        if (!event) throw new Error(`the stream ended after ${events.length} of ${count} events`)
        events.push(event)
      }
      return events
    },
    raw: () => raw,
    close: () => reader.cancel(),
  }
}
