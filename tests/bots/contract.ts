/** What every channel must do, told as stories and driven from its own outside. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Attachment, type Past, paragraph } from '#channel'
import { identityWording } from '#identity'
import { until } from '../base/until.ts'
import {
  agency,
  ambiguous,
  conditions,
  duration,
  leaveDays,
  leaveUnused,
  longItems,
  retentionDays,
  type SmallHouse,
  steps,
  wording as w,
} from './small-house.ts'

/** What the citizen sees in answer to one message. */
export interface Heard {
  /** The messages, oldest first. */
  texts: string[]
  /** The labels of the choices that can be taken now. */
  choices: string[]
  citations: string[]
}

/** A citizen at the outside of a channel. */
export interface Citizen {
  /** The conversation as the channel names it. */
  readonly chat: string
  say(text: string, nativeId?: string): Promise<Heard>
  /** Takes one of the choices last heard, as it is done on this channel. */
  choose(label: string): Promise<Heard>
  /** The platform brings the same message once more; resolves when the channel has dealt with it. */
  repeat(text: string, nativeId: string): Promise<void>
  /** Everything that stands on the citizen's screen from our side, oldest first; a picture by its alternative or its file's name. */
  shown(): Promise<string[]>
}

/** What only some channels can do is absent elsewhere; the stories that need it are left out there. */
export interface Harness {
  house: SmallHouse
  citizen: Citizen
  /** The citizen sends a picture, a voice message and so on, with or without words. */
  attach?(kind: Attachment, text?: string): Promise<Heard>
  /** What is attached comes without words. */
  bare?: boolean
  /** The citizen opens the conversation by a link, or a code that they scan, which carries this. */
  follow?(carried: string): Promise<Heard>
  /** The citizen blocks or unfollows the account; resolves when the channel has heard of it. */
  block?(): Promise<void>
  /** The citizen allows the account to write again, without a word. */
  unblock?(): Promise<void>
  /** Somebody who speaks to the account in a group; what they hear is what is said to the group. */
  group?: Pick<Citizen, 'chat' | 'say'>
}

export type MakeHarness = () => Promise<Harness>

/** 1×1, transparent. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

const own = identityWording['zh-CN']

const outgoing = (past: Past[]) => past.flatMap(one => (one.kind === 'outgoing' ? [one.message] : []))
const incoming = (past: Past[]) => past.flatMap(one => (one.kind === 'incoming' ? [one] : []))

/** Runs all stories on a channel. */
export function describeChannel(name: string, makeHarness: MakeHarness): void {
  describe(`${name}, as every channel,`, () => {
    let harness: Harness
    let house: SmallHouse
    let citizen: Citizen
    const open = async () => {
      harness = await makeHarness()
      ;({ house, citizen } = harness)
    }
    beforeEach(open)
    afterEach(() => house.close())
    const all = ({ texts }: Heard) => texts.join('\n')

    describe('greets', () => {
      it('with who speaks, what becomes of the words, and what can be asked', async () => {
        const heard = await citizen.say('你好')
        expect(all(heard)).toContain(agency.name)
        expect(all(heard)).toContain(w.notice(retentionDays))
        expect(all(heard)).toContain(w.greeting)
        expect(heard.choices).toEqual([...w.examples, w.labels.human])
      })

      it('with the notice once and not again', async () => {
        await citizen.say('你好')
        expect(all(await citizen.say('你好'))).not.toContain(w.notice(retentionDays))
      })
    })

    describe('answers', () => {
      it('a question with its source and what may be asked next', async () => {
        const heard = await citizen.say(conditions)
        expect(all(heard)).toContain('缴费满一年')
        expect(all(heard)).toContain('带解除劳动合同证明')
        expect(heard.citations).toHaveLength(1)
        expect(heard.citations[0]).toContain('《失业保险条例》第14条')
        expect(heard.choices).toEqual([duration])
        expect(all(await citizen.choose(duration))).toContain('二十四个月')
      })

      it('an ambiguous question with a choice, and the choice with its answer', async () => {
        const heard = await citizen.say(ambiguous)
        expect(heard.choices).toEqual(expect.arrayContaining([leaveDays, leaveUnused]))
        expect(all(await citizen.choose(leaveUnused))).toContain('百分之三百')
      })

      it('that it does not know, where nothing is known', async () => {
        const heard = await citizen.say('量子纠缠的贝尔不等式如何验证')
        expect(all(heard)).toContain('不知道')
        expect(heard.citations).toEqual([])
        expect(heard.choices).toContain(w.labels.human)
      })

      it('emoji with a request for words', async () => {
        expect(all(await citizen.say('👍👍'))).toContain(w.onlyWords)
      })

      it('markup as the text that it is', async () => {
        expect(all(await citizen.say(`<b>${conditions}</b>`))).not.toContain('<b>')
      })

      it('at length without losing or cutting an item or the source', async () => {
        const heard = await citizen.say(steps)
        const { textBudget } = house.channel().traits
        for (const item of longItems) expect(heard.texts.some(text => text.includes(item))).toBe(true)
        expect(heard.citations[0]).toContain('《社会保险法》第45条')
        for (const text of heard.texts) {
          const size = textBudget?.unit === 'bytes' ? Buffer.byteLength(text) : text.length
          expect(size).toBeLessThanOrEqual(textBudget?.max ?? Number.POSITIVE_INFINITY)
        }
      })
    })

    describe('takes a message for the staff', () => {
      const [topic = ''] = w.message.topics
      const question = '我的社保断缴了两个月，想请人帮我看看怎么补。'

      it('item by item, shows it for review, and gives it a number', async () => {
        const opened = await citizen.say('人工')
        expect(all(opened)).toContain(w.message.topicPrompt)
        expect(opened.choices).toEqual([...w.message.topics, w.labels.cancel])
        expect(all(await citizen.choose(topic))).toContain(w.message.textPrompt)
        expect(all(await citizen.say(question))).toContain(w.message.contactPrompt)
        const review = await citizen.say('13800138000')
        expect(all(review)).toContain(question)
        expect(all(review)).toContain('13800138000')
        expect(all(await citizen.choose(w.labels.confirm))).toMatch(/编号L20261123-[2-9A-Z]{5}/)
        const left = await house.store().query(db => db.selectFrom('left_messages').select('state'))
        expect(left).toEqual([{ state: 'open' }])
      })

      it('and keeps nothing when it is cancelled', async () => {
        await citizen.say('人工')
        await citizen.choose(topic)
        expect(all(await citizen.say('取消'))).toContain(w.form.cancelled(w.message.title))
        const left = await house.store().query(db => db.selectFrom('left_messages').select('state'))
        expect(left).toEqual([])
        expect(all(await citizen.say(conditions))).toContain('缴费满一年')
      })

      it('and goes back one item, but not before the first', async () => {
        await citizen.say('人工')
        await citizen.choose(topic)
        expect(all(await citizen.choose(w.labels.back))).toContain(w.message.topicPrompt)
        expect(all(await citizen.say('返回'))).toContain(w.form.atStart)
      })

      it('and corrects one item from the review', async () => {
        await citizen.say('人工')
        await citizen.choose(topic)
        await citizen.say(question)
        expect((await citizen.choose(w.labels.skip)).choices).toContain(w.form.correct(w.message.textLabel))
        await citizen.choose(w.form.correct(w.message.textLabel))
        expect(all(await citizen.say('请问退休手续在哪里办？'))).toContain('请问退休手续在哪里办？')
      })

      it('and says what is wrong with an item that it cannot take', async () => {
        await citizen.say('人工')
        await citizen.choose(topic)
        expect(all(await citizen.say('短'))).toContain(w.message.textProblem)
        expect(all(await citizen.say('11010519491231002X'))).toContain(w.message.textPersonal)
      })

      it('and says that an ID number must go, rather than answer something near', async () => {
        await citizen.say('人工')
        await citizen.choose(topic)
        expect(all(await citizen.say('我的号码是11010519491231002X'))).toContain(w.message.textPersonal)
      })

      it('and answers a question in between, then goes on', async () => {
        await citizen.say('人工')
        const aside = await citizen.say(`问一句 ${duration}`)
        expect(all(aside)).toContain('二十四个月')
        expect(all(aside)).toContain(w.form.resumed(w.message.title))
        expect(aside.choices).toEqual([...w.message.topics, w.labels.cancel])
      })

      it('and after a restart goes on where it was, with a recap of one line', async () => {
        await citizen.say('人工')
        await citizen.choose(topic)
        await house.restart()
        const heard = await citizen.say(question)
        expect(all(heard).split('\n')[0]).toBe(w.form.recap(w.message.title, w.message.topicLabel))
        expect(all(heard)).toContain(w.message.contactPrompt)
        const next = await citizen.choose(w.labels.skip)
        expect(all(next)).not.toContain(w.form.recap(w.message.title, ''))
        expect(all(next)).toContain(question)
      })
    })

    describe('keeps order', () => {
      it('and answers a message that comes twice once', async () => {
        await citizen.say(conditions, 'native-1')
        const before = await citizen.shown()
        await citizen.repeat(conditions, 'native-1')
        await until('the repetition is recognised', () => house.receipts.includes('duplicate'))
        const past = await house.history(citizen.chat)
        expect(incoming(past).map(one => one.nativeId)).toEqual(['native-1'])
        expect(await citizen.shown()).toEqual(before)
      })

      it('and answers two messages one after the other', async () => {
        await citizen.say('你好')
        await Promise.all([
          citizen.say(conditions, 'a'),
          citizen.say(leaveDays, 'b'),
          citizen.say(duration, 'c'),
        ])
        const past = await house.history(citizen.chat)
        expect(
          incoming(past)
            .slice(1)
            .map(one => one.nativeId),
        ).toEqual(['a', 'b', 'c'])
        const said = outgoing(past).filter(message => ['a', 'b', 'c'].includes(message.inReplyTo ?? ''))
        expect(said.map(message => message.inReplyTo)).toEqual(['a', 'b', 'c'])
        const ids = said.map(message => Number(message.id))
        expect(ids).toEqual([...ids].sort((x, y) => x - y))
        const screen = (await citizen.shown()).join('\n')
        const places = ['缴费满一年', '满一年不满十年的五天', '二十四个月'].map(words =>
          screen.indexOf(words),
        )
        expect(places).toEqual([...places].sort((x, y) => x - y))
        expect(places[0]).toBeGreaterThan(0)
      })

      it('and goes on after a restart as if nothing had been', async () => {
        await citizen.say(ambiguous)
        await house.restart()
        expect(all(await citizen.choose(leaveUnused))).toContain('百分之三百')
      })
    })

    describe('takes what is not only text', () => {
      it('and says what to do instead of a picture or a voice message', async ({ skip }) => {
        const { attach } = harness
        if (!attach) return skip('the channel takes text only')
        await citizen.say('你好')
        for (const kind of ['picture', 'voice', 'document'] as const)
          expect(all(await attach(kind))).toBe(w.instead[kind])
      })

      it('and answers the words that came with a picture', async ({ skip }) => {
        const { attach, bare } = harness
        if (!attach || bare) return skip('nothing comes with words')
        const heard = await attach('picture', conditions)
        expect(all(heard)).toContain(w.unread(w.attachments.picture))
        expect(all(heard)).toContain('缴费满一年')
      })

      it('and greets whoever comes by a link, or opens what it names', async ({ skip }) => {
        const { follow } = harness
        if (!follow) return skip('the channel has no links or scenes')
        expect(all(await follow('spring-campaign'))).toContain(w.greeting)
        expect(all(await follow('human'))).toContain(w.message.topicPrompt)
      })
    })

    describe('says more than was asked', () => {
      it('and shows a picture, or what is on it', async () => {
        await citizen.say('你好')
        await house.push(citizen.chat, [
          paragraph('办理流程如下：'),
          { kind: 'picture', data: dot, alternative: '失业登记流程图：先登记，再申领' },
        ])
        const { pictures } = house.channel().traits
        const isIt = (text: string) =>
          text.includes('失业登记流程图：先登记，再申领') || (pictures && /\.png$/.test(text))
        await until('it is shown', async () => {
          await house.clock.advance(1_000)
          return (await citizen.shown()).some(isIt)
        })
      })

      it('but not to whoever has blocked it, until they write again', async ({ skip }) => {
        const { block, unblock } = harness
        if (!block) return skip('the channel cannot be blocked')
        await citizen.say('你好')
        await block()
        await house.push(citizen.chat, [paragraph('您的留言有了答复')])
        await until('it is settled', async () => {
          await house.clock.advance(1_000)
          return (await house.deliveryStates(citizen.chat)).includes('undeliverable')
        })
        await unblock?.()
        expect(all(await citizen.say(conditions))).toContain('缴费满一年')
        expect((await citizen.shown()).join('\n')).not.toContain('您的留言有了答复')
      })
    })

    it('in a group says briefly who speaks, answers, and does nothing personal', async ({ skip }) => {
      const { group } = harness
      if (!group) return skip('the channel has no groups')
      const first = all(await group.say(conditions))
      expect(first).toContain(w.groupNotice)
      expect(first).not.toContain(w.notice(retentionDays))
      expect(first).toContain('缴费满一年')
      for (const text of ['人工', '我的数据', '删除我的数据', '关联'])
        expect(all(await group.say(text)), text).toContain(w.privately)
    })

    describe('knows one person', () => {
      const codeIn = (text: string) => /关联代码：([0-9A-Z]{8})/.exec(text)?.[1]

      it('on two channels, whichever gives the code, until they part', async () => {
        const code = codeIn(await house.elsewhere('关联'))
        expect(all(await citizen.say(`关联 ${code}`))).toContain(own.linked('另一个渠道'))
        expect(all(await citizen.say('我的数据'))).toContain(own.linkedWith(2))
        expect(all(await citizen.say('取消关联'))).toContain(own.parted)
        const back = codeIn(all(await citizen.say('关联')))
        expect(await house.elsewhere(`关联 ${back}`)).toMatch(/^关联好了/m)
        expect(all(await citizen.say('我的数据'))).toContain('在另一个渠道的对话')
      })

      it('and deletes all that is kept of them on request, and says so', async () => {
        await citizen.say(conditions)
        await house.elsewhere(`关联 ${codeIn(all(await citizen.say('关联')))}`)
        const asked = await citizen.say('删除我的数据')
        expect(all(asked)).toContain(own.eraseAsk(2))
        expect(asked.choices).toEqual([own.eraseNow, own.eraseNot])
        expect(all(await citizen.choose(own.eraseNow))).toBe(own.erased)
        const past = await house.history(citizen.chat)
        expect([incoming(past).length, outgoing(past).length]).toEqual([1, 1])
        expect(all(await citizen.say(conditions))).toContain('缴费满一年')
      })

      it('and deletes nothing when they think better of it', async () => {
        await citizen.say(conditions)
        await citizen.say('把我的记录删了')
        expect(all(await citizen.choose(own.eraseNot))).toBe(own.eraseStopped)
        expect(incoming(await house.history(citizen.chat))).toHaveLength(3)
      })

      it('and deletes also when it was restarted before the confirmation', async () => {
        await citizen.say('删除我的数据')
        await house.restart()
        expect(all(await citizen.choose(own.eraseNow))).toBe(own.erased)
        await house.restart()
        expect(outgoing(await house.history(citizen.chat))).toHaveLength(1)
      })
    })

    it('leaves no word of the conversation in the log', async () => {
      await citizen.say(conditions)
      await citizen.say('我的手机是13800138000，秘密的话')
      const log = house.logLines.join('')
      for (const words of ['失业保险金', '缴费满一年', '13800138000', '秘密'])
        expect(log).not.toContain(words)
    })

    it('tells whether it is on', () => {
      expect(house.channel().health().state).toBe('on')
    })

    it('names its folder, and an account under that name', () => {
      const channel = house.channel()
      expect(channel.account.startsWith(`${channel.name}:`)).toBe(true)
    })
  })
}
