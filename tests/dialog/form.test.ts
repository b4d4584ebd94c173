import { describe, expect, it } from 'vitest'
import { paragraph } from '#channel'
import type { Form, OpenForm } from '#dialog'
import { createTalk, survey, wording } from './talk.ts'

const { 'zh-CN': zh, en } = wording
const openSurvey: OpenForm = { name: 'survey', version: 2, answers: {}, at: 0 }
const inSurvey = (rest: Partial<OpenForm> = {}) =>
  createTalk({ session: { language: 'zh-CN', forms: [{ ...openSurvey, ...rest }] } })

async function atContact() {
  const talk = createTalk()
  await talk.say('人工')
  await talk.say('1')
  await talk.say('我的失业保险断缴了怎么办理')
  return talk
}

describe('a form', () => {
  it('asks field after field, shows everything for review and submits once', async () => {
    const talk = createTalk()
    expect((await talk.say('人工')).join()).toContain(zh.message.topicPrompt)
    expect((await talk.say('２')).join()).toContain(zh.message.textPrompt)
    expect((await talk.say('单位拖欠我三个月工资')).join()).toContain(zh.message.contactPrompt)
    const review = (await talk.say('138 0000 0000')).join()
    for (const value of ['劳动关系与工资', '单位拖欠我三个月工资', '13800000000'])
      expect(review).toContain(value)
    expect((await talk.say('1')).join()).toContain(zh.message.done('L20261123-AAAAA'))
    expect(talk.left).toEqual([
      {
        number: 'L20261123-AAAAA',
        topic: '劳动关系与工资',
        text: '单位拖欠我三个月工资',
        contact: '13800000000',
      },
    ])
    expect(talk.session.forms).toEqual([])
  })

  it('takes a choice also by its words', async () => {
    const talk = createTalk()
    await talk.say('人工')
    expect((await talk.say('社会保险')).join()).toContain(zh.message.textPrompt)
  })

  it('goes back field by field, and says when there is nothing before', async () => {
    const talk = await atContact()
    expect((await talk.say('返回')).join()).toContain(zh.message.textPrompt)
    expect((await talk.say('上一步')).join()).toContain(zh.message.topicPrompt)
    expect((await talk.say('返回')).join()).toContain(zh.form.atStart)
  })

  it('is cancelled at any field and at the review, and nothing is submitted', async () => {
    for (const steps of [[], ['1'], ['1', '我的失业保险断缴了'], ['1', '我的失业保险断缴了', '跳过']]) {
      const talk = createTalk()
      await talk.say('人工')
      for (const step of steps) await talk.say(step)
      expect((await talk.say('取消')).join()).toContain(zh.form.cancelled(zh.message.title))
      expect(talk.session.forms).toEqual([])
      expect(talk.left).toEqual([])
    }
  })

  it('skips a field that may be empty, and no other', async () => {
    const talk = await atContact()
    expect((await talk.say('跳过')).join()).toContain(zh.form.skipped)
    const other = createTalk()
    await other.say('人工')
    expect((await other.say('跳过')).join()).toContain(zh.form.chooseOne)
  })

  it('corrects one field from the review and comes back to it', async () => {
    const talk = await atContact()
    await talk.say('跳过')
    expect((await talk.say(zh.form.correct(zh.message.textLabel))).join()).toContain(zh.message.textPrompt)
    const review = (await talk.say('我的养老保险断缴了怎么办理')).join()
    expect(review).toContain('我的养老保险断缴了怎么办理')
    expect(review).not.toContain('失业保险断缴')
    expect(review).toContain('社会保险')
  })

  it('comes back to the review also when the correction is thought better of', async () => {
    const talk = await atContact()
    await talk.say('跳过')
    await talk.say(zh.form.correct(zh.message.topicLabel))
    expect((await talk.say('返回')).join()).toContain(zh.form.review(zh.message.title))
  })

  it('goes back from the review to the last field', async () => {
    const talk = await atContact()
    await talk.say('跳过')
    expect((await talk.say('返回')).join()).toContain(zh.message.contactPrompt)
  })

  it('says at the review what may be said there', async () => {
    const talk = await atContact()
    await talk.say('跳过')
    expect((await talk.say('嗯嗯')).join()).toContain(zh.form.onlyConfirm)
    expect(talk.left).toEqual([])
  })

  it('refuses a wrong contact, a short text and an identity number, each with a sentence', async () => {
    const talk = await atContact()
    expect((await talk.say('12345')).join()).toContain(zh.message.contactProblem)
    const other = createTalk()
    await other.say('人工')
    await other.say('1')
    expect((await other.say('短')).join()).toContain(zh.message.textProblem)
    expect((await other.say('我的身份证号是11010519491231002X请查')).join()).toContain(
      zh.message.textPersonal,
    )
    expect((await other.say('字'.repeat(1001))).join()).toContain(zh.message.textProblem)
  })
})

describe('a question in the middle of a form', () => {
  it('is answered in a field that cannot take it, and the field is asked again', async () => {
    const talk = await atContact()
    const [answer, again] = await talk.say('失业金怎么领')
    expect(answer).toBe('答：失业金怎么领')
    expect(again).toContain(zh.form.resumed(zh.message.title))
    expect(again).toContain(zh.message.contactPrompt)
    expect((await talk.say('13800000000')).join()).toContain('13800000000')
  })

  it('does not interrupt the form when nobody is sure of the answer', async () => {
    const talk = await atContact()
    const said = await talk.say('今天吃什么')
    expect(said.join()).toContain(zh.message.contactProblem)
    expect(said).toHaveLength(1)
  })

  it('is answered in a free field when it says so, and else is the content of the field', async () => {
    for (const asked of [
      '问一句 失业金怎么领',
      '问一句，失业金怎么领',
      '请问一句：失业金怎么领',
      'ask 失业金怎么领',
    ]) {
      const talk = createTalk()
      await talk.say('人工')
      await talk.say('1')
      const [answer, again] = await talk.say(asked)
      expect(answer, asked).toBe('答：失业金怎么领')
      expect(again).toContain(zh.message.textPrompt)
    }
    const talk = createTalk()
    await talk.say('人工')
    await talk.say('1')
    expect((await talk.say('失业金怎么领')).join()).toContain(zh.message.contactPrompt)
  })

  it('may be the menu, the help or the privacy notice', async () => {
    for (const [word, sentence] of [
      ['菜单', zh.greeting],
      ['帮助', zh.help],
      ['隐私', zh.privacy(180)],
    ] as const) {
      const [first, again] = await (await atContact()).say(word)
      expect(first).toContain(sentence)
      expect(again).toContain(zh.message.contactPrompt)
    }
  })

  it('may be the other language, in which the field is asked again', async () => {
    const talk = await atContact()
    const [first, again] = await talk.say('English')
    expect(first).toContain(en.switched)
    expect(again).toContain(en.message.contactPrompt)
    expect((await talk.say('中文')).join()).toContain(zh.message.contactPrompt)
    expect(talk.session.forms).toHaveLength(1)
  })

  it('leaves only the choices of the form open', async () => {
    const talk = createTalk()
    await talk.say('人工')
    await talk.say('菜单')
    expect(talk.offered()).toEqual([...zh.message.topics, zh.labels.cancel])
    expect((await talk.say('1')).join()).toContain(zh.message.textPrompt)
  })
})

describe('a way to a person inside another form', () => {
  it('opens over it, and the first form goes on afterwards where it was', async () => {
    const talk = inSurvey()
    await talk.say('红')
    await talk.say('人工')
    for (const text of ['1', '单位不给我交社会保险', '跳过']) await talk.say(text)
    const [done, again] = await talk.say('确认提交')
    expect(done).toContain(zh.message.done('L20261123-AAAAA'))
    expect(again).toContain(zh.form.resumed('意见调查'))
    expect(again).toContain('为什么？')
    await talk.say('因为好看')
    expect((await talk.say('1')).join()).toBe('谢谢参加')
    expect(talk.session.forms).toEqual([])
  })

  it('returns to the first form also when it is cancelled', async () => {
    const talk = inSurvey()
    await talk.say('人工')
    const said = (await talk.say('取消')).join()
    expect(said).toContain(zh.form.cancelled(zh.message.title))
    expect(said).toContain('您喜欢哪种颜色？')
    expect(talk.session.forms).toHaveLength(1)
  })
})

describe('a form whose fields have changed meanwhile', () => {
  const upgradable: Form = {
    ...survey,
    upgrade: (answers, version) => (version === 1 ? { colour: answers.color ?? '' } : undefined),
  }

  it('goes on at the first field that is missing when its answers can be carried over', async () => {
    const forms = [{ ...openSurvey, version: 1, answers: { color: '红' }, at: 1 }]
    const talk = createTalk({ session: { language: 'zh-CN', forms }, forms: [upgradable] })
    const review = (await talk.say('因为好看')).join()
    expect(review).toContain('红')
    expect(review).toContain('因为好看')
  })

  it('is started again with a sentence when they cannot, and the message counts as a new one', async () => {
    const talk = inSurvey({ version: 1 })
    expect(await talk.say('失业金怎么领')).toEqual([zh.form.renewed('意见调查'), '答：失业金怎么领'])
    expect(talk.session.forms).toEqual([])
  })

  it('that does not exist any more does not hold the person', async () => {
    const forms = [{ name: 'gone', version: 1, answers: {}, at: 0 }]
    const talk = createTalk({ session: { language: 'zh-CN', forms } })
    expect((await talk.say('失业金怎么领')).join()).toContain('答：失业金怎么领')
    expect(talk.session.forms).toEqual([])
  })
})

describe('a form after a restart or a long pause', () => {
  it('begins with one line that says which form it is and what is filled in', async () => {
    const talk = await atContact()
    talk.pause()
    const [said = ''] = await talk.say('跳过')
    const [recap] = said.split('\n')
    expect(recap).toBe(zh.form.recap(zh.message.title, `${zh.message.topicLabel}、${zh.message.textLabel}`))
    expect(said).toContain(zh.form.review(zh.message.title))
    expect((await talk.say('1')).join()).toContain(zh.message.done('L20261123-AAAAA'))
  })

  it('says nothing of the kind outside a form', async () => {
    const talk = createTalk()
    talk.pause()
    expect(await talk.say('失业金怎么领')).toEqual(['答：失业金怎么领'])
  })
})

describe('a form with fields that depend on others', () => {
  const submitted: Record<string, string>[] = []
  const application: Form = {
    name: 'application',
    version: 1,
    title: '申请',
    words: ['我要申请'],
    fields: [
      { key: 'kind', label: '类别', prompt: '您是？', options: ['个人', '单位'] },
      { key: 'code', label: '信用代码', prompt: '统一社会信用代码？', when: a => a.kind === '单位' },
      { key: 'name', label: '名称', prompt: '名称？' },
    ],
    async submit(answers) {
      submitted.push({ ...answers })
      return { say: [paragraph('收到了')], writes: [] }
    },
  }
  const open = async () => {
    const talk = createTalk({ forms: [application] })
    expect((await talk.say('我要申请')).join()).toContain('您是？')
    return talk
  }

  it('asks only those that apply, and hands over only those', async () => {
    const talk = await open()
    expect((await talk.say('个人')).join()).toContain('名称？')
    expect((await talk.say('张三')).join()).not.toContain('信用代码')
    expect((await talk.say('确认提交')).join()).toContain('收到了')
    expect(submitted.pop()).toEqual({ kind: '个人', name: '张三' })
  })

  it('asks what a correction makes necessary, then shows the review', async () => {
    const talk = await open()
    await talk.say('个人')
    await talk.say('张三')
    await talk.say(zh.form.correct('类别'))
    expect((await talk.say('单位')).join()).toContain('统一社会信用代码？')
    expect((await talk.say('91370000MA3D')).join()).toContain('信用代码：91370000MA3D')
    await talk.say(zh.form.correct('类别'))
    await talk.say('个人')
    await talk.say('确认提交')
    expect(submitted.pop()).toEqual({ kind: '个人', name: '张三' })
  })

  it('goes back over what does not apply', async () => {
    const talk = await open()
    await talk.say('个人')
    expect((await talk.say('返回')).join()).toContain('您是？')
  })

  it('says first what becomes of the data, and what is worth knowing of an answer', async () => {
    const [kind, , name] = application.fields
    if (!kind || !name) throw new Error('no such fields')
    const advise = async (value: string) => [paragraph(`关于${value}`)]
    const talk = createTalk({
      forms: [{ ...application, opening: '只用于办理', fields: [{ ...kind, advise }, name] }],
    })
    expect((await talk.say('我要申请')).join()).toContain('只用于办理')
    expect((await talk.say('个人')).join()).toMatch(/关于个人.*名称？/s)
  })

  it('is opened from another form, which goes on after it, but not from its own', async () => {
    const talk = createTalk({ forms: [application] })
    await talk.say('人工')
    expect((await talk.say('我要申请')).join()).toContain('您是？')
    expect(talk.session.forms.map(form => form.name)).toEqual(['leave-message', 'application'])
    expect((await talk.say('我要申请')).join()).toContain(zh.form.chooseOne)
    expect((await talk.say('取消')).join()).toContain(zh.message.topicPrompt)
  })

  it('is opened by a choice that names it', async () => {
    const talk = createTalk({ forms: [application] })
    expect((await talk.tap('open:application')).join()).toContain('您是？')
  })
})
