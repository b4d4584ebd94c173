/** Wires the parts together: everything that both the server and the terminal need, opened and stopped in order. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAnnualStore, remindOfReport } from '#annual'
import {
  type Answering,
  createAnswerer,
  createAnswering,
  createAnswerStore,
  createQuestionDesk,
  evaluate,
  evaluationFile,
  parseQuestions,
  type QuestionDesk,
  worseThan,
} from '#answering'
import { type Clock, formatLegalDate, repeat, systemClock } from '#base/clock'
import { newUuid } from '#base/ids'
import type { Log } from '#base/log'
import type { DisclosureDesk } from '#casework'
import { type Channel, staysInMainland } from '#channel'
import { createSessions, type Sessions } from '#console'
import {
  createConversationStore,
  createGateway,
  createLeftDesk,
  type Gateway,
  type LeftDesk,
} from '#conversation'
import { createDeliveryStore, createLedger, type DeliveryStore, type Ledger } from '#delivery'
import { createWording } from '#dialog'
import { createDossierStore } from '#dossier'
import { createMetrics, type Metrics } from '#http'
import { createJobStore, createMembership, createRecurring, type RecurringJob } from '#jobs'
import { type Annex, createKeeping } from '#keeping'
import {
  createKnowledgeDesk,
  createKnowledgeStore,
  type Entry,
  type KnowledgeDesk,
  type Library,
  type LibraryOptions,
  openLibrary,
} from '#knowledge'
import { createModel, createSemantic } from '#model'
import { createNoticeStore, createNotices, type Notices } from '#notice'
import { createFormPages, createFormStore } from '#pages'
import { createPress, type Press } from '#paper'
import { createPhrasing } from '#phrasing'
import {
  type AddressBook,
  createAddressBook,
  createSignInDesk,
  createStaffDesk,
  createStaffStore,
  type SignInDesk,
  type StaffDesk,
} from '#staff'
import {
  createCache,
  createVault,
  type MasterKeys,
  openKeyFile,
  openPostgres,
  openSqlite,
  type Store,
  sweepCache,
  type Vault,
} from '#storage'
import { noticeWays, officialChats } from './channels.ts'
import type { Config } from './config.ts'
import { createFilings, tellIn } from './filings.ts'
import { createReportNotify, openAnnex, openDisclosure, requestChats } from './requests.ts'

const dayMs = 24 * 60 * 60_000
const recoverEveryMs = 5_000

export interface House extends Office {
  gateway: Gateway
  deliveries: DeliveryStore
  metrics: Metrics
  /** What officials do with questions that had no answer. */
  questions: QuestionDesk
  /** What officials are told outside the product's own pages. */
  notices: Notices
  /** What the office does with requests for information. */
  disclosure: DisclosureDesk
  /** The e-mail address behind a chat of the mail channel; undefined: there is none any more. */
  addressOf(chat: string): Promise<string | undefined>
  /** Starts a channel on the gateway. */
  open(channel: Channel): Promise<void>
  /** Forms on a page of ours. */
  pages: ReturnType<typeof createFormPages>
  press: Press
  signIn: SignInDesk
  sessions: Sessions
  log: Log
  annex: Annex
  channels(): Channel[]
  /** Takes over what ended processes left, now and from time to time, and starts the recurring jobs. */
  startWork(): Promise<void>
  /** Stops in reverse order; what was accepted is finished or left for recovery. */
  close(): Promise<void>
}

export function openStore(config: Config): Promise<Store> {
  return config.databaseUrl ? openPostgres(config.databaseUrl) : openSqlite(config.databaseFile)
}

export function openMasterKeys({ masterKeys, keyFile }: Config): () => MasterKeys {
  return masterKeys ? () => masterKeys : openKeyFile(keyFile)
}

/** The library over the folder, if there is one; what in it is not served is told. */
async function openKnowledge(config: Config, options: Omit<LibraryOptions, 'folder' | 'region'>) {
  const { log } = options
  const there = existsSync(config.knowledgeDir)
  if (!there)
    log.warn('knowledge.missing', {
      folder: config.knowledgeDir,
      say: '没有知识库文件夹，只用数据库里已有的条目',
    })
  const folder = there ? config.knowledgeDir : undefined
  const library = await openLibrary({ ...options, folder, region: config.agency.region })
  for (const { file, line, problem } of library.problems())
    log.warn('knowledge.refused', { file, line, problem })
  return library
}

/** What officials work with: the database, the entries and who may edit them. Nothing of it talks to citizens. */
export interface Office {
  store: Store
  vault: Vault
  clock: Clock
  library: Library
  answering: Answering
  staff: StaffDesk
  addresses: AddressBook
  knowledge: KnowledgeDesk
  /** Notices to officials, which go through a ledger of this process. */
  noticesOver(ledger: Ledger): Notices
}

/** Officials with an address get their own mail; the group reads all. */
function openNotices(
  config: Config,
  {
    addresses,
    store,
    ...rest
  }: Pick<Office, 'addresses' | 'store' | 'vault' | 'clock'> & { log: Log; ledger: Ledger },
): Notices {
  const { mail, group } = noticeWays(config)
  return createNotices({
    ...rest,
    store: createNoticeStore(store),
    group,
    publicUrl: config.publicUrl,
    async placeOf(official) {
      const told = mail && (await addresses.find(official))
      return mail && told ? { account: mail, chat: `${officialChats}${official}` } : undefined
    },
  })
}

export async function openOffice(config: Config, log: Log): Promise<Office> {
  const clock = systemClock
  const store = await openStore(config)
  const versions = createKnowledgeStore(store)
  const library = await openKnowledge(config, { store: versions, clock, log })
  const answering = createAnswering({ entries: library.entries(), today: formatLegalDate(clock.now()) })
  library.follow(({ replaced, removed }) => answering.change(replaced, removed))
  const staff = createStaffDesk({ store: createStaffStore(store), clock })
  const measure = createMeasure(config, library, answering)
  const knowledge = createKnowledgeDesk({ store: versions, staff, clock, measure })
  const vault = createVault(store, openMasterKeys(config))
  const addresses = createAddressBook({ store: createStaffStore(store), staff, vault, clock })
  return {
    store,
    vault,
    clock,
    library,
    answering,
    staff,
    addresses,
    knowledge,
    noticesOver: ledger => openNotices(config, { addresses, store, vault, clock, log, ledger }),
  }
}

/** What officials do for citizens who wait: it is written into the ledger, and the product that runs carries it. */
export interface Desks {
  questions: QuestionDesk
  left: LeftDesk
  notices: Notices
}

export function openDesks(office: Office, log: Log): Desks {
  const { store, vault, clock, answering, staff } = office
  const common = { vault, clock, log, staff }
  const ledger = createLedger({
    ...common,
    store: createDeliveryStore(store),
    meter: createMetrics(),
    random: Math.random,
    process: newUuid(),
  })
  return {
    questions: createQuestionDesk({
      ...common,
      ledger,
      store: createAnswerStore(store),
      find: answering.find,
    }),
    left: createLeftDesk({ ...common, ledger, store: createConversationStore(store) }),
    notices: office.noticesOver(ledger),
  }
}

/** Whose mailbox a chat of the mail channel is. */
async function addressOf(
  chat: string,
  { addresses }: Pick<Office, 'addresses'>,
): Promise<string | undefined> {
  return chat.startsWith(officialChats) ? addresses.find(chat.slice(officialChats.length)) : undefined
}

/** What the evaluation says of an entry before it is published, where the folder brings questions to evaluate with. */
function createMeasure(config: Config, library: Library, answering: Answering) {
  const file = join(config.knowledgeDir, evaluationFile)
  return async (entry: Entry): Promise<string[]> => {
    if (!existsSync(file)) return []
    const questions = parseQuestions(readFileSync(file, 'utf8'))
    const others = library.entries().filter(({ id }) => id !== entry.id)
    const changed = createAnswering({
      entries: [...others, entry],
      today: formatLegalDate(systemClock.now()),
    })
    const before = evaluate(answering, questions, library.entries().length)
    return worseThan(before, evaluate(changed, questions, others.length + 1))
  }
}

/** A language model's help, and the meaning of the entries where the server has vectors for them. */
async function openPhrasing({ model: settings, cacheUrl: url }: Config, office: Office, log: Log) {
  if (!settings) return undefined
  const { library, clock, store } = office
  const cache = await createCache({ store, clock, log, ...(url && { url }) }, 'vectors')
  const model = createModel({ ...settings, clock, log, random: Math.random, cache })
  const semantic = settings.embeddingModel ? createSemantic({ model, clock }) : undefined
  semantic?.change(library.entries(), [])
  library.follow(({ replaced, removed }) => semantic?.change(replaced, removed))
  void semantic?.prepare()
  return { phrasing: { ...createPhrasing({ model }), clock, similar: semantic?.similar } }
}

const hourMs = 60 * 60_000

/** What is done from time to time besides the gateway's own: reminders, gathering, and deleting what is over. */
function jobsOf(
  config: Config,
  { store, staff, clock, noticesOver }: Office,
  {
    disclosure,
    ledger,
    questions,
    pages,
  }: Pick<House, 'disclosure' | 'questions' | 'pages'> & { ledger: Ledger },
): RecurringJob[] {
  const { calendar, casebook } = disclosure
  const keeping = createKeeping({
    ...{ store: createDossierStore(store), casebook, staff, clock },
    years: config.requestYears,
  })
  const notify = createReportNotify(staff, noticesOver(ledger))
  const report = { store: createAnnualStore(store), clock, calendar, notify }
  const notices = createNoticeStore(store)
  return [
    { name: 'cache.sweep', everyMs: hourMs, run: () => sweepCache(store, clock.now()) },
    { name: 'pages.sweep', everyMs: hourMs, run: pages.sweep },
    { name: 'questions.gather', everyMs: 10 * 60_000, run: questions.gather },
    {
      name: 'disclosure.remind',
      everyMs: hourMs,
      async run() {
        await disclosure.remind()
        await remindOfReport(report)
      },
    },
    {
      name: 'requests.retire',
      everyMs: dayMs,
      async run() {
        await keeping.retire()
        await notices.sweep(clock.now() - config.retentionDays * dayMs)
      },
    },
  ]
}

/** How officials come in: what they know, and their sessions, which may be lost. */
async function openSigningIn(config: Config, { store, staff, vault, clock }: Office, log: Log) {
  const { cacheUrl: url, agency } = config
  const parts = { store: createStaffStore(store), staff, vault, clock }
  const cache = await createCache({ store, clock, log, ...(url && { url }) }, 'console')
  return {
    signIn: createSignInDesk({ ...parts, agency: agency.name }),
    sessions: createSessions({ cache, clock }),
  }
}

export async function openHouse(config: Config, log: Log): Promise<House> {
  const office = await openOffice(config, log)
  const { store, vault, clock, library, answering, staff } = office
  const metrics = createMetrics()
  const jobStore = createJobStore(store)
  const membership = createMembership({ id: newUuid(), store: jobStore, clock, log })
  const common = { clock, log, meter: metrics, vault, process: membership.id }
  const recurring = createRecurring({ store: jobStore, clock, log, process: membership.id })
  const deliveries = createDeliveryStore(store)
  const ledger = createLedger({ ...common, store: deliveries, random: Math.random })
  const answers = createAnswerStore(store)
  const questions = createQuestionDesk({ ...common, store: answers, ledger, find: answering.find, staff })
  const disclosure = openDisclosure(config, office, { log, noticesOver: office.noticesOver })
  const { hotline } = config.agency
  const phrasing = await openPhrasing(config, office, log)
  const answerer = createAnswerer({ answering, hotline, feedback: { ...answers, clock }, ...phrasing })
  const channels: Channel[] = []
  const pages = createFormPages({
    ...{ store: createFormStore(store), clock, log, agency: config.agency.name, publicUrl: config.publicUrl },
    formFor: (place, name) => [filings.formFor(place)].find(form => form.name === name),
    tell: (conversation, document) => tellIn({ store, vault, ledger, clock }, conversation, document),
    isAbroad: name => channels.some(one => one.name === name && !staysInMainland(one.traits)),
  })
  const press = createPress()
  const filings = createFilings({
    ...{ desk: disclosure, answerer, hotline, invite: pages.invite },
    ...{ agency: config.agency.name, publicUrl: config.publicUrl, press, log },
  })
  const gateway = createGateway({
    ...common,
    store: createConversationStore(store),
    ledger,
    wording: createWording(config.agency),
    answerer,
    forms: place => [filings.inConversation(place)],
    retentionDays: config.retentionDays,
    listFiled: disclosure.listFiled,
    living: () => membership.living(),
    cacheOf: account =>
      createCache({ store, clock, log, ...(config.cacheUrl && { url: config.cacheUrl }) }, account),
  })
  await membership.start()

  const stopping = new AbortController()
  const recover = () => gateway.recover().catch(e => log.error('recovery.failed', e))

  return {
    ...office,
    gateway,
    deliveries,
    metrics,
    questions,
    notices: office.noticesOver(ledger),
    disclosure,
    pages,
    press,
    ...(await openSigningIn(config, office, log)),
    log,
    annex: openAnnex(office, disclosure),
    addressOf: chat =>
      chat.startsWith(requestChats)
        ? disclosure.mailboxOf(chat.slice(requestChats.length))
        : addressOf(chat, office),
    channels: () => channels,
    async open(channel) {
      await channel.start(await gateway.hostOf(channel))
      channels.push(channel)
    },
    async startWork() {
      await gateway.recover()
      void library.watch(stopping.signal)
      void repeat(recover, { clock, everyMs: recoverEveryMs, signal: stopping.signal })
      const others = jobsOf(config, office, { disclosure, ledger, questions, pages })
      recurring.start([...gateway.jobs(), ...others])
    },
    async close() {
      stopping.abort()
      await recurring.stop()
      await gateway.stop()
      await ledger.stop()
      await Promise.all(channels.map(channel => channel.stop()))
      await membership.stop()
      await store.close()
    },
  }
}
