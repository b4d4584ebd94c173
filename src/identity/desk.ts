/** What a person does with their conversations: links them, parts them, and learns what is kept of them. */
import type { Clock } from '#base/clock'
import { newUuid } from '#base/ids'
import type { Write } from '#storage'
import { createCode, hashCode } from './code.ts'
import type { IdentityStore, KeptRow, LinkedRow } from './store.ts'

const hourMs = 60 * 60_000
export const codeMinutes = 10
/** In one conversation and hour: so many codes are made, and so many may be wrong. */
const mostMade = 5
const mostMissed = 5
const actsKeptMs = 2 * hourMs

export type Offered = { outcome: 'offered'; code: string; writes: Write[] } | { outcome: 'too-many' }

export type Joined =
  | { outcome: 'linked'; other: LinkedRow; writes: Write[] }
  | { outcome: 'wrong'; writes: Write[] }
  | { outcome: 'same' | 'already' | 'too-many' }

/** What is kept of a person. */
export interface Kept {
  conversations: KeptRow[]
  /** The numbers of what they left for the staff: what waits for an official, and what is answered. */
  openLeft: string[]
  answeredLeft: string[]
}

export function createIdentityDesk({ store, clock }: { store: IdentityStore; clock: Clock }) {
  const lately = () => clock.now() - hourMs

  return {
    /** A code that links another conversation with this one; it takes the place of the one before. */
    async offer(conversation: number): Promise<Offered> {
      if ((await store.countActs(conversation, 'made', lately())) >= mostMade) return { outcome: 'too-many' }
      const code = createCode()
      const now = clock.now()
      const expires = now + codeMinutes * 60_000
      const writes = [
        ...store.insertCode(hashCode(code), conversation, expires),
        store.insertAct(conversation, 'made', now),
      ]
      return { outcome: 'offered', code, writes }
    },
    /** Links this conversation with the one in which the code was read. */
    async join(conversation: number, code: string): Promise<Joined> {
      if ((await store.countActs(conversation, 'missed', lately())) >= mostMissed)
        return { outcome: 'too-many' }
      const now = clock.now()
      const other = await store.findCode(hashCode(code), now)
      if (!other) return { outcome: 'wrong', writes: [store.insertAct(conversation, 'missed', now)] }
      if (other.seq === conversation) return { outcome: 'same' }
      const own = await store.findPerson(conversation)
      if (own !== null && own === other.person) return { outcome: 'already' }
      const person = other.person ?? own ?? newUuid()
      const writes = [
        store.takeCode(hashCode(code)),
        ...store.join(other.seq, person, other.person),
        ...store.join(conversation, person, own),
      ]
      return { outcome: 'linked', other, writes }
    },
    /** Takes this conversation out of what it is linked with; undefined when it stands alone. */
    async part(conversation: number): Promise<Write[] | undefined> {
      const person = await store.findPerson(conversation)
      return person === null ? undefined : store.part(conversation, person)
    },
    async tell(conversation: number): Promise<Kept> {
      const [conversations, left] = await Promise.all([
        store.listOfPerson(conversation),
        store.listLeft(conversation),
      ])
      const numbers = (open: boolean) =>
        left.filter(row => (row.state === 'open') === open).map(row => row.number)
      return { conversations, openLeft: numbers(true), answeredLeft: numbers(false) }
    },
    /** Deletes codes that are over, and the stubs of withdrawn messages that are older than `before`. */
    sweep: (before: number) =>
      store.sweep({ now: clock.now(), acts: clock.now() - actsKeptMs, withdrawn: before }),
  }
}

export type IdentityDesk = ReturnType<typeof createIdentityDesk>
