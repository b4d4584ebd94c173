/** wechaty on a host that does what the test says, over the mock puppet. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createLog } from '#base/log'
import type { Channel, ChannelHost, ChatChange, Document, Incoming } from '#channel'
import { createWechaty, type WechatyOptions } from '../../bots/wechaty/index.ts'
import type { Puppet } from '../../bots/wechaty/packages.ts'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { start } from '../bots/small-house.ts'
import { root } from '../sources.ts'

/** A package of the channel's own folder: the very one that the channel loads. */
export const load = createRequire(join(root, 'bots/wechaty/packages/package.json'))

interface Payload {
  id: string
  talkerId: string
  listenerId?: string
  roomId?: string
  mentionIdList?: string[]
  /** wechaty's MessageType. */
  type: number
  text: string
  timestamp: number
}
interface Identified {
  id: string
}
/** What the mock puppet is driven by, as far as these tests do: https://github.com/wechaty/puppet-mock */
export interface Mocker {
  createContact(payload: object): Identified
  createRoom(payload: object): Identified
  contactPayload(id: string): object
  login(contact: Identified): void
  scan(code: string): void
  readonly ContactMock: { load(id: string): Identified }
  readonly MessageMock: { create(payload: Payload): Identified }
  readonly cacheContactPayload: Map<string, object>
  readonly cacheMessagePayload: Map<string, Partial<Payload>>
  readonly cacheFileBoxPayload: Map<string, { name?: string }>
}
export interface MockPuppet extends Puppet {
  emit(name: string, payload: object): boolean
  once(name: string, hear: () => void): unknown
  listenerCount(name: string | symbol): number
  logout(reason: string): Promise<void>
  reset(): Promise<void>
}
interface MockPackage {
  PuppetMock: new (options: { mocker: Mocker }) => MockPuppet
  mock: { Mocker: new () => Mocker }
}
const { PuppetMock, mock }: MockPackage = load('wechaty-puppet-mock')

const textType = 7
const individual = 1

export interface Backend {
  puppet: MockPuppet
  mocker: Mocker
  /** Our account. */
  self: string
  /** What our account has said, oldest first: `chat: text`, a file as its name. */
  said: { chat: string; text: string }[]
  /** A citizen's message, or whatever else the puppet may tell of. */
  tell(message: Partial<Payload> & { id: string; talkerId: string }): void
  /** The puppet tells of a message that it told of before. */
  repeat(id: string): void
}

export const contact = (id: string, more: object = {}) => ({
  id,
  name: id,
  type: individual,
  friend: true,
  ...more,
})
export const roomId = 'room@chatroom'

/** A puppet that logs itself in whenever it starts. */
export function createBackend(options: { manual?: boolean } = {}): Backend {
  const mocker = new mock.Mocker()
  const puppet = new PuppetMock({ mocker })
  const self = mocker.createContact(contact('self', { name: '小助手' }))
  mocker.createContact(contact('zhang'))
  mocker.createContact(contact('li'))
  mocker.createRoom({ id: roomId, topic: '试点群', memberIdList: ['self', 'zhang', 'li'] })
  const said: Backend['said'] = []
  if (!options.manual) puppet.on('start', () => mocker.login(self))
  puppet.on('message', ({ messageId }) => {
    const payload = mocker.cacheMessagePayload.get(messageId)
    if (payload?.talkerId !== 'self') return
    const file = mocker.cacheFileBoxPayload.get(messageId)
    said.push({ chat: payload.roomId ?? payload.listenerId ?? '', text: file?.name ?? payload.text ?? '' })
  })
  return {
    puppet,
    mocker,
    self: self.id,
    said,
    tell(message) {
      const to = message.roomId === undefined ? { listenerId: 'self' } : { mentionIdList: [] }
      const payload = { type: textType, timestamp: start, text: '', ...to, ...message }
      mocker.MessageMock.create(payload)
      puppet.emit('message', { messageId: message.id })
    },
    repeat: id => void puppet.emit('message', { messageId: id }),
  }
}

export interface Stage {
  backend: Backend
  channel: Channel
  clock: TestClock
  received: Incoming[]
  changes: { chat: string; change: ChatChange }[]
  /** What the operator was shown. */
  printed: string[]
  logLines: string[]
  cache: Map<string, unknown>
  /** What the host says to the next messages; by default it accepts them. */
  receive: ChannelHost['receive']
  send(document: Document, chat?: string): Promise<{ nativeId?: string }>
  ready(): Promise<void>
}

export type StageOptions = Partial<WechatyOptions> & {
  backend?: Backend
  cache?: Map<string, unknown>
  startAt?: number
}

function hostOf(stage: Stage): ChannelHost {
  const { cache, clock, logLines } = stage
  return {
    clock,
    log: createLog('debug', line => void logLines.push(line)),
    cache: {
      get: async (key: string) => cache.get(key),
      set: async (key: string, value: unknown) => cache.set(key, value),
      delete: async (key: string) => cache.delete(key),
    },
    async receive(incoming: Incoming) {
      const receipt = await stage.receive(incoming)
      stage.received.push(incoming)
      return receipt
    },
    async change(chat: string, change: ChatChange) {
      stage.changes.push({ chat, change })
    },
  } as unknown as ChannelHost
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { backend = createBackend(), cache = new Map(), startAt = start, ...rest } = options
  const printed: string[] = []
  const channel = createWechaty({
    puppet: backend.puppet,
    print: text => void printed.push(text),
    random: () => 0.5,
    ...rest,
  })
  const stage: Stage = {
    backend,
    channel,
    clock: createTestClock(startAt),
    received: [],
    changes: [],
    printed,
    logLines: [],
    cache,
    receive: async () => 'accepted',
    send: (document, chat = 'zhang') => channel.send({ id: '1', chat, document, createdAt: startAt }),
    ready: () => until('somebody is logged in', () => channel.health().state === 'on'),
  }
  await channel.start(hostOf(stage))
  onTestFinished(() => channel.stop())
  return stage
}
