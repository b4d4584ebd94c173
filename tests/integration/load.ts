/** Citizens who send their messages in order, and each message again until it is answered. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

const shortestPatienceMs = 1_500
const longestPatienceMs = 5_000
const giveUpMs = 90_000
const waveLength = 3
const between = (low: number, high: number) => Math.round(low + Math.random() * (high - low))

export interface SentMessage {
  clientId: string
  text: string
  /** Messages of one wave were under way together: whichever arrives first comes first. */
  wave: number
  /** The ids of the replies that came with the 200; undefined when it never came. */
  replies: string[] | undefined
}

export interface SentConversation {
  id: string
  /** `one by one`: the next message after the reply to the one before; `at once`: several under way together. */
  manner: 'one by one' | 'at once'
  /** In the order in which they were sent. */
  messages: SentMessage[]
  /** How many messages for the staff it leaves. */
  left: number
}

export interface Load {
  conversations: SentConversation[]
  /** Ends after every conversation that has begun is through. */
  finish(): Promise<void>
}

const questions = [
  '失业金怎么领',
  '你好',
  '工伤认定多久内申请',
  'hello world',
  '年假几天',
  '今天天气怎么样',
  '谢谢',
]

function questionsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => questions[(i * 3 + count) % questions.length] ?? '')
}

function planConversation(): SentConversation & { texts: string[] } {
  const id = randomUUID()
  const base = { id, messages: [], left: 0, manner: 'one by one' as const }
  const dice = Math.random()
  if (dice < 0.3) return { ...base, manner: 'at once', texts: questionsOf(9) }
  if (dice < 0.6) return { ...base, texts: questionsOf(Math.ceil(between(3, 12))) }
  const left = ['年假几天', '人工', '1', '请帮我看看这件事，谢谢您', '跳过', '确认提交', '谢谢']
  return { ...base, texts: left, left: 1 }
}

/** One attempt: the ids of the replies on a 200, undefined otherwise. Throws when the connection fails. */
export async function post(
  port: number,
  body: { conversation: string; clientId: string; text: string },
  patienceMs = longestPatienceMs,
): Promise<string[] | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/api/chat/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patienceMs),
  })
  const content = (await response.json()) as { messages?: { id: string }[] }
  if (response.status !== 200) return undefined
  return (content.messages ?? []).map(message => message.id)
}

/** Sends until there is a 200, each time to the next port. */
export async function sendUntilAnswered(
  ports: readonly number[],
  { conversation, clientId, text }: { conversation: string; clientId: string; text: string },
  turn: number,
): Promise<string[] | undefined> {
  const end = performance.now() + giveUpMs
  for (let i = turn; performance.now() < end; i++) {
    const port = ports[i % ports.length] ?? 0
    const body = { conversation, clientId, text }
    const replies = await post(port, body, between(shortestPatienceMs, longestPatienceMs)).catch(
      () => undefined,
    )
    if (replies) return replies
    await delay(between(20, 120))
  }
  return undefined
}

async function converse(
  ports: readonly number[],
  plan: SentConversation,
  texts: readonly string[],
): Promise<void> {
  const underWay: Promise<void>[] = []
  for (const [i, text] of texts.entries()) {
    const wave = plan.manner === 'at once' ? Math.floor(i / waveLength) : i
    const message: SentMessage = { clientId: `c${i}`, text, wave, replies: undefined }
    plan.messages.push(message)
    const sent = sendUntilAnswered(ports, { conversation: plan.id, ...message }, i).then(replies => {
      message.replies = replies
    })
    underWay.push(sent)
    if (plan.manner === 'one by one' || i % waveLength === waveLength - 1) await Promise.all(underWay)
    await delay(between(0, 30))
  }
  await Promise.all(underWay)
}

/** Starts so many citizens; each begins another conversation when one is through. */
export function startLoad(ports: readonly number[], citizens: number): Load {
  const conversations: SentConversation[] = []
  let over = false
  async function live(): Promise<void> {
    while (!over) {
      const { texts, ...plan } = planConversation()
      conversations.push(plan)
      await converse(ports, plan, texts)
    }
  }
  const lives = Array.from({ length: citizens }, live)
  return {
    conversations,
    async finish() {
      over = true
      await Promise.all(lives)
    },
  }
}
