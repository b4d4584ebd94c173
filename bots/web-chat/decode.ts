/** The page's requests, as the contract has them, → ours. Pure. */
import { z } from 'zod'
import { type Incoming, isUuid } from '#channel'

const longestText = 2000
// Every character may be written as an escape: six bytes, and twice that beyond the first plane.
const longestBody = 12 * longestText + 1_000

/** What can be stored and found again: no control characters, no halves of characters. */
const isPlain = (id: string) => id.isWellFormed() && !/\p{Cc}/u.test(id)
const id = z.string().min(1).max(64).refine(isPlain)
/** Where a text comes with a choice it is what stood on the button: the choice counts. */
const shape = z.object({
  conversation: z.string().optional(),
  clientId: id,
  text: z.string().optional(),
  choice: id.optional(),
})

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

/** `newUuid` names a conversation when the page did not. */
export function decode(body: string, newUuid: () => string): Decoded {
  if (body.length > longestBody)
    return refuse('too-long', `内容太长了，请缩短到${longestText}字以内再发。`, 413)
  const parsed = shape.safeParse(parseJson(body))
  if (!parsed.success)
    return refuse(
      'malformed',
      '请求的格式不对：需要 clientId，以及 text 或 choice 中的一个。请刷新页面后再试。',
    )
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
