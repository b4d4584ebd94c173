/** One document on its way: call after call, with an honest outcome when one in the middle fails. */
import { ChannelFailure, type ChannelHost, type ChatChange, type Document, type Outgoing } from '#channel'
import { type Call, encode, type Target, targetOf } from './encode.ts'
import { ApiFailure, type Body, type BotApi } from './transport.ts'

/** How long a message that has begun is waited for, in all, before it is left unfinished. */
const longestPauseMs = 15_000
const shortestPauseMs = 1_000
/** A wait that is longer concerns one chat as a rule: twelve hours have been seen for one, and none for all. */
const longestBotWaitMs = 60_000

export interface Sender {
  send(message: Outgoing): Promise<{ nativeId?: string }>
}

export interface SenderOptions {
  api: BotApi
  host: ChannelHost
}

/** Personal data stays in the mainland: 个人信息保护法 Art 38–40. */
function refusePersonal(document: Document): void {
  const file = document.find(block => block.kind === 'file' && block.personal)
  if (file)
    throw new ChannelFailure(
      'a document with personal data is not sent over Telegram, which stands outside the mainland (个人信息保护法 Art 38–40)',
      {
        stage: 'refused',
        retryable: false,
      },
    )
}

const written = new WeakMap<Call, string>()

/** The same answer to many people is the same call: all but whom it goes to is written out once. */
function jsonOf(call: Call): string {
  const known = written.get(call)
  if (known !== undefined) return known
  const json = JSON.stringify(call.fields).slice(1)
  written.set(call, json)
  return json
}

function bodyOf(call: Call, { chatId, fields }: Target): Body {
  if (!call.upload) return `${JSON.stringify({ chat_id: chatId, ...fields }).slice(0, -1)},${jsonOf(call)}`
  const form = new FormData()
  for (const [name, value] of Object.entries({ chat_id: chatId, ...fields, ...call.fields }))
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  const { field, name, type, data } = call.upload
  form.set(field, new Blob([new Uint8Array(data)], { type }), name)
  return form
}

/** Nothing of this call was taken: doing it again cannot show it twice. */
const canRepeat = ({ detail }: ApiFailure) => detail.stage !== 'after' && detail.retryable

/**
 * Telegram does not say whether it asks for silence in one chat or in all. In a group, where twenty messages a minute
 * are the limit, and for long it is taken for the chat's, so that nobody else waits with it; when a second chat is
 * told the same before anything was taken anywhere, it is the bot's.
 */
function createScopes({ clock }: ChannelHost) {
  let doubt: { chat: string; until: number } | undefined
  return {
    /** Something was taken: what is asked in one chat does not hold for all. */
    taken(): void {
      doubt = undefined
    },
    /** The failure with whom its wish concerns. */
    weigh(chat: string, failure: ApiFailure): ApiFailure {
      const { retryAfterMs: wait = 0 } = failure.detail
      if (wait === 0 || (wait <= longestBotWaitMs && !isGroup(chat))) return failure
      const now = clock.now()
      const alone = doubt === undefined || doubt.chat === chat || doubt.until <= now
      if (alone) doubt = { chat, until: now + wait }
      const scope = alone ? 'chat' : 'account'
      return new ApiFailure(failure.message, { ...failure.detail, scope }, failure)
    },
  }
}

/** Groups and channels: theirs are the negative numbers, and names. */
const isGroup = (chatId: string) => /^[-@]/.test(chatId)

export function createSender({ api, host }: SenderOptions): Sender {
  const scopes = createScopes(host)
  const encoded = new WeakMap<Document, Call[]>()

  function callsOf(document: Document): Call[] {
    const known = encoded.get(document)
    if (known) return known
    const calls = encode(document)
    encoded.set(document, calls)
    return calls
  }

  async function perform(call: Call, target: Target): Promise<string | undefined> {
    const result = (await api.call(call.method, bodyOf(call, target))) as { message_id?: unknown } | null
    scopes.taken()
    return result?.message_id === undefined ? undefined : String(result.message_id)
  }

  /** A picture that Telegram does not take goes as a document; a group that has moved is written to where it is. */
  async function performSomehow(call: Call, target: Target): Promise<string | undefined> {
    try {
      return await perform(call, target)
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.detail.stage !== 'refused') throw error
      if (error.movedTo !== undefined) {
        await tell(target.chatId, { kind: 'moved', to: error.movedTo })
        target.chatId = error.movedTo
        return perform(call, target)
      }
      if (call.instead && error.code === 400 && !error.detail.unreachable)
        return perform(call.instead, target)
      throw error
    }
  }

  /**
   * Once a part is shown the rest must follow: what was not taken is tried again for a while. After that nobody can
   * say that the message arrived, nor may all of it be repeated.
   */
  async function performRest(call: Call, target: Target): Promise<void> {
    let left = longestPauseMs
    for (;;) {
      try {
        await performSomehow(call, target)
        return
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error
        const pause = Math.max(error.detail.retryAfterMs ?? 0, shortestPauseMs)
        if (!canRepeat(error) || pause > left) {
          await tellUnreachable(target.chatId, error)
          const { retryAfterMs } = error.detail
          throw new ApiFailure(`only the beginning was shown: ${error.message}`, {
            stage: 'after',
            retryable: false,
            ...(retryAfterMs && { retryAfterMs }),
          })
        }
        left -= pause
        await host.clock.sleep(pause)
      }
    }
  }

  async function tellUnreachable(chat: string, error: unknown): Promise<void> {
    if (error instanceof ChannelFailure && error.detail.unreachable)
      await tell(chat, { kind: 'unreachable', reason: error.message })
  }

  /** What cannot be written down now is told again by the next attempt: it must not change this one's outcome. */
  async function tell(chat: string, change: ChatChange): Promise<void> {
    await host.change(chat, change).catch(error => host.log.error('telegram.change.failed', error))
  }

  return {
    async send({ chat, document, inReplyTo }) {
      refusePersonal(document)
      const [first, ...rest] = callsOf(document)
      if (!first) return {}
      const target = targetOf(chat, inReplyTo)
      try {
        const nativeId = await performSomehow(first, target)
        // Only the first part stands under the question.
        delete target.fields.reply_parameters
        for (const call of rest) await performRest(call, target)
        return nativeId === undefined ? {} : { nativeId }
      } catch (error) {
        await tellUnreachable(chat, error)
        throw error instanceof ApiFailure ? scopes.weigh(target.chatId, error) : error
      }
    },
  }
}
