/** Notices on their way: through the ledger like all that leaves, each key once, to the group and to those concerned. */
import { createHash } from 'node:crypto'
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import { findPersonal } from '#base/personal'
import { type Document, formatPlain } from '#channel'
import { type Draft, keyNameOf, type Ledger } from '#delivery'
import { Conflict, type Row, type Vault, type Write } from '#storage'
import { documentOf, type Notice } from './notice.ts'
import type { NoticeStore } from './store.ts'

/** After that it says nothing that is not known. */
const worthMs = 7 * 24 * 60 * 60_000
const mostAttempts = 5

interface Place {
  account: string
  chat: string
}

export interface NoticeOptions {
  store: NoticeStore
  ledger: Pick<Ledger, 'enter' | 'carry'>
  vault: Vault
  clock: Clock
  log: Log
  /** Where all notices are read; undefined: there is no such group. */
  group: Place | undefined
  /** Where an official gets theirs; undefined: nowhere. */
  placeOf(official: string): Promise<Place | undefined>
  publicUrl: string | undefined
}

/** A notice as writes, to stand in the unit of what it tells of. */
export interface Prepared {
  writes: Write[]
  /** After the unit: `rows` are what these writes returned. */
  carry(rows: readonly Row[][]): void
  /** After a Conflict, before it is prepared anew. */
  forget(): void
}

export interface Notices {
  /** Tells it, unless its key was told before. `refused`: there is personal data in it. */
  tell(notice: Notice): Promise<'told' | 'known' | 'refused'>
  /** The same for a unit of somebody else's, which turns into a Conflict when the key was told before. */
  prepare(notice: Notice): Promise<Prepared | undefined>
}

/**
 * Notices are nobody's conversation. Their numbers lie below those of conversations, one for each place, so that what
 * cannot be sent in one place holds up no other.
 */
function numberOf(place: Place): number {
  const digest = createHash('sha256').update(keyNameOf(place)).digest()
  return -1 - digest.readUIntBE(0, 6)
}

const keyOf = ({ key }: Notice) => createHash('sha256').update(key).digest('hex')

export function createNotices(options: NoticeOptions): Notices {
  const { store, ledger, vault, clock, log, group } = options

  async function placesOf({ to }: Notice): Promise<Place[]> {
    const own = await Promise.all([...new Set(to)].map(official => options.placeOf(official)))
    return [group, ...own].filter(place => place !== undefined)
  }

  async function enter(place: Place, document: Document) {
    const name = keyNameOf(place)
    const now = clock.now()
    const { key, writes } = await vault.findOrCreate(name, now)
    const to = { conversation: numberOf(place), ...place }
    const draft: Draft = { to, document, createdAt: now, expiresAt: now + worthMs }
    return { name, draft, write: ledger.enter(draft, key), keyWrites: writes }
  }

  async function prepare(notice: Notice): Promise<Prepared | undefined> {
    const document = documentOf(notice, options.publicUrl)
    const found = findPersonal(formatPlain(document))
    if (found.length > 0) {
      log.error('notice.refused', new Error('personal data in a notice'), { kinds: found.join(' ') })
      return undefined
    }
    const places = await placesOf(notice)
    const entered = await Promise.all(places.map(place => enter(place, document)))
    const mark = store.insert({ key: keyOf(notice), told_at: clock.now() })
    const drafts = entered.map(({ draft }) => draft)
    return {
      writes: [mark, ...entered.map(({ write }) => write), ...entered.flatMap(({ keyWrites }) => keyWrites)],
      carry: rows => ledger.carry(drafts, rows.slice(1, 1 + drafts.length)),
      forget() {
        for (const { name } of entered) vault.forget(name)
      },
    }
  }

  return {
    prepare,
    async tell(notice) {
      for (let attempt = 1; ; attempt++) {
        if (await store.has(keyOf(notice))) return 'known'
        const prepared = await prepare(notice)
        if (!prepared) return 'refused'
        try {
          prepared.carry(await store.commit(prepared.writes))
          return 'told'
        } catch (error) {
          // Another process told it in this moment, or was the first to write to one of the places.
          if (!(error instanceof Conflict) || attempt === mostAttempts) throw error
          prepared.forget()
        }
      }
    },
  }
}
