/**
 * The packages of wechaty, which lie in a folder of their own (packages/), and as much of their types as is used here:
 * whoever has no use for the channel has none of its three hundred packages either.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** From that folder, and from the folders above it as everywhere: a puppet may lie beside wechaty or beside the product. */
const load = createRequire(join(import.meta.dirname, 'packages', 'package.json'))

/** The payloads of a puppet's events. */
interface Heard {
  scan: { qrcode?: string }
  login: { contactId: string }
  logout: { data?: string }
  message: { messageId: string }
  'room-leave': { roomId: string; removeeIdList: string[] }
  friendship: { friendshipId: string }
}

type Listener = (...args: never[]) => void

/** https://github.com/wechaty/puppet */
export interface Puppet {
  readonly isLoggedIn: boolean
  readonly currentUserId: string
  on<Name extends keyof Heard>(name: Name, hear: (payload: Heard[Name]) => void): unknown
  on(name: 'start' | 'stop' | 'heartbeat' | 'dong', hear: () => void): unknown
  off(name: string | symbol, listener: Listener): unknown
  eventNames(): (string | symbol)[]
  rawListeners(name: string | symbol): Listener[]
  ding(data: string): void
  friendshipPayload(id: string): Promise<{ type: number; contactId: string }>
  /** Resolves with the platform's id of the message, where the puppet tells it. */
  messageSendText(chat: string, text: string): Promise<string | undefined>
  messageSendFile(chat: string, file: FileBox): Promise<string | undefined>
}

interface Contact {
  readonly id: string
  type(): number
  friend(): boolean | undefined
  isReady(): boolean
  sync(): Promise<void>
}
interface Message {
  type(): number
  text(): string
  self(): boolean
  room(): { readonly id: string } | undefined
  talker(): Contact
  mentionSelf(): Promise<boolean>
  mentionText(): Promise<string>
}

export interface Bot {
  readonly puppet: Puppet
  readonly Message: { find(query: { id: string }): Promise<Message | undefined> }
  on(name: 'error', hear: (error: unknown) => void): unknown
  init(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface BuildOptions {
  /** The npm name of a puppet, or one that is made already. */
  puppet: string | Puppet
  puppetOptions?: { token?: string; endpoint?: string }
  /** The file, without its ending, in which the login is kept. */
  name?: string
}

type FileBox = object
/** https://github.com/wechaty/wechaty, https://github.com/huan/file-box, https://github.com/gtanner/qrcode-terminal */
interface Wechaty {
  log: { level(name: 'silent'): void }
  WechatyBuilder: { build(options: BuildOptions): Bot }
  FileBox: { fromBase64(data: string, name: string): FileBox }
}
interface QrCodes {
  generate(text: string, options: { small: boolean }, show: (drawn: string) => void): void
}

/** 175 MB, and a second of work: called where the channel starts and no sooner. Throws where they are not installed. */
export function loadWechaty(): Wechaty {
  const { log, WechatyBuilder } = load('wechaty')
  const { FileBox } = load('file-box')
  return { log, WechatyBuilder, FileBox }
}

/** A QR code in half blocks, as a terminal shows it. */
export function drawQrCode(text: string): string {
  const codes: QrCodes = load('qrcode-terminal')
  let shown = ''
  codes.generate(text, { small: true }, drawn => {
    shown = drawn
  })
  return shown
}
