/** What a message means after the one before it, and whether it asks several things at once. Pure. */
import { lengthOf } from '#base/text'

/** Asks something, whatever its last sign is. */
const asks =
  /[?？]|[吗么呢]$|怎么|怎样|如何|多少|多久|几(天|个|年|次|倍|号|岁)|什么|哪|谁|是不是|能不能|可不可以|要不要|会不会|有没有|算不算|该不该|能否|是否|可否|合法|违法|行不行|咋/u

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

const mostQuestions = 4
const leastQuestion = 4

/** The separate questions in a message, in order; one only when it asks no more than one thing. */
export function splitQuestions(text: string): string[] {
  const parts = text
    .split(
      /[?？。！!；;\n]+|(?:^|\s)(?:\d{1,2}|[一二三四])[.、．)）]\s*|(?:另外|还有|再问(?:一下|一个)?|顺便问(?:一下)?|第二个问题)[，,：:]?/u,
    )
    .map(part => part.replace(/^[，,、\s]+|[，,、\s]+$/gu, ''))
    .filter(part => lengthOf(part) >= leastQuestion && asks.test(part))
  return parts.length > 1 && parts.length <= mostQuestions ? parts : [text]
}
