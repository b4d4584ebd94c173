import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog, silentMeter } from '#base/log'
import { paragraph } from '#channel'
import { createConversationStore, createLeftDesk } from '#conversation'
import { createDeliveryStore, createLedger } from '#delivery'
import { identityWording } from '#identity'
import type { Store } from '#storage'
import { until } from '../base/until.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { type Branch, openBranch, zh } from './branch.ts'
import { type Caller, createCaller, openAbroad } from './caller.ts'

const w = identityWording['zh-CN']
const codeIn = (text: string) => /关联代码：([0-9A-Z]{8})/.exec(text)?.[1] ?? ''

async function countsOf(store: Store): Promise<Record<string, number>> {
  const tables = [
    'conversations',
    'inbound',
    'deliveries',
    'left_messages',
    'data_keys',
    'link_codes',
  ] as const
  const counts = tables.map(async table => {
    const [row] = await store.query(db => db.selectFrom(table).select(e => e.fn.countAll<number>().as('n')))
    return [table, Number(row?.n)] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}

describe.each(databases)('one person on two channels, on $name', ({ make }) => {
  let database: TestDatabase
  let branch: Branch
  let here: Caller
  let there: Caller
  const master = createTestMaster()

  beforeEach(async () => {
    database = await make()
    branch = await openBranch({ database, master, retentionDays: 30 })
    here = createCaller(branch, 'me')
    there = createCaller(await openAbroad(branch), 'also-me')
  })
  afterEach(async () => {
    await branch.close()
    await database.remove()
  })

  const link = async () => there.say(`关联 ${codeIn(await here.say('关联'))}`)

  describe('links them', () => {
    it('by a code that is read on one and typed on the other, and both are told', async () => {
      expect(await link()).toContain(w.linked('fake'))
      await until('the first is told', () => here.unasked().length === 1)
      expect(here.unasked()).toEqual([w.linkedFrom('境外渠道')])
      const data = await here.say('我的数据')
      expect(data).toContain('在境外渠道的对话')
      expect(data).toContain(w.linkedWith(2))
    })

    it('also with a code in small letters, with a hyphen or a blank in it', async () => {
      const code = codeIn(await here.say('关联')).toLowerCase()
      expect(await there.say(`绑定：${code.slice(0, 4)}-${code.slice(4)}`)).toContain(w.linked('fake'))
    })

    it('once: a code that was used, replaced, or is older than ten minutes links nothing', async () => {
      const first = codeIn(await here.say('关联'))
      const second = codeIn(await here.say('关联'))
      expect(await there.say(`关联 ${first}`)).toContain(w.wrong)
      expect(await there.say(`关联 ${second}`)).toContain(w.linked('fake'))
      const third = createCaller(branch, 'third')
      expect(await third.say(`关联 ${second}`)).toContain(w.wrong)
      const late = codeIn(await here.say('关联'))
      await branch.clock.advance(10 * 60_000)
      expect(await third.say(`关联 ${late}`)).toContain(w.wrong)
    })

    it('not with itself, and not twice', async () => {
      expect(await here.say(`关联 ${codeIn(await here.say('关联'))}`)).toContain(w.same)
      await link()
      expect(await link()).toContain(w.already)
    })

    it('and a third one with both', async () => {
      await link()
      const third = createCaller(branch, 'third')
      await third.say(`关联 ${codeIn(await there.say('关联'))}`)
      expect(await here.say('我的数据')).toContain(w.linkedWith(3))
    })

    it('and takes along what the other had linked before', async () => {
      const third = createCaller(branch, 'third')
      const fourth = createCaller(branch, 'fourth')
      await fourth.say(`关联 ${codeIn(await third.say('关联'))}`)
      await link()
      await fourth.say(`关联 ${codeIn(await here.say('关联'))}`)
      expect(await third.say('我的数据')).toContain(w.linkedWith(4))
    })

    it('lets one of two who type the same code at once have it', async () => {
      const code = codeIn(await here.say('关联'))
      const others = [createCaller(branch, 'x'), createCaller(branch, 'y')]
      const said = await Promise.all(others.map(other => other.say(`关联 ${code}`)))
      expect(said.filter(text => text.includes(w.linked('fake')))).toHaveLength(1)
      expect(said.filter(text => text.includes(w.wrong))).toHaveLength(1)
    })

    it('but stops whoever guesses, and whoever wants code after code', async () => {
      for (let i = 0; i < 5; i++) expect(await there.say('关联 ABCDEFGH')).toContain(w.wrong)
      const code = codeIn(await here.say('关联'))
      expect(await there.say(`关联 ${code}`)).toContain(w.tooManyMissed)
      for (let i = 0; i < 4; i++) await here.say('关联')
      expect(await here.say('关联')).toContain(w.tooManyMade)
      await branch.clock.advance(60 * 60_000)
      expect(await link()).toContain(w.linked('fake'))
    })

    it('and keeps of the code nothing but a hash', async () => {
      const code = codeIn(await here.say('关联'))
      const [row] = await branch.store.query(db => db.selectFrom('link_codes').selectAll())
      expect(JSON.stringify(row)).not.toContain(code)
    })
  })

  it('parts them again, and whoever is left alone is nobody in particular', async () => {
    expect(await here.say('取消关联')).toContain(w.notLinked)
    await link()
    expect(await there.say('取消关联')).toContain(w.parted)
    for (const one of [here, there]) expect(await one.say('我的数据')).toContain(w.notLinkedWith)
    const persons = await branch.store.query(db => db.selectFrom('conversations').select('person'))
    expect(persons.map(row => row.person)).toEqual([null, null])
  })

  it('tells what is kept: how much, until when, and what still waits', async () => {
    for (const text of ['人工', '1', '我的失业保险断缴了', '跳过', '确认提交']) await here.say(text)
    await branch.store.query(db =>
      db.updateTable('inbound').set({ wish_at: 1 }).where('native_id', 'like', '%').returning('seq'),
    )
    const data = await here.say('你们存了我哪些数据？')
    expect(data).toContain('您发来的消息6条（连同您的评价），我们的答复6条')
    expect(data).toContain('保存到2026-12-24')
    expect(data).toContain('有5个问题')
    expect(data).toMatch(/留言：L\d{8}-\w{5}还没有答复/)
  })

  describe('has everything deleted', () => {
    it('after a confirmation that says what goes and what stays, and is told so', async () => {
      for (const text of ['人工', '1', '我的失业保险断缴了', '跳过', '确认提交']) await here.say(text)
      await link()
      const asked = await here.say('把我的记录删了')
      expect(asked).toContain(w.eraseAsk(2))
      expect(asked).toMatch(/您的留言L\d{8}-\w{5}还没有答复/)
      expect(asked).toContain(w.eraseKept)
      expect(await here.tap(w.eraseNow)).toBe(w.erased)
      expect(await countsOf(branch.store)).toEqual({
        ...{ conversations: 1, inbound: 1, deliveries: 1, left_messages: 1, data_keys: 1, link_codes: 0 },
      })
      expect((await here.host.history('me')).map(past => past.kind)).toEqual(['incoming', 'outgoing'])
      expect(await there.host.history('also-me')).toEqual([])
    })

    it('when the number or the words of the button are typed, too', async () => {
      await here.say('删除我的数据')
      expect(await here.say('1')).toBe(w.erased)
      await there.say('删除我的数据')
      expect(await there.say('确认删除')).toBe(w.erased)
    })

    it('not without the confirmation, nor with an old one, nor by a link that somebody else made', async () => {
      await here.say('年假几天')
      await here.say('删除我的数据')
      expect(await here.tap(w.eraseNot)).toBe(w.eraseStopped)
      await here.say('删除我的数据')
      await branch.clock.advance(11 * 60_000)
      expect(await here.tap(w.eraseNow)).toBe(w.eraseOver)
      const link = { choice: `erase:${branch.clock.now()}` }
      expect(await here.say('/start', link)).toContain(zh.greeting)
      expect((await countsOf(branch.store)).conversations).toBe(1)
      expect((await here.host.history('me')).length).toBeGreaterThan(8)
    })

    it('and is answered as before afterwards, by numbers too', async () => {
      await here.say('删除我的数据')
      await here.tap(w.eraseNow)
      expect(await here.say('你好')).toContain(zh.greeting)
      expect(await here.say('2')).toContain(`答：${zh.examples[1]}`)
      expect(await here.say('我的数据')).toContain(w.notLinkedWith)
    })

    it('once, when the platform brings the confirmation twice', async () => {
      await here.say('删除我的数据')
      await here.say('确认删除', { nativeId: 'yes' })
      expect(await here.host.receive({ chat: 'me', nativeId: 'yes', text: '确认删除' })).toBe('duplicate')
      expect(await here.host.repliesTo('me', 'yes')).toMatchObject({ done: true, messages: [{}] })
    })

    it('and the messages that came right after the confirmation are answered', async () => {
      await here.say('删除我的数据')
      const before = here.channel.taken.length
      for (const text of ['确认删除', '年假几天', '失业金'])
        await here.host.receive({ chat: 'me', nativeId: text, text })
      await until('all are answered', async () => {
        await branch.clock.advance(100)
        return here.channel.taken.length === before + 3
      })
      expect(here.channel.taken.slice(before).sort()).toEqual([w.erased, '答：年假几天', '答：失业金'].sort())
    })

    it('also when it is confirmed on both channels at the same moment', async () => {
      await link()
      for (const one of [here, there]) await one.say('删除我的数据')
      const both = Promise.all([here.tap(w.eraseNow), there.tap(w.eraseNow)])
      const recovered = until('both are told', async () => {
        await branch.gateway.recover()
        return [here, there].every(one => one.channel.taken.includes(w.erased))
      })
      await recovered
      expect(await both).toEqual([w.erased, w.erased])
      expect(await countsOf(branch.store)).toMatchObject({ conversations: 2, inbound: 2, data_keys: 2 })
    })

    it('and another process that still knows the old key writes and reads under the new one', async () => {
      const other = await openBranch({ database, master, id: 'p2', clock: branch.clock })
      const id = `${here.channel.account}|me`
      await here.say('年假几天')
      await other.vault.find(id)
      await here.say('删除我的数据')
      await here.say('确认删除')
      const caller = createCaller(other, 'me')
      expect(await caller.say('失业金')).toContain('答：失业金')
      const past = await here.host.history('me')
      expect(past.map(one => (one.kind === 'incoming' ? one.text : ''))).toContain('失业金')
      await other.close()
    })

    it('and what waits on the other channel in this moment is answered there', async () => {
      await link()
      const gate = Promise.withResolvers<void>()
      const slow = await openBranch({
        ...{ database, master, id: 'slow', clock: branch.clock, living: () => ['p1', 'slow'] },
        answerer: {
          answer: async text => {
            await gate.promise
            return { document: [paragraph(`慢答：${text}`)], certain: false }
          },
          choose: () => undefined,
        },
      })
      const abroad = createCaller(await openAbroad(slow), 'also-me')
      const waiting = abroad.say('年假几天')
      await until('it is stored', async () => (await branch.inbound()).includes('received'))
      await here.say('删除我的数据')
      expect(await here.say('确认删除')).toBe(w.erased)
      gate.resolve()
      await until('it is answered', async () => {
        await branch.gateway.recover()
        return there.channel.taken.includes('答：年假几天')
      })
      waiting.catch(() => {})
      await slow.close()
    })

    it('in the middle of a form, too', async () => {
      await here.say('人工')
      await here.say('删除我的数据')
      expect(await here.tap(w.eraseNow)).toBe(w.erased)
      expect(await here.say('年假几天')).toBe('答：年假几天')
    })

    it('and what is left goes after three days, without a word', async () => {
      await here.say('删除我的数据')
      await here.tap(w.eraseNow)
      await branch.clock.advance(3 * 24 * 60 * 60_000)
      for (const job of branch.gateway.jobs()) await job.run()
      expect(await countsOf(branch.store)).toMatchObject({ conversations: 0, inbound: 0, data_keys: 0 })
    })

    it('also when the process ends between the deletion and the last word', async () => {
      await here.say('删除我的数据')
      await here.tap(w.eraseNow)
      await branch.store.query(db =>
        db
          .updateTable('inbound')
          .set({ state: 'received', done_at: null })
          .where('seq', '>', 0)
          .returning('seq'),
      )
      await branch.store.query(db => db.deleteFrom('deliveries').where('seq', '>', 0).returning('seq'))
      const next = await openBranch({ database, master, id: 'next', clock: branch.clock })
      await next.gateway.recover()
      await next.replied(1)
      expect(next.channel.taken).toEqual([w.erased])
      await next.close()
    })

    it('and an official who answers an open message is told that it was withdrawn', async () => {
      for (const text of ['人工', '1', '我的失业保险断缴了', '跳过', '确认提交']) await here.say(text)
      const [left] = await branch.store.query(db => db.selectFrom('left_messages').select('number'))
      await here.say('删除我的数据')
      await here.tap(w.eraseNow)
      const { store, vault, clock } = branch
      const common = { clock, log: silentLog, meter: silentMeter, vault, random: () => 0, process: 'desk' }
      const ledger = createLedger({ ...common, store: createDeliveryStore(store) })
      const staff = { get: async () => ({}) as never, record: async () => [] }
      const desk = createLeftDesk({ store: createConversationStore(store), vault, ledger, clock, staff })
      expect(await desk.list()).toEqual([])
      await expect(desk.answer(left?.number ?? '', '请带身份证', '张三')).rejects.toThrow(
        '已经删除了自己的数据',
      )
      const [stub] = await store.query(db => db.selectFrom('left_messages').selectAll())
      expect(stub).toMatchObject({ state: 'withdrawn', conversation: 0 })
      expect(stub?.body).toHaveLength(0)
    })
  })

  it('is told nothing of all this in a group', async () => {
    for (const text of ['关联', '我的数据', '删除我的数据', '取消关联', '关联 ABCDEFGH'])
      expect(await here.say(text, { group: true })).toContain(zh.privately)
  })

  it('serves two processes: one deletes, the other answers what comes next', async () => {
    const living = () => ['p1', 'p2']
    const other = await openBranch({ database, master, id: 'p2', clock: branch.clock, living })
    const elsewhere = createCaller(other, 'me')
    await here.say('年假几天')
    await elsewhere.say('失业金')
    await here.say('删除我的数据')
    await here.tap(w.eraseNow)
    expect(await elsewhere.say('年假几天')).toBe('答：年假几天')
    expect(await here.say('失业金')).toBe('答：失业金')
    await other.close()
  })
})
