import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '#base/log'
import {
  type Channel,
  type ChannelCache,
  ChannelFailure,
  type ChannelHost,
  type Document,
  paragraph,
} from '#channel'
import { createOfficialAccount, type OfficialAccountOptions } from '../../bots/official-account/index.ts'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { createWechatEmulator, type WechatEmulator } from '../emulators/wechat/index.ts'

const start = Date.UTC(2026, 10, 23, 1)
const sendPath = '/cgi-bin/message/custom/send'
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

function createMapCache(): ChannelCache {
  const values = new Map<string, unknown>()
  return {
    get: async <T>(key: string) => values.get(key) as T | undefined,
    set: async (key, value) => values.set(key, value),
    delete: async key => values.delete(key),
  }
}

describe('what an Official Account sends by itself', () => {
  let wechat: WechatEmulator
  let clock: TestClock
  let cache: ChannelCache
  let lines: string[]
  let channel: Channel

  async function open(more: Partial<OfficialAccountOptions> = {}): Promise<Channel> {
    const opened = createOfficialAccount({
      appId: wechat.settings.WECHAT_OA_APP_ID ?? '',
      appSecret: wechat.settings.WECHAT_OA_APP_SECRET ?? '',
      token: wechat.settings.WECHAT_OA_TOKEN ?? '',
      apiRoot: wechat.root,
      ...more,
    })
    const log = createLog('debug', line => void lines.push(line))
    await opened.start({ clock, cache, log } as unknown as ChannelHost)
    return opened
  }

  beforeEach(async () => {
    clock = createTestClock(start)
    cache = createMapCache()
    lines = []
    wechat = await createWechatEmulator({ now: clock.now, callback: 'http://127.0.0.1:9/', tries: 1 })
    channel = await open()
    await wechat.citizen('oA').say('你好')
  })
  afterEach(async () => {
    await channel.stop()
    await wechat.close()
  })

  const send = (document: Document = [paragraph('您好')], chat = 'oA', at = channel) =>
    at.send({ id: '1', chat, document, createdAt: start })
  const failure = async (work: Promise<unknown>): Promise<ChannelFailure> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (!(error instanceof ChannelFailure)) throw new Error(`no failure of the channel: ${String(error)}`)
    return error
  }
  const shown = () =>
    wechat
      .citizen('oA')
      .shown()
      .filter(one => one.way.kind === 'sent')
      .map(one => one.text)

  it('is shown, with one token for all that is sent at once', async () => {
    await Promise.all(Array.from({ length: 5 }, (_, i) => send([paragraph(`第${i}条`)])))
    expect(shown().sort()).toEqual(['第0条', '第1条', '第2条', '第3条', '第4条'])
    expect(wechat.calls.get('/cgi-bin/stable_token')).toBe(1)
  })

  it('asks for another token once when the one it has is no longer taken', async () => {
    await send()
    wechat.expireTokens()
    await send()
    expect(shown()).toHaveLength(2)
    expect(wechat.tokens).toHaveLength(2)
    wechat.faults.next(sendPath, { kind: 'code', code: 40001 }, { kind: 'code', code: 40001 })
    expect((await failure(send())).detail).toMatchObject({ stage: 'refused', retryable: true })
    expect(channel.health()).toMatchObject({ state: 'failing' })
    await send()
    expect(channel.health()).toEqual({ state: 'on' })
  })

  it('shares its token with the other processes', async () => {
    await send()
    const other = await open()
    await send(undefined, 'oA', other)
    expect(wechat.calls.get('/cgi-bin/stable_token')).toBe(1)
    await other.stop()
  })

  it.each([
    [-1, { stage: 'refused', retryable: true }],
    [40003, { unreachable: true }],
    [43004, { unreachable: true }],
    [43019, { unreachable: true }],
    // 09:00 in Beijing: fifteen hours to midnight.
    [45009, { stage: 'refused', retryable: true, retryAfterMs: 15 * 3_600_000 }],
    [45011, { stage: 'refused', retryable: true, retryAfterMs: 60_000 }],
    [45015, { windowClosed: true }],
    [45047, { windowClosed: true }],
    [45002, { stage: 'refused', retryable: false }],
    [48004, { stage: 'refused', retryable: true, retryAfterMs: 3_600_000 }],
  ])('takes %i for what it means', async (code, detail) => {
    wechat.faults.next(sendPath, { kind: 'code', code })
    expect((await failure(send())).detail).toMatchObject(detail)
  })

  it('knows that it may send nothing once the platform has said so, and says it', async () => {
    expect(channel.traits.push).toBe('window')
    wechat.verified = false
    expect((await failure(send())).detail).toMatchObject({ windowClosed: true })
    expect(channel.traits.push).toBe('never')
    expect(channel.health().detail).toContain('没有客服消息权限')
  })

  it('names the address that the platform does not know', async () => {
    wechat.faults.next('/cgi-bin/stable_token', { kind: 'code', code: 40164, message: 'invalid ip 1.2.3.4' })
    await failure(send())
    expect(channel.health()).toMatchObject({ state: 'failing', detail: expect.stringContaining('1.2.3.4') })
  })

  it('does not know what became of a message whose answer never came, and says so', async () => {
    await send()
    for (const fault of [{ kind: 'cut' }, { kind: 'reset' }, { kind: 'server', status: 502 }] as const) {
      wechat.faults.next(sendPath, fault)
      expect((await failure(send())).detail.stage).toBe('after')
    }
    expect(shown()).toHaveLength(2)
  })

  it('knows that nothing left where nobody listens', async () => {
    const nowhere = await open({ apiRoot: 'http://127.0.0.1:9' })
    expect((await failure(send(undefined, 'oA', nowhere))).detail).toMatchObject({
      stage: 'before',
      retryable: true,
    })
    await nowhere.stop()
  })

  it('uploads a picture once and sends it as often as it is wanted', async () => {
    const picture: Document = [{ kind: 'picture', data: dot, alternative: '图' }]
    await send(picture)
    await send(picture)
    expect(shown()).toEqual(['MEDIA_1.png', 'MEDIA_1.png'])
    expect(wechat.calls.get('/cgi-bin/media/upload')).toBe(1)
  })

  it('sends nothing without a secret, and waits', async () => {
    const silent = createOfficialAccount({ appId: 'wx0123456789abcdef', token: 'abc', apiRoot: wechat.root })
    await silent.start({ clock, cache, log: createLog('error', () => {}) } as unknown as ChannelHost)
    expect(silent.traits.push).toBe('never')
    expect((await failure(send(undefined, 'oA', silent))).detail).toMatchObject({ windowClosed: true })
    await silent.stop()
  })

  it('publishes its menu when it has changed, and not at each start', async () => {
    const menu = [{ name: '查询', items: [{ name: '失业金', ask: '失业金怎么领' }] }]
    const path = '/cgi-bin/menu/create'
    for (const expected of [1, 1]) {
      const other = await open({ menu })
      await until('the menu is there', () => (wechat.calls.get(path) ?? 0) >= expected)
      await other.stop()
    }
    const changed = await open({ menu: [{ name: '官网', url: 'https://example.gov.cn' }] })
    await until('the other menu is there', () => wechat.calls.get(path) === 2)
    await changed.stop()
  })

  it('never tells a secret or a token, whatever goes wrong', async () => {
    const said: string[] = []
    for (const path of ['/cgi-bin/stable_token', sendPath])
      for (const fault of [
        { kind: 'code', code: 40001 },
        { kind: 'cut' },
        { kind: 'server', status: 500 },
      ] as const) {
        wechat.expireTokens()
        await cache.delete('access-token')
        wechat.faults.next(path, fault)
        said.push(String(await send().catch(error => `${error} ${error.stack}`)))
      }
    const all = [...said, ...lines, JSON.stringify(channel.health())].join('\n')
    for (const secret of ['theSecretOfTheEmulator', 'TOKEN_', 'theTokenOfTheEmulator'])
      expect(all).not.toContain(secret)
  })
})
