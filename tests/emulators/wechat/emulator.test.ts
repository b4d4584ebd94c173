/** The emulator is what it says: tried with readings of the platform that are not ours. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import wechatMiddleware from 'wechat'
import WechatCrypto from 'wechat-crypto'
import { until } from '../../base/until.ts'
import {
  createWechatEmulator,
  type EmulatorOptions,
  faultWords,
  modes,
  seal,
  sealedSignatureOf,
  signatureOf,
  unseal,
  type WechatEmulator,
  xmlOf,
} from './index.ts'

const [token, appId] = ['theTokenOfTheEmulator', 'wx0123456789abcdef']
const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const previousKey = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG'

describe('the envelope', () => {
  const other = new WechatCrypto(token, aesKey, appId)
  const chinese = fc.string({
    unit: fc.constantFrom(...'依申请公开政务，。“”㐀𠮷<&]]>\n 7a'),
    maxLength: 300,
  })
  const texts = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), chinese)
  // 16 random bytes, 4 of length, 18 of app id: every remainder of the block of 32, several times.
  const borders = Array.from({ length: 130 }, (_, i) => ['x'.repeat(i), `${'字'.repeat(i)}x`]).flat()

  const everywhere = (check: (text: string) => void) => {
    fc.assert(
      fc.property(texts, text => void check(text)),
      { numRuns: 500 },
    )
    borders.forEach(check)
  }

  it('is opened by another reading of the format', () => {
    everywhere(text => expect(other.decrypt(seal(aesKey, text, appId))).toEqual({ message: text, id: appId }))
  })

  it('opens what another reading has sealed', () => {
    everywhere(text => expect(unseal(aesKey, other.encrypt(text))).toEqual({ text, appId }))
  })

  it('says nothing with another key, nor when its end was changed', () => {
    const sealed = Buffer.from(seal(aesKey, '您好', appId), 'base64')
    const changed = Buffer.from(sealed.with(-1, (sealed.at(-1) ?? 0) ^ 1))
    const opened = (key: string, bytes: Buffer) => {
      try {
        return unseal(key, bytes.toString('base64'))
      } catch {
        return undefined
      }
    }
    expect(opened(aesKey, sealed)).toEqual({ text: '您好', appId })
    expect(opened(previousKey, sealed)).not.toEqual({ text: '您好', appId })
    expect(opened(aesKey, changed)).not.toEqual({ text: '您好', appId })
  })

  it('is signed as another reading signs it', () => {
    const sealed = seal(aesKey, '您好', appId)
    expect(sealedSignatureOf(token, '1700000000', '42', sealed)).toBe(
      other.getSignature('1700000000', '42', sealed),
    )
  })
})

/** A server that stands for the product. */
async function open(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function start(options: EmulatorOptions): Promise<WechatEmulator> {
  const wechat = await createWechatEmulator(options)
  onTestFinished(() => wechat.close())
  return wechat
}

describe.each(modes)('the calls in %s mode', mode => {
  let heard: Record<string, string>[]
  async function startWithMiddleware(): Promise<WechatEmulator> {
    heard = []
    const config = mode === 'plain' ? token : { token, appid: appId, encodingAESKey: aesKey }
    const answer = wechatMiddleware(config, (request, response) => {
      heard.push(request.weixin)
      const { MsgType, Content } = request.weixin
      response.reply(MsgType === 'text' ? `收到${Content}` : '')
    })
    const callback = await open((request, response) => {
      const query = Object.fromEntries(new URL(request.url ?? '/', 'http://a').searchParams)
      answer(Object.assign(request, { query }), response, () => {})
    })
    return start({ mode, callback, tries: 1 })
  }

  it('are taken and answered by a middleware that is not ours', async () => {
    const wechat = await startWithMiddleware()
    const citizen = wechat.citizen('oA')
    expect(await wechat.driver.check()).toBe(true)
    for (const text of ['你好 <b>&amp;', '007', ']]>', '第一行\n第二行'])
      expect(await citizen.say(text)).toEqual({ kind: 'shown', text: `收到${text}`, tried: 1 })
    expect(citizen.shown().at(0)).toMatchObject({ text: '收到你好 <b>&amp;', way: { kind: 'reply' } })
  })

  it('bring everything that a citizen does', async () => {
    const citizen = (await startWithMiddleware()).citizen('oA')
    const deeds = [
      [() => citizen.voice('失业金'), { MsgType: 'voice', Recognition: '失业金' }],
      [() => citizen.picture(), { MsgType: 'image', MediaId: 'm' }],
      [() => citizen.place(), { MsgType: 'location', Location_X: '30.27' }],
      [() => citizen.link('题', 'https://a.cn/?b&c'), { MsgType: 'link', Url: 'https://a.cn/?b&c' }],
      [() => citizen.follow('街道'), { Event: 'subscribe', EventKey: 'qrscene_街道' }],
      [() => citizen.scan('7'), { Event: 'SCAN', EventKey: '7' }],
      [() => citizen.click('menu'), { Event: 'CLICK', EventKey: 'menu' }],
      [() => citizen.view('https://a.cn'), { Event: 'VIEW', EventKey: 'https://a.cn' }],
      [() => citizen.templateSent(), { Event: 'TEMPLATESENDJOBFINISH', Status: 'success' }],
      [() => citizen.broadcastSent({ SentCount: '9' }), { Event: 'MASSSENDJOBFINISH', SentCount: '9' }],
      [() => citizen.unfollow(), { Event: 'unsubscribe' }],
    ] as const
    for (const [act, fields] of deeds) {
      expect(await act()).toEqual({ kind: 'taken', tried: 1 })
      expect(heard.at(-1)).toMatchObject({ FromUserName: 'oA', ...fields })
    }
    expect(citizen.shown()).toEqual([])
  })

  it('are refused by it when they are forged', async () => {
    const wechat = await startWithMiddleware()
    expect(await wechat.driver.check({ signature: 'wrong' })).toBe(false)
    const fields = { ToUserName: 'a', FromUserName: 'oA', CreateTime: '1', MsgType: 'text', Content: 'x' }
    expect((await wechat.driver.post(fields, { signature: 'wrong' }))?.status).toBe(401)
    expect(heard).toEqual([])
  })
})

describe('the cycle', () => {
  interface Heard {
    query: Record<string, string>
    body: string
    cut: boolean
  }
  let heard: Heard[]
  let answers: (string | number | undefined)[]
  let patience: AbortController[]

  /** Answers in turn with a body or a status; with undefined it is silent until the patience is at its end. */
  async function startWith(given: typeof answers, options: EmulatorOptions = {}): Promise<WechatEmulator> {
    heard = []
    answers = [...given]
    patience = []
    const callback = await open(async (request, response) => {
      const query = Object.fromEntries(new URL(request.url ?? '/', 'http://a').searchParams)
      const one: Heard = { query, body: '', cut: false }
      heard.push(one)
      response.once('close', () => (one.cut = !response.writableFinished))
      try {
        for await (const chunk of request) one.body += chunk
      } catch {
        return
      }
      const answer = answers.shift()
      if (typeof answer === 'number') response.writeHead(answer).end('success')
      else if (answer !== undefined) response.end(answer)
      else patience.at(-1)?.abort()
    })
    const controlled = () => {
      patience.push(new AbortController())
      return (patience.at(-1) as AbortController).signal
    }
    return start({ callback, patience: controlled, ...options })
  }
  const fieldOf = (name: string) => heard.map(({ body }) => new RegExp(`<${name}>(.*)</`).exec(body)?.[1])
  const reply = (Content: string, to = 'oA') =>
    xmlOf({
      ToUserName: to,
      FromUserName: 'gh_0123456789ab',
      CreateTime: '1700000000',
      MsgType: 'text',
      Content,
    })
  const sealedReply = (text: string, key = aesKey, changed: Record<string, string> = {}) => {
    const Encrypt = seal(key, reply(text), changed.appId ?? appId)
    const MsgSignature = changed.signature ?? sealedSignatureOf(token, '1700000000', '42', Encrypt)
    return xmlOf({ Encrypt, MsgSignature, TimeStamp: '1700000000', Nonce: '42' })
  }
  const texts = (wechat: WechatEmulator) =>
    wechat
      .citizen('oA')
      .shown()
      .map(one => one.text)

  it('asks three times, each with a moment of its own, then says that the service is out of order', async () => {
    const wechat = await startWith([])
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'fault' })
    expect(texts(wechat)).toEqual([faultWords])
    expect(heard).toHaveLength(3)
    expect(new Set(fieldOf('MsgId')).size).toBe(1)
    expect(new Set(heard.map(one => one.query.nonce)).size).toBe(3)
    for (const { query } of heard)
      expect(query.signature).toBe(signatureOf(token, query.timestamp ?? '', query.nonce ?? ''))
    await until('the connections are dropped', () => heard.every(one => one.cut))
  })

  it('waits as long as it is told to', async () => {
    const wechat = await start({ callback: await open(() => {}), patienceMs: 10 })
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'fault' })
  })

  it('writes numbers bare, and a text never, even one of digits', async () => {
    const wechat = await startWith([''])
    await wechat.citizen('oA').say('007', '23000000000000007')
    expect(heard[0]?.body).toContain('<Content><![CDATA[007]]></Content>')
    expect(heard[0]?.body).toContain('<MsgId>23000000000000007</MsgId>')
  })

  it('knows at which try the answer came', async () => {
    const wechat = await startWith([undefined, undefined, reply('来了')])
    expect(await wechat.citizen('oA').say('你好', '7')).toEqual({ kind: 'shown', text: '来了', tried: 3 })
    expect(wechat.citizen('oA').shown()).toEqual([
      { openId: 'oA', text: '来了', way: { kind: 'reply', id: '7', tried: 3 } },
    ])
  })

  it.each(['success', ''])('takes “%s” and shows nothing', async words => {
    const wechat = await startWith([undefined, words])
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'taken', tried: 2 })
    expect(texts(wechat)).toEqual([])
  })

  it.each([
    ['fields are missing', '<xml><MsgType>text</MsgType></xml>'],
    ['it is JSON', '{"errcode":0}'],
    ['it is for somebody else', reply('您好', 'oB')],
    ['it is too long', reply('字'.repeat(683))],
    ['its picture was never uploaded', reply('').replace('text', 'image')],
  ])('says that the service is out of order at once where %s', async (_, answer) => {
    const wechat = await startWith([answer])
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'fault' })
    expect(texts(wechat)).toEqual([faultWords])
    expect(heard).toHaveLength(1)
  })

  it('asks again after another status than 200, or gives up at once where that is wanted', async () => {
    const wechat = await startWith([503, 201, reply('来了')])
    expect(await wechat.citizen('oA').say('你好')).toMatchObject({ tried: 3 })
    const strict = await startWith([503, reply('来了')], { badStatus: 'fault' })
    expect(await strict.citizen('oA').say('你好')).toEqual({ kind: 'fault' })
    expect(heard).toHaveLength(1)
  })

  it('takes an answer in safe mode only when it is sealed, signed and for this account', async () => {
    const wrong = [
      reply('明文'),
      sealedReply('假', previousKey),
      sealedReply('假', aesKey, { signature: 'f'.repeat(40) }),
      sealedReply('假', aesKey, { appId: 'wxsomebodyelse00' }),
    ]
    const wechat = await startWith([...wrong, sealedReply('真')], { mode: 'safe' })
    for (const _ of wrong) expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'fault' })
    expect(await wechat.citizen('oA').say('你好')).toMatchObject({ text: '真' })
    expect(fieldOf('Content')).toEqual(heard.map(() => undefined))
  })

  it('takes it in compatible mode sealed or not, and brings both', async () => {
    const wechat = await startWith([reply('明'), sealedReply('密')], { mode: 'compatible' })
    for (const text of ['明', '密']) expect(await wechat.citizen('oA').say('你好')).toMatchObject({ text })
    expect(heard[0]?.body).toMatch(/你好[\s\S]*<Encrypt>/)
  })

  it('seals with the key before the change and wants the answer under it', async () => {
    const wechat = await startWith([sealedReply('旧', previousKey), sealedReply('新')], { mode: 'safe' })
    const message = { MsgType: 'text', Content: '你好' }
    const citizen = wechat.citizen('oA')
    expect(await citizen.bring(message, { aesKey: previousKey })).toMatchObject({ text: '旧' })
    const sealed = /<Encrypt><!\[CDATA\[(.*?)\]\]>/.exec(heard[0]?.body ?? '')?.[1] ?? ''
    expect(unseal(previousKey, sealed).text).toContain('你好')
    expect(await citizen.bring(message, { aesKey: previousKey })).toEqual({ kind: 'fault' })
  })

  it('forges a signature, a moment, a nonce and an app id, and nothing else', async () => {
    const now = () => 1_700_000_000_000
    const wechat = await startWith(Array(4).fill(''), { mode: 'safe', now })
    const { driver } = wechat
    const fields = { FromUserName: 'oA', MsgType: 'text', Content: '你好' }
    await driver.post(fields, { signature: 'wrong' })
    await driver.post(fields, { offMs: -600_000 })
    await driver.post(fields, { replay: true })
    await driver.post(fields, { appId: 'wxsomebodyelse00' })
    const [forged, old, again, foreign] = heard
    expect([forged?.query.signature, forged?.query.msg_signature]).toEqual(['f'.repeat(40), 'f'.repeat(40)])
    expect(old?.query.timestamp).toBe('1699999400')
    expect(old?.query.signature).toBe(signatureOf(token, '1699999400', old?.query.nonce ?? ''))
    expect(again?.query.nonce).toBe(old?.query.nonce)
    expect(again?.body).not.toBe(old?.body)
    const sealed = /<Encrypt><!\[CDATA\[(.*?)\]\]>/.exec(foreign?.body ?? '')?.[1] ?? ''
    expect(unseal(aesKey, sealed).appId).toBe('wxsomebodyelse00')
  })

  it('repeats an earlier request to the byte', async () => {
    const wechat = await startWith(Array(4).fill(''), { mode: 'safe' })
    for (const text of ['一', '二']) await wechat.citizen('oA').say(text)
    await wechat.driver.replay()
    await wechat.driver.replay(2)
    expect(heard.map(one => [one.query, one.body])).toEqual(
      [0, 1, 1, 0].map(i => [heard[i]?.query, heard[i]?.body]),
    )
    await expect(wechat.driver.replay(3)).rejects.toThrow('no request')
  })

  it('brings one message many times at once, and shows an answer that was given twice', async () => {
    const wechat = await startWith([reply('一'), reply('一'), 'success'])
    const outcomes = await wechat.citizen('oA').storm('你好', 3)
    expect(outcomes.map(one => one.kind).sort()).toEqual(['shown', 'shown', 'taken'])
    expect(new Set(fieldOf('MsgId')).size).toBe(1)
    expect(texts(wechat)).toEqual(['一', '一'])
  })

  it('brings messages in another order than they were written', async () => {
    const wechat = await startWith([reply('先到'), '', reply('后到')])
    const outcomes = await wechat.citizen('oA').sayOutOfOrder('一', '二', '三')
    expect(outcomes.map(one => one.kind)).toEqual(['shown', 'taken', 'shown'])
    const ids = fieldOf('MsgId').map(Number)
    expect(ids).toEqual([...ids].sort((a, b) => b - a))
    expect(heard.map(one => /[一二三]/.exec(one.body)?.[0])).toEqual(['三', '二', '一'])
  })

  it('cuts a request short, does not hear an answer, and tries again', async () => {
    const wechat = await startWith([reply('没听见'), reply('听见了')])
    wechat.driver.faults.next('text', { kind: 'reset' }, { kind: 'unheard' })
    expect(await wechat.citizen('oA').say('你好')).toEqual({ kind: 'shown', text: '听见了', tried: 3 })
    const whole = heard.filter(one => one.body.endsWith('</xml>'))
    expect(whole).toHaveLength(2)
    expect(texts(wechat)).toEqual(['听见了'])
    expect(Object.fromEntries(wechat.driver.faults.struck)).toEqual({ reset: 1, unheard: 1 })
  })

  it('shows nothing to somebody who has gone', async () => {
    const wechat = await startWith([reply('再见'), 500, 500, 500])
    expect(await wechat.citizen('oA').unfollow()).toEqual({ kind: 'taken', tried: 1 })
    expect(await wechat.citizen('oA').unfollow()).toEqual({ kind: 'fault' })
    expect(texts(wechat)).toEqual([])
  })

  it('ends with the emulator', async () => {
    const patience = () => new AbortController().signal
    let asked = false
    const callback = await open(() => {
      asked = true
    })
    const wechat = await createWechatEmulator({ callback, patience })
    const outcome = wechat.citizen('oA').say('你好')
    await until('it was asked', () => asked)
    await wechat.close()
    expect(await outcome).toEqual({ kind: 'fault' })
    expect(wechat.citizens.shown).toEqual([])
  })
})
