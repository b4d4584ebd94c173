import { describe, expect, it } from 'vitest'
import { identityWording, ownCommandWords, parseOwnCommand } from '#identity'
import { commandWords } from '../../src/dialog/command.ts'

describe('what is said about one’s own data', () => {
  it('is said in both languages', () => {
    expect(Object.keys(identityWording.en)).toEqual(Object.keys(identityWording['zh-CN']))
  })

  it('is asked for by words that mean nothing else', () => {
    const own = Object.values(ownCommandWords).flat()
    const all = [...own, ...Object.values(commandWords).flat()]
    expect(new Set(all).size).toBe(all.length)
    for (const [command, words] of Object.entries(ownCommandWords))
      for (const word of words) expect(parseOwnCommand(` ${word.toUpperCase()}。`)).toBe(command)
  })

  it.each([
    '把我的记录删了',
    '请帮我把我的聊天记录全部删掉',
    '删除我的所有数据',
    '清空我的对话记录',
    '我要删除我的个人信息',
    '能不能把我的数据删了？',
    '帮我把我的所有对话都清空吧',
    'Please delete all my data.',
  ])('“%s” wishes it deleted', text => {
    expect(parseOwnCommand(text)).toBe('erase')
  })

  it.each(['你们存了我哪些数据？', '系统保存了我什么信息', '我的数据', 'My data'])(
    '“%s” asks what there is',
    text => {
      expect(parseOwnCommand(text)).toBe('data')
    },
  )

  it.each([
    '怎么删除我的社保记录',
    '单位把我的考勤记录删了怎么办',
    '我的信息填错了怎么改',
    '删除我的档案',
    '公司泄露我的个人信息怎么投诉',
    '我的工资数据在哪里查',
    '绑定社保卡',
    '取消参保',
  ])('“%s” is a question like any other', text => {
    expect(parseOwnCommand(text)).toBeUndefined()
  })
})
