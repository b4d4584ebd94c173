import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../base/until.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { type Branch, type BranchOptions, echo, openBranch, zh } from './branch.ts'

describe.each(databases)('turns on $name', ({ make }) => {
  let database: TestDatabase
  let branches: Branch[]
  const master = createTestMaster()
  const never = new Promise<never>(() => {})
  const mute = { ...echo, answer: () => never }

  async function open(options: Partial<BranchOptions>): Promise<Branch> {
    const branch = await openBranch({ database, master, ...options })
    branches.push(branch)
    return branch
  }

  beforeEach(async () => {
    database = await make()
    branches = []
  })
  afterEach(async () => {
    for (const branch of branches) await branch.close()
    await database.remove()
  })

  /** A process that accepts and then dies: its store is closed under it. */
  async function die(branch: Branch): Promise<void> {
    branches.splice(branches.indexOf(branch), 1)
    await branch.store.close()
  }

  it('of a process that died are taken by another, in order and once', async () => {
    const dying = await open({ id: 'dying', answerer: mute })
    for (const text of ['一', '二', '三']) await dying.receive('a', text, text)
    await dying.receive('b', '四', '四')
    await die(dying)
    const next = await open({ id: 'next' })
    await next.gateway.recover()
    await next.gateway.recover()
    await next.replied(6)
    await until('all are done', async () => (await next.inbound()).every(state => state === 'done'))
    const taken = next.channel.taken.filter(text => text !== zh.notice(180))
    expect(taken.filter(text => text !== '答：四')).toEqual(['答：一', '答：二', '答：三'])
    expect(next.channel.taken).toHaveLength(6)
    expect(next.logged).toEqual([])
  })

  it('of a process that lives are left to it', async () => {
    const busy = await open({ id: 'busy', answerer: mute })
    await busy.receive('a', '一', '一')
    const next = await open({ id: 'next', living: () => ['busy', 'next'] })
    await next.gateway.recover()
    expect(next.channel.attempts).toEqual([])
    expect(await next.inbound()).toEqual(['received'])
    await die(busy)
  })

  it('of a dead process come before what the citizen writes next', async () => {
    const dying = await open({ id: 'dying', answerer: mute })
    await dying.receive('a', '一', '一')
    await die(dying)
    const next = await open({ id: 'next' })
    await next.receive('a', '二', '二')
    await next.gateway.recover()
    await until('all are done', async () => {
      await next.clock.advance(2_000)
      return (await next.inbound()).every(state => state === 'done')
    })
    await next.replied(3)
    expect(next.channel.taken).toEqual([zh.notice(180), '答：一', '答：二'])
  })

  it('are taken once when two processes recover the same dead one', async () => {
    const dying = await open({ id: 'dying', answerer: mute })
    for (let i = 0; i < 6; i++) await dying.receive(`chat${i}`, 'm', `问题${i}`)
    await die(dying)
    const living = () => ['left', 'right']
    const left = await open({ id: 'left', living })
    const right = await open({ id: 'right', living })
    await Promise.all([left.gateway.recover(), right.gateway.recover()])
    await until('all are done', async () => (await left.inbound()).every(state => state === 'done'))
    await until('all have left', () => left.channel.taken.length + right.channel.taken.length >= 12)
    const answers = [...left.channel.taken, ...right.channel.taken].filter(text => text.startsWith('答'))
    expect(answers.sort()).toEqual(Array.from({ length: 6 }, (_, i) => `答：问题${i}`))
    expect([...left.logged, ...right.logged]).toEqual([])
  })

  it('that throw say so to the person, are logged, and end: the next message is answered', async () => {
    const branch = await open({
      answerer: {
        ...echo,
        answer(text, language) {
          if (text.includes('炸')) throw new TypeError('a bug')
          return echo.answer(text, language)
        },
      },
    })
    await branch.receive('a', 'm1', '炸')
    await branch.receive('a', 'm2', '失业金')
    await branch.replied(2)
    expect(branch.channel.taken.slice(0, 1)).toEqual([zh.failed])
    expect(branch.channel.taken.at(-1)).toBe('答：失业金')
    expect(branch.logged).toEqual(['turn.failed: TypeError: a bug'])
    expect(await branch.inbound()).toEqual(['done', 'done'])
  })

  it('keep an open form when one of them throws', async () => {
    let broken = true
    const branch = await open({
      answerer: {
        ...echo,
        answer(text, language) {
          if (broken && text === '失业金怎么领') throw new Error('a bug')
          return echo.answer(text, language)
        },
      },
    })
    await branch.receive('a', 'm1', '人工')
    await branch.receive('a', 'm2', '问一句 失业金怎么领')
    await branch.replied(3)
    broken = false
    expect(branch.channel.taken.at(-1)).toBe(zh.failed)
    await branch.receive('a', 'm3', '社会保险')
    await branch.replied(4)
    expect(branch.channel.taken.at(-1)).toContain(zh.message.textPrompt)
  })

  it('of an official’s conversation are kept and answered by nobody else', async () => {
    const branch = await open({})
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    await branch.store.query(db => db.updateTable('conversations').set({ owner: 'staff' }))
    const next = await open({ id: 'next' })
    await next.receive('a', 'm2', '失业金')
    await until('it is done', async () => (await next.inbound()).every(state => state === 'done'))
    expect(next.channel.attempts).toEqual([])
  })
})
