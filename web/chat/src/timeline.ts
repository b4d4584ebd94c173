/** The conversation as it is shown: every message once, in order. Pure. */
import type { Message, Past } from './wire.ts'

export interface Said {
  by: 'agency'
  /** Unique among all entries. */
  key: string
  message: Message
  /** When, as shown; epoch milliseconds. */
  at: number
  /** When, by the server's clock; only these can be compared. */
  serverAt: number | undefined
}

export const states = ['waiting', 'sending', 'sent', 'refused'] as const
export type State = (typeof states)[number]

export interface Asked {
  by: 'citizen'
  key: string
  text: string
  choice: string | undefined
  state: State
  /** Why it waits or was refused. */
  note: string | undefined
  at: number
  serverAt: number | undefined
}

export type Entry = Said | Asked

export interface Timeline {
  entries(): readonly Entry[]
  find(clientId: string): Asked | undefined
  /** A message of the agency; the same one again only brings what was not known yet. Tells whether it is new. */
  say(message: Message, now: number): boolean
  ask(asked: Pick<Asked, 'key' | 'text' | 'at' | 'state'> & Partial<Asked>): void
  recall(past: Past): void
  mark(clientId: string, state: State, note?: string): void
  remove(key: string): void
  clear(): void
}

/**
 * A message has a number, but one of an older backup that was restored may have it again: what it answers, or its
 * time, tells them apart.
 */
const keyOf = ({ id, inReplyTo, createdAt }: Message) => `${id}:${inReplyTo ?? createdAt}`

const isUnsent = (entry: Entry) =>
  entry.by === 'citizen' && (entry.state === 'waiting' || entry.state === 'sending')

/** What is not sent yet stays last; else the server's clock decides where it is known, and arrival where not. */
function standsBehind(entry: Entry, newer: Entry): boolean {
  if (isUnsent(newer)) return false
  if (isUnsent(entry)) return true
  return entry.serverAt !== undefined && newer.serverAt !== undefined && entry.serverAt > newer.serverAt
}

function place(entries: Entry[], entry: Entry): void {
  let index = entries.length
  for (; index > 0; index--) {
    const previous = entries[index - 1]
    if (!previous || !standsBehind(previous, entry)) break
  }
  entries.splice(index, 0, entry)
}

export function createTimeline(): Timeline {
  const byKey = new Map<string, Entry>()
  const entries: Entry[] = []

  function add(entry: Entry): void {
    byKey.set(entry.key, entry)
    place(entries, entry)
  }

  function remove(key: string): void {
    const entry = byKey.get(key)
    if (entry) entries.splice(entries.indexOf(entry), 1)
    byKey.delete(key)
  }

  function find(clientId: string): Asked | undefined {
    const entry = byKey.get(clientId)
    return entry?.by === 'citizen' ? entry : undefined
  }

  /** A choice that was taken comes back by its id where the server does not know what stood on the button. */
  function labelOf(text: string): string {
    for (const entry of entries) {
      const choice = entry.by === 'agency' && entry.message.choices.find(one => one.id === text)
      if (choice) return choice.label
    }
    return text
  }

  function ask(asked: Pick<Asked, 'key' | 'text' | 'at' | 'state'> & Partial<Asked>): void {
    if (!byKey.has(asked.key))
      add({ by: 'citizen', choice: undefined, note: undefined, serverAt: undefined, ...asked })
  }

  function mark(clientId: string, state: State, note?: string): void {
    const entry = find(clientId)
    if (!entry || entry.state === 'sent') return
    Object.assign(entry, { state, note })
    entries.splice(entries.indexOf(entry), 1)
    place(entries, entry)
  }

  return {
    entries: () => entries,
    find,
    ask,
    mark,
    say(message, now) {
      const at = message.createdAt
      const key = keyOf(message)
      const known = byKey.get(key)
      if (known && at !== undefined) Object.assign(known, { at, serverAt: at })
      if (!known) add({ by: 'agency', key, message, at: at ?? now, serverAt: at })
      return !known
    },
    recall({ clientId, text, createdAt }) {
      const times = { at: createdAt, serverAt: createdAt }
      const known = find(clientId)
      if (known) Object.assign(known, times)
      if (known) mark(clientId, 'sent')
      else ask({ key: clientId, text: labelOf(text), state: 'sent', ...times })
    },
    remove,
    clear() {
      byKey.clear()
      entries.length = 0
    },
  }
}
