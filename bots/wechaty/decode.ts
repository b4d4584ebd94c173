/** A message of wechaty → ours, or why it is none; and what WeChat and puppets say in words → what it means. Pure. */
import type { Attachment, Incoming } from '#channel'

/** What is asked of a message of wechaty, before anything is decided. */
export interface Told {
  id: string
  /** wechaty's MessageType. */
  type: number
  text: string
  self: boolean
  talker: {
    id: string
    /** wechaty's ContactType; undefined where the puppet knows nothing of the contact. */
    type: number | undefined
    friend: boolean | undefined
  }
  room: string | undefined
  /** Whether we are addressed, in a room. */
  mentioned: boolean
}

export type Decoded =
  | { kind: 'message'; incoming: Incoming }
  /** WeChat itself says something in this chat; `gone`: that it can no longer be written to. */
  | { kind: 'notice'; chat: string; text: string; gone: boolean }
  | { kind: 'ignored'; reason: 'self' | 'service' | 'stranger' | 'unaddressed' | 'system' }

// wechaty's MessageType, by number: its own list would load the whole package.
const textType = 7
const carried: Readonly<Record<number, Attachment>> = {
  1: 'document',
  2: 'voice',
  3: 'other', // a contact's card
  4: 'other', // a chat history
  5: 'picture', // an emoticon
  6: 'picture',
  8: 'location',
  9: 'other', // a mini program
  11: 'other', // a transfer of money
  12: 'other', // a red envelope
  14: 'other', // a link
  15: 'video',
  16: 'other', // a post
}
const systemTypes = [0, 10]
const officialAccount = 2
/** Accounts of WeChat itself, which are contacts of everybody. */
const services = [
  'weixin',
  'filehelper',
  'fmessage',
  'medianote',
  'floatbottle',
  'newsapp',
  'qqmail',
  'notifymessage',
]

// Of others it is said that they were removed, or that they are nobody's friend: neither is the end of a room.
const removed = /^你(?:已)?被.{0,40}移出(?:了)?群聊/u

// WeChat puts a four-per-em space after a name that was mentioned.
const mention = /@[^@\u2005\n]{1,40}\u2005/gu

/** What a message of this kind says of itself: its own text, where it is no XML. */
const noticeOf = ({ text }: Told) => (text.startsWith('<') || text.length > 200 ? '' : text.trim())

export function decode(told: Told): Decoded {
  const { id, type, room, talker } = told
  const chat = room ?? talker.id
  if (told.self) return { kind: 'ignored', reason: 'self' }
  if (systemTypes.includes(type) || talker.id === 'weixin') {
    const text = noticeOf(told)
    if (text === '') return { kind: 'ignored', reason: 'system' }
    return { kind: 'notice', chat, text, gone: room === undefined ? saysGone(text) : removed.test(text) }
  }
  if (services.includes(talker.id) || talker.type === officialAccount)
    return { kind: 'ignored', reason: 'service' }
  if (room !== undefined && !told.mentioned) return { kind: 'ignored', reason: 'unaddressed' }
  if (room === undefined && talker.friend === false) return { kind: 'ignored', reason: 'stranger' }
  const attachment = carried[type]
  if (type !== textType && attachment === undefined) return { kind: 'ignored', reason: 'system' }
  const said = type === textType ? told.text : ''
  const text = (room === undefined ? said : said.replace(mention, ' ')).trim()
  const group = room !== undefined
  return {
    kind: 'message',
    incoming: { chat, nativeId: id, text, ...(attachment && { attachment }), ...(group && { group }) },
  }
}

export const warnings = ['too-frequent', 'environment', 'restricted', 'logout'] as const
/** Why nothing is sent for a while. */
export type Warning = (typeof warnings)[number]

const signs: readonly (readonly [Warning, RegExp])[] = [
  ['too-frequent', /频繁|too (?:fast|frequent|many)/i],
  ['environment', /登录环境异常|环境异常/],
  ['restricted', /(?:帐号|账号|功能).{0,8}(?:限制|封禁|冻结|异常)|限制登录/],
]

/** The warning in a notice or an error, if there is one. */
export function warningIn(words: string): Warning | undefined {
  return signs.find(([, sign]) => sign.test(words))?.[0]
}

const gone =
  /拒收|拉黑|朋友验证|(?:不|没).{0,4}是.{0,12}(?:朋友|好友)|not (?:a |your )?friend|no payload found|not exist|not in (?:the )?(?:room|chatroom)/i

/** Whether a notice or an error says that this chat can no longer be written to. */
export const saysGone = (words: string): boolean => gone.test(words)

/** For the operator. */
export const goneWords = '微信提示对方已不是好友，或者拒收消息'

/** Whether an error says that nothing left this machine. */
export const saysUnsent = (words: string): boolean =>
  /not logged in|no client|no grpc manager|no puppet|NOPUPPET|no connection established|ECONNREFUSED|ENOTFOUND/i.test(
    words,
  )

/** Whether an error says that the puppet cannot do this at all. */
export const saysUnsupported = (words: string): boolean =>
  /unsupported|not supported|not support\b/i.test(words)

/** Puppets say this when they restart themselves: nobody was logged out by WeChat. */
export const saysRestart = (words: string): boolean => /puppet stop\(\)/.test(words)

/** For the operator. */
export const warningWords: Readonly<Record<Warning, string>> = {
  'too-frequent': '微信提示操作过于频繁',
  environment: '微信提示登录环境异常',
  restricted: '微信提示账号受到限制',
  logout: '账号被退出登录',
}
