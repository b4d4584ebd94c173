/** One mail over SMTP: a connection of its own, and what its end means. */
import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { ChannelFailure } from '#channel'
import type { Envelope } from './message.ts'

export interface SmtpSettings {
  host: string
  port: number
  /** TLS from the first byte (smtps), or STARTTLS: required, used where it is offered, or never. */
  encryption: 'tls' | 'required' | 'offered' | 'off'
  /** Whether the server's certificate must be valid; false for a self-signed one within the own network. */
  verified: boolean
  login?: { user: string; password: string } | undefined
  /** How long the server may say nothing. */
  patienceMs?: number | undefined
}

const patienceMs = 60_000
/** So long it may take to come as far as a greeting. */
const connectMs = 15_000
/** A mail server lets one client have a few connections at a time: 50 with Postfix, fewer with the big providers. */
const mostConnections = 4
const chunkBytes = 64 * 1024

/** A mail that was not sent; `trouble`: what is wrong with the server or the settings, not with this mail. */
export class MailFailure extends ChannelFailure {
  readonly trouble: string | undefined

  constructor(reason: string, detail: ChannelFailure['detail'], trouble?: string) {
    super(reason, detail)
    this.name = 'MailFailure'
    this.trouble = trouble
  }
}

interface SmtpError extends Error {
  /** nodemailer's own: ECONNECTION, ETIMEDOUT, EAUTH, EENVELOPE …; a system's code stands in `originalCode`. */
  code?: string
  originalCode?: string
  command?: string
  response?: string
  responseCode?: number
}

const beforeEnvelope = /^(?:CONN|EHLO|HELO|LHLO|STARTTLS)/
const unknownRecipient = [550, 551, 553]

/** What the server said, but for its words: they repeat the address, and reasons are kept in the clear. */
function reasonOf({ command, code, originalCode, responseCode, response = '' }: SmtpError): string {
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1]
  return [command, originalCode ?? code, responseCode, status].filter(Boolean).join(' ') || 'SMTP failed'
}

/** The server has answered: nothing was taken. 4yz may go later, 5yz never (RFC 5321, 4.2.1). */
function refusalOf(error: SmtpError, code: number): MailFailure {
  const { command = '', response = '', code: kind } = error
  const reason = reasonOf(error)
  if (kind === 'EAUTH' || command.startsWith('AUTH'))
    return new MailFailure(reason, { stage: 'refused', retryable: true }, '邮件服务器不认用户名或密码')
  if (beforeEnvelope.test(command))
    return new MailFailure(reason, { stage: 'refused', retryable: true }, '邮件服务器不接受本机的连接')
  // 503: the session stood wrong, and says nothing about the mail.
  if (code < 500 || code === 503) return new MailFailure(reason, { stage: 'refused', retryable: true })
  // 5.7: a rule of the server's, such as no relaying. That says nothing about the mailbox (RFC 3463).
  const unreachable =
    command === 'RCPT TO' && unknownRecipient.includes(code) && !/^\d{3}[ -]5\.7\./.test(response)
  return new MailFailure(reason, { stage: 'refused', retryable: false, ...(unreachable && { unreachable }) })
}

/** What kept the session from being opened. */
function troubleOf({ code = '', originalCode = '' }: SmtpError): string {
  if (code === 'EAUTH') return '邮件服务器没有可用的登录方式'
  // Node's names for a certificate that is not trusted: DEPTH_ZERO_SELF_SIGNED_CERT, UNABLE_TO_VERIFY_LEAF_SIGNATURE …
  const certificate = code === 'ETLS' || /CERT|VERIFY|TLS|SSL/.test(originalCode)
  return certificate ? '与邮件服务器的加密连接没有建立，多半是证书不对' : '连不上邮件服务器'
}

/** `handed`: all of the mail was given to the connection; before that the end of it cannot have been read. */
export function failureOf(error: SmtpError, handed: boolean): MailFailure {
  const { responseCode, code = '' } = error
  if (responseCode) return refusalOf(error, responseCode)
  const reason = reasonOf(error)
  if (handed) return new MailFailure(reason, { stage: 'after', retryable: false })
  // It does not begin to send these: too large, no mailbox.
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return new MailFailure(reason, { stage: 'before', retryable: false })
  return new MailFailure(reason, { stage: 'before', retryable: true }, troubleOf(error))
}

/** So many at a time, the others in line. */
function createGate(most: number) {
  const waiting: (() => void)[] = []
  let free = most
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

export interface Post {
  /** Resolves when the server has taken the mail. Throws MailFailure. */
  send(envelope: Envelope, bytes: Buffer): Promise<void>
  /** Connects, logs in, and goes. Throws MailFailure. */
  probe(): Promise<void>
  /** Ends what is under way. */
  close(): void
}

export function createPost(settings: SmtpSettings): Post {
  const { host, port, encryption, verified, login } = settings
  const patience = settings.patienceMs ?? patienceMs
  const gate = createGate(mostConnections)
  const open = new Set<SMTPConnection>()

  const connect = () =>
    new SMTPConnection({
      host,
      port,
      secure: encryption === 'tls',
      requireTLS: encryption === 'required',
      ignoreTLS: encryption === 'off',
      tls: { rejectUnauthorized: verified },
      connectionTimeout: Math.min(patience, connectMs),
      greetingTimeout: Math.min(patience, connectMs),
      dnsTimeout: Math.min(patience, connectMs),
      socketTimeout: patience,
      allowInternalNetworkInterfaces: true,
    })

  /** Does something in a session of its own; `isHanded` tells how far a mail was when the session broke. */
  async function inSession(work: (connection: SMTPConnection) => Promise<void>, isHanded = () => false) {
    const connection = connect()
    open.add(connection)
    const { promise: broken, reject } = Promise.withResolvers<never>()
    connection.on('error', reject)
    connection.on('end', () => reject(Object.assign(new Error('closed'), { code: 'ECONNECTION' })))
    try {
      await Promise.race([broken, begin(connection).then(() => work(connection))])
      connection.quit()
    } catch (error) {
      connection.close()
      throw failureOf(error as SmtpError, isHanded())
    } finally {
      broken.catch(ignore)
      open.delete(connection)
    }
  }

  async function begin(connection: SMTPConnection): Promise<void> {
    await settled(done => connection.connect(done))
    if (!login) return
    const { user, password: pass } = login
    await settled(done => connection.login({ user, pass, credentials: { user, pass } }, done))
  }

  return {
    send: (envelope, bytes) =>
      gate(async () => {
        let handed = false
        const mail = Readable.from(chunksOf(bytes))
        mail.once('end', () => {
          handed = true
        })
        const { from, to } = envelope
        const hand = (connection: SMTPConnection) =>
          settled(done => connection.send({ from, to: [to], size: bytes.length }, mail, done))
        await inSession(hand, () => handed)
      }),
    probe: () => inSession(async () => {}),
    close() {
      for (const connection of open) connection.close()
    },
  }
}

function ignore(): void {}

/** A call with a callback as a promise of nothing. */
function settled(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call(error => (error ? reject(error) : resolve())))
}
