/** The real gateway on a real temporary SQLite, with a few entries and a clock that the test sets. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createAnswerer, createAnswering } from '#answering'
import { formatLegalDate } from '#base/clock'
import { createLog, silentMeter } from '#base/log'
import { type Channel, type ChannelHost, type Document, formatPlain, type Past } from '#channel'
import { createConversationStore, createGateway, type Gateway } from '#conversation'
import { createDeliveryStore, createLedger, keyNameOf } from '#delivery'
import { type Answerer, createWording } from '#dialog'
import { createJobStore, createMembership } from '#jobs'
import {
  createCache,
  createMasterKeyText,
  createVault,
  openSqlite,
  parseMasterKeys,
  type Store,
} from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createFakeChannel } from '../delivery/fake-channel.ts'
import { entryOf } from '../knowledge/entries.ts'
import { temporaryFolder } from '../storage/databases.ts'

/** Monday morning in Shanghai. */
export const start = Date.UTC(2026, 10, 23, 1, 0, 0)
export const retentionDays = 180
export const agency = { name: '测试市人力资源和社会保障局', hotline: '12333' }
export const wording = createWording(agency)['zh-CN']

export const conditions = '领取失业保险金要符合哪些条件？'
export const duration = '失业保险金最长可以领多少个月？'
export const leaveDays = '职工每年有多少天带薪年休假？'
export const leaveUnused = '没休的年休假能折算成工资吗？'
/** What two entries are asked for in so many words. */
export const ambiguous = '年假怎么算'
export const steps = '失业登记怎样一步一步办理？'
export const longItems = Array.from(
  { length: 120 },
  (_, i) => `第${i + 1}步：带上第${i + 1}号材料，到窗口当面核对并签字。`,
)

const entries = [
  entryOf('conditions', conditions, {
    questions: ['失业金怎么领'],
    sources: [{ law: '失业保险条例', article: 14, title: null, url: null }],
    related: ['duration'],
    answer:
      '非因本人意愿中断就业、缴费满一年并已办理失业登记的，可以领取。\n- 带身份证\n- 带解除劳动合同证明',
  }),
  entryOf('duration', duration, { answer: '领取期限按累计缴费时间计算，最长二十四个月。' }),
  entryOf('leave-days', leaveDays, { questions: [ambiguous], answer: '满一年不满十年的五天。' }),
  entryOf('leave-unused', leaveUnused, { questions: [ambiguous], answer: '按日工资收入的百分之三百支付。' }),
  entryOf('steps', steps, {
    sources: [{ law: '社会保险法', article: 45, title: null, url: null }],
    answer: ['一共一百二十步。', ...longItems.map(item => `- ${item}`)].join('\n'),
  }),
]

export interface SmallHouseOptions {
  createChannel(): Channel
  /** Stands between the gateway and the real answerer. */
  between?(real: Answerer): Answerer
}

export interface SmallHouse {
  readonly clock: TestClock
  readonly logLines: string[]
  /** What the channel was told of each message that it handed over. */
  readonly receipts: string[]
  channel(): Channel
  store(): Store
  /** Resolves when the last message that answers this one has been handed to the channel. */
  answered(nativeId: string): Promise<void>
  history(chat: string): Promise<Past[]>
  /** Says something on another channel of the same house, always in the same chat, and gives what is said there. */
  elsewhere(text: string): Promise<string>
  /** Sends a message that nobody asked for, as an official does. */
  push(chat: string, document: Document): Promise<void>
  /** What became of the messages to a chat, oldest first. */
  deliveryStates(chat: string): Promise<string[]>
  /** No more messages are accepted. */
  stopGateway(): Promise<void>
  /** Stops everything and opens it again on the same database, as a new process does. */
  restart(): Promise<void>
  close(): Promise<void>
}

type Told = (nativeId: string) => void

/** The same channel, and the test is told what passes through it. */
function overhear(
  channel: Channel,
  onLast: Told,
  receipts: string[],
  onHost: (host: ChannelHost) => void,
): Channel {
  return {
    ...channel,
    start(host) {
      onHost(host)
      const receive = async (incoming: Parameters<ChannelHost['receive']>[0]) => {
        const receipt = await host.receive(incoming)
        receipts.push(receipt)
        return receipt
      }
      const exchange: ChannelHost['exchange'] = async (incoming, request) => {
        const reply = await host.exchange(incoming, request)
        receipts.push(reply.kind === 'nothing' ? 'duplicate' : 'accepted')
        return reply
      }
      return channel.start({ ...host, receive, exchange })
    },
    async send(message) {
      const sent = await channel.send(message)
      if (message.last && message.inReplyTo) onLast(message.inReplyTo)
      return sent
    },
  }
}

/** Who waits for a message to be answered. */
function createAnswered() {
  const done = new Set<string>()
  const waiting = new Map<string, () => void>()
  return {
    tell(nativeId: string) {
      done.add(nativeId)
      waiting.get(nativeId)?.()
    },
    async wait(nativeId: string) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.set(nativeId, resolve)
      if (!done.has(nativeId)) await promise
    },
  }
}

async function openParts(
  file: string,
  masters: string,
  clock: TestClock,
  options: SmallHouseOptions,
  logLines: string[],
) {
  const keys = parseMasterKeys(masters)
  if (!keys) throw new Error('a key that is no key')
  const store = await openSqlite(file)
  const vault = createVault(store, () => keys)
  const log = createLog('debug', line => void logLines.push(line))
  const membership = createMembership({ id: randomUUID(), store: createJobStore(store), clock, log })
  const common = { clock, log, meter: silentMeter, vault, process: membership.id }
  const ledger = createLedger({ ...common, store: createDeliveryStore(store), random: () => 0.5 })
  const answering = createAnswering({ entries, today: formatLegalDate(clock.now()) })
  const real = createAnswerer({ answering, hotline: agency.hotline })
  const gateway = createGateway({
    ...common,
    store: createConversationStore(store),
    ledger,
    wording: createWording(agency),
    answerer: options.between?.(real) ?? real,
    retentionDays,
    living: () => membership.living(),
    cacheOf: account => createCache({ store, clock, log }, account),
  })
  await membership.start()
  const companion = await openCompanion(gateway, clock)
  return { store, vault, membership, ledger, gateway, companion }
}

/** A second channel, so that one person can be on two. */
async function openCompanion(gateway: Gateway, clock: TestClock) {
  const channel = Object.assign(createFakeChannel({}, 'companion'), { title: '另一个渠道' })
  const host = await gateway.hostOf(channel)
  return async (text: string): Promise<string> => {
    const nativeId = randomUUID()
    await host.receive({ chat: 'companion', nativeId, text })
    const said = () => channel.messages.filter(message => message.inReplyTo === nativeId)
    await until(`“${text}” is answered elsewhere`, async () => {
      await clock.advance(0)
      return said().some(message => message.last)
    })
    return said()
      .map(message => formatPlain(message.document))
      .join('\n')
  }
}

async function pushTo(
  { store, vault, ledger }: Awaited<ReturnType<typeof openParts>>,
  place: { account: string; chat: string },
  message: { document: Document; createdAt: number },
): Promise<void> {
  const [row] = await store.query(db =>
    db.selectFrom('conversations').select('seq').where('id', '=', keyNameOf(place)),
  )
  const key = await vault.find(keyNameOf(place))
  if (!row || !key) throw new Error('nobody is there to push to')
  const drafts = ledger.parts({ to: { conversation: row.seq, ...place }, ...message })
  ledger.carry(drafts, await store.commit(drafts.map(draft => ledger.enter(draft, key))))
}

export async function openSmallHouse(options: SmallHouseOptions): Promise<SmallHouse> {
  const folder = temporaryFolder()
  const masters = createMasterKeyText()
  const clock = createTestClock(start)
  const logLines: string[] = []
  const receipts: string[] = []
  const answered = createAnswered()
  let host: ChannelHost | undefined

  async function open() {
    const parts = await openParts(join(folder.path, 'test.sqlite'), masters, clock, options, logLines)
    const channel = overhear(options.createChannel(), answered.tell, receipts, given => {
      host = given
    })
    await channel.start(await parts.gateway.hostOf(channel))
    await parts.gateway.recover()
    return { ...parts, channel }
  }

  let house = await open()

  async function stop(): Promise<void> {
    await house.gateway.stop()
    await house.ledger.stop()
    await house.channel.stop()
    await house.membership.stop()
    await house.store.close()
  }

  return {
    clock,
    logLines,
    receipts,
    channel: () => house.channel,
    store: () => house.store,
    answered: nativeId => answered.wait(nativeId),
    history: async chat => (await host?.history(chat)) ?? [],
    elsewhere: text => house.companion(text),
    push: (chat, document) => {
      const { account } = house.channel
      return pushTo(house, { account, chat }, { document, createdAt: clock.now() })
    },
    async deliveryStates(chat) {
      const rows = await house.store.query(db =>
        db.selectFrom('deliveries').select('state').where('chat', '=', chat).orderBy('seq'),
      )
      return rows.map(row => row.state)
    },
    stopGateway: () => house.gateway.stop(),
    async restart() {
      await stop()
      house = await open()
    },
    async close() {
      await stop()
      folder.remove()
    },
  }
}
