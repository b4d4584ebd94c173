import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import WechatCrypto from 'wechat-crypto'
import { parseMessage, sealedIn } from '../../bots/official-account/decode.ts'
import { isSigned, openRequest } from '../../bots/official-account/envelope.ts'
import { seal, sealedSignatureOf, signatureOf } from '../emulators/wechat/index.ts'
import { keys } from './official-account-stage.ts'

const now = Date.UTC(2026, 10, 23, 1)
const timestamp = String(now / 1000)
const xml = '<xml><Content>您好</Content></xml>'
const previousAesKey = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq'
const { aesKey: _, ...plain } = keys

function sealed(changed: { key?: string; appId?: string; at?: string; body?: string } = {}) {
  const { key = keys.aesKey, appId = keys.appId, at = timestamp } = changed
  const text = seal(key, xml, appId)
  const query = new URLSearchParams({ timestamp: at, nonce: '42', encrypt_type: 'aes' })
  query.set('msg_signature', sealedSignatureOf(keys.token, at, '42', text))
  return { query, body: changed.body ?? `<xml><Encrypt><![CDATA[${text}]]></Encrypt></xml>`, now, sealedIn }
}

describe('a request of WeChat', () => {
  it('is opened with the key, the one before it too, and answered with the same', () => {
    for (const key of [keys.aesKey, previousAesKey]) {
      const opened = openRequest({ ...keys, previousAesKey }, sealed({ key }))
      expect(opened?.xml).toBe(xml)
      const other = new WechatCrypto(keys.token, key, keys.appId)
      expect(other.decrypt(sealedIn(opened?.wrap('<xml/>', now) ?? '') ?? '')).toEqual({
        message: '<xml/>',
        id: keys.appId,
      })
    }
  })

  it('is read from what is sealed in compatible mode too, whatever stands beside it', () => {
    const request = sealed()
    const body = request.body.replace('<xml>', '<xml><Content><![CDATA[别的话]]></Content>')
    expect(openRequest(keys, { ...request, body })?.xml).toBe(xml)
  })

  it('is refused for another account, with another key, wrongly signed, too old or too new, or in plain', () => {
    const wrong = sealed()
    wrong.query.set('msg_signature', 'f'.repeat(40))
    const open = sealed()
    open.query.delete('encrypt_type')
    const far = (minutes: number) => sealed({ at: String(now / 1000 + minutes * 60) })
    for (const request of [
      sealed({ appId: 'wxsomebodyelse00' }),
      sealed({ key: previousAesKey }),
      wrong,
      far(6),
      far(-6),
      open,
      sealed({ body: '<xml><Encrypt></Encrypt></xml>' }),
      sealed({ body: 'no xml' }),
      sealed({ body: '<!DOCTYPE x [<!ENTITY e "x">]><xml><Encrypt>&e;</Encrypt></xml>' }),
    ])
      expect(openRequest(keys, request)).toBeUndefined()
    expect(openRequest(keys, far(4))?.xml).toBe(xml)
  })

  it('is taken in plain where no key is set, when it is signed', () => {
    const query = new URLSearchParams({
      timestamp,
      nonce: '42',
      signature: signatureOf(keys.token, timestamp, '42'),
    })
    expect(isSigned(plain, query, now)).toBe(true)
    const opened = openRequest(plain, { query, body: xml, now, sealedIn })
    expect([opened?.xml, opened?.wrap('<a/>', now)]).toEqual([xml, '<a/>'])
    query.set('nonce', '43')
    expect(openRequest(plain, { query, body: xml, now, sealedIn })).toBeUndefined()
  })

  it('is never opened when a single character of it is changed', () => {
    const { query, body } = sealed()
    const start = body.indexOf('[CDATA[') + 7
    fc.assert(
      fc.property(fc.nat(body.length - start - 20), at => {
        const place = start + at
        const other = body[place] === 'A' ? 'B' : 'A'
        const changed = body.slice(0, place) + other + body.slice(place + 1)
        expect(openRequest(keys, { query, body: changed, now, sealedIn })).toBeUndefined()
      }),
    )
  })

  it('keeps numbers, blanks and markup as the texts that they are', () => {
    const message = parseMessage(
      '<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><MsgId>007</MsgId><Content><![CDATA[  007 <b>&amp;  ]]></Content></xml>',
    )
    expect([message?.MsgId, message?.Content]).toEqual(['007', '  007 <b>&amp;  '])
  })
})
