/** What becomes of a message on its way to Telegram, whatever the platform and the network do. */

import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Block, choices, type Document, paragraph } from '#channel'
import { createTelegram } from '../../bots/telegram/index.ts'
import { until } from '../base/until.ts'
import type { Fault } from '../emulators/telegram/index.ts'
import { openStage, type Stage } from './telegram-stage.ts'

const hello: Document = [paragraph('你好')]
/** Two messages. */
const long: Document = [paragraph('一'.repeat(3_000)), paragraph('二'.repeat(3_000))]
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]).toString('base64')
const picture: Block = { kind: 'picture', data: png, alternative: '一张图' }

const outcomeOf = (stage: Stage, document: Document, to?: Parameters<Stage['send']>[1]) =>
  stage.send(document, to).then(
    () => 'sent',
    error => error.detail,
  )

describe('a message', () => {
  it('is shown, and its number told', async () => {
    const stage = await openStage()
    expect(await stage.send(hello)).toEqual({ nativeId: '1' })
    expect(stage.emulator.shown(5).map(one => one.text)).toEqual(['你好'])
  })

  it('with a picture, a file and buttons arrives with all of them', async () => {
    const stage = await openStage()
    const file: Block = {
      kind: 'file',
      name: '申请表.pdf',
      type: 'application/pdf',
      data: 'JVBERg==',
      personal: false,
    }
    await stage.send([paragraph('一'), picture, file, choices([{ id: 'a', label: '好' }])])
    const [text, photo, document] = stage.emulator.shown(5)
    expect(text?.text).toBe('一')
    expect(photo).toMatchObject({
      text: '一张图',
      file: { bytes: new Uint8Array(Buffer.from(png, 'base64')) },
    })
    expect(document).toMatchObject({
      file: { name: '申请表.pdf' },
      buttons: [{ text: '好', callback_data: 'a' }],
    })
  })

  it('stands in its thread, and only its first part under the question', async () => {
    const stage = await openStage()
    await stage.send(long, { chat: '-100/7', inReplyTo: '12' })
    expect(stage.emulator.shown('-100/7').map(one => one.replyTo)).toEqual([12, undefined])
  })

  it('that says nothing is sent without a word', async () => {
    const stage = await openStage()
    expect(await stage.send([])).toEqual({})
    expect(stage.emulator.shown()).toEqual([])
  })

  it('goes to a channel by its name', async () => {
    const stage = await openStage()
    await stage.send(hello, { chat: '@city_news' })
    expect(stage.emulator.shown('@city_news')).toHaveLength(1)
  })

  it('with personal data is refused before anything of it is shown', async () => {
    const stage = await openStage()
    const file: Block = {
      kind: 'file',
      name: '答复书.pdf',
      type: 'application/pdf',
      data: 'JVBERg==',
      personal: true,
    }
    const sent = stage.send([paragraph('您的答复书：'), file])
    await expect(sent).rejects.toThrow(/personal data.*个人信息保护法/)
    await expect(sent).rejects.toMatchObject({ detail: { stage: 'refused', retryable: false } })
    expect(stage.emulator.shown()).toEqual([])
  })

  it('cannot be sent before the channel is started', async () => {
    const channel = createTelegram({ token: '1:x' })
    expect(channel.health().state).toBe('off')
    expect(channel.traits.mainland).toBe(false)
    const sent = channel.send({ id: '1', chat: '5', document: hello, createdAt: 0 })
    await expect(sent).rejects.toMatchObject({ detail: { stage: 'before', retryable: true } })
    expect((await channel.fetch?.(new Request('http://a.test/')))?.status).toBe(503)
  })
})

const refused = (more: object) => ({ stage: 'refused', ...more })
const unknown = { stage: 'after', retryable: false }

describe('a call that fails', () => {
  const cases: [string, Fault, object, number][] = [
    [
      '429 waits as long as it says',
      { kind: 'too-many', retryAfter: 7 },
      refused({ retryable: true, retryAfterMs: 7_000 }),
      0,
    ],
    ['500 of the Bot API itself', { kind: 'server', status: 500 }, refused({ retryable: true }), 0],
    ['503', { kind: 'server', status: 503, html: true }, refused({ retryable: true }), 0],
    [
      '500 of a server that shuts down',
      { kind: 'server', status: 500, description: 'Internal Server Error: restart' },
      unknown,
      0,
    ],
    ['502 of a gateway', { kind: 'server', status: 502, html: true }, unknown, 0],
    ['504', { kind: 'server', status: 504 }, unknown, 0],
    ['a connection cut after the call was carried out', { kind: 'cut' }, unknown, 1],
    ['a connection cut before', { kind: 'reset' }, unknown, 0],
    [
      'a wrong text',
      { kind: 'refusal', code: 400, description: "Bad Request: can't parse entities" },
      refused({ retryable: false }),
      0,
    ],
    [
      'a token that is not right',
      { kind: 'refusal', code: 401, description: 'Unauthorized' },
      refused({ retryable: true }),
      0,
    ],
    [
      'a chat that is not there',
      { kind: 'refusal', code: 400, description: 'Bad Request: chat not found' },
      refused({ retryable: false, unreachable: true }),
      0,
    ],
  ]
  it.each(cases)('by %s has an honest outcome', async (_, fault, detail, shown) => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', fault)
    expect(await outcomeOf(stage, hello)).toEqual(detail)
    expect(stage.emulator.shown()).toHaveLength(shown)
  })

  it('because nobody listens has not left the machine', async () => {
    const stage = await openStage()
    const sent = await outcomeOf(stage, hello)
    expect(sent).toBe('sent')
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    await once(probe, 'close')
    const deaf = await openStage({ apiRoot: `http://127.0.0.1:${port}`, unready: true })
    expect(await outcomeOf(deaf, hello)).toEqual({ stage: 'before', retryable: true })
    await until('it says so', () => deaf.channel.health().state === 'failing')
    expect(deaf.channel.health().detail).toContain('TELEGRAM_PROXY')
  })

  it('because the channel stops while nobody answers is not known', async () => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', { kind: 'half-open', done: true })
    const sent = outcomeOf(stage, hello)
    await until('it was carried out', () => stage.emulator.shown().length === 1)
    await stage.channel.stop()
    expect(await sent).toEqual(unknown)
  })

  it('never tells the token', async () => {
    const stage = await openStage()
    const faults: Fault[] = [
      { kind: 'cut' },
      { kind: 'server', status: 502, html: true },
      { kind: 'refusal', code: 401, description: 'Unauthorized' },
    ]
    stage.emulator.faults.next('sendMessage', ...faults)
    const secret = stage.emulator.token.split(':')[1] ?? ''
    for (const _ of faults) await expect(stage.send(hello)).rejects.not.toThrow(secret)
    expect(stage.logLines.join('')).not.toContain(secret)
  })
})

describe('a citizen who cannot be reached', () => {
  it.each([
    'Forbidden: bot was blocked by the user',
    'Forbidden: user is deactivated',
    'Forbidden: bot was kicked from the supergroup chat',
  ])('is written down: %s', async description => {
    const stage = await openStage()
    stage.emulator.chats.close(5, 403, description)
    expect(await outcomeOf(stage, hello)).toEqual(refused({ retryable: false, unreachable: true }))
    expect(stage.changes).toEqual([
      { chat: '5', change: { kind: 'unreachable', reason: expect.stringContaining(description) } },
    ])
  })
})

describe('a group that has moved', () => {
  it('is written to where it is now, and its new number is told', async () => {
    const stage = await openStage()
    stage.emulator.chats.migrate(-5, -1005)
    expect(await outcomeOf(stage, long, { chat: '-5' })).toBe('sent')
    expect(stage.emulator.shown(-1005)).toHaveLength(2)
    expect(stage.changes).toEqual([{ chat: '-5', change: { kind: 'moved', to: '-1005' } }])
  })

  it('is written to also where its new number cannot be written down', async () => {
    const stage = await openStage()
    stage.change = async () => Promise.reject(new Error('no database'))
    stage.emulator.chats.migrate(-5, -1005)
    expect(await outcomeOf(stage, hello, { chat: '-5' })).toBe('sent')
    expect(stage.logLines.join('')).toContain('telegram.change.failed')
  })
})

describe('a silence that is asked for', () => {
  const tooMany = (retryAfter: number): Fault => ({ kind: 'too-many', retryAfter })
  const silent = (seconds: number, scope?: string) =>
    refused({ retryable: true, retryAfterMs: seconds * 1000, ...(scope && { scope }) })

  it('for hours is its chat’s', async () => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', tooMany(43_837))
    expect(await outcomeOf(stage, hello)).toEqual(silent(43_837, 'chat'))
  })

  it.each(['-100', '-100/7', '@city_news'])('in the group %s is the group’s, however short', async chat => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', tooMany(40))
    expect(await outcomeOf(stage, hello, { chat })).toEqual(silent(40, 'chat'))
  })

  it('for a short while with one citizen is the whole bot’s', async () => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', tooMany(40))
    expect(await outcomeOf(stage, hello)).toEqual(silent(40))
  })

  it('in a second chat, with nothing taken since, is the whole bot’s', async () => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', tooMany(600), tooMany(600), tooMany(590))
    expect(await outcomeOf(stage, hello)).toEqual(silent(600, 'chat'))
    expect(await outcomeOf(stage, hello)).toEqual(silent(600, 'chat'))
    expect(await outcomeOf(stage, hello, { chat: '6' })).toEqual(silent(590, 'account'))
  })

  it('in a second chat is that chat’s where something was taken since, or the first is over', async () => {
    const stage = await openStage()
    const { next } = stage.emulator.faults
    next('sendMessage', tooMany(600))
    expect(await outcomeOf(stage, hello)).toEqual(silent(600, 'chat'))
    expect(await outcomeOf(stage, hello, { chat: '6' })).toBe('sent')
    next('sendMessage', tooMany(600))
    expect(await outcomeOf(stage, hello, { chat: '7' })).toEqual(silent(600, 'chat'))
    await stage.clock.advance(600_000)
    next('sendMessage', tooMany(600))
    expect(await outcomeOf(stage, hello, { chat: '8' })).toEqual(silent(600, 'chat'))
  })
})

describe('a message of several parts', () => {
  it('goes on after a short wait that was asked for in the middle', async () => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', { kind: 'slow', until: 0 }, { kind: 'too-many', retryAfter: 3 })
    const sleepers = stage.clock.sleepers()
    const sent = outcomeOf(stage, long)
    await until('it waits', () => stage.clock.sleepers() > sleepers)
    expect(stage.emulator.shown()).toHaveLength(1)
    await stage.clock.advance(3_000)
    expect(await sent).toBe('sent')
    expect(stage.emulator.shown().map(one => one.text[0])).toEqual(['一', '二'])
  })

  it('is not known where a long wait is asked for in the middle, and the wait is told', async () => {
    const stage = await openStage()
    stage.emulator.faults.next(
      'sendMessage',
      { kind: 'slow', until: 0 },
      { kind: 'too-many', retryAfter: 600 },
    )
    expect(await outcomeOf(stage, long)).toEqual({ ...unknown, retryAfterMs: 600_000, scope: 'chat' })
  })

  it.each<[string, Fault]>([
    ['a part is refused', { kind: 'refusal', code: 400, description: 'Bad Request: no' }],
    ['the connection is cut', { kind: 'cut' }],
    [
      'the citizen leaves',
      { kind: 'refusal', code: 403, description: 'Forbidden: bot was blocked by the user' },
    ],
  ])('is not known where %s in the middle', async (_, fault) => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', { kind: 'slow', until: 0 }, fault)
    expect(await outcomeOf(stage, long)).toEqual(unknown)
    expect(stage.changes).toHaveLength(fault.kind === 'refusal' && fault.code === 403 ? 1 : 0)
  })

  it('is refused as a whole where the first part is', async () => {
    const stage = await openStage()
    stage.emulator.faults.next('sendMessage', { kind: 'too-many', retryAfter: 60 })
    expect(await outcomeOf(stage, long)).toMatchObject({ stage: 'refused', retryAfterMs: 60_000 })
    expect(stage.emulator.shown()).toEqual([])
  })
})

describe('a picture that Telegram does not take', () => {
  it('goes as a document', async () => {
    const stage = await openStage()
    const broken: Block = {
      kind: 'picture',
      data: Buffer.from('too long').toString('base64'),
      alternative: '长图',
    }
    expect(await outcomeOf(stage, [broken])).toBe('sent')
    expect(stage.emulator.shown()).toMatchObject([{ method: 'sendDocument', text: '长图' }])
  })
})

describe('through a proxy', () => {
  /** An HTTP proxy that opens tunnels, as long as it is willing. */
  async function openProxy() {
    const proxy = { url: '', tunnels: 0, willing: true, close: () => {} }
    const server = createHttpServer()
    const sockets = new Set<{ destroy(): void }>()
    server.on('connect', (request, socket, head) => {
      sockets.add(socket)
      proxy.tunnels++
      if (!proxy.willing) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      const [host = '', port] = (request.url ?? '').split(':')
      const far = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        far.write(head)
        far.pipe(socket).pipe(far)
      })
      far.on('error', () => socket.destroy())
      socket.on('error', () => far.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    proxy.close = () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
    onTestFinished(() => proxy.close())
    return proxy
  }

  it('everything goes', async () => {
    const proxy = await openProxy()
    const stage = await openStage({ proxy: proxy.url })
    expect(await outcomeOf(stage, hello)).toBe('sent')
    expect(proxy.tunnels).toBeGreaterThan(0)
  })

  it('that refuses nothing has left the machine', async () => {
    const proxy = await openProxy()
    proxy.willing = false
    const stage = await openStage({ proxy: proxy.url, unready: true })
    expect(await outcomeOf(stage, hello)).toEqual({ stage: 'before', retryable: true })
    expect(stage.emulator.shown()).toEqual([])
  })
})
