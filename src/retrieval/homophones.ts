/** Characters typed by their sound: one that fits nowhere is exchanged for one that sounds alike and fits. */
import pinyin from 'tiny-pinyin'
import { grainsOf } from './normalise.ts'

const han = /^\p{Script=Han}$/u

// What input methods and dialects of the south take for one another.
const likeness: readonly (readonly [RegExp, string])[] = [
  [/^zh/, 'z'],
  [/^ch/, 'c'],
  [/^sh/, 's'],
  [/^l/, 'n'],
  [/^h(?=u)/, 'f'],
  [/ng$/, 'n'],
  [/^me$/, 'ma'],
]

function soundOf(character: string): string {
  const syllable = pinyin.convertToPinyin(character, '', true)
  return likeness.reduce((sound, [pattern, like]) => sound.replace(pattern, like), syllable)
}

export interface Homophones {
  /** The text with what was mistyped mended; undefined when nothing in it can be. */
  mend(text: string): string | undefined
}

/** How much better another character must fit, in powers of e over its two neighbours. */
const muchBetter = 4

/** Learns from texts that are written as they should be. */
export function createHomophones(texts: readonly string[]): Homophones {
  const pairs = new Map<string, number>()
  const alike = new Map<string, Set<string>>()
  for (const text of texts) {
    const grains = grainsOf(text)
    grains.forEach((grain, i) => {
      const pair = grain + (grains[i + 1] ?? '')
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    })
  }
  for (const character of new Set(texts.join('').match(/\p{Script=Han}/gu) ?? [])) {
    const sound = soundOf(character)
    alike.set(sound, (alike.get(sound) ?? new Set()).add(character))
  }

  const count = (left: string | undefined, right: string | undefined) =>
    left === undefined || right === undefined ? 0 : (pairs.get(left + right) ?? 0)

  /** How well a character stands between its neighbours. */
  const fitOf = (grains: readonly string[], at: number, character: string | undefined) =>
    Math.log1p(count(grains[at - 1], character)) + Math.log1p(count(character, grains[at + 1]))

  function better(grains: readonly string[], at: number): string | undefined {
    const typed = grains[at] ?? ''
    if (!han.test(typed)) return undefined
    let [best, most] = [undefined as string | undefined, fitOf(grains, at, typed) + muchBetter]
    for (const other of alike.get(soundOf(typed)) ?? []) {
      const value = fitOf(grains, at, other)
      if (value > most) [best, most] = [other, value]
    }
    return best
  }

  return {
    mend(text) {
      const grains = grainsOf(text)
      let mended = false
      for (let at = 0; at < grains.length; at++) {
        const other = better(grains, at)
        if (other === undefined) continue
        grains[at] = other
        mended = true
      }
      return mended ? grains.join('') : undefined
    },
  }
}
