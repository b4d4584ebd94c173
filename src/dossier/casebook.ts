/** Where cases are kept: each change is one unit with its event, the audit row, the counted row and the number. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Calendar } from '#base/workdays'
import type { StaffDesk } from '#staff'
import { Conflict, type DataKey, type Vault, type Write } from '#storage'
import { type Case, isOpen, keyNameOf } from './case.ts'
import type { CaseRow, DossierStore } from './store.ts'
import { caseOfLine, registerLineOf } from './taken.ts'
import { changesOf, createEvent, digestOf, noEvent, openEvent, type ToldEvent } from './trail.ts'

const caseContext = 'case'
/** As the register seals its lines. */
const lineContext = 'request'
const pageSize = 200
const mostAttempts = 20

/** A case before and after; `before` undefined: it is new. */
export interface Change {
  before: Case | undefined
  after: Case
  /** The filing that makes it, so that it is made once. */
  once?: string
}

export interface Act {
  by: string
  verb: string
}

export interface Casebook {
  find(ref: string): Promise<Case | undefined>
  /** Throws a Refusal where there is none. */
  get(ref: string): Promise<Case>
  findOnce(once: string): Promise<Case | undefined>
  listOpen(): AsyncGenerator<Case>
  /** The same, undefined also where its personal data were deleted. */
  findReadable(ref: string): Promise<Case | undefined>
  /** Everything personal of a request goes, and its key with it. Throws Conflict where another was first. */
  erase(one: Case, act: { by: string; act: string; detail: Record<string, string | number> }): Promise<void>
  /** All that can still be read, by number. */
  listAll(): AsyncGenerator<Case>
  /**
   * Keeps changes in one unit, with an event and the audit trail; gives the cases as they stand then. Throws a
   * Refusal, and nothing is changed, where another official was first.
   */
  keep(act: Act, changes: readonly Change[], writes?: readonly Write[]): Promise<Case[]>
  /** The same for cases that get the next numbers of a series; `make` may be asked again with later numbers. */
  number(
    act: Act,
    series: { name: string; count: number },
    make: (refs: readonly string[]) => Promise<{ changes: readonly Change[]; writes?: readonly Write[] }>,
  ): Promise<Case[]>
  history(ref: string): Promise<ToldEvent[]>
}

export interface CasebookOptions {
  store: DossierStore
  vault: Vault
  staff: Pick<StaffDesk, 'record'>
  clock: Clock
  calendar: () => Promise<Calendar>
}

const moved = (ref: string) =>
  new Refusal(
    'moved',
    `刚刚有别人办理了 ${ref}，您的这一步没有做，什么都没有改动。请用 desk show ${ref} 看一看再办。`,
  )

const deleted = (ref: string) => new Refusal('deleted', `${ref} 的个人信息已经到期删除，不能再办理。`)

/** 7 → 2026-0007 */
export const formatRef = (series: string, n: number): string => `${series}-${String(n).padStart(4, '0')}`

export function createCasebook({ store, vault, staff, clock, calendar }: CasebookOptions): Casebook {
  async function caseOf(row: CaseRow): Promise<Case> {
    const key = row.body.length > 0 ? await vault.find(keyNameOf(row.ref)) : undefined
    if (!key) throw deleted(row.ref)
    return JSON.parse(key.open(row.body, caseContext))
  }

  async function taken(row: { ref: string; body: Uint8Array }): Promise<Case | undefined> {
    const key = row.body.length > 0 ? await vault.find(keyNameOf(row.ref)) : undefined
    return key && caseOfLine(key.open(row.body, lineContext), await calendar())
  }

  async function find(ref: string): Promise<Case | undefined> {
    const row = await store.findCase(ref)
    if (row) return caseOf(row)
    const counted = await store.findCounted(ref)
    if (counted?.body.length === 0) throw deleted(ref)
    return counted && taken(counted)
  }

  async function* pages<T extends { ref: string }>(list: (after: string, limit: number) => Promise<T[]>) {
    for (let after = ''; ; ) {
      const page = await list(after, pageSize)
      yield* page
      const last = page.at(-1)
      if (!last) return
      after = last.ref
    }
  }

  async function* listOpen(): AsyncGenerator<Case> {
    // What was deleted holds up none of the others.
    for await (const row of pages(store.listOpen))
      if (row.body.length > 0 && (await vault.find(keyNameOf(row.ref)))) yield await caseOf(row)
    for await (const row of pages(store.listUntouched)) {
      const one = await taken(row)
      if (one) yield one
    }
  }

  /** Another process may still have the key of what it deleted in memory: the rows decide. */
  async function findReadable(ref: string): Promise<Case | undefined> {
    const row = await store.findCase(ref)
    if (row) return row.body.length > 0 && (await vault.find(keyNameOf(ref))) ? caseOf(row) : undefined
    const counted = await store.findCounted(ref)
    return counted && taken(counted)
  }

  async function* listAll(): AsyncGenerator<Case> {
    for await (const { ref } of pages(store.listRefs)) {
      const one = await findReadable(ref)
      if (one) yield one
    }
  }

  /** The record itself. */
  function caseWrites({ before, after, once }: Change, key: DataKey): Write[] {
    const { ref, state, version } = after
    const row = {
      ...{ ref, state, version, due_on: after.dueOn },
      ended_on: isOpen(state) ? null : (after.closedOn ?? after.told.at(-1)?.on ?? after.dueOn),
      body: key.seal(JSON.stringify(after), caseContext),
    }
    if (before && before.version > 0) return [store.updateCase({ ...row, before: before.version })]
    return [store.insertCase({ ...row, kind: after.kind, once: once ?? null, created_at: clock.now() })]
  }

  /** What the annual report counts of it: not an assisted one, nor one that goes on under another number. */
  function countedWrites({ before, after }: Change, key: DataKey): Write[] {
    const { ref, kind, state, receipt, applicant, closedOn, disposition } = after
    if (kind === 'assisted') return []
    if (state === 'merged') return before?.state === 'merged' ? [] : [store.deleteCounted(ref)]
    const body = key.seal(registerLineOf(after), lineContext)
    const row = { ref, body, closed_on: closedOn, disposition }
    if (before) return [store.updateCounted(row), ...reviewWrites(before, after)]
    const { channel, receivedOn } = receipt
    return [
      store.insertCounted({ ...row, channel, received_on: receivedOn, applicant, created_at: clock.now() }),
    ]
  }

  function reviewWrites(before: Case, { ref, reviews }: Case): Write[] {
    return reviews.flatMap(({ kind, result, on }, position) => {
      const row = { ref, position, kind, result, on_date: on }
      const old = before.reviews[position]
      if (!old) return [store.insertReview(row)]
      return old.result === result && old.on === on ? [] : [store.updateReview(row)]
    })
  }

  /** One change as writes, with its event and the event's hash. */
  async function writesOf({ by, verb }: Act, change: Change): Promise<{ hash: string; writes: Write[] }> {
    const { ref } = change.after
    const { key, writes } = await vault.findOrCreate(keyNameOf(ref), clock.now())
    const salt = randomBytes(16).toString('base64')
    const changes = changesOf(change.before, change.after)
    const previous = (change.before?.version && (await store.findLastEvent(ref))) || noEvent
    const event = createEvent({
      ...{ ref, seq: change.after.version, at: clock.now(), staff: by, verb },
      ...{ digest: digestOf(salt, changes), previous },
    })
    const sealed = { changes: key.seal(changes, 'request-event'), salt: key.seal(salt, 'request-salt') }
    const kept = [store.insertEvent({ ...event, ...sealed }), ...caseWrites(change, key)]
    return { hash: event.hash, writes: [...writes, ...kept, ...countedWrites(change, key)] }
  }

  /** Throws Conflict where another was first. */
  async function commit(act: Act, changes: readonly Change[], more: readonly Write[]): Promise<Case[]> {
    const next = changes.map(change => {
      const version = (change.before?.version ?? 0) + 1
      return { ...change, after: { ...change.after, version } }
    })
    const made = await Promise.all(next.map(change => writesOf(act, change)))
    const subject = next.map(({ after }) => after.ref).join(' ')
    const detail = { event: made.map(({ hash }) => hash).join(' ') }
    try {
      const writes = [...made.flatMap(one => one.writes), ...more]
      await staff.record({ by: act.by, act: `desk.${act.verb}`, subject, detail }, writes)
    } catch (error) {
      for (const { after } of next) vault.forget(keyNameOf(after.ref))
      throw error
    }
    return next.map(({ after }) => after)
  }

  return {
    find,
    listOpen,
    listAll,
    findReadable,
    async erase({ ref, version }, act) {
      await staff.record({ ...act, subject: ref }, [
        ...store.empty(ref, version),
        vault.destroy(keyNameOf(ref)),
      ])
      vault.forget(keyNameOf(ref))
    },
    async get(ref) {
      const one = await find(ref)
      if (!one) throw new Refusal('ref', `没有编号为 ${ref} 的申请。请用 desk list 核对编号。`)
      return one
    },
    async findOnce(once) {
      const ref = await store.findOnce(once)
      return ref === undefined ? undefined : find(ref)
    },
    async keep(act, changes, writes = []) {
      return commit(act, changes, writes).catch(error => {
        throw error instanceof Conflict ? moved(changes[0]?.after.ref ?? '') : error
      })
    },
    async number(act, { name, count }, make) {
      for (let attempt = 1; ; attempt++) {
        const last = await store.findNumber(name)
        const numbers = await freeNumbers(name, last, count)
        const { changes, writes = [] } = await make(numbers.map(n => formatRef(name, n)))
        try {
          return await commit(act, changes, [
            ...writes,
            store.takeNumbers(name, last, numbers.at(-1) ?? last),
          ])
        } catch (error) {
          if (!(error instanceof Conflict)) throw error
          // Somebody else took a number in between: ours is the one after it. Otherwise a case itself has changed.
          const same = (await store.findNumber(name)) === last
          if (same || attempt === mostAttempts) throw moved(changes[0]?.after.ref ?? '')
        }
      }
    },
    async history(ref) {
      const rows = await store.listEvents({ ref, seq: 0 }, 1_000)
      const key = await vault.find(keyNameOf(ref))
      return rows.filter(row => row.ref === ref).map(row => openEvent(row, key))
    },
  }

  /** Numbers that no register that was taken over has used. */
  async function freeNumbers(series: string, last: number, count: number): Promise<number[]> {
    const free: number[] = []
    for (let n = last + 1; free.length < count; n++) {
      const ref = formatRef(series, n)
      if (!(await store.findCounted(ref)) && !(await store.findCase(ref))) free.push(n)
    }
    return free
  }
}
