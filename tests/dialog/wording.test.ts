import { describe, expect, it } from 'vitest'
import { commandWords, parseCommand } from '../../src/dialog/command.ts'
import { wording } from './talk.ts'

function keysOf(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && !Array.isArray(inner) ? keysOf(inner, `${path}${key}.`) : [`${path}${key}`],
  )
}

function sentencesOf(value: object): string[] {
  return Object.values(value).flatMap((inner): string[] => {
    if (typeof inner === 'string') return [inner]
    if (typeof inner === 'function') return [String(inner('甲', '乙'))]
    return sentencesOf(inner)
  })
}

describe('the wording', () => {
  it('says everything in both languages', () => {
    expect(keysOf(wording.en)).toEqual(keysOf(wording['zh-CN']))
    for (const sentence of [...sentencesOf(wording.en), ...sentencesOf(wording['zh-CN'])])
      expect(sentence).not.toMatch(/^\s*$|undefined/)
  })

  it('offers the same number of examples and topics in both', () => {
    expect(wording.en.examples).toHaveLength(wording['zh-CN'].examples.length)
    expect(wording.en.message.topics).toHaveLength(wording['zh-CN'].message.topics.length)
  })

  it('knows each command word, in capitals, in full width, with blanks and a stop around it', () => {
    for (const [command, words] of Object.entries(commandWords)) {
      for (const word of words) {
        expect(parseCommand(word)).toBe(command)
        expect(parseCommand(` ${word.toUpperCase()} `)).toBe(command)
        expect(parseCommand(`${word}。`), `${word}。`).toBe(command)
      }
    }
    expect(parseCommand('ＭＥＮＵ')).toBe('menu')
  })

  it('promises an answer to what is left for the staff only where it comes: in the conversation', () => {
    for (const words of [wording['zh-CN'].message, wording.en.message])
      for (const sentence of [words.contactPrompt, words.done('L1')]) {
        expect(sentence).toMatch(/这个对话|this conversation/)
        expect(sentence).not.toMatch(/工作时间|回复您|for the reply/)
      }
  })

  it('has no word that means two commands', () => {
    const all = Object.values(commandWords).flat()
    expect(new Set(all).size).toBe(all.length)
  })

  it('takes no longer sentence for a command', () => {
    for (const text of ['人工费怎么算', '取消社保', '谢谢你的答复，请问年假几天', '', '无业人员']) {
      expect(parseCommand(text)).toBeUndefined()
    }
  })
})
