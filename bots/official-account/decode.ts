/** WeChat's XML → ours. Pure. */
import { hash } from 'node:crypto'
import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import type { Allowance, Attachment, ChatChange, Incoming } from '#channel'

// Numbers stay the texts that they are, and a citizen's blanks are theirs.
const parser = new XMLParser({ parseTagValue: false, trimValues: false, ignoreAttributes: true })
const withDoctype = /^\s*(?:<\?xml[^>]*>\s*)?<!DOCTYPE/i

const text = z.string().optional()
const shape = z.object({
  FromUserName: z.string().min(1).max(128),
  ToUserName: z.string().min(1).max(128),
  CreateTime: z.string().regex(/^\d{1,12}$/),
  MsgType: z.string().min(1),
  MsgId: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  Content: text,
  Recognition: text,
  Title: text,
  Url: text,
  Event: text,
  EventKey: text,
})

export type Message = z.infer<typeof shape>

/** The values of an envelope's or a message's fields; undefined where it is no such XML. */
function fieldsOf(xml: string): unknown {
  if (withDoctype.test(xml)) return undefined
  try {
    const { xml: fields }: { xml?: unknown } = parser.parse(xml)
    return fields
  } catch {
    return undefined
  }
}

const envelope = z.object({ Encrypt: z.string().min(1) })

/** What is sealed in a request. */
export function sealedIn(body: string): string | undefined {
  return envelope.safeParse(fieldsOf(body)).data?.Encrypt
}

export function parseMessage(xml: string): Message | undefined {
  return shape.safeParse(fieldsOf(xml)).data
}

export type Decoded =
  | { kind: 'message'; incoming: Incoming }
  | { kind: 'change'; chat: string; change: ChatChange }
  | { kind: 'ignored'; reason: string }

/** https://developers.weixin.qq.com/doc/offiaccount/Customer_Service/Customer_Service_Messages.html */
const afterMessage: Allowance = { count: 5, ms: 48 * 60 * 60_000 }
const afterEvent: Allowance = { count: 3, ms: 60_000 }

const attachments: Record<string, Attachment> = {
  image: 'picture',
  voice: 'voice',
  video: 'video',
  shortvideo: 'video',
  location: 'location',
  file: 'document',
}

/** What the platform repeats an event under, which has no number: who, when, which. */
function eventId({ CreateTime, Event = '', EventKey = '' }: Message): string {
  return `${CreateTime}-${hash('sha1', `${Event} ${EventKey}`).slice(0, 12)}`
}

function decodeEvent(message: Message): Decoded {
  const { FromUserName: chat, Event = '', EventKey = '' } = message
  const from = { chat, nativeId: eventId(message), window: afterEvent }
  const open = (carried: string): Decoded => ({
    kind: 'message',
    incoming: { ...from, text: '/start', ...(carried && { choice: carried }) },
  })
  switch (Event) {
    case 'subscribe':
      return open(EventKey.replace(/^qrscene_/, ''))
    case 'SCAN':
      return open(EventKey)
    case 'CLICK':
      return { kind: 'message', incoming: { ...from, text: EventKey, choice: EventKey } }
    case 'unsubscribe':
      return { kind: 'change', chat, change: { kind: 'unreachable', reason: 'unsubscribed' } }
    default:
      // VIEW, LOCATION, TEMPLATESENDJOBFINISH, MASSSENDJOBFINISH and the like ask for no answer.
      return { kind: 'ignored', reason: `event ${Event}` }
  }
}

/** What a citizen did, or why it is left aside. */
export function decode(message: Message): Decoded {
  const { FromUserName: chat, MsgType, MsgId, Content = '', Recognition = '', Title = '', Url = '' } = message
  if (MsgType === 'event') return decodeEvent(message)
  const from = { chat, nativeId: MsgId ?? eventId(message), window: afterMessage }
  if (MsgType === 'text') return { kind: 'message', incoming: { ...from, text: Content } }
  if (MsgType === 'link') return { kind: 'message', incoming: { ...from, text: `${Title} ${Url}`.trim() } }
  // What was understood of a voice message is as good as typed.
  if (MsgType === 'voice' && Recognition) return { kind: 'message', incoming: { ...from, text: Recognition } }
  const attachment = attachments[MsgType] ?? 'other'
  return { kind: 'message', incoming: { ...from, text: '', attachment } }
}
