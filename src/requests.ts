/** Wires the office's work on requests for information: how applicants are told, and officials reminded. */
import { createHash } from 'node:crypto'
import type { RemindReport } from '#annual'
import type { Clock } from '#base/clock'
import { newUuid } from '#base/ids'
import type { Log } from '#base/log'
import { createDisclosureDesk, type DisclosureDesk, type Notify, type Reminder, type Tell } from '#casework'
import type { Document } from '#channel'
import { createConversationStore } from '#conversation'
import { createDeliveryStore, createLedger, type Ledger, placeOf } from '#delivery'
import { createDossierStore, mailboxOf } from '#dossier'
import { createMetrics } from '#http'
import { type Annex, createAnnex } from '#keeping'
import { count, date, type Fact, type Line, line, type Notices, ref } from '#notice'
import { may, type StaffDesk } from '#staff'
import type { Store, Vault, Write } from '#storage'
import { noticeWays } from './channels.ts'
import type { Config } from './config.ts'

export interface Basis {
  store: Store
  vault: Vault
  clock: Clock
  staff: StaffDesk
}

export interface DisclosureWays {
  log: Log
  /** Notices to officials over a ledger; absent where nobody is reminded, as in a command. */
  noticesOver?: (ledger: Ledger) => Notices
}

/** What stands before the number of a request in a chat of the mail channel. */
export const requestChats = 'request/'

/** A mailbox is nobody's conversation: its number lies below theirs, one for each request. */
function numberOf({ account, chat }: { account: string; chat: string }): number {
  const digest = createHash('sha256').update(`${account}|${chat}`).digest()
  return -1 - digest.readUIntBE(0, 6)
}

/** In the conversation in which a request was filed, as long as it is there; or by mail, where there is a way out. */
function createTell(
  { store, vault, clock }: Basis,
  { ledger, mail }: { ledger: Pick<Ledger, 'enter'>; mail: string | undefined },
): Tell {
  const conversations = createConversationStore(store)

  async function inConversation(conversation: number, document: Document): Promise<Write[] | undefined> {
    const id = await conversations.findPlace(conversation)
    const key = id === undefined ? undefined : await vault.find(id)
    if (id === undefined || !key) return undefined
    const to = { conversation, ...placeOf(id) }
    return [ledger.enter({ to, document, createdAt: clock.now() }, key)]
  }

  async function byMail(account: string, number: string, document: Document): Promise<Write[]> {
    const place = { account, chat: `${requestChats}${number}` }
    const createdAt = clock.now()
    const { key, writes } = await vault.findOrCreate(`${place.account}|${place.chat}`, createdAt)
    return [
      ...writes,
      ledger.enter({ to: { conversation: numberOf(place), ...place }, document, createdAt }, key),
    ]
  }

  return async (one, document) => {
    if (one.delivery === 'email' && mail && mailboxOf(one) !== undefined)
      return byMail(mail, one.ref, document)
    if (one.delivery !== 'chat' || one.conversation === null) return undefined
    return inConversation(one.conversation, document)
  }
}

const sayDue: Record<Reminder['what'], (day: Fact) => Line> = {
  reply: day => line`答复期限 ${day}`,
  'supplement-notice': day => line`要求补正的期限 ${day}`,
  supplement: day => line`申请人补正的期限 ${day}`,
  consultation: day => line`征求意见的期限 ${day}`,
  fee: day => line`缴费的期限 ${day}`,
}

const sayLeft = (left: number): Line =>
  left < 0
    ? line`已经过了 ${count(-left)} 个工作日`
    : left === 0
      ? line`就是今天`
      : line`还有 ${count(left)} 个工作日`

/** To the official in charge, or to all who handle requests while there is none. */
function createNotify(staff: StaffDesk, notices: Notices): Notify {
  return async ({ ref: number, what, dueOn, left, assignee }) => {
    const officers = (await staff.list()).filter(account => may(account, 'handle-requests'))
    const told = await notices.prepare({
      key: ['disclosure', number, what, dueOn, left].join('|'),
      subject: line`政府信息公开申请 ${ref(number)}`,
      lines: [sayDue[what](date(dueOn)), sayLeft(left)],
      to: assignee === null ? officers.map(({ name }) => name) : [assignee],
    })
    return told?.writes ?? []
  }
}

/** To all who may publish the report: that of last year is due and not frozen. */
export function createReportNotify(staff: StaffDesk, notices: Notices): RemindReport {
  return async ({ year, dueOn, left }) => {
    const heads = (await staff.list()).filter(account => may(account, 'publish-report'))
    const told = await notices.prepare({
      key: ['annual', year, left].join('|'),
      subject: line`${count(year)}年政府信息公开工作年度报告`,
      lines: [line`公布和报送的期限 ${date(dueOn)}，还没有定稿`, sayLeft(left)],
      to: heads.map(({ name }) => name),
    })
    return told?.writes ?? []
  }
}

/**
 * The desk, for the product and for commands alike. What it tells is entered under a process that is none: whichever
 * process lives takes it over within seconds and carries it, after the unit is committed.
 */
export function openDisclosure(
  config: Config,
  basis: Basis,
  { log, noticesOver }: DisclosureWays,
): DisclosureDesk {
  const { store, staff } = basis
  const ledger = createLedger({
    ...{ ...basis, log, store: createDeliveryStore(store), meter: createMetrics() },
    ...{ random: Math.random, process: newUuid() },
  })
  const notices = noticesOver?.(ledger)
  return createDisclosureDesk({
    ...{ ...basis, store: createDossierStore(store) },
    ...{ agency: config.agency.name, venue: config.reconsideration },
    tell: createTell(basis, { ledger, mail: noticeWays(config).mail }),
    notify: notices ? createNotify(staff, notices) : async () => [],
  })
}

/** The files that belong to requests, over the desk's own files. */
export function openAnnex(
  { store, vault, clock }: Pick<Basis, 'store' | 'vault' | 'clock'>,
  { casebook, show, status }: DisclosureDesk,
): Annex {
  return createAnnex({
    ...{ store: createDossierStore(store), casebook, vault, clock },
    show: async who => (await show(who, { reveal: true })).one,
    isOwn: async (number, code) => (await status(number, code)) !== undefined,
  })
}
