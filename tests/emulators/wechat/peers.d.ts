/** Two packages without types, as far as the tests use them. */
declare module 'wechat-crypto' {
  export default class WechatCrypto {
    constructor(token: string, aesKey: string, appId: string)
    getSignature(timestamp: string, nonce: string, encrypted: string): string
    decrypt(text: string): { message: string; id: string }
    encrypt(text: string): string
  }
}
declare module 'wechat' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  type Config = string | { token: string; appid: string; encodingAESKey: string }
  type Weixin = { weixin: Record<string, string> }
  type Handle = (
    request: IncomingMessage & Weixin,
    response: ServerResponse & { reply(text: string): void },
  ) => void
  export default function wechat(
    config: Config,
    handle: Handle,
  ): (
    request: IncomingMessage & { query: Record<string, string> },
    response: ServerResponse,
    next: () => void,
  ) => void
}
