import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSession } from '#dialog'
import { createTalk, wording } from './talk.ts'

const zh = wording['zh-CN']
const { en } = wording

describe('a first message', () => {
  it('is answered after the privacy notice, and only the first one is', async () => {
    const talk = createTalk({ first: true })
    expect(await talk.say('失业金怎么领')).toEqual([zh.notice(180), '答：失业金怎么领'])
    expect(await talk.say('年假几天')).toEqual(['答：年假几天'])
  })

  it('that is only a greeting gets the notice, then the menu with examples', async () => {
    const talk = createTalk({ first: true })
    const [notice, menu] = await talk.say('你好')
    expect(notice).toBe(zh.notice(180))
    expect(menu).toContain(zh.greeting)
    expect(talk.offered()).toEqual([...zh.examples, zh.labels.human])
  })

  it('gets the notice even when it cannot be understood', async () => {
    expect(await createTalk({ first: true }).say('😀😀')).toEqual([zh.notice(180), zh.onlyWords])
  })
})

describe('a choice', () => {
  it('is taken by its number, also in full width and with a stop after it', async () => {
    for (const number of ['2', '２', '2.', '２。', '②', '2、']) {
      const talk = createTalk()
      await talk.say('你好')
      expect(await talk.say(number), number).toEqual([`答：${zh.examples[1]}`])
    }
  })

  it('of the answerer is answered by the answerer', async () => {
    expect(await createTalk().tap('ask:x')).toEqual(['选中的答案'])
  })

  it('that nobody knows any more does not end in silence', async () => {
    const said = await createTalk().tap('ask:gone')
    expect(said.join('')).toContain(zh.choiceOver)
  })

  it('of a form that has ended says so, and how to begin a new one', async () => {
    const talk = createTalk()
    await talk.say('人工')
    await talk.say('取消')
    for (const id of ['f:0', 'f:ok', 'f:fix:text', 'skip', 'back', 'cancel']) {
      expect((await talk.tap(id)).join(''), id).toContain(zh.formOver)
      expect(talk.offered()).toContain(zh.labels.human)
      expect(talk.session.forms).toEqual([])
    }
    await talk.say('English')
    expect((await talk.tap('f:0')).join('')).toContain(en.formOver)
    await talk.tap('human')
    expect(talk.session.forms).toHaveLength(1)
  })

  it('beyond what was offered is answered as a text', async () => {
    const talk = createTalk()
    await talk.say('你好')
    expect((await talk.say('9')).join('')).not.toBe('')
  })
})

describe('a form that is being filled in', () => {
  async function atText() {
    const talk = createTalk()
    await talk.say('人工')
    await talk.say('1')
    return talk
  }

  it('waits while a choice of an earlier answer is answered', async () => {
    const talk = await atText()
    const said = await talk.tap('ask:x')
    expect(said[0]).toBe('选中的答案')
    expect(said.join('\n')).toContain(zh.message.textPrompt)
    expect(talk.session.forms[0]?.answers).not.toHaveProperty('text')
  })

  it('waits while an example of the menu is answered', async () => {
    const talk = await atText()
    const said = await talk.tap('example:1')
    expect(said[0]).toBe(`答：${zh.examples[1]}`)
    expect(said.join('\n')).toContain(zh.message.textPrompt)
    expect(talk.session.forms[0]?.answers).not.toHaveProperty('text')
  })

  it('takes no button for the text of a field, and asks again', async () => {
    const talk = await atText()
    for (const id of ['f:0', 'f:ok', 'skip', 'ask:gone', 'example:9']) {
      const said = (await talk.tap(id)).join('\n')
      expect(said, id).toContain(zh.form.otherChoice)
      expect(said, id).toContain(zh.message.textPrompt)
      expect(said, id).not.toContain(zh.message.textProblem)
    }
    expect(talk.session.forms[0]?.answers).not.toHaveProperty('text')
  })

  it('cares first for whoever is in danger, and keeps what they wrote', async () => {
    const talk = await atText()
    const said = await talk.say('工资要不回来，我不想活了')
    expect(said[0]).toBe('答：工资要不回来，我不想活了')
    expect(talk.session.forms[0]?.answers).toMatchObject({ text: '工资要不回来，我不想活了' })
  })
})

describe('a command', () => {
  const sentences: [string, string][] = [
    ['菜单', zh.greeting],
    ['/start', zh.greeting],
    ['帮助', zh.help],
    ['？', zh.help],
    ['隐私', zh.privacy(180)],
    ['Privacy', zh.privacy(180)],
    ['谢谢！', zh.thanks],
    ['Thank You', zh.thanks],
    ['取消', zh.nothingToCancel],
    ['返回', zh.nothingToCancel],
    ['转人工', zh.message.topicPrompt],
    ['human', zh.message.topicPrompt],
  ]
  it.each(sentences)('%s is understood', async (word, sentence) => {
    expect((await createTalk().say(word)).join('\n')).toContain(sentence)
  })

  it('changes the language and everything that is said after it, and back', async () => {
    const talk = createTalk()
    expect((await talk.say('English')).join()).toContain(en.switched)
    expect(talk.session.language).toBe('en')
    expect((await talk.say('help')).join()).toContain(en.help)
    expect((await talk.say('thanks')).join()).toContain(en.thanks)
    expect((await talk.say('中文')).join()).toContain(zh.switched)
    expect((await talk.say('帮助')).join()).toContain(zh.help)
  })

  it('is not seen in a sentence that only contains one', async () => {
    expect(await createTalk().say('怎么取消社保')).toEqual(['答：怎么取消社保'])
  })

  it('leaves the session as it was, so that nothing need be written', async () => {
    const session = createSession()
    const talk = createTalk({ session })
    await talk.say('谢谢')
    await talk.say('失业金怎么领')
    expect(talk.session).toBe(session)
  })
})

describe('a message that is no question', () => {
  it('is told to be too long from the character after the limit on, whatever a character weighs', async () => {
    expect(await createTalk().say('问'.repeat(2000))).toEqual([`答：${'问'.repeat(2000)}`])
    expect(await createTalk().say('问'.repeat(2001))).toEqual([zh.tooLong(2000)])
    expect(await createTalk().say('𠮷'.repeat(2000))).toEqual([`答：${'𠮷'.repeat(2000)}`])
  })

  it('of emoji, punctuation or nothing at all is asked for words', async () => {
    for (const text of ['😀👍', '👨‍👩‍👧‍👦🎉', '！！', '……', ''])
      expect(await createTalk().say(text), text).toEqual([zh.onlyWords])
  })

  it('in another language is told so, in that case in two languages', async () => {
    for (const text of ['How do I get a pension?', 'как дела', 'こんにちは', '실업급여'])
      expect(await createTalk().say(text)).toEqual([zh.otherLanguage])
    expect(zh.otherLanguage).toContain('Sorry')
  })

  it('with marks of HTML in it is a question like any other', async () => {
    const text = '<script>alert(1)</script>失业金<b>怎么领</b>'
    expect(await createTalk().say(text)).toEqual([`答：${text}`])
  })
})

describe('any message at all', () => {
  it('gets at least one reply that says something, in a form and outside', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '取消',
        '返回',
        '跳过',
        '人工',
        '1',
        '３',
        'English',
        '菜单',
        '问一句 失业金',
        '确认提交',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { maxLength: 12 }), async list => {
        const talk = createTalk({ first: true })
        for (const text of list) {
          const said = await talk.say(text)
          expect(said.length).toBeGreaterThan(0)
          for (const one of said) expect(one).not.toBe('')
        }
      }),
      { numRuns: 200 },
    )
  })
})
