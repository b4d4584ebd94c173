/** One citizen's conversation: joins what is written, what is on its way and what is answered. */
import { createAwaited } from './awaited.ts'
import { isUuid, newUuid } from './ids.ts'
import { createOutbox } from './outbox.ts'
import { post } from './post.ts'
import type { Shelf } from './shelf.ts'
import { createStream } from './stream.ts'
import { createTimeline, type Entry } from './timeline.ts'
import type { Choice, Message, Past } from './wire.ts'

export interface View {
  entries: readonly Entry[]
  /** A reply is on its way. */
  typing: boolean
}

export interface ConversationOptions {
  shelf: Shelf
  show(view: View): void
  connected(connected: boolean): void
}

export interface Conversation {
  start(): void
  say(text: string): void
  choose(choice: Choice): void
  /** Takes a refused message back and gives its text. */
  takeBack(clientId: string): string
  renew(): void
  isEmpty(): boolean
  hasUnsent(): boolean
  /** The page is looked at again, or the network is back. */
  wakeUp(network: 'same' | 'changed'): void
}

const conversationKey = 'conversation'

export function createConversation({ shelf, show, connected }: ConversationOptions): Conversation {
  const timeline = createTimeline()
  const asked = new Set<string>()
  const kept = shelf.get(conversationKey)
  let id = isUuid(kept) ? kept : undefined

  let due = false

  /** Once for all that comes at a time: a stream may begin with hundreds of messages. */
  function refresh(): void {
    if (due) return
    due = true
    setTimeout(() => {
      due = false
      show({ entries: timeline.entries(), typing: awaited.any() })
    })
  }
  const awaited = createAwaited({ late: () => stream.reopen(), over: refresh })

  /** Whoever is answered has been heard. */
  function settle(clientId: string): void {
    awaited.end(clientId)
    outbox.remove(clientId)
    timeline.mark(clientId, 'sent')
  }

  /** A reply to what this page does not know was asked in another tab: the stream's past has the question. */
  function askForPast(clientId: string): void {
    if (timeline.find(clientId) || asked.has(clientId)) return
    asked.add(clientId)
    setTimeout(stream.reopen)
  }

  function heard(message: Message): void {
    if (message.inReplyTo !== undefined) {
      settle(message.inReplyTo)
      askForPast(message.inReplyTo)
    }
    timeline.say(message, Date.now())
    refresh()
  }

  function recalled(past: Past): void {
    outbox.remove(past.clientId)
    timeline.recall(past)
    refresh()
  }

  const outbox = createOutbox({
    shelf,
    post,
    sending({ clientId }) {
      awaited.add(clientId)
      timeline.mark(clientId, 'sending')
      refresh()
    },
    stored({ clientId, conversation }, messages, complete) {
      if (conversation !== id) return
      timeline.mark(clientId, 'sent')
      for (const message of messages) timeline.say({ ...message, inReplyTo: clientId }, Date.now())
      if (complete || messages.length > 0) awaited.end(clientId)
      else awaited.promise(clientId)
      refresh()
    },
    delayed({ clientId }, note) {
      awaited.end(clientId)
      timeline.mark(clientId, 'waiting', note)
      refresh()
    },
    refused({ clientId, refused }) {
      awaited.end(clientId)
      timeline.mark(clientId, 'refused', refused)
      refresh()
    },
  })

  /** The server deleted the conversation after the retention time: what is not sent yet goes to a new one. */
  function gone(): void {
    forget()
    if (outbox.list().length > 0) outbox.readdress(begin())
    showUnsent()
  }

  const stream = createStream({ message: heard, past: recalled, gone, connected })

  function begin(): string {
    id = newUuid()
    shelf.set(conversationKey, id)
    stream.open(id)
    return id
  }

  function forget(): void {
    stream.close()
    connected(true)
    shelf.remove(conversationKey)
    id = undefined
    awaited.clear()
    timeline.clear()
  }

  function send(text: string, choice?: string): void {
    const outgoing = { clientId: newUuid(), conversation: id ?? begin(), text, createdAt: Date.now() }
    timeline.ask({ key: outgoing.clientId, text, choice, at: outgoing.createdAt, state: 'waiting' })
    refresh()
    outbox.add(choice === undefined ? outgoing : { ...outgoing, choice })
  }

  function showUnsent(): void {
    for (const { clientId, text, choice, createdAt, refused } of outbox.list()) {
      const state = refused === undefined ? 'waiting' : 'refused'
      timeline.ask({ key: clientId, text, choice, at: createdAt, state, note: refused })
    }
    refresh()
  }

  const unsent = () => timeline.entries().filter(e => e.by === 'citizen' && e.state !== 'sent')

  return {
    start() {
      showUnsent()
      if (id !== undefined) stream.open(id)
      else if (outbox.list().length > 0) outbox.readdress(begin())
      outbox.start()
    },
    say: text => send(text),
    choose({ id: choice, label }) {
      const again = unsent().some(e => e.by === 'citizen' && e.choice === choice && e.state !== 'refused')
      if (!again) send(label, choice)
    },
    takeBack(clientId) {
      const text = timeline.find(clientId)?.text ?? ''
      outbox.remove(clientId)
      timeline.remove(clientId)
      refresh()
      return text
    },
    renew() {
      outbox.clear()
      forget()
      refresh()
    },
    isEmpty: () => timeline.entries().length === 0,
    hasUnsent: () => unsent().length > 0,
    wakeUp(network) {
      outbox.hurry()
      if (network === 'changed') stream.reopen()
      else stream.hurry()
    },
  }
}
