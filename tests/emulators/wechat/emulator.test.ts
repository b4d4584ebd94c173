/** The emulator is what it says: tried with readings of the platform that are not ours. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import wechatMiddleware from 'wechat'
import WechatCrypto from 'wechat-crypto'
import {
  createWechatEmulator,
  faultWords,
  modes,
  seal,
  sealedSignatureOf,
  unseal,
  type WechatEmulator,
} from './index.ts'

const [token, appId] = ['theTokenOfTheEmulator', 'wx0123456789abcdef']
const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

describe('the envelope', () => {
  const other = new WechatCrypto(token, aesKey, appId)
  const texts = fc.string({ unit: 'grapheme', maxLength: 300 })

  it('is opened by another reading of the format', () => {
    fc.assert(
      fc.property(texts, text => {
        expect(other.decrypt(seal(aesKey, text, appId))).toEqual({ message: text, id: appId })
      }),
    )
  })

  it('opens what another reading has sealed', () => {
    fc.assert(
      fc.property(texts, text => {
        expect(unseal(aesKey, other.encrypt(text))).toEqual({ text, appId })
      }),
    )
  })

  it('is signed as another reading signs it', () => {
    const sealed = seal(aesKey, '您好', appId)
    expect(sealedSignatureOf(token, '1700000000', '42', sealed)).toBe(
      other.getSignature('1700000000', '42', sealed),
    )
  })
})

async function open(handle: Parameters<typeof createServer>[1]): Promise<{ server: Server; url: string }> {
  const server = createServer(handle)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

describe.each(modes)('the calls in %s mode', mode => {
  let wechat: WechatEmulator
  let peer: { server: Server; url: string }
  beforeEach(async () => {
    const config = mode === 'plain' ? token : { token, appid: appId, encodingAESKey: aesKey }
    const answer = wechatMiddleware(config, (request, response) => {
      const { MsgType, Content } = request.weixin
      response.reply(MsgType === 'text' ? `收到${Content}` : '')
    })
    peer = await open((request, response) => {
      const query = Object.fromEntries(new URL(request.url ?? '/', 'http://a').searchParams)
      answer(Object.assign(request, { query }), response, () => {})
    })
    wechat = await createWechatEmulator({ mode, callback: peer.url })
  })
  afterEach(async () => {
    await wechat.close()
    peer.server.close()
  })

  it('are taken and answered by a middleware that is not ours', async () => {
    const citizen = wechat.citizen('oA')
    expect(await wechat.driver.check()).toBe(true)
    expect(await citizen.say('你好 <b>&amp;')).toEqual({ kind: 'shown', text: '收到你好 <b>&amp;', tried: 1 })
    expect(citizen.shown().map(one => one.text)).toEqual(['收到你好 <b>&amp;'])
  })

  it('are refused by it when they are forged', async () => {
    expect(await wechat.driver.check({ signature: 'wrong' })).toBe(false)
    const fields = {
      ToUserName: 'a',
      FromUserName: 'oA',
      CreateTime: '1',
      MsgType: 'text',
      Content: 'x',
      MsgId: '1',
    }
    const answer = await wechat.driver.post(fields, { signature: 'wrong' })
    expect(answer?.status).toBe(401)
  })
})

describe('the cycle', () => {
  const tries: number[] = []
  let wechat: WechatEmulator
  let peer: { server: Server; url: string }
  let answers: (string | undefined)[] = []
  beforeEach(async () => {
    tries.length = 0
    peer = await open((request, response) => {
      tries.push(tries.length + 1)
      request.resume()
      const answer = answers.shift()
      if (answer !== undefined) response.end(answer)
    })
    wechat = await createWechatEmulator({ callback: peer.url, patienceMs: 60 })
  })
  afterEach(async () => {
    await wechat.close()
    peer.server.closeAllConnections()
    peer.server.close()
  })

  it('asks three times, then says in the account’s name that it is out of order', async () => {
    answers = []
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'fault' })
    expect(tries).toEqual([1, 2, 3])
    expect(
      wechat
        .citizen('oA')
        .shown()
        .map(one => one.text),
    ).toEqual([faultWords])
  })

  it('takes “success” and shows nothing', async () => {
    answers = [undefined, 'success']
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'taken', tried: 2 })
    expect(wechat.citizen('oA').shown()).toEqual([])
  })

  it('says that it is out of order at once where the answer is none', async () => {
    answers = ['<xml><MsgType>text</MsgType></xml>']
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'fault' })
    expect(tries).toEqual([1])
  })
})

describe('the API', () => {
  let wechat: WechatEmulator
  let now = Date.UTC(2026, 10, 23)
  const call = async (path: string, body: object): Promise<Record<string, string | number>> => {
    const response = await fetch(`${wechat.root}${path}`, { method: 'POST', body: JSON.stringify(body) })
    return (await response.json()) as Record<string, string | number>
  }
  const ask = (more: object = {}) =>
    call('/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid: appId,
      secret: 'theSecretOfTheEmulator',
      ...more,
    })
  const send = (access: string | number | undefined, to = 'oA', content = '您好') =>
    call(`/cgi-bin/message/custom/send?access_token=${access}`, {
      touser: to,
      msgtype: 'text',
      text: { content },
    })
  beforeEach(async () => {
    now = Date.UTC(2026, 10, 23)
    wechat = await createWechatEmulator({ now: () => now, callback: 'http://127.0.0.1:9/', tries: 1 })
  })
  afterEach(() => wechat.close())

  it('gives the same token until five minutes before its end, and takes both after that', async () => {
    const { access_token: first } = await ask()
    expect((await ask()).access_token).toBe(first)
    now += 7_200_000 - 200_000
    const { access_token: second } = await ask()
    expect(second).not.toBe(first)
    await wechat.citizen('oA').say('你好')
    for (const token of [first, second]) expect(await send(token)).toMatchObject({ errcode: 0 })
    now += 400_000
    expect(await send(first)).toMatchObject({ errcode: 42001 })
    expect(await send('made up')).toMatchObject({ errcode: 40001 })
  })

  it('lets nobody force a token twice within half a minute', async () => {
    expect(await ask({ force_refresh: true })).toHaveProperty('access_token')
    expect(await ask({ force_refresh: true })).toMatchObject({ errcode: 45009 })
    expect(await ask({ secret: 'wrong' })).toMatchObject({ errcode: 40125 })
  })

  it('counts what is sent after a message, and knows when the time is over', async () => {
    const { access_token: token } = await ask()
    expect(await send(token, 'nobody')).toMatchObject({ errcode: 40003 })
    await wechat.citizen('oA').say('你好')
    for (let i = 0; i < 5; i++) expect(await send(token)).toMatchObject({ errcode: 0 })
    expect(await send(token)).toMatchObject({ errcode: 45047 })
    await wechat.citizen('oA').click('menu')
    for (let i = 0; i < 3; i++) expect(await send(token)).toMatchObject({ errcode: 0 })
    expect(await send(token)).toMatchObject({ errcode: 45047 })
    await wechat.citizen('oA').say('你好')
    now += 48 * 3_600_000
    const { access_token: later } = await ask()
    expect(await send(later)).toMatchObject({ errcode: 45015 })
    await wechat.citizen('oA').unfollow()
    expect(await send(later)).toMatchObject({ errcode: 43004 })
  })

  it('refuses what is too long, a picture that it does not have, and an account without the right', async () => {
    const { access_token: token } = await ask()
    await wechat.citizen('oA').say('你好')
    expect(await send(token, 'oA', '字'.repeat(683))).toMatchObject({ errcode: 45002 })
    const image = { touser: 'oA', msgtype: 'image', image: { media_id: 'x' } }
    expect(await call(`/cgi-bin/message/custom/send?access_token=${token}`, image)).toMatchObject({
      errcode: 40007,
    })
    wechat.verified = false
    expect(await send(token)).toMatchObject({ errcode: 48001 })
  })

  it('fails as it is told to, and carries out only what it says', async () => {
    const { access_token: token } = await ask()
    const path = '/cgi-bin/message/custom/send'
    await wechat.citizen('oA').say('你好')
    wechat.faults.next(
      path,
      { kind: 'code', code: -1 },
      { kind: 'reset' },
      { kind: 'cut' },
      { kind: 'slow', ms: 5 },
    )
    expect(await send(token)).toMatchObject({ errcode: -1 })
    await expect(send(token)).rejects.toThrow()
    expect(wechat.calls.get(path) ?? 0).toBe(0)
    await expect(send(token)).rejects.toThrow()
    expect(wechat.calls.get(path)).toBe(1)
    expect(await send(token)).toMatchObject({ errcode: 0 })
  })
})
