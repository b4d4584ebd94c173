/** Mail on a real SMTP server of the loopback: what arrives, and what becomes of a mail that does not. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLog } from '#base/log'
import {
  type Channel,
  ChannelFailure,
  type ChannelHost,
  type Document,
  heading,
  link,
  list,
  paragraph,
} from '#channel'
import { encode } from '../../bots/mail/encode.ts'
import { createMail, type MailOptions } from '../../bots/mail/index.ts'
import { createTestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createMailEmulator, type MailEmulator, type MailEmulatorOptions } from '../emulators/mail/index.ts'
import { parseMail, textOf } from '../emulators/mail/mime.ts'
import { start } from './small-house.ts'

const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const address = 'zhangsan@example.cn'

interface Stage {
  server: MailEmulator
  channel: Channel
  logLines: string[]
  send(document: Document, more?: { id?: string; chat?: string }): Promise<{ nativeId?: string }>
  /** What the attempt ended with. */
  fail(document?: Document): Promise<ChannelFailure>
}

async function openStage(
  options: Partial<MailOptions> = {},
  emulator: MailEmulatorOptions = {},
): Promise<Stage> {
  const server = await createMailEmulator(emulator)
  const logLines: string[] = []
  const channel = createMail({
    host: '127.0.0.1',
    port: server.port,
    encryption: 'offered',
    verified: false,
    from: 'notice@rsj.example.cn',
    sender: '测试市人社局',
    addressOf: async chat => (chat === 'nobody' ? undefined : address),
    ...options,
  })
  const log = createLog('debug', line => void logLines.push(line))
  await channel.start({ log, clock: createTestClock(start) } as unknown as ChannelHost)
  onTestFinished(async () => {
    await channel.stop()
    await server.close()
  })
  const send: Stage['send'] = (document, { id = '7', chat = 'request/1' } = {}) =>
    channel.send({ id, chat, document, createdAt: start })
  return {
    server,
    channel,
    logLines,
    send,
    async fail(document = [paragraph('您好')]) {
      const error = await send(document).then(
        () => undefined,
        thrown => thrown,
      )
      expect(error).toBeInstanceOf(ChannelFailure)
      return error
    },
  }
}

const answer: Document = [
  heading('政府信息公开申请答复书'),
  paragraph('您申请的信息予以公开。<b>不是标记</b>'),
  list(['第一项', '第二项']),
  {
    kind: 'citation',
    law: '政府信息公开条例',
    article: 36,
    title: null,
    url: 'https://www.gov.cn/a?b=1&c=2',
  },
  link('办理进度', 'https://chat.example.gov.cn/requests/2026-1'),
  { kind: 'picture', data: dot, alternative: '二维码' },
  {
    kind: 'file',
    name: '答复书.pdf',
    type: 'application/pdf',
    data: Buffer.from('%PDF-1.7').toString('base64'),
    personal: true,
  },
  { kind: 'choices', options: [{ id: 'x', label: '点这里' }] },
]

describe('a mail', () => {
  it('says a document as text and as HTML, with its pictures inline and its files attached', async () => {
    const { server, send } = await openStage()
    await send(answer)
    const [mail] = server.received
    expect(mail).toMatchObject({ from: 'notice@rsj.example.cn', to: [address] })
    const parsed = parseMail(mail?.raw ?? '')
    expect(parsed.headers.get('subject')).toBe('政府信息公开申请答复书')
    expect(parsed.headers.get('from')).toContain('测试市人社局')
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated')
    const text = textOf(parsed, 'text/plain')
    for (const words of ['予以公开', '· 第二项', '《政府信息公开条例》第36条', '/requests/2026-1', '二维码'])
      expect(text).toContain(words)
    const html = textOf(parsed, 'text/html')
    expect(html).toContain('&lt;b&gt;不是标记&lt;/b&gt;')
    expect(html).toContain('<li>第二项</li>')
    expect(html).toContain('<a href="https://www.gov.cn/a?b=1&amp;c=2">《政府信息公开条例》第36条</a>')
    const picture = parsed.leaves.find(leaf => leaf.type === 'image/png')
    expect(picture?.bytes.toString('base64')).toBe(dot)
    const cid = picture?.headers.get('content-id')?.replace(/[<>]/g, '')
    expect(html).toContain(`src="cid:${cid}"`)
    const file = parsed.leaves.find(leaf => leaf.type === 'application/pdf')
    expect(file?.bytes.toString()).toBe('%PDF-1.7')
    expect(file?.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(text).not.toContain('点这里')
  })

  it('is the same mail, byte for byte, when it is sent again, and another for another delivery', async () => {
    const { server, send } = await openStage()
    const { nativeId } = await send(answer)
    expect(await send(answer)).toEqual({ nativeId })
    expect((await send(answer, { id: '8' })).nativeId).not.toBe(nativeId)
    const [first, again] = server.received.map(({ raw }) => raw)
    expect(again).toBe(first)
    expect(parseMail(first ?? '').headers.get('message-id')).toBe(nativeId)
  })

  it('goes encrypted where the server offers it, and with the login that is set', async () => {
    const login = { user: 'notice@rsj.example.cn', password: '密码 with blanks' }
    const { server, send } = await openStage({ encryption: 'required', login }, { login })
    await send(answer)
    expect(server.received[0]).toMatchObject({ secure: true, user: login.user })
  })

  it('goes over TLS from the first byte where it is set so, and in the clear where nothing else is offered', async () => {
    const tls = await openStage({ encryption: 'tls' }, { encryption: 'tls' })
    await tls.send(answer)
    expect(tls.server.received[0]?.secure).toBe(true)
    const plain = await openStage({}, { encryption: 'none' })
    await plain.send(answer)
    expect(plain.server.received[0]?.secure).toBe(false)
  })

  it.each([
    ['a heading', [heading('办结\r\nBcc: evil@example.com\r\n\r\nhello')]],
    [
      'a file’s name',
      [
        {
          kind: 'file',
          name: 'a"\r\nX-Evil: 1.pdf',
          type: 'text/plain\r\nX-Evil: 1',
          data: '',
          personal: false,
        },
      ],
    ],
    [
      'a picture’s alternative',
      [{ kind: 'picture', data: dot, alternative: '"><script>x</script>\r\nX-Evil: 1' }],
    ],
  ] as [string, Document][])('cannot be given another header by %s', async (_, document) => {
    const { server, send } = await openStage({ sender: '局\r\nX-Evil: 1' })
    await send(document)
    const [mail] = server.received
    expect(mail?.to).toEqual([address])
    const parsed = parseMail(mail?.raw ?? '')
    const heads = [parsed, ...parsed.leaves].flatMap(({ headers }) => [...headers.keys()])
    expect(heads.filter(name => name === 'bcc' || name === 'x-evil')).toEqual([])
    expect(textOf(parsed, 'text/html')).not.toContain('<script>')
  })

  it.each([
    'a@b.cn\r\nRCPT TO:<evil@example.com>',
    'a@b.cn>, <evil@example.com',
    'a@b.cn,evil@example.com',
    '"a b"@b.cn',
    '张三@b.cn',
    'nobody',
  ])('goes to one plain mailbox and nowhere else: %j', async bad => {
    const { server, fail } = await openStage({ addressOf: async () => bad })
    expect((await fail()).detail).toMatchObject({ unreachable: true })
    expect(server.received).toEqual([])
  })
})

describe('a mail that does not arrive', () => {
  it('is tried again when the server defers it, and then arrives', async () => {
    const { server, fail, send } = await openStage()
    server.misbehave({ at: 'recipient', code: 451, words: '4.7.1 greylisted' })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: true })
    await send(answer)
    expect(server.received).toHaveLength(1)
  })

  it.each([550, 551, 553])('has nobody to go to after %i', async code => {
    const { server, fail, channel } = await openStage()
    server.misbehave({ at: 'recipient', code, words: '5.1.1 <%s>: no such user' })
    const failure = await fail()
    expect(failure.detail).toMatchObject({ retryable: false, unreachable: true })
    expect(failure.message).toContain(String(code))
    expect(channel.health()).toEqual({ state: 'on' })
  })

  it('is refused for good, and the mailbox not given up, when a rule forbids it', async () => {
    const { server, fail } = await openStage()
    server.misbehave({ at: 'recipient', code: 550, words: '5.7.1 relaying denied' })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: false })
    server.misbehave({ at: 'end', code: 554, words: '5.6.0 rejected' })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: false })
    server.misbehave({ at: 'end', code: 452, words: '4.3.1 disk full' })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: true })
  })

  it('is left as unknown when the connection breaks after all of it was read', async () => {
    const { server, fail } = await openStage()
    server.misbehave({ at: 'end', cut: true })
    expect((await fail()).detail.stage).toBe('after')
  })

  it('is left as unknown when the server reads it and says nothing', async () => {
    const { server, fail } = await openStage({ patienceMs: 300 })
    server.misbehave({ at: 'end', silent: true })
    expect((await fail()).detail.stage).toBe('after')
  })

  it('is tried again when the connection breaks before the end of it', async () => {
    const { server, fail } = await openStage()
    server.misbehave({ at: 'recipient', cut: true })
    expect((await fail()).detail).toEqual({ stage: 'before', retryable: true })
    server.misbehave({ at: 'middle', cut: true })
    const data = Buffer.alloc(30_000_000, 'x').toString('base64')
    const large: Document = [{ kind: 'file', name: 'a.bin', type: 'text/plain', data, personal: false }]
    expect((await fail(large)).detail).toEqual({ stage: 'before', retryable: true })
  })

  it('is tried again when nobody listens, and the channel says so until it works', async () => {
    const { server, fail, channel } = await openStage()
    await server.close()
    expect((await fail()).detail).toEqual({ stage: 'before', retryable: true })
    expect(channel.health()).toMatchObject({ state: 'failing', detail: expect.stringContaining('连不上') })
  })

  it('waits for the right password or certificate, which are no fault of it', async () => {
    const login = { user: 'notice@rsj.example.cn', password: 'right' }
    const wrong = await openStage({ login: { ...login, password: 'wrong-secret' } }, { login })
    expect((await wrong.fail()).detail).toEqual({ stage: 'refused', retryable: true })
    await until('the channel fails', () => wrong.channel.health().state === 'failing')
    expect(wrong.channel.health().detail).toContain('密码')
    expect(wrong.logLines.join('\n')).not.toContain('wrong-secret')
    const untrusted = await openStage({ encryption: 'required', verified: true })
    expect((await untrusted.fail()).detail).toEqual({ stage: 'before', retryable: true })
    expect(untrusted.channel.health().detail).toContain('证书')
    expect(untrusted.server.received).toEqual([])
  })

  it('gives away no password where the server offers no encryption though it is required', async () => {
    const login = { user: 'notice@rsj.example.cn', password: 'secret' }
    const { fail, server } = await openStage({ encryption: 'required', login }, { login, encryption: 'none' })
    expect((await fail()).detail.retryable).toBe(true)
    expect(server.received).toEqual([])
  })

  it('leaves the address in no reason and no line of the log', async () => {
    const { server, fail, logLines } = await openStage()
    for (const code of [451, 550, 554]) {
      server.misbehave({ at: 'recipient', code, words: 'what about <%s>' })
      expect((await fail()).message).not.toContain('zhangsan')
    }
    expect(logLines.join('\n')).not.toContain('zhangsan')
  })

  it('has nobody to go to when no address is known, and waits when it cannot be read', async () => {
    const { channel, send } = await openStage()
    await expect(send(answer, { chat: 'nobody' })).rejects.toMatchObject({ detail: { unreachable: true } })
    const locked = await openStage({ addressOf: () => Promise.reject(new Error('database is locked')) })
    expect((await locked.fail()).detail).toEqual({ stage: 'before', retryable: true })
    expect(channel.report?.()).toMatchObject({ hears: true })
  })
})

describe('many mails at once', () => {
  it('all arrive, over a few connections at a time', async () => {
    const { server, send } = await openStage()
    await Promise.all(Array.from({ length: 25 }, (_, i) => send([paragraph('通知')], { id: String(i) })))
    expect(server.received).toHaveLength(25)
  })
})

describe('the subject', () => {
  it('is the first heading, or says whose answer it is', () => {
    expect(encode([paragraph('您好')], '某局').subject).toBe('某局的答复')
    expect(encode([heading('通知'), heading('另一个')], '某局').subject).toBe('通知')
  })
})
