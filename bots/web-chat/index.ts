/** The web chat: citizens on a page of our own. Replies go back in the request, and by an event stream. */
import type { Channel } from '#channel'
import { createMailbox } from './mailbox.ts'
import { createWire } from './transport.ts'

export interface WebChatOptions {
  newUuid: () => string
  admit(conversation: string): Promise<number | undefined>
  about: { agency: string; hotline: string }
  /** How often an open stream looks for what other processes said, in milliseconds; 0 where there is one process. */
  lookMs: number
}

export function createWebChat(options: WebChatOptions): Channel {
  const mailbox = createMailbox()
  const stopping = new AbortController()
  let handle: ((request: Request) => Promise<Response>) | undefined
  return {
    name: 'web-chat',
    title: '网页对话',
    account: 'web-chat:default',
    traits: {
      choices: 'buttons',
      pictures: true,
      push: 'always',
      mainland: true,
      // The event stream starts where it broke off, and a message that is sent again gets the replies it had.
      pulls: true,
      pacing: { perChatMs: 0, overallMs: 0 },
    },
    async start(host) {
      handle = createWire({ ...options, host, mailbox, stopping: stopping.signal })
    },
    async stop() {
      stopping.abort()
    },
    async send(message) {
      mailbox.put(message)
      return {}
    },
    fetch: async request => (handle ? handle(request) : new Response(null, { status: 503 })),
    health: () => (handle ? { state: 'on' } : { state: 'off', detail: 'not started' }),
  }
}
