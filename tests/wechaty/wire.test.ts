/** wechaty over a real gRPC wire: wechaty-puppet-service on our side, its server before a mock account on the other. */
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { paragraph } from '#channel'
import { until } from '../base/until.ts'
import { temporaryFolder } from '../storage/databases.ts'
import { type Backend, createBackend, load, type MockPuppet, openStage, type Stage } from './stage.ts'

interface PuppetServer {
  start(): Promise<void>
  stop(): Promise<void>
}
interface ServicePackage {
  PuppetServer: new (options: { endpoint: string; token: string; puppet: MockPuppet }) => PuppetServer
}
const { PuppetServer }: ServicePackage = load('wechaty-puppet-service')

const token = 'insecure_1f2e3d4c-5b6a-4978-8796-a5b4c3d2e1f0'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** The puppet service would keep what it knows of contacts in the home folder: an empty one of this test's own. */
function moveHome(): string {
  const before = process.env.HOME
  const folder = temporaryFolder()
  process.env.HOME = folder.path
  onTestFinished(() => {
    process.env.HOME = before
    folder.remove()
  })
  return folder.path
}

async function openWire(
  options: { token?: string } = {},
): Promise<{ backend: Backend; stage: Stage; server: PuppetServer; home: string }> {
  const home = moveHome()
  const backend = createBackend()
  const port = await freePort()
  const endpoint = `127.0.0.1:${port}`
  const server = new PuppetServer({ endpoint, token, puppet: backend.puppet })
  await server.start()
  onTestFinished(() => server.stop())
  const stage = await openStage({ backend, puppet: 'wechaty-puppet-service', token, endpoint, ...options })
  return { backend, stage, server, home }
}

it('hears and answers over the wire, with text and with a file', async () => {
  const { backend, stage, home } = await openWire()
  await stage.ready()
  backend.tell({ id: 'm1', talkerId: 'zhang', text: '失业金怎么领' })
  await until('it is stored', () => stage.received.length === 1)
  expect(stage.received).toEqual([{ chat: 'zhang', nativeId: 'm1', text: '失业金怎么领' }])
  await stage.send([paragraph('先办失业登记。')])
  const sending = stage.send([
    { kind: 'file', name: '回执.pdf', type: 'application/pdf', data: 'JVBERi0xLjQK', personal: false },
  ])
  await until('it waits for its turn', () => stage.clock.sleepers() > 1)
  await stage.clock.advance(1_000)
  await sending
  await until('both are said', () => backend.said.length === 2)
  expect(backend.said).toEqual([
    { chat: 'zhang', text: '先办失业登记。' },
    { chat: 'zhang', text: '回执.pdf' },
  ])
  expect(readdirSync(home)).toEqual([])
})

it('shows the QR code and stops at a logout that come over the wire', async () => {
  const { backend, stage } = await openWire()
  await stage.ready()
  await backend.puppet.logout('kicked out')
  await until('it has stopped', () => stage.channel.health().detail?.includes('退出登录') === true)
  backend.mocker.scan('https://login.weixin.qq.com/l/abc')
  await until('the code is shown', () => stage.printed.length === 1)
  expect(stage.channel.health().detail).toMatch(/退出登录.*扫码.*https:\/\/login\.weixin\.qq\.com\/l\/abc/)
})

it('says what is wrong, and never the token, where the token is not taken', async () => {
  const wrong = 'insecure_00000000-0000-4000-8000-000000000000'
  const { stage } = await openWire({ token: wrong })
  await until('it is told', () => stage.logLines.length > 0)
  expect(stage.channel.health().state).toBe('failing')
  expect(JSON.stringify([stage.channel.health(), stage.logLines])).not.toContain('00000000-0000')
})

it('finds the service again after it was away', async () => {
  const { backend, stage, server } = await openWire()
  await stage.ready()
  await server.stop()
  await until('it is given up', async () => {
    await stage.clock.advance(60_000)
    return stage.channel.report?.().figures.reconnects === 1
  })
  await server.start()
  await until('somebody is logged in again', async () => {
    await stage.clock.advance(10_000)
    return stage.channel.health().state === 'on'
  })
  backend.tell({ id: 'm1', talkerId: 'zhang', text: '还在吗' })
  await until('it is stored', () => stage.received.length === 1)
})
