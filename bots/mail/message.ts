/** A mail as the bytes that go over the wire: the same delivery always gives the same bytes. */
import { createHash } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import { type Mail, oneLine } from './encode.ts'

export interface Envelope {
  from: string
  to: string
}

export interface Delivered {
  /** The ledger's number, the account, and when it was entered: together they name one delivery for ever. */
  id: string
  account: string
  createdAt: number
}

/** One mailbox in ASCII, and nothing that a header or a command could take for more than that. RFC 5321, 4.1.2. */
export function isMailbox(text: string): boolean {
  const local = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}$/
  const domain =
    /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
  const at = text.lastIndexOf('@')
  return at > 0 && local.test(text.slice(0, at)) && domain.test(text.slice(at + 1))
}

function nameOf({ account, id, createdAt }: Delivered): string {
  return createHash('sha256')
    .update(JSON.stringify([account, id, createdAt]))
    .digest('hex')
    .slice(0, 32)
}

/**
 * Whoever gets a mail of the same Message-ID twice shows it once (RFC 5322, 3.6.4); so it is made of the delivery's own
 * number, not by chance.
 */
export function messageIdOf(delivered: Delivered, from: string): string {
  return `<${nameOf(delivered)}@${from.slice(from.lastIndexOf('@') + 1)}>`
}

export interface Written {
  mail: Mail
  envelope: Envelope
  /** What stands beside the sender's address. */
  sender: string
  delivered: Delivered
}

export function writeOut({ mail, envelope, sender, delivered }: Written): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: oneLine(sender), address: envelope.from },
    to: { name: '', address: envelope.to },
    subject: mail.subject,
    messageId: messageIdOf(delivered, envelope.from),
    date: new Date(delivered.createdAt),
    text: mail.text,
    html: mail.html,
    attachments: mail.attachments.map(({ name, type, data, cid }) => ({
      filename: name,
      contentType: type,
      content: data,
      ...(cid && { cid, contentDisposition: 'inline' }),
    })),
    // Holiday notices and the like are not sent back to it. RFC 3834, 5.
    headers: { 'Auto-Submitted': 'auto-generated' },
    baseBoundary: nameOf(delivered),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: '\r\n',
  })
  return composer.compile().build()
}
