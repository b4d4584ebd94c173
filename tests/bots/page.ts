/** A page on the web chat: its requests, and a citizen who uses it. */
import { randomUUID } from 'node:crypto'
import { bots } from '#bots'
import type { Answerer } from '#dialog'
import type { Citizen, Heard } from './contract.ts'
import { type Follower, follow } from './events.ts'
import { agency, openSmallHouse, type SmallHouse } from './small-house.ts'

const createWebChat = await bots['web-chat']()
const origin = 'http://gongkai.test'
export const about = { agency: agency.name, hotline: agency.hotline }

export interface WireMessage {
  id: string
  text: string
  choices: { id: string; label: string }[]
  citations: {
    law: string
    article: number | null
    title: string | null
    url: string | null
    inForce: string | null
  }[]
}

export interface Answered {
  status: number
  headers: Headers
  body: { conversation: string; messages: WireMessage[]; error: { code: string; message: string } }
}

export interface Page {
  house: SmallHouse
  /** Posts whatever is given: an object as JSON, a string as it stands. */
  post(body: object | string): Promise<Answered>
  get(path: string, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>
  events(conversation: string, lastEventId?: string): Promise<Follower>
}

export interface PageOptions {
  between?(real: Answerer): Answerer
  admit?(conversation: string): Promise<number | undefined>
  lookMs?: number
}

export async function openPage(options: PageOptions = {}): Promise<Page> {
  const { between, admit = async () => undefined, lookMs = 0 } = options
  const createChannel = () => createWebChat({ newUuid: () => randomUUID(), admit, about, lookMs })
  const house = await openSmallHouse({ createChannel, ...(between && { between }) })
  const fetch = async (request: Request) => {
    const answer = await house.channel().fetch?.(request)
    if (!answer) throw new Error('the web chat has no handler')
    return answer
  }
  const get: Page['get'] = (path, headers = {}, signal) =>
    fetch(new Request(origin + path, { headers, ...(signal && { signal }) }))

  return {
    house,
    get,
    async post(body) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const headers = { 'content-type': 'application/json' }
      const request = new Request(`${origin}/api/chat/messages`, { method: 'POST', headers, body: text })
      const response = await fetch(request)
      return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
    },
    async events(conversation, lastEventId) {
      const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
      return follow(await get(`/api/chat/events?conversation=${conversation}`, headers))
    },
  }
}

function heardOf(messages: readonly WireMessage[]): Heard {
  return {
    texts: messages.map(message => message.text),
    choices: messages.flatMap(message => message.choices.map(choice => choice.label)),
    citations: messages.flatMap(({ citations }) => citations.map(c => `《${c.law}》第${c.article}条`)),
  }
}

export function createCitizen(page: Page): Citizen {
  const conversation = randomUUID()
  let offered: WireMessage['choices'] = []

  async function send(message: object): Promise<Heard> {
    const { status, body } = await page.post({ conversation, clientId: randomUUID(), ...message })
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
    offered = body.messages.flatMap(({ choices }) => choices)
    return heardOf(body.messages)
  }

  return {
    chat: conversation,
    say: (text, clientId = randomUUID()) => send({ text, clientId }),
    choose: label => send({ choice: offered.find(choice => choice.label === label)?.id }),
    repeat: async (text, clientId) => void (await send({ text, clientId })),
    async shown() {
      const past = await page.house.history(conversation)
      const events = await page.events(conversation)
      const all = await events.take(past.length)
      await events.close()
      return all.filter(event => event.name === 'message').map(event => String(event.data.text))
    },
  }
}
