/**
 * The contract between the gateway and a messaging platform. A channel decodes what arrives into `Incoming`,
 * encodes a typed `Document` into what the platform takes, and states its limits as `ChannelTraits`. It decides
 * nothing: no keyword, no greeting, no rule. This is the only door of the product that bots/ may import.
 */

export type { Clock } from '#base/clock'
export { ChannelFailure, Refusal } from '#base/errors'
export { isUuid } from '#base/ids'
export type { Log } from '#base/log'
export type {
  Allowance,
  Attachment,
  Bookmark,
  Channel,
  ChannelCache,
  ChannelHealth,
  ChannelHost,
  ChannelReport,
  ChannelTraits,
  ChatChange,
  Incoming,
  Outgoing,
  PassiveReply,
  PassiveRequest,
  Past,
} from './contract.ts'
export type { Block, Choice, CitationBlock, Document } from './document.ts'
export { choices, choicesOf, citationsOf, heading, link, list, paragraph, parseBody } from './document.ts'
export { guardJurisdiction, mayLeave, staysInMainland } from './jurisdiction.ts'
export { divide, fitsOne } from './parts.ts'
export { formatCitation, formatPlain, splitPlain, type TextBudget } from './plain.ts'
export { encodeBody, exchangeOver } from './wire.ts'
