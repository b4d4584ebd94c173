/** Under whose law a channel stands, and what may not leave over it. The one reader of `traits.mainland`. */

import { ChannelFailure } from '#base/errors'
import type { Channel, ChannelTraits } from './contract.ts'
import type { Document } from './document.ts'

/** Whether what is sent over a channel stays under mainland jurisdiction (个人信息保护法 Art 38–40). */
export function staysInMainland(traits: Pick<ChannelTraits, 'mainland'>): boolean {
  return traits.mainland
}

/** Whether a document may be sent over a channel: a file with personal data does not leave the mainland. */
export function mayLeave(document: Document, traits: Pick<ChannelTraits, 'mainland'>): boolean {
  return staysInMainland(traits) || !document.some(block => block.kind === 'file' && block.personal)
}

/** The same channel, which refuses for good what may not leave over it. */
export function guardJurisdiction(channel: Channel): Channel {
  return {
    ...channel,
    async send(message) {
      if (mayLeave(message.document, channel.traits)) return channel.send(message)
      const reason = 'a file with personal data does not leave the mainland'
      throw new ChannelFailure(reason, { stage: 'refused', retryable: false })
    },
  }
}
