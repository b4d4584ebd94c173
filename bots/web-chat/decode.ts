/** The page's requests, as the contract has them, → ours. Pure. */
import { z } from 'zod'
import { type Incoming, isUuid } from '#channel'

const longestText = 2000
const longestBody = 16_000

const shape = z.object({
  conversation: z.string().optional(),
  clientId: z.string().min(1).max(64),
  text: z.string().optional(),
  choice: z.string().min(1).max(64).optional(),
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
  const { conversation, clientId, text = '', choice } = parsed.data
  if (conversation !== undefined && !isUuid(conversation))
    return refuse('conversation', '对话编号不对，请点「新对话」重新开始。')
  if (text.length > longestText && [...text].length > longestText)
    return refuse('too-long', `您的消息超过了${longestText}字，请缩短后再发。`, 413)
  if (choice === undefined && text.trim() === '') return refuse('empty', '消息是空的，请输入您想问的内容。')
  const incoming = { chat: conversation?.toLowerCase() ?? newUuid(), nativeId: clientId, text }
  return { incoming: choice === undefined ? incoming : { ...incoming, choice } }
}
