import { describe, expect, it } from 'vitest'
import {
  ChannelFailure,
  type Document,
  guardJurisdiction,
  mayLeave,
  paragraph,
  staysInMainland,
} from '#channel'
import { createFakeChannel } from '../delivery/fake-channel.ts'

const file = { kind: 'file', name: '回执.pdf', type: 'application/pdf', data: '', personal: true } as const
const letter: Document = [paragraph('您的回执'), file]
const abroad = { mainland: false }
const mainland = { mainland: true }

describe('the jurisdiction of a channel', () => {
  it('keeps files with personal data at home, and nothing else', () => {
    expect(mayLeave(letter, mainland)).toBe(true)
    expect(mayLeave(letter, abroad)).toBe(false)
    expect(mayLeave([paragraph('年报'), { ...file, personal: false }], abroad)).toBe(true)
    expect(mayLeave([paragraph('您好')], abroad)).toBe(true)
    expect([staysInMainland(mainland), staysInMainland(abroad)]).toEqual([true, false])
  })

  it('refuses for good to send what may not leave, and sends the rest', async () => {
    const channel = createFakeChannel(abroad)
    const guarded = guardJurisdiction(channel)
    const message = { id: '1', chat: 'a', createdAt: 0 }
    const refused = await guarded.send({ ...message, document: letter }).catch(error => error)
    expect(refused).toBeInstanceOf(ChannelFailure)
    expect(refused.detail).toEqual({ stage: 'refused', retryable: false })
    await guarded.send({ ...message, document: [paragraph('您好')] })
    expect(channel.attempts).toEqual(['您好'])
    expect(guarded.account).toBe(channel.account)
  })
})
