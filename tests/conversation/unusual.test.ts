import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachments } from '../../src/channel/contract.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { type Branch, openBranch, zh } from './branch.ts'
import { type Caller, createCaller, openAbroad } from './caller.ts'

describe.each(databases)('a message that is not only text, on $name', ({ make }) => {
  let database: TestDatabase
  let branch: Branch
  let caller: Caller
  const master = createTestMaster()

  beforeEach(async () => {
    database = await make()
    branch = await openBranch({ database, master })
    caller = createCaller(branch, 'a')
    await caller.say('你好')
  })
  afterEach(async () => {
    await branch.close()
    await database.remove()
  })

  describe('with something attached', () => {
    it.each(attachments)('and no word (%s) is told what to do instead', async attachment => {
      expect(await caller.say('', { attachment })).toBe(zh.instead[attachment])
    })

    it('gives the notice first where it is the first message', async () => {
      const first = createCaller(branch, 'b')
      expect(await first.say('', { attachment: 'picture' })).toBe(`${zh.notice(180)}\n${zh.instead.picture}`)
    })

    it('is answered by its words, and told that only those were read', async () => {
      expect(await caller.say('失业金怎么领', { attachment: 'picture' })).toBe(
        `${zh.unread('图片')}\n答：失业金怎么领`,
      )
    })

    it('asks the field again in a form, and keeps the words that came along', async () => {
      await caller.say('人工')
      await caller.say('1')
      const bare = await caller.say('', { attachment: 'document' })
      expect(bare).toContain(zh.instead.document)
      expect(bare).toContain(zh.message.textPrompt)
      const worded = await caller.say('我的失业保险断缴了', { attachment: 'picture' })
      expect(worded).toContain(zh.unread('图片'))
      expect(worded).toContain(zh.message.contactPrompt)
    })
  })

  describe('in a group', () => {
    it('gets a short notice at first, and is answered', async () => {
      const group = createCaller(branch, 'group')
      expect(await group.say('失业金怎么领', { group: true })).toBe(`${zh.groupNotice}\n答：失业金怎么领`)
      expect(await group.say('年假几天', { group: true })).toBe('答：年假几天')
    })

    it('opens no form, but asks to write in private', async () => {
      const group = createCaller(branch, 'group')
      expect(await group.say('人工', { group: true })).toContain(zh.privately)
      expect(await group.say('', { group: true, choice: 'human' })).toBe(zh.privately)
      expect(await group.say('年假几天', { group: true })).toBe('答：年假几天')
    })
  })

  describe('with what a link or a scene carries', () => {
    it('is answered by the choice where somebody knows it', async () => {
      expect(await caller.say('/start', { choice: 'example:1' })).toBe(`答：${zh.examples[1]}`)
      expect(await caller.say('/start', { choice: 'human' })).toContain(zh.message.topicPrompt)
    })

    it('is answered by the text where nobody does', async () => {
      expect(await caller.say('/start', { choice: 'spring-campaign' })).toContain(zh.greeting)
      expect(await caller.say('失业金怎么领', { choice: 'poster-7' })).toBe('答：失业金怎么领')
      expect(await caller.say('', { choice: 'poster-7' })).toContain(zh.choiceOver)
    })

    it('leaves an open form where it is', async () => {
      await caller.say('人工')
      const said = await caller.say('/start', { choice: 'spring-campaign' })
      expect(said).toContain(zh.greeting)
      expect(said).toContain(zh.message.topicPrompt)
      expect(await caller.say('1')).toContain(zh.message.textPrompt)
      expect(await caller.say('/start', { choice: 'f:0' })).not.toContain(zh.form.otherChoice)
    })
  })

  describe('over a channel outside the mainland', () => {
    it('is told so at first, and again before a number is asked for', async () => {
      const abroad = createCaller(await openAbroad(branch), 'x')
      expect(await abroad.say('年假几天')).toBe(`${zh.notice(180)}\n${zh.abroad}\n答：年假几天`)
      await abroad.say('人工')
      await abroad.say('1')
      expect(await abroad.say('我的失业保险断缴了')).toContain(zh.abroadContact)
    })
  })
})
