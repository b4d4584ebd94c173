/** What leaves by itself: customer-service messages, and pictures, which WeChat wants uploaded first. */
import { hash } from 'node:crypto'
import { ChannelFailure, type ChannelHost, type Document, type Outgoing } from '#channel'
import { type Content, formatSend, oneText, type Picture, pictureIn, textsOf } from './encode.ts'
import { callWith, type Tokens } from './token.ts'
import { type Api, ApiFailure } from './transport.ts'

const sendPath = '/cgi-bin/message/custom/send'
const uploadPath = '/cgi-bin/media/upload?type=image'
/** An uploaded picture is kept for three days. */
const mediaMs = 3 * 24 * 60 * 60_000 - 60_000

export interface Sender {
  send(message: Outgoing): Promise<{ nativeId?: string }>
  /** These documents as the one content that an answer in WeChat's request holds. */
  contentOf(documents: readonly Document[]): Promise<Content>
}

export interface SenderOptions {
  api: Api
  host: ChannelHost
  /** Absent: nothing is sent by itself, and no picture. */
  tokens: Tokens | undefined
  /** WeChat said something of the account, or (without words) did what it was asked. */
  onWord(failure?: ApiFailure): void
}

export function createSender({ api, host, tokens, onWord }: SenderOptions): Sender {
  async function call(path: string, body: () => string | FormData): Promise<Record<string, unknown>> {
    if (!tokens)
      throw new ChannelFailure('without an app secret nothing is sent by itself', {
        stage: 'refused',
        retryable: false,
        windowClosed: true,
      })
    try {
      const told = await callWith(tokens, api, { path, body })
      onWord()
      return told
    } catch (error) {
      if (error instanceof ApiFailure) onWord(error)
      throw error
    }
  }

  async function upload({ data }: Picture): Promise<string> {
    const key = `media:${hash('sha256', data)}`
    const known = await host.cache.get<string>(key)
    if (known) return known
    const form = () => {
      const body = new FormData()
      body.set('media', new Blob([Buffer.from(data, 'base64')], { type: 'image/png' }), 'picture.png')
      return body
    }
    // What fails here has shown nobody anything.
    const told = await call(uploadPath, form).catch(error => {
      if (!(error instanceof ChannelFailure) || error.detail.stage !== 'after') throw error
      throw new ApiFailure(error.message, { stage: 'before', retryable: true })
    })
    const mediaId = String(told.media_id ?? '')
    await host.cache.set(key, mediaId, mediaMs)
    return mediaId
  }

  async function sendOne(content: Content, to: string): Promise<void> {
    await call(sendPath, () => formatSend(content, to))
  }

  return {
    async send({ chat, document }) {
      const picture = pictureIn(document)
      const contents: Content[] = picture
        ? [{ kind: 'image', mediaId: await upload(picture) }]
        : textsOf(document).map(text => ({ kind: 'text', text }))
      let shown = 0
      for (const content of contents) {
        await sendOne(content, chat).catch(error => {
          if (shown === 0) throw error
          // The beginning stands there: to begin anew would show it twice.
          throw new ApiFailure(`only the beginning was shown: ${String(error)}`, {
            stage: 'after',
            retryable: false,
          })
        })
        shown++
      }
      return {}
    },
    async contentOf(documents) {
      const [first = []] = documents
      const picture = documents.length === 1 ? pictureIn(first) : undefined
      const mediaId = picture && (await upload(picture).catch(() => undefined))
      return mediaId ? { kind: 'image', mediaId } : { kind: 'text', text: oneText(documents) }
    },
  }
}
