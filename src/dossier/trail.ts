/** What happened to requests: chains over salted digests, never over values, and the proof that they are whole. */
import { createHash } from 'node:crypto'
import type { AuditRow, StaffDesk, Verdict } from '#staff'
import type { DataKey, Vault } from '#storage'
import { keyNameOf } from './case.ts'
import type { DossierStore, EventRow } from './store.ts'

const pageSize = 2_000

export interface RequestEvent {
  ref: string
  /** From 1 for each request. */
  seq: number
  /** Epoch milliseconds. */
  at: number
  staff: string
  verb: string
  digest: string
  previous: string
  hash: string
}

/** What stands before the first event of a request. */
export const noEvent = '0'.repeat(64)

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** What an event changed, as text: the fields before and after. */
export function changesOf(before: object | undefined, after: object): string {
  const [old, now] = [(before ?? {}) as Record<string, unknown>, after as Record<string, unknown>]
  const changed = Object.keys({ ...old, ...now }).filter(
    key => JSON.stringify(old[key]) !== JSON.stringify(now[key]),
  )
  const pick = (from: Record<string, unknown>) =>
    Object.fromEntries(changed.filter(key => from[key] !== undefined).map(key => [key, from[key]]))
  return JSON.stringify({ old: pick(old), new: pick(now) })
}

/** With the salt gone nobody can try out which values it stands for. */
export const digestOf = (salt: string, changes: string): string => sha256(`${salt}\n${changes}`)

function hashOf({ ref, seq, at, staff, verb, digest, previous }: Omit<RequestEvent, 'hash'>): string {
  return sha256(JSON.stringify([ref, seq, at, staff, verb, digest, previous]))
}

export const createEvent = (event: Omit<RequestEvent, 'hash'>): RequestEvent => ({
  ...event,
  hash: hashOf(event),
})

/** Whether an event is as it was written, and follows `before` (undefined: it is the first of its request). */
export function follows(event: RequestEvent, before: RequestEvent | undefined): boolean {
  const same = before?.ref === event.ref ? before : undefined
  return (
    event.seq === (same?.seq ?? 0) + 1 &&
    event.previous === (same?.hash ?? noEvent) &&
    event.hash === hashOf(event)
  )
}

/** What happened, with the values that changed as far as they can be read still. */
export type ToldEvent = Pick<RequestEvent, 'seq' | 'at' | 'staff' | 'verb'> & {
  old: Record<string, unknown> | null
  new: Record<string, unknown> | null
}

export function openEvent(row: EventRow, key: DataKey | undefined): ToldEvent {
  const { seq, at, staff, verb, changes } = row
  const opened = changes && key ? JSON.parse(key.open(changes, 'request-event')) : { old: null, new: null }
  return { seq, at, staff, verb, ...opened }
}

/** `why` in words; `row` is what stands there now. */
export interface EventBreak {
  ref: string
  seq: number
  verb: string
  staff: string
  at: number
  why: string
}

export interface TrailVerdict {
  audit: Verdict
  events: number
  broken: EventBreak | undefined
}

interface Reading {
  store: DossierStore
  vault: Vault
}

async function* listEvents(store: DossierStore): AsyncGenerator<EventRow> {
  for (let after = { ref: '', seq: 0 }; ; ) {
    const page = await store.listEvents(after, pageSize)
    yield* page
    const last = page.at(-1)
    if (!last) return
    after = { ref: last.ref, seq: last.seq }
  }
}

/** Whether the sealed values are those of the digest. What was deleted, with its key or by itself, is not asked for. */
async function isTrue({ changes, salt, ref, digest }: EventRow, vault: Vault): Promise<boolean> {
  const key = changes && salt ? await vault.find(keyNameOf(ref)) : undefined
  if (!key || !changes || !salt) return true
  try {
    return digestOf(key.open(salt, 'request-salt'), key.open(changes, 'request-event')) === digest
  } catch {
    return false
  }
}

const breakOf = ({ ref, seq, verb, staff, at }: Omit<EventBreak, 'why'>, why: string): EventBreak => {
  return { ref, seq, verb, staff, at, why }
}

type Anchors = Map<string, Omit<EventBreak, 'why' | 'seq'>>

/** Collects the hashes of events that the audit trail names. */
function anchorOf(anchors: Anchors, { act, subject, detail, staff, at }: AuditRow): void {
  if (!act.startsWith('desk.')) return
  const refs = subject.split(' ')
  const hashes = String(JSON.parse(detail).event ?? '').split(' ')
  for (const [i, hash] of hashes.entries())
    if (hash !== '')
      anchors.set(hash, { ref: refs[i] ?? subject, verb: act.slice('desk.'.length), staff, at })
}

/** The first case that stands elsewhere than its last event left it: an earlier state of it was put back. */
async function findStale(
  store: DossierStore,
  last: ReadonlyMap<string, RequestEvent>,
): Promise<EventBreak | undefined> {
  for (let after = ''; ; ) {
    const page = await store.listVersions(after, pageSize)
    for (const { ref, version } of page) {
      const event = last.get(ref)
      const none = { ref, seq: 0, verb: '', staff: '', at: 0 }
      if (event?.seq !== version) return breakOf(event ?? none, '办理的状态与记录不符')
    }
    const end = page.at(-1)
    if (!end) return undefined
    after = end.ref
  }
}

/** Goes through both chains; each event must be named by a row of the audit trail, and each named one be there. */
export async function verifyTrails(
  staff: Pick<StaffDesk, 'verify'>,
  { store, vault }: Reading,
): Promise<TrailVerdict> {
  const anchors: Anchors = new Map()
  const audit = await staff.verify(row => anchorOf(anchors, row))
  let events = 0
  let before: EventRow | undefined
  const last = new Map<string, RequestEvent>()
  for await (const row of listEvents(store)) {
    events++
    const why = await faultOf(row, before)
    if (why !== undefined) return { audit, events, broken: breakOf(row, why) }
    anchors.delete(row.hash)
    last.set(row.ref, row)
    before = row
  }
  const [missing] = anchors.values()
  if (missing)
    return { audit, events, broken: breakOf({ ...missing, seq: 0 }, '审计记录里有，办理记录里没有了') }
  return { audit, events, broken: await findStale(store, last) }

  async function faultOf(row: EventRow, earlier: EventRow | undefined): Promise<string | undefined> {
    if (!follows(row, earlier)) return '这一行被改过，或它前面有行被删去'
    if (!anchors.has(row.hash)) return '审计记录里没有这一行'
    return (await isTrue(row, vault)) ? undefined : '内容与摘要不符'
  }
}
