/** wechaty on a host that does what the test says, over the mock puppet. */
import { onTestFinished } from 'vitest'
import { mock, PuppetMock } from 'wechaty-puppet-mock'
import { createLog } from '#base/log'
import type { Channel, ChannelHost, ChatChange, Document, Incoming } from '#channel'
import { createWechaty, type WechatyOptions } from '../../bots/wechaty/index.ts'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { start } from './small-house.ts'

export type Mocker = InstanceType<typeof mock.Mocker>
type Payload = Parameters<Mocker['MessageMock']['create']>[0]

const textType = 7
const individual = 1

export interface Backend {
  puppet: PuppetMock
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
      mocker.MessageMock.create(payload as Payload)
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
  codes: string[]
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
  const codes: string[] = []
  const channel = createWechaty({
    puppet: backend.puppet,
    showQrCode: code => void codes.push(code),
    random: () => 0.5,
    ...rest,
  })
  const stage: Stage = {
    backend,
    channel,
    clock: createTestClock(startAt),
    received: [],
    changes: [],
    codes,
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
