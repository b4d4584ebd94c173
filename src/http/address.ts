/** Who is asking, behind proxies that are trusted by name. */
import { BlockList, isIP } from 'node:net'

/** Parses addresses and networks (`10.0.0.0/8`, `::1`) separated by commas. Undefined when one of them is neither. */
export function parseNetworks(text: string): BlockList | undefined {
  const networks = new BlockList()
  for (const part of text
    .split(',')
    .map(p => p.trim())
    .filter(Boolean)) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? []
    const version = isIP(address)
    if (version === 0) return undefined
    const prefix = bits === undefined ? undefined : Number(bits)
    const family = version === 6 ? 'ipv6' : 'ipv4'
    if (prefix !== undefined && prefix > (version === 6 ? 128 : 32)) return undefined
    if (prefix === undefined) networks.addAddress(address, family)
    else networks.addSubnet(address, prefix, family)
  }
  return networks
}

function isTrusted(address: string, trusted: BlockList): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  const version = isIP(plain)
  return version !== 0 && trusted.check(plain, version === 6 ? 'ipv6' : 'ipv4')
}

/**
 * The nearest address that no trusted proxy has vouched for: X-Forwarded-For is read from its end, and only as far
 * as the proxies are trusted; what a client wrote in front of it is never believed.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trusted: BlockList): string {
  let nearest = peer
  const hops = (forwardedFor ?? '').split(',').map(h => h.trim())
  while (isTrusted(nearest, trusted)) {
    const next = hops.pop()
    if (!next || isIP(next) === 0) break
    nearest = next
  }
  return nearest
}
