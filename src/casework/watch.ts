/** What watches the dates: notices of the State Council and the recomputing that follows, and reminders ahead. */
import { Refusal } from '#base/errors'
import { type Calendar, countWorkdays } from '#base/workdays'
import {
  type Case,
  type DossierStore,
  type DueDate,
  dueOf,
  duesOf,
  formatNotice,
  parseNotice,
} from '#dossier'
import { operator } from '#staff'
import { opinionBy } from '#statute'
import { Conflict, type Write } from '#storage'
import type { Work } from './work.ts'

/** Working days before a due date on which the officials are reminded; after it, each day. */
const steps = [0, 2, 5]
const mostAttempts = 3

/** No personal data: a number, what is due, and when. */
export interface Reminder {
  ref: string
  what: DueDate['what']
  dueOn: string
  /** Working days left; below 0: so many late. */
  left: number
  /** The official in charge; null: nobody yet. */
  assignee: string | null
}

/** Gives the writes that belong into the same unit as the mark that it was told. */
export type Notify = (reminder: Reminder) => Promise<readonly Write[]>

export interface Recomputed {
  ref: string
  from: string
  to: string
}

export interface WatchOptions {
  work: Work
  store: DossierStore
  notify: Notify
}

/** 5 → `reply+5`, late by 3 → `reply-late-3`; undefined: nothing is to be said yet. */
function stepOf({ what, id }: DueDate, left: number): string | undefined {
  const name = id === undefined ? what : `${what}${id}`
  if (left < 0) return `${name}-late-${-left}`
  const step = steps.find(days => left <= days)
  return step === undefined ? undefined : `${name}+${step}`
}

function leftOf(dueOn: string, today: string, calendar: Calendar): number {
  return dueOn >= today ? countWorkdays(today, dueOn, calendar) : -countWorkdays(dueOn, today, calendar)
}

/** The case by today's calendar; what was promised to the applicant in a letter stays. */
function redated(one: Case, calendar: Calendar): Case {
  if (one.kind === 'assisted') return one
  const consultations = one.consultations.map(asked =>
    asked.endedOn === null ? { ...asked, dueOn: opinionBy(asked.deliveredOn, calendar) } : asked,
  )
  const next = { ...one, consultations }
  return { ...next, dueOn: dueOf(next, calendar) }
}

export function createWatch({ work, store, notify }: WatchOptions) {
  const { casebook, staff, calendar, clock } = work

  async function recomputeOne(ref: string, { by, reason }: { by: string; reason: string }) {
    for (let attempt = 1; ; attempt++) {
      const one = await casebook.get(ref)
      const next = redated(one, await calendar())
      if (JSON.stringify(next) === JSON.stringify(one)) return undefined
      const entry = { on: work.today(), from: one.dueOn, to: next.dueOn, reason }
      const after = { ...next, recomputed: [...one.recomputed, entry] }
      try {
        await casebook.keep({ by, verb: 'recompute' }, [{ before: one, after }])
        return { ref, from: one.dueOn, to: next.dueOn }
      } catch (error) {
        const busy = error instanceof Refusal && error.code === 'moved'
        if (!busy || attempt === mostAttempts) throw error
      }
    }
  }

  /** Every open request by today's calendar; the old date, the new one and the reason are kept with it. */
  async function recompute(told: { by: string; reason: string }): Promise<Recomputed[]> {
    const changed: Recomputed[] = []
    const days = await calendar()
    for await (const one of casebook.listOpen()) {
      if (JSON.stringify(redated(one, days)) === JSON.stringify(one)) continue
      const done = await recomputeOne(one.ref, told)
      if (done) changed.push(done)
    }
    return changed
  }

  async function remindOf(one: Case, due: DueDate, today: string): Promise<boolean> {
    const left = leftOf(due.dueOn, today, await calendar())
    const kind = stepOf(due, left)
    if (kind === undefined) return false
    const mark = { ref: one.ref, kind, due_on: due.dueOn }
    if (await store.wasReminded(mark)) return false
    const { what, dueOn } = due
    const writes = await notify({ ref: one.ref, what, dueOn, left, assignee: one.assignee })
    try {
      await store.commit([store.insertReminder({ ...mark, told_at: clock.now() }), ...writes])
      return true
    } catch (error) {
      // Another process told it a moment earlier.
      if (error instanceof Conflict) return false
      throw error
    }
  }

  return {
    recompute,
    /** Loads a notice and recomputes; the same notice again goes on where a crash left off. */
    async loadNotice(text: string, by: string): Promise<{ fresh: boolean; changed: Recomputed[] }> {
      const notice = parseNotice(text)
      const { content, hash } = formatNotice(notice)
      const fresh = !(await store.listNotices()).some(row => row.hash === hash)
      const { year, source } = notice
      if (fresh) {
        const row = { year, content, source, hash, staff: by, loaded_at: clock.now() }
        const act = { by, act: 'calendar.import', subject: String(year), detail: { source, hash } }
        await staff.record(act, [store.insertNotice(row)]).catch(error => {
          if (!(error instanceof Conflict)) throw error
          throw new Refusal('moved', '同时有别人在载入这份通知，请再运行一次。')
        })
      }
      return { fresh, changed: await recompute({ by, reason: source }) }
    },
    /** Tells what is due in five, two and no working days, and each day that it is late; each of it once. */
    async remind(): Promise<number> {
      const today = work.today()
      const days = await calendar()
      // A notice whose recomputing a crash cut short, or a calendar that a new version of the product brought.
      const reason = (await store.listNotices()).at(-1)?.source ?? '产品自带的放假安排'
      await recompute({ by: operator, reason })
      if (!days.isWorkday(today)) return 0
      let told = 0
      for await (const one of casebook.listOpen())
        for (const due of duesOf(one, days)) if (await remindOf(one, due, today)) told++
      return told
    },
  }
}
