/** The page's requests, as the contract has them, → ours. Pure. */
import { z } from 'zod'
import { type Bookmark, type Incoming, isUuid } from '#channel'

const longestText = 2000
// Every character may be written as an escape: six bytes, and twice that beyond the first plane.
const longestBody = 12 * longestText + 1_000

/** What can be stored and found again: no control characters, no halves of characters. */
const isPlain = (id: string) => id.isWellFormed() && !/\p{Cc}/u.test(id)
const id = z.string().min(1).max(64).refine(isPlain)
const shape = z
  .object({
    conversation: z.string().optional(),
    clientId: id,
    text: z.string().optional(),
    choice: id.optional(),
  })
  .refine(({ text, choice }) => text === undefined || choice === undefined)
const malformed =
  '请求的格式不对：需要 clientId（1到64个字符，不能有控制字符或者半个字符），以及 text 或 choice 中的一个，不能两个都有。请刷新页面后再试。'

export type Decoded = { incoming: Incoming } | { code: string; problem: string; status: 400 | 413 }

function refuse(code: string, problem: string, status: 400 | 413 = 400): Decoded {
  return { code, problem, status }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The id of the last event that a page has; the id of a message alone will do. */
export function parseBookmark(text: string): Bookmark | undefined {
  const [, id, createdAt] = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text) ?? []
  if (id === undefined) return undefined
  return createdAt === undefined ? { id } : { id, createdAt: Number(createdAt) }
}

/** `newUuid` names a conversation when the page did not. */
export function decode(body: string, newUuid: () => string): Decoded {
  if (body.length > longestBody)
    return refuse('too-long', `内容太长了，请缩短到${longestText}字以内再发。`, 413)
  const parsed = shape.safeParse(parseJson(body))
  if (!parsed.success) return refuse('malformed', malformed)
  const { conversation, clientId, choice } = parsed.data
  const text = (parsed.data.text ?? '').replaceAll('\u0000', ' ').toWellFormed()
  if (conversation !== undefined && !isUuid(conversation))
    return refuse('conversation', '对话编号不对，请点「新对话」重新开始。')
  if (text.length > longestText && [...text].length > longestText)
    return refuse('too-long', `您的消息超过了${longestText}字，请缩短后再发。`, 413)
  if (choice === undefined && text.trim() === '') return refuse('empty', '消息是空的，请输入您想问的内容。')
  const incoming = { chat: conversation?.toLowerCase() ?? newUuid(), nativeId: clientId, text }
  return { incoming: choice === undefined ? incoming : { ...incoming, choice } }
}
