/** Electronic mail: a channel that only sends. Whoever answers a mail is not heard here. */
import { type Channel, ChannelFailure, type ChannelHealth, type ChannelHost, type Outgoing } from '#channel'
import { encode } from './encode.ts'
import { isMailbox, messageIdOf, writeOut } from './message.ts'
import { createPost, MailFailure, type SmtpSettings } from './transport.ts'

export interface MailOptions extends SmtpSettings {
  /** The address that mails come from. */
  from: string
  /** The agency's name, which stands beside it. */
  sender: string
  /**
   * The address behind a chat. Addresses are personal data: a chat is an opaque name, and nothing but this option knows
   * whose mailbox it is. Undefined: there is none any more.
   */
  addressOf(chat: string): Promise<string | undefined>
  /** Whether the mail server stands under mainland jurisdiction. */
  mainland?: boolean | undefined
}

const account = 'mail:default'

export function createMail(options: MailOptions): Channel {
  const { from, sender, mainland = true } = options
  const post = createPost(options)
  let host: ChannelHost | undefined
  let trouble: string | undefined
  let sent = 0

  /** What the server is like, as the last attempt has shown. */
  function weigh(error: unknown): void {
    trouble = error instanceof MailFailure ? error.trouble : undefined
    if (trouble) host?.log.warn('mail.failed', { reason: (error as MailFailure).message, say: trouble })
  }

  async function addressOf(chat: string): Promise<string> {
    const address = await options.addressOf(chat).catch(() => {
      throw new ChannelFailure('the address cannot be read', { stage: 'before', retryable: true })
    })
    if (address !== undefined && isMailbox(address)) return address
    const reason = address === undefined ? 'no address is known' : 'the address is no mailbox'
    throw new ChannelFailure(reason, { stage: 'before', retryable: false, unreachable: true })
  }

  async function send({ id, chat, document, createdAt }: Outgoing): Promise<{ nativeId: string }> {
    const envelope = { from, to: await addressOf(chat) }
    const delivered = { id, account, createdAt }
    const bytes = await writeOut({ mail: encode(document, sender), envelope, sender, delivered })
    try {
      await post.send(envelope, bytes)
    } catch (error) {
      weigh(error)
      throw error
    }
    trouble = undefined
    sent++
    return { nativeId: messageIdOf(delivered, from) }
  }

  function health(): ChannelHealth {
    if (!host) return { state: 'off', detail: '还没有启动' }
    return trouble === undefined ? { state: 'on' } : { state: 'failing', detail: trouble }
  }

  return {
    name: 'mail',
    title: '电子邮件',
    account,
    traits: {
      choices: 'numbers',
      pictures: true,
      push: 'always',
      mainland,
      pulls: false,
      pacing: { perChatMs: 0, overallMs: 100 },
    },
    async start(given) {
      host = given
      // Settings that are wrong show at once, and not with the first mail.
      void post.probe().catch(weigh)
    },
    async stop() {
      post.close()
    },
    send,
    health,
    // There is nothing to hear.
    report: () => ({ hears: true, figures: { sent } }),
  }
}
