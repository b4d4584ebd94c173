/** The group robot against a WeCom server of the loopback: what the group sees, and what becomes of the rest. */
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
import { encode } from '../../bots/wecom-robot/encode.ts'
import { createWecomRobot, type WecomRobotOptions } from '../../bots/wecom-robot/index.ts'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createRobotEmulator, type RobotEmulator } from '../emulators/wecom-robot/index.ts'
import { start } from './small-house.ts'

interface Stage {
  server: RobotEmulator
  channel: Channel
  clock: TestClock
  logLines: string[]
  send(document: Document): Promise<unknown>
  fail(document?: Document): Promise<ChannelFailure>
}

async function openStage(options: Partial<WecomRobotOptions> = {}): Promise<Stage> {
  const server = await createRobotEmulator()
  const clock = createTestClock(start)
  const logLines: string[] = []
  const channel = createWecomRobot({ url: server.url, ...options })
  const log = createLog('debug', line => void logLines.push(line))
  await channel.start({ log, clock } as unknown as ChannelHost)
  onTestFinished(async () => {
    await channel.stop()
    await server.close()
  })
  const send = (document: Document) =>
    channel.send({ id: '1', chat: 'officials', document, createdAt: start })
  return {
    server,
    channel,
    clock,
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

const notice: Document = [
  heading('依申请公开：即将到期'),
  list(['申请 2026-001，2026-12-01 到期', '申请 2026-002，2026-12-02 到期']),
  link('打开', 'https://chat.example.gov.cn/console/requests'),
]

describe('the group', () => {
  it('sees a notice as one message with its link', async () => {
    const { server, send } = await openStage()
    await send(notice)
    expect(server.shown).toEqual([
      {
        msgtype: 'markdown',
        content:
          '**依申请公开：即将到期**\n> 申请 2026-001，2026-12-01 到期\n> 申请 2026-002，2026-12-02 到期\n[打开](https://chat.example.gov.cn/console/requests)',
      },
    ])
  })

  it('sees plain text where words would be read as markup, and nobody is called by them', async () => {
    const { server, send } = await openStage()
    await send([heading('看[这里](https://evil.example)'), paragraph('<@all> <<@all> **急**')])
    expect(server.shown[0]).toEqual({
      msgtype: 'text',
      content: '【看[这里](https://evil.example)】\n@all> @all> **急**',
    })
  })

  it('sees a long one in parts that each keep within the limit, at the pace that is allowed', async () => {
    const { server, send, clock } = await openStage()
    const items = Array.from({ length: 100 }, (_, i) => `第${i + 1}件，2026-12-01 到期，请尽快办理`)
    const sent = send([heading('到期'), list(items), paragraph('完')])
    for (let parts = 1; parts <= 2; parts++) {
      await until(`${parts} parts are shown`, () => server.shown.length === parts && clock.sleepers() === 1)
      await clock.advance(3_000)
    }
    await sent
    expect(server.shown.map(({ msgtype }) => msgtype)).toEqual(['text', 'text', 'text'])
    const whole = server.shown.map(({ content }) => content).join('\n')
    for (const item of items) expect(whole).toContain(item)
  })

  it('sees no choices and nothing of an empty document', () => {
    expect(encode([{ kind: 'choices', options: [{ id: 'x', label: '点' }] }])).toEqual([])
  })

  it('sees no file with personal data', async () => {
    const { server, fail } = await openStage()
    const file = { kind: 'file', name: 'a.pdf', type: 'application/pdf', data: '', personal: true } as const
    expect((await fail([file])).detail).toEqual({ stage: 'refused', retryable: false })
    expect(server.shown).toEqual([])
  })

  it('is told at most twenty a minute', async () => {
    const { channel } = await openStage()
    expect(channel.traits.pacing.overallMs * 20).toBeGreaterThanOrEqual(60_000)
    expect(channel.report?.()).toMatchObject({ hears: true })
  })
})

describe('a message that does not arrive', () => {
  it('waits a minute when there were too many', async () => {
    const { server, fail } = await openStage()
    server.misbehave({ errcode: 45009, errmsg: 'api freq out of limit' })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: true, retryAfterMs: 60_000 })
  })

  it('is refused for good when the robot is gone, and the channel says so until it works again', async () => {
    const { server, fail, send, channel } = await openStage()
    server.misbehave({ errcode: 93000, errmsg: 'invalid webhook url' })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: false })
    expect(channel.health()).toMatchObject({ state: 'failing', detail: expect.stringContaining('失效') })
    await send(notice)
    expect(channel.health()).toEqual({ state: 'on' })
  })

  it.each([-1, 45033])('is tried again after %i', async errcode => {
    const { server, fail } = await openStage()
    server.misbehave({ errcode })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: true })
  })

  it('is refused for good when WeCom does not take it', async () => {
    const { server, fail, channel } = await openStage()
    server.misbehave({ errcode: 40058 })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: false })
    expect(channel.health()).toEqual({ state: 'on' })
  })

  it('is left as unknown when the answer does not come, or comes from something in between', async () => {
    const { server, fail } = await openStage({ patienceMs: 300 })
    server.misbehave({ cut: true }, { status: 502 }, { silent: true })
    for (let i = 0; i < 3; i++) expect((await fail()).detail).toEqual({ stage: 'after', retryable: false })
    server.misbehave({ status: 503 })
    expect((await fail()).detail).toEqual({ stage: 'refused', retryable: true })
  })

  it('is left as unknown when only its beginning was shown', async () => {
    const { server, fail, clock } = await openStage()
    const failed = fail([paragraph('长'.repeat(1_000))])
    await until('the first part is shown', () => clock.sleepers() === 1)
    server.misbehave({ errcode: 45009 })
    await clock.advance(3_000)
    expect((await failed).detail).toEqual({ stage: 'after', retryable: false })
    expect(server.shown).toHaveLength(1)
  })

  it('is tried again when nobody listens', async () => {
    const { server, fail, channel } = await openStage()
    await server.close()
    expect((await fail()).detail).toEqual({ stage: 'before', retryable: true })
    expect(channel.health().state).toBe('failing')
  })

  it('leaves the key in no reason, no health and no line of the log', async () => {
    const { server, fail, channel, logLines } = await openStage()
    const words: string[] = []
    server.misbehave({ errcode: 93000, errmsg: `invalid webhook url ?key=${server.key}` }, { cut: true })
    for (let i = 0; i < 2; i++) {
      const failure = await fail()
      words.push(failure.message, String(failure.stack), String(channel.health().detail))
    }
    await server.close()
    words.push(String((await fail()).stack), ...logLines)
    expect(words.join('\n')).not.toContain(server.key)
  })
})
