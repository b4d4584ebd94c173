/** What the citizen wrote and the server has not confirmed: kept in the browser, sent in order, one at a time. */
import { backoffMs } from './backoff.ts'
import type { Outcome, Outgoing } from './post.ts'
import type { Shelf } from './shelf.ts'
import { type Message, parseJson } from './wire.ts'

export interface OutboxOptions {
  shelf: Shelf
  post(outgoing: Outgoing): Promise<Outcome>
  sending(outgoing: Outgoing): void
  stored(outgoing: Outgoing, messages: Message[], complete: boolean): void
  delayed(outgoing: Outgoing, note: string): void
  refused(outgoing: Outgoing): void
}

export interface Outbox {
  /** Everything that is not confirmed, the refused too, oldest first. */
  list(): readonly Outgoing[]
  add(outgoing: Outgoing): void
  /** Begins with what an earlier visit left. */
  start(): void
  /** The server has it, or the citizen takes it back. */
  remove(clientId: string): void
  /** Gives everything up. */
  clear(): void
  /** Everything goes to another conversation. */
  readdress(conversation: string): void
  /** The network may be back. */
  hurry(): void
}

const pendingKey = (clientId: string) => `pending.${clientId}`
const mostFailures = 5

/** One key a message, so that two tabs do not overwrite each other's. */
function readPending(shelf: Shelf): Outgoing[] {
  const keys = shelf.keys().filter(key => key.startsWith(pendingKey('')))
  const kept = keys.map(key => parseJson(shelf.get(key) ?? '') as Outgoing | undefined)
  return kept.filter(isOutgoing).sort((a, b) => a.createdAt - b.createdAt)
}

function isOutgoing(value: Outgoing | undefined): value is Outgoing {
  return (
    typeof value?.clientId === 'string' &&
    typeof value.text === 'string' &&
    typeof value.createdAt === 'number'
  )
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { shelf } = options
  let queue = readPending(shelf)
  let loop: object | undefined
  let wake = () => {}

  function keep(outgoing: Outgoing): void {
    shelf.set(pendingKey(outgoing.clientId), JSON.stringify(outgoing))
  }

  function remove(clientId: string): void {
    queue = queue.filter(one => one.clientId !== clientId)
    shelf.remove(pendingKey(clientId))
  }

  function refuse(outgoing: Outgoing, sentence: string): void {
    outgoing.refused = sentence
    keep(outgoing)
    options.refused(outgoing)
  }

  function pause(ms: number, mayHurry: boolean): Promise<void> {
    return new Promise(resolve => {
      setTimeout(resolve, ms)
      wake = mayHurry ? resolve : () => {}
    })
  }

  /** Sends one message; gives how often it has failed by now. */
  async function attempt(head: Outgoing, failures: number): Promise<number> {
    options.sending(head)
    const outcome = await options.post(head)
    if (outcome.kind === 'stored') {
      if (queue.includes(head)) remove(head.clientId)
      options.stored(head, outcome.messages, outcome.complete)
      return 0
    }
    if (!queue.includes(head)) {
      // The stream has shown it meanwhile: what is missing of the replies comes that way too.
      options.stored(head, [], false)
      return 0
    }
    const sentence =
      outcome.kind === 'refused' ? outcome.sentence : failures >= mostFailures && outcome.giveUp
    if (sentence) refuse(head, sentence)
    if (sentence || outcome.kind === 'refused') return 0
    options.delayed(head, outcome.note)
    await pause(Math.max(outcome.waitMs, backoffMs(failures)), outcome.waitMs === 0)
    return failures + 1
  }

  /** A loop that was replaced while it waited ends by itself. */
  async function run(): Promise<void> {
    if (loop) return
    const mine = {}
    loop = mine
    let failures = 0
    for (;;) {
      const head = queue.find(one => one.refused === undefined)
      if (!head) break
      failures = await attempt(head, failures)
      if (loop !== mine) return
    }
    loop = undefined
  }

  function restart(): void {
    loop = undefined
    void run()
  }

  return {
    list: () => queue,
    add(outgoing) {
      queue.push(outgoing)
      keep(outgoing)
      void run()
    },
    start: () => void run(),
    remove,
    clear() {
      for (const { clientId } of queue) remove(clientId)
      restart()
    },
    readdress(conversation) {
      queue = queue.map(one => ({ ...one, conversation }))
      queue.forEach(keep)
      restart()
    },
    hurry: () => wake(),
  }
}
