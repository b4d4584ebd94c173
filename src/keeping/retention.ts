/** How long requests are kept: by rule, and deleted then with their key, so that no copy of the row can be read either. */
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Casebook, DossierStore } from '#dossier'
import { operator, type StaffDesk } from '#staff'
import { Conflict } from '#storage'

const pageSize = 200

export interface KeepingOptions {
  store: Pick<DossierStore, 'listEnded'>
  casebook: Pick<Casebook, 'findReadable' | 'erase'>
  staff: Pick<StaffDesk, 'get'>
  clock: Clock
  /** From the end of the year in which a request ended; 0: for ever. The agency's archive rules decide. */
  years: number
}

export interface Due {
  ref: string
  endedOn: string
  /** The last day on which it is kept. */
  until: string
  /** Kept for longer by somebody's decision; null: by the rule alone. */
  held: string | null
}

/** The last day on which what ended then is kept. */
export const keptUntil = (endedOn: string, years: number): string =>
  `${Number(endedOn.slice(0, 4)) + years}-12-31`

export type Keeping = ReturnType<typeof createKeeping>

export function createKeeping({ store, casebook, staff, clock, years }: KeepingOptions) {
  const today = () => formatLegalDate(clock.now())

  /** What has ended by a day and no review keeps alive. */
  async function* listEnded(by: string): AsyncGenerator<{ ref: string; endedOn: string }> {
    for (let after = ''; ; ) {
      const page = await store.listEnded(by, after, pageSize)
      yield* page
      const last = page.at(-1)
      if (!last) return
      after = last.ref
    }
  }

  return {
    /** What will be deleted by the end of a year, the next ones first. */
    async listDue(by: string, year: number): Promise<Due[]> {
      await staff.get(by, 'inspect-requests')
      if (years === 0)
        throw new Refusal('retention', 'REQUEST_RETENTION_YEARS 是0：申请一直留存，不会到期删除。')
      const due: Due[] = []
      for await (const { ref, endedOn } of listEnded(`${year - years}-12-31`)) {
        const one = await casebook.findReadable(ref)
        const held = one?.hold && one.hold.until > today() ? one.hold.until : null
        due.push({ ref, endedOn, until: keptUntil(endedOn, years), held })
      }
      return due.sort((a, b) => (a.endedOn < b.endedOn ? -1 : 1))
    },
    /** Deletes what is kept no longer; gives how many. What the annual report counts stays. */
    async retire(): Promise<number> {
      if (years === 0) return 0
      let deleted = 0
      const lastYear = Number(today().slice(0, 4)) - years - 1
      for await (const { ref, endedOn } of listEnded(`${lastYear}-12-31`)) {
        const one = await casebook.findReadable(ref)
        if (!one || (one.hold && one.hold.until >= today())) continue
        const act = { by: operator, act: 'request.delete', detail: { years, ended: endedOn } }
        try {
          await casebook.erase(one, act)
          deleted++
        } catch (error) {
          // Somebody has just worked on it: the next run looks again.
          if (!(error instanceof Conflict)) throw error
        }
      }
      return deleted
    },
  }
}
