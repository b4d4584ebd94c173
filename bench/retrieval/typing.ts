/** Questions mistyped as people do it with an input method: now and then another character of the same sound. */
import pinyin from 'tiny-pinyin'

/** One character in so many, on average. */
const every = 10

/** Learns which characters sound alike from texts; the same question gets the same errors each time. */
export function createTypist(texts: readonly string[]): (question: string) => string {
  const soundOf = (character: string) => pinyin.convertToPinyin(character, '', true)
  const characters = new Set(texts.join('').match(/\p{Script=Han}/gu))
  const alike = Map.groupBy(characters, soundOf)
  let state = 1
  const draw = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
  const mistype = (character: string): string => {
    const others = (alike.get(soundOf(character)) ?? []).filter(other => other !== character)
    return draw(every) === 0 && others.length > 0 ? (others[draw(others.length)] as string) : character
  }
  return question => {
    state = question.length
    return question.replaceAll(/\p{Script=Han}/gu, mistype)
  }
}
