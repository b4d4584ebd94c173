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
  /** For each grain those that follow it, and how often. */
  const followers = new Map<string, Map<string, number>>()
  const alike = new Map<string, Set<string>>()
  const sounds = new Map<string, string>()
  for (const text of texts) {
    let left: string | undefined
    for (const grain of grainsOf(text)) {
      if (left !== undefined) follow(left, grain)
      left = grain
    }
  }
  for (const character of new Set(texts.join('').match(/\p{Script=Han}/gu) ?? [])) {
    const sound = soundOnceOf(character)
    alike.set(sound, (alike.get(sound) ?? new Set()).add(character))
  }

  function follow(left: string, right: string): void {
    const rights = followers.get(left) ?? new Map<string, number>()
    followers.set(left, rights.set(right, (rights.get(right) ?? 0) + 1))
  }

  function soundOnceOf(character: string): string {
    const sound = sounds.get(character) ?? soundOf(character)
    sounds.set(character, sound)
    return sound
  }

  /** How often the one stands before the other, as a power of e. */
  const weigh = (rights: ReadonlyMap<string, number> | undefined, right: string | undefined) =>
    rights === undefined || right === undefined ? 0 : Math.log1p(rights.get(right) ?? 0)

  function better(grains: readonly string[], at: number): string | undefined {
    const typed = grains[at] ?? ''
    if (!han.test(typed)) return undefined
    const before = followers.get(grains[at - 1] ?? '')
    const fitOf = (character: string) =>
      weigh(before, character) + weigh(followers.get(character), grains[at + 1])
    let [best, most] = [undefined as string | undefined, fitOf(typed) + muchBetter]
    for (const other of alike.get(soundOnceOf(typed)) ?? []) {
      const value = fitOf(other)
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
