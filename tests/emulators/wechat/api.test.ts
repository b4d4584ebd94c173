/** The API that the emulator plays: tokens, windows, counts, quotas and refusals by the platform's pages, and its faults. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../base/until.ts'
import { createWechatEmulator, type WechatEmulator } from './index.ts'

type Told = Record<string, string | number | undefined>

const sendPath = '/cgi-bin/message/custom/send'
const uploadPath = '/cgi-bin/media/upload'
const midnight = Date.UTC(2026, 10, 22, 16)
const [minute, hour] = [60_000, 3_600_000]
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47])

describe('the API', () => {
  let wechat: WechatEmulator
  let now: number
  let access: string | number | undefined

  const read = async (response: Response) => (await response.json()) as Told
  const call = async (path: string, body?: object, signal: AbortSignal | null = null) => {
    const query = path.includes('stable_token') ? '' : `?access_token=${access}`
    const init = body ? { method: 'POST', body: JSON.stringify(body), signal } : {}
    return read(await fetch(`${wechat.root}${path}${query}`, init))
  }
  const credentials = {
    grant_type: 'client_credential',
    appid: 'wx0123456789abcdef',
    secret: 'theSecretOfTheEmulator',
  }
  const ask = (more: object = {}) => call('/cgi-bin/stable_token', { ...credentials, ...more })
  const renew = async () => (access = (await ask()).access_token)
  const textTo = (touser: string, content = '您好') => ({ touser, msgtype: 'text', text: { content } })
  const send = async (to = 'oA', content?: string) => (await call(sendPath, textTo(to, content))).errcode
  const sendTimes = async (times: number) => {
    const codes = []
    for (let i = 0; i < times; i++) codes.push(await send())
    return codes
  }
  const sendImage = (media_id?: string | number) =>
    call(sendPath, { touser: 'oA', msgtype: 'image', image: { media_id } })
  const upload = async (bytes: Uint8Array<ArrayBuffer>, type = 'image', field = 'media') => {
    const body = new FormData()
    body.set(field, new Blob([bytes], { type: 'image/png' }), 'a.png')
    const url = `${wechat.root}${uploadPath}?type=${type}&access_token=${access}`
    return read(await fetch(url, { method: 'POST', body }))
  }

  beforeEach(async () => {
    now = midnight + hour
    wechat = await createWechatEmulator({ now: () => now, callback: 'http://127.0.0.1:9/', tries: 1 })
    await renew()
  })
  afterEach(() => wechat.close())

  describe('gives a token', () => {
    it('that is the same until five minutes before its end, and takes both after that', async () => {
      const first = access
      now += 115 * minute - 1
      expect(await ask()).toEqual({ access_token: first, expires_in: 300 })
      now += 1
      const second = await renew()
      expect(second).not.toBe(first)
      await wechat.citizen('oA').say('你好')
      for (access of [first, second]) expect(await send()).toBe(0)
      now += 5 * minute
      access = first
      expect(await send()).toBe(42001)
      access = second
      expect(await send()).toBe(0)
    })

    it('by force twenty times a day, half a minute apart, and the one before is dead', async () => {
      const force = async () => (await ask({ force_refresh: true })).access_token
      const first = access
      for (let i = 0; i < 20; i++) {
        expect(await force()).toBeDefined()
        now += 29_999
        expect(await force()).toBeUndefined()
        now += 1
      }
      expect(await force()).toBeUndefined()
      expect(await ask()).toMatchObject({ access_token: wechat.tokens.at(-1) })
      access = first
      expect(await send()).toBe(42001)
      now += 24 * hour
      expect(await force()).toBeDefined()
    })

    it.each([
      [{ grant_type: 'x' }, 40002],
      [{ appid: 'x' }, 40013],
      [{ secret: 'x' }, 40125],
    ])('not for %o', async (more, errcode) => {
      expect(await ask(more)).toMatchObject({ errcode })
    })

    it('which is one of its own', async () => {
      access = 'made up'
      expect(await send()).toBe(40001)
    })
  })

  describe('shows what is sent', () => {
    it('five times after a message, within 48 hours', async () => {
      expect(await send('nobody')).toBe(40003)
      await wechat.citizen('oA').say('你好')
      expect(await sendTimes(6)).toEqual([0, 0, 0, 0, 0, 45047])
      await wechat.citizen('oA').say('再问')
      now += 48 * hour - 1
      await renew()
      expect(await send()).toBe(0)
      now += 1
      expect(await send()).toBe(45015)
      const sent = wechat.citizens.of('oA').filter(one => one.way.kind === 'sent')
      expect(sent).toHaveLength(6)
    })

    it.each(['follow', 'scan', 'click'] as const)('three times after a %s, within a minute', async deed => {
      await wechat.citizen('oA')[deed]('x')
      expect(await sendTimes(4)).toEqual([0, 0, 0, 45047])
      await wechat.citizen('oA')[deed]('x')
      now += minute
      expect(await send()).toBe(45015)
    })

    it('not more after what asks for nothing, nor when one message comes again', async () => {
      const citizen = wechat.citizen('oA')
      await citizen.unfollow()
      expect(await send()).toBe(43004)
      await citizen.follow()
      now += minute
      for (const act of [
        () => citizen.view('u'),
        () => citizen.templateSent(),
        () => citizen.broadcastSent(),
      ])
        await act()
      expect(await send()).toBe(45015)
      await citizen.say('你好', '7')
      await sendTimes(5)
      await citizen.say('你好', '7')
      expect(await send()).toBe(45047)
    })

    it('and knows that the 48 hours go on when a click within them is used up', async () => {
      await wechat.citizen('oA').say('你好')
      await sendTimes(5)
      await wechat.citizen('oA').click('menu')
      expect(await sendTimes(4)).toEqual([0, 0, 0, 45047])
      now += minute
      expect(await send()).toBe(45047)
    })

    it.each([
      ['a text too long', textTo('oA', '字'.repeat(683)), 45002],
      ['an empty text', textTo('oA', ''), 44004],
      ['what is neither text nor image', { touser: 'oA', msgtype: 'voice' }, 40008],
      [
        'a picture that it does not have',
        { touser: 'oA', msgtype: 'image', image: { media_id: 'x' } },
        40007,
      ],
    ])('but %s', async (_, body, errcode) => {
      await wechat.citizen('oA').say('你好')
      expect(await call(sendPath, body)).toMatchObject({ errcode })
      expect(await send('oA', '字'.repeat(682))).toBe(0)
    })

    it('only where the account has the right, and only when it is posted', async () => {
      await wechat.citizen('oA').say('你好')
      expect(await call(sendPath)).toMatchObject({ errcode: 43002 })
      wechat.verified = false
      expect(await send()).toBe(48001)
    })
  })

  it('keeps a picture for three days', async () => {
    await wechat.citizen('oA').say('你好')
    const { media_id: id } = await upload(png)
    expect(await sendImage(id)).toMatchObject({ errcode: 0 })
    expect(wechat.citizens.of('oA').at(-1)).toMatchObject({ text: `${id}.png`, way: { kind: 'sent' } })
    expect(await upload(png, 'voice')).toMatchObject({ errcode: 40004 })
    expect(await upload(png, 'image', 'file')).toMatchObject({ errcode: 41005 })
    expect(await upload(new Uint8Array(4))).toMatchObject({ errcode: 40137 })
    now += 72 * hour
    await renew()
    await wechat.citizen('oA').say('你好')
    expect(await sendImage(id)).toMatchObject({ errcode: 40007 })
  })

  it('has the menu that was made last', async () => {
    const click = { name: '查询', type: 'click', key: 'k' }
    const menu = { button: [{ name: '公开', sub_button: [click] }, click] }
    expect(await call('/cgi-bin/menu/get')).toMatchObject({ errcode: 46003 })
    expect(await call('/cgi-bin/menu/create', menu)).toMatchObject({ errcode: 0 })
    expect(await call('/cgi-bin/menu/get')).toEqual({ menu })
    const wrong = [
      [[], 40016],
      [[{ ...click, name: '六个字的名字' }], 40018],
      [[{ name: '公开', sub_button: Array(6).fill(click) }], 40023],
      [[{ name: '公开', type: 'view' }], 40020],
      [[{ name: '公开', type: 'click' }], 40019],
    ] as const
    for (const [button, errcode] of wrong)
      expect(await call('/cgi-bin/menu/create', { button })).toMatchObject({ errcode })
    expect(await call('/cgi-bin/menu/get')).toEqual({ menu })
  })

  it('makes codes that are scanned', async () => {
    const code = (action_name: string, scene: object) =>
      call('/cgi-bin/qrcode/create', { action_name, action_info: { scene } })
    expect(await code('QR_STR_SCENE', { scene_str: '街道' })).toMatchObject({ expire_seconds: 60 })
    expect(await code('QR_LIMIT_SCENE', { scene_id: 7 })).not.toHaveProperty('expire_seconds')
    for (const scene of [{}, { scene_id: 'x' }, { scene_str: 'x'.repeat(65) }])
      expect(await code('QR_STR_SCENE', scene)).toMatchObject({ errcode: 40053 })
  })

  it('counts a day’s calls, and says how many are left', async () => {
    await wechat.close()
    const limits = { [sendPath]: 2 }
    wechat = await createWechatEmulator({ now: () => now, callback: 'http://127.0.0.1:9/', tries: 1, limits })
    await renew()
    await wechat.citizen('oA').say('你好')
    expect(await sendTimes(3)).toEqual([0, 0, 45009])
    expect(await call('/cgi-bin/openapi/quota/get', { cgi_path: sendPath })).toMatchObject({
      quota: { daily_limit: 2, used: 2, remain: 0 },
    })
    expect(await call('/cgi-bin/openapi/quota/get', { cgi_path: '/x' })).toMatchObject({ errcode: 76021 })
    // Midnight elsewhere changes nothing, midnight in Beijing does.
    now = midnight + 24 * hour - 1
    await renew()
    expect(await send()).toBe(45009)
    now += 1
    expect(await send()).toBe(0)
  })

  it('writes down every call, whatever became of it', async () => {
    wechat.faults.next(sendPath, { kind: 'code', code: -1 })
    await sendTimes(2)
    await call('/cgi-bin/nothing', {})
    const journal = wechat.journal.map(({ path, fault, told }) => [path, fault?.kind, told?.errcode])
    expect(journal.slice(1)).toEqual([
      [sendPath, 'code', undefined],
      [sendPath, undefined, 40003],
      ['/cgi-bin/nothing', undefined, 40066],
    ])
    expect(JSON.parse(wechat.journal[1]?.body ?? '')).toEqual(textTo('oA'))
    expect(wechat.calls.get(sendPath)).toBe(1)
  })

  describe('fails as it is told to', () => {
    beforeEach(() => wechat.citizen('oA').say('你好'))
    const carriedOut = () => wechat.calls.get(sendPath) ?? 0

    it('with a code, so many times, and then no more', async () => {
      wechat.faults.next(sendPath, { kind: 'code', code: -1, times: 2 }, { kind: 'code', code: 45009 })
      expect(await sendTimes(4)).toEqual([-1, -1, 45009, 0])
      expect(carriedOut()).toBe(1)
      expect(wechat.faults.struck.get('code')).toBe(3)
    })

    it('with a token that ends before its time', async () => {
      wechat.faults.next(sendPath, { kind: 'expired' })
      expect(await sendTimes(2)).toEqual([42001, 42001])
      await renew()
      expect(await send()).toBe(0)
    })

    it('before or after it was carried out, and late', async () => {
      wechat.faults.next(sendPath, { kind: 'reset' }, { kind: 'server', status: 502 })
      for (let i = 0; i < 2; i++) await expect(send()).rejects.toThrow()
      expect(carriedOut()).toBe(0)
      wechat.faults.next(sendPath, { kind: 'cut' }, { kind: 'slow', ms: 5 })
      await expect(send()).rejects.toThrow()
      expect(carriedOut()).toBe(1)
      expect(await send()).toBe(0)
    })

    it.each([
      [true, 1],
      [false, 0],
    ])('never answering, carried out: %s', async (done, expected) => {
      wechat.faults.next(sendPath, { kind: 'half-open', done })
      const given = new AbortController()
      const outcome = call(sendPath, textTo('oA'), given.signal)
      const refused = expect(outcome).rejects.toThrow('aborted')
      await until(
        'it was taken',
        () => wechat.journal.at(-1)?.fault !== undefined && carriedOut() === expected,
      )
      given.abort()
      await refused
    })

    it('by chance', async () => {
      await wechat.close()
      wechat = await createWechatEmulator({ random: () => 0.4, callback: 'http://127.0.0.1:9/', tries: 1 })
      await renew()
      wechat.faults.storm(0.5, { kind: 'code', code: -1 })
      expect(await send()).toBe(-1)
      wechat.faults.storm(0.3, { kind: 'code', code: -1 })
      expect(await send()).toBe(40003)
    })
  })
})
