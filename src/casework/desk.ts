/** The desk: every verb of the office, by whoever acts, on requests for government information. */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import {
  type Case,
  courseOf,
  createCalendars,
  createCasebook,
  type DossierStore,
  type DueDate,
  duesOf,
  keyNameOf,
  mailboxOf,
  stateWords,
  type ToldEvent,
  type TrailVerdict,
  verifyTrails,
} from '#dossier'
import { operator, type StaffDesk } from '#staff'
import { computeDeadline, type Venue } from '#statute'
import type { Vault } from '#storage'
import { createAftermath } from './aftermath.ts'
import { createCourse } from './course.ts'
import { codeAlphabet, createIntake } from './intake.ts'
import { createReply } from './reply.ts'
import { createWatch, type Notify } from './watch.ts'
import { checkTouch, createWork, mayTouch, type Tell, type Who } from './work.ts'

export interface DisclosureDeskOptions {
  store: DossierStore
  staff: StaffDesk
  vault: Vault
  clock: Clock
  /** The agency's name, as it stands under a letter. */
  agency: string
  venue: Venue
  tell: Tell
  notify: Notify
}

/** What an applicant is shown of a request. */
export interface Status {
  ref: string
  state: string
  receivedOn: string
  dueOn: string
  closedOn: string | null
  /** How many files belong to it. */
  files: number
}

/** What a receipt says, with a code by which anybody can find out that it is ours. */
export interface Slip extends Pick<Status, 'ref' | 'receivedOn' | 'dueOn'> {
  /** A person's name but for its first character is hidden. */
  applicant: string
  how: string
  /** The due date of the day of receipt, in words with the articles. */
  explanation: string
  proof: string
}

/** A request with what is due, and what happened to it. */
export interface Shown {
  one: Case
  /** The due date in words, with the articles; an assisted request has the date it came with. */
  explanation: string | null
  dues: DueDate[]
  history: ToldEvent[]
}

const plainOf = (code: string) => code.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

function isSame(own: string, given: string): boolean {
  const [a, b] = [Buffer.from(own), Buffer.from(plainOf(given))]
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b)
}

const isOwn = ({ code }: Case, given: string): boolean => isSame(code ?? '', given)

const hideName = (name: string) => `${Array.from(name)[0] ?? ''}${'＊'.repeat(Array.from(name).length - 1)}`

/** Twelve letters and digits that nobody takes for one another, in groups of four. */
function proofOf(mark: Buffer): string {
  const letters = Array.from(mark.subarray(0, 12), byte => codeAlphabet[byte % codeAlphabet.length]).join('')
  return letters.replace(/(.{4})(?=.)/g, '$1-')
}

export type DisclosureDesk = ReturnType<typeof createDisclosureDesk>

export function createDisclosureDesk(options: DisclosureDeskOptions) {
  const { store, staff, vault, clock, agency, venue, tell, notify } = options
  const calendar = createCalendars(store)
  const casebook = createCasebook({ store, vault, staff, clock, calendar })
  /** What the receipt binds: the number and the day of receipt, under the request's own key. */
  async function slipOf(one: Case): Promise<Slip> {
    const { ref, receipt, applicant, name } = one
    const { receivedOn, how } = receipt
    const key = await vault.find(keyNameOf(ref))
    const { dueOn, explanation } = computeDeadline({ received: receivedOn }, await calendar())
    const proof = proofOf(key?.mark(`receipt|${ref}|${receivedOn}`) ?? Buffer.alloc(0))
    const shown = applicant === 'natural_person' ? hideName(name) : name
    return { ref, receivedOn, dueOn, applicant: shown, how, explanation, proof }
  }

  const work = createWork({ casebook, staff, clock, calendar, agency, venue, tell })
  return {
    ...createIntake(work),
    ...createCourse(work),
    ...createReply(work),
    ...createAftermath(work),
    ...createWatch({ work, store, notify }),
    /** Where the files lie, for whoever keeps and deletes them. */
    casebook,
    /** What was filed in these conversations, and where it stands. */
    async listFiled(conversations: readonly number[]): Promise<{ ref: string; state: string }[]> {
      const rows = await Promise.all(conversations.map(store.listFiled))
      return rows.flat().map(({ ref, state }) => ({ ref, state: stateWords[state as Case['state']] }))
    },
    /** The calendar of this moment, with what was loaded. */
    calendar,
    /** What is open, by due date; a division sees what was given to it. */
    async list(by: string): Promise<Case[]> {
      const account = await staff.get(by, 'inspect-requests')
      const open: Case[] = []
      for await (const one of casebook.listOpen()) if (mayTouch(account, one)) open.push(one)
      return open.sort((a, b) => (a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : 0))
    },
    /** The whole register. Who took it out, and whether with names, is written into the trail. */
    async *listAll(by: string, { reveal = false }: { reveal?: boolean } = {}): AsyncGenerator<Case> {
      const account = by === operator ? undefined : await staff.get(by, 'inspect-requests')
      if (reveal && !account)
        throw new Refusal('who', '要导出姓名和联系方式，请用 --as 写明由谁导出（会记入审计）。')
      const act = reveal ? 'register.reveal' : 'register.export'
      await staff.record({ by, act, subject: 'register' }, [])
      for await (const one of casebook.listAll()) if (!account || mayTouch(account, one)) yield one
    },
    /** All of one request. Who looked at it is written into the trail (个人信息保护法 Art 51). */
    async show({ ref, by }: Who, { reveal = false }: { reveal?: boolean } = {}): Promise<Shown> {
      const account = await staff.get(by, 'inspect-requests')
      const one = await casebook.get(ref)
      checkTouch(account, one)
      await staff.record({ by, act: reveal ? 'request.reveal' : 'request.show', subject: ref }, [])
      const days = await calendar()
      const explained = one.kind === 'assisted' ? null : computeDeadline(courseOf(one), days).explanation
      const history = await casebook.history(ref)
      return { one, explanation: explained, dues: duesOf(one, days), history }
    },
    /** Where a request stands, for whoever knows its query code: nothing personal. Undefined for a wrong pair. */
    async status(ref: string, code: string): Promise<Status | undefined> {
      const one = await casebook.findReadable(ref)
      if (!one || !isOwn(one, code)) return undefined
      const { receipt, dueOn, closedOn, state } = one
      const files = one.attachments?.length ?? 0
      return { ref, state: stateWords[state], receivedOn: receipt.receivedOn, dueOn, closedOn, files }
    },
    /** The receipt, for whoever knows the query code. Undefined for a wrong pair. */
    async slip(ref: string, code: string): Promise<Slip | undefined> {
      const one = await casebook.findReadable(ref)
      return one && isOwn(one, code) ? slipOf(one) : undefined
    },
    /** The receipt with this proof: it is ours. Undefined for a wrong pair. */
    async confirmSlip(ref: string, proof: string): Promise<Slip | undefined> {
      const one = await casebook.findReadable(ref)
      const slip = one && one.code !== null ? await slipOf(one) : undefined
      return slip && isSame(plainOf(slip.proof), proof) ? slip : undefined
    },
    /** Where a letter to a request goes by e-mail: asked by what carries it, in the moment in which it leaves. */
    mailboxOf: async (ref: string): Promise<string | undefined> => mailboxOf(await casebook.get(ref)),
    /** Throws a Refusal where this is no official who handles requests. */
    async mayHandle(by: string): Promise<void> {
      await staff.get(by, 'handle-requests')
    },
    /** Proves the audit trail and the chains of what happened. */
    verify: (): Promise<TrailVerdict> => verifyTrails(staff, { store, vault }),
  }
}
