/** The desk: every verb of the office, by whoever acts, on requests for government information. */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '#base/clock'
import {
  type Case,
  courseOf,
  createCalendars,
  createCasebook,
  type DossierStore,
  type DueDate,
  duesOf,
  mailboxOf,
  stateWords,
  type ToldEvent,
  type TrailVerdict,
  verifyTrails,
} from '#dossier'
import type { StaffDesk } from '#staff'
import { computeDeadline, type Venue } from '#statute'
import type { Vault } from '#storage'
import { createAftermath } from './aftermath.ts'
import { createCourse } from './course.ts'
import { createIntake } from './intake.ts'
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

/** A request with what is due, and what happened to it. */
/** What an applicant is shown of a request. */
export interface Status {
  ref: string
  state: string
  receivedOn: string
  dueOn: string
  closedOn: string | null
}

export interface Shown {
  one: Case
  /** The due date in words, with the articles; an assisted request has the date it came with. */
  explanation: string | null
  dues: DueDate[]
  history: ToldEvent[]
}

export type DisclosureDesk = ReturnType<typeof createDisclosureDesk>

export function createDisclosureDesk(options: DisclosureDeskOptions) {
  const { store, staff, vault, clock, agency, venue, tell, notify } = options
  const calendar = createCalendars(store)
  const casebook = createCasebook({ store, vault, staff, clock, calendar })
  const work = createWork({ casebook, staff, clock, calendar, agency, venue, tell })
  return {
    ...createIntake(work),
    ...createCourse(work),
    ...createReply(work),
    ...createAftermath(work),
    ...createWatch({ work, store, notify }),
    /** The calendar of this moment, with what was loaded. */
    calendar,
    /** What is open, by due date; a division sees what was given to it. */
    async list(by: string): Promise<Case[]> {
      const account = await staff.get(by, 'inspect-requests')
      const open: Case[] = []
      for await (const one of casebook.listOpen()) if (mayTouch(account, one)) open.push(one)
      return open.sort((a, b) => (a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : 0))
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
      const one = await casebook.find(ref)
      const own = Buffer.from(one?.code ?? '')
      const given = Buffer.from(code.normalize('NFKC').trim().toUpperCase())
      if (!one || own.length === 0 || own.length !== given.length || !timingSafeEqual(own, given))
        return undefined
      const { receipt, dueOn, closedOn, state } = one
      return { ref, state: stateWords[state], receivedOn: receipt.receivedOn, dueOn, closedOn }
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
