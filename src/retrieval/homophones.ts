/** Characters typed by their sound: one that fits nowhere is exchanged for one that sounds alike and fits. */
import pinyin from 'tiny-pinyin'
import { createPairs, grainsOf } from './normalise.ts'

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
  /** Takes in further texts; what was learned before stays. */
  learn(texts: readonly string[]): void
}

/** How much better another character must fit, in powers of e over its two neighbours. */
const muchBetter = 4

/** Learns from texts that are written as they should be. */
export function createHomophones(texts: readonly string[]): Homophones {
  const numbers = new Map<string, number>()
  const grains: string[] = []
  const sounds: (string | undefined)[] = []
  /** How often the one stands before the other. */
  const neighbours = createPairs()
  /** The ideographs of each sound. */
  const alike = new Map<string, number[]>()

  function numberOf(grain: string): number {
    const known = numbers.get(grain)
    if (known !== undefined) return known
    const number = grains.push(grain) - 1
    numbers.set(grain, number)
    const sound = han.test(grain) ? soundOf(grain) : undefined
    sounds.push(sound)
    if (sound !== undefined) alike.set(sound, [...(alike.get(sound) ?? []), number])
    return number
  }

  function learn(text: string): void {
    let left: number | undefined
    for (const grain of grainsOf(text)) {
      const right = numberOf(grain)
      if (left !== undefined) neighbours.set(left, right, Math.max(0, neighbours.get(left, right)) + 1)
      left = right
    }
  }

  const weigh = (left: number | undefined, right: number | undefined) =>
    left === undefined || right === undefined ? 0 : Math.log1p(Math.max(0, neighbours.get(left, right)))

  function better(typed: string, left: number | undefined, right: number | undefined): string | undefined {
    if (!han.test(typed)) return undefined
    /** How well a character stands between its neighbours. */
    const fitOf = (character: number | undefined) => weigh(left, character) + weigh(character, right)
    const known = numbers.get(typed)
    const sound = known === undefined ? soundOf(typed) : (sounds[known] ?? '')
    let [best, most] = [undefined as string | undefined, fitOf(known) + muchBetter]
    for (const other of alike.get(sound) ?? []) {
      const value = fitOf(other)
      if (value > most) [best, most] = [grains[other], value]
    }
    return best
  }

  texts.forEach(learn)
  return {
    learn: further => further.forEach(learn),
    mend(text) {
      const mended = grainsOf(text)
      const known = mended.map(grain => numbers.get(grain))
      let changed = false
      for (const [at, typed] of mended.entries()) {
        const other = better(typed, known[at - 1], known[at + 1])
        if (other === undefined) continue
        mended[at] = other
        known[at] = numbers.get(other)
        changed = true
      }
      return changed ? mended.join('') : undefined
    },
  }
}
