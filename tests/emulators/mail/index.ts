/**
 * A mail server on this machine that misbehaves on request: it defers, does not know a recipient, says nothing, or is
 * gone in the middle of a mail. It speaks STARTTLS with a certificate that it signed itself.
 */
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'

/** What the server does with the next mail. */
export type Fault =
  /** Answers the recipient, or the whole mail, with a code. */
  | { at: 'recipient' | 'end'; code: number; words: string }
  /** Breaks the connection when the recipient is named, in the middle of the mail, or when all of it was read. */
  | { at: 'recipient' | 'middle' | 'end'; cut: true }
  /** Reads all of it and says nothing. */
  | { at: 'end'; silent: true }

export interface Received {
  from: string
  to: string[]
  raw: string
  /** Whether it came over TLS, and who had logged in. */
  secure: boolean
  user: string | undefined
}

export interface MailEmulator {
  readonly port: number
  readonly received: Received[]
  /** The next mails meet these, one after the other; after them all is taken again. */
  misbehave(...faults: Fault[]): void
  /** How many of these are still to come. */
  planned(): number
  close(): Promise<void>
}

export interface MailEmulatorOptions {
  port?: number
  /** Absent: nobody has to log in. */
  login?: { user: string; password: string }
  /** `tls`: from the first byte; `starttls`: offered; `none`: not at all. */
  encryption?: 'tls' | 'starttls' | 'none'
  onMail?(mail: Received): void
}

function refusal(code: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode: code })
}

export async function createMailEmulator(options: MailEmulatorOptions = {}): Promise<MailEmulator> {
  const { login, encryption = 'starttls', onMail } = options
  const planned: Fault[] = []
  const received: Received[] = []
  const sockets = new Map<string, Socket>()

  const faultAt = (at: Fault['at']) => (planned[0]?.at === at ? planned.shift() : undefined)
  const cut = ({ id }: SMTPServerSession) => void sockets.get(id)?.destroy()

  const settings: SMTPServerOptions = {
    secure: encryption === 'tls',
    authOptional: login === undefined,
    disabledCommands: [
      ...(encryption === 'none' ? ['STARTTLS'] : []),
      ...(login === undefined ? ['AUTH'] : []),
    ],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onAuth({ username, password }, _, done) {
      const right = username === login?.user && password === login?.password
      if (right) done(null, { user: username })
      else done(refusal(535, '5.7.8 authentication failed'))
    },
    onRcptTo({ address }, session, done) {
      const fault = faultAt('recipient')
      if (!fault) return done()
      if ('cut' in fault) return cut(session)
      if ('code' in fault) done(refusal(fault.code, fault.words.replace('%s', address)))
    },
    onData(stream, session, done) {
      const middle = faultAt('middle')
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (middle) cut(session)
      })
      stream.on('end', () => {
        if (middle) return
        const fault = faultAt('end')
        if (fault && 'cut' in fault) return cut(session)
        if (fault && 'silent' in fault) return
        if (fault && 'code' in fault) return done(refusal(fault.code, fault.words))
        const { mailFrom, rcptTo } = session.envelope
        const mail = {
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
          secure: session.secure === true,
          user: session.user === undefined ? undefined : String(session.user),
        }
        received.push(mail)
        onMail?.(mail)
        done()
      })
    },
  }
  const server = new SMTPServer(settings)
  // A client that does not trust the certificate, or is cut off, is no fault of ours.
  server.on('error', () => {})
  const connect = server.connect.bind(server)
  server.connect = (socket, more) => {
    if (more && 'id' in more) sockets.set(String(more.id), socket as Socket)
    connect(socket, more)
  }
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    misbehave: (...faults) => void planned.push(...faults),
    planned: () => planned.length,
    close() {
      for (const socket of sockets.values()) socket.destroy()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
