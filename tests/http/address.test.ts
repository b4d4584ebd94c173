/** Who is asking: believed from trusted proxies only. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientAddress, parseNetworks } from '#http'

function networks(text: string) {
  const parsed = parseNetworks(text)
  if (!parsed) throw new Error(`no networks: ${text}`)
  return parsed
}

describe('the address of a client', () => {
  const trusted = networks('127.0.0.1, 10.0.0.0/8, ::1')

  it.each([
    ['without a proxy is that of the connection', '203.0.113.7', undefined, '203.0.113.7'],
    ['is not what a stranger claims', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['behind a proxy is what the proxy says', '10.0.0.5', '203.0.113.7', '203.0.113.7'],
    ['behind two proxies is what the outer one says', '127.0.0.1', '203.0.113.7, 10.0.0.5', '203.0.113.7'],
    ['is not what a client wrote before the proxy did', '10.0.0.5', '1.1.1.1, 203.0.113.7', '203.0.113.7'],
    ['is not a trusted one that a client wrote', '10.0.0.5', '10.9.9.9, 203.0.113.7', '203.0.113.7'],
    ['is the proxy itself when it says nothing', '10.0.0.5', undefined, '10.0.0.5'],
    ['is the proxy itself when it says nothing sensible', '10.0.0.5', 'unknown', '10.0.0.5'],
    ['is the last sensible hop', '10.0.0.5', '203.0.113.7, garbage', '10.0.0.5'],
    ['may be IPv6', '::1', '2001:db8::7', '2001:db8::7'],
    ['behind a proxy over mapped IPv6', '::ffff:10.0.0.5', '203.0.113.7', '203.0.113.7'],
    ['of a request from within is the outermost trusted one', '10.0.0.5', '10.0.0.6, 10.0.0.7', '10.0.0.6'],
    ['with blanks and commas too many', '10.0.0.5', ' 203.0.113.7 ', '203.0.113.7'],
    ['of a connection that is gone', '', '203.0.113.7', ''],
  ])('%s', (_, peer, forwarded, address) => {
    expect(clientAddress(peer, forwarded, trusted)).toBe(address)
  })

  it('is never believed when no proxy is trusted', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.array(fc.ipV4()), (peer, hops) => {
        expect(clientAddress(peer, hops.join(', '), networks(''))).toBe(peer)
      }),
    )
  })

  it('does not change with what a client writes in front', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.ipV4(), fc.string())), lies => {
        const forwarded = [...lies, '203.0.113.7'].join(',')
        expect(clientAddress('10.0.0.5', forwarded, trusted)).toBe('203.0.113.7')
      }),
    )
  })
})

describe('networks', () => {
  it.each(['', ' , ', '127.0.0.1', '10.0.0.0/8,192.168.0.0/16', '::1, fd00::/8', '0.0.0.0/0', '10.0.0.1/32'])(
    'are read from %j',
    text => {
      expect(parseNetworks(text)).toBeDefined()
    },
  )

  it.each([
    'localhost',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/x',
    '::1/129',
    '1.2.3.4;5.6.7.8',
    '300.1.1.1',
  ])('are refused where one is none: %j', text => {
    expect(parseNetworks(text)).toBeUndefined()
    expect(parseNetworks(`127.0.0.1,${text}`)).toBeUndefined()
  })

  it.each(['10.0.0.0/', '::1/', '10.0.0.0/8/24', '10.0.0.0/0x8', '10.0.0.0/1e1'])(
    'are refused where the length is none: %j',
    text => {
      expect(parseNetworks(text)).toBeUndefined()
    },
  )

  it('hold what lies in them and nothing else', () => {
    const trusted = networks('10.1.0.0/16,2001:db8::/32')
    expect(trusted.check('10.1.255.255', 'ipv4')).toBe(true)
    expect(trusted.check('10.2.0.0', 'ipv4')).toBe(false)
    expect(trusted.check('2001:db8::1', 'ipv6')).toBe(true)
    expect(trusted.check('2001:db9::1', 'ipv6')).toBe(false)
  })
})
