/** What a message means after the one before it, and whether it asks several things at once. Pure. */
import { lengthOf } from '#base/text'

/** Asks something, whatever its last sign is. */
const asks =
  /[?？]|[吗么呢]$|怎么|怎样|如何|多少|多久|多长|多大|几(天|个|年|次|倍|号|岁|折|分|档|级)|什么|啥|哪|谁|是不是|[不没]$|给不给|报不报|管不管|收不收|包不包|能不能|可不可以|要不要|会不会|有没有|算不算|该不该|能否|是否|可否|合法|违法|行不行|咋/u

/** Begins or ends as only a question does that hangs on another. */
const leaning =
  /^(那|那么|那要|这个|这种|这|它|如果|要是|假如|万一|但|但是|可|可是|还|还有|另外|不(给|同意|批|办|认|交|去|服|签)|超过|跨|同样|一样|也)|我(呢|是)|呢[?？]?$|(也|都)(一样|可以|行|算|要|能)?吗[?？]?$/u

/** Begins anew, however short it is. */
const longestLeaning = 16

/** A question too short to name its own subject may hang on the one before. */
export function maybeFollowUp(text: string): boolean {
  return lengthOf(text) <= longestLeaning
}

/** A question that says by its form that it hangs on the one before. */
export function leansBack(text: string): boolean {
  return maybeFollowUp(text) && leaning.test(text.trim())
}

const bare =
  /^(请问|那|这|该|我?要)?(怎么(办|弄|搞|回事)|咋[办整弄]|多少(钱|天)?|多久|多长时间|[什啥]么?时候|在哪|去哪|为[什啥]么?|可以吗|行不行|行吗)[呢啊呀]?[?？。!！]*$/u

/** Asks, and does not say about what. */
export const isBare = (text: string): boolean => bare.test(text.trim())

const mostQuestions = 4
const leastQuestion = 4

const breaks =
  /[。！!；;\n]+|(?:^|\s)(?:\d{1,2}|[一二三四])[.、．)）]\s*|[①②③④]|(?:问题|第|[一二三四]是)[一二三四]?(?:个问题)?[，,：:]|(?:另外|还有|再问(?:一下|一个)?|顺便问(?:一下)?)[，,：:]?/u
/** Words of asking that ask nothing here: 什么也没交, 不知道怎么办. */
const asksNothing =
  /(什么|谁|哪里?|怎么|多少)[也都]|(不知道|不清楚|不懂|搞不清|没说|说不清|忘了|没什么|不管|无论)(该|要)?(怎么|什么|多少|哪|谁|几|如何|为什么)/gu

function askingParts(parts: readonly string[]): string[] {
  return parts
    .map(part => part.replace(/^[，,、\s]+|[，,、\s]+$/gu, ''))
    .filter(part => lengthOf(part) >= leastQuestion && asks.test(part.replace(asksNothing, '')))
}

/**
 * The sentences of a message that ask something, in order; none where it asks more than can be answered in turn.
 * Whoever sets question marks sets them to all questions but the last.
 */
export function splitQuestions(text: string): string[] {
  const sentences = text.match(/[^?？]+[?？]*/gu) ?? []
  const marked = sentences.filter(sentence => /[?？]$/u.test(sentence))
  const rest = marked.length < sentences.length ? (sentences.at(-1) ?? '') : ''
  const own = marked.map(sentence => sentence.split(breaks).findLast(part => part.trim() !== '') ?? '')
  const parts = askingParts(
    marked.length === 0 ? text.split(breaks) : [...own, ...rest.split(breaks).slice(0, 1)],
  )
  return parts.length <= mostQuestions ? parts : []
}

/** The clauses of one sentence that each ask something, in order: perhaps several questions, perhaps one. */
export function splitClauses(text: string): string[] {
  const parts = askingParts(text.split(/[，,、\s]+/u))
  return parts.length > 1 && parts.length <= mostQuestions ? parts : []
}
