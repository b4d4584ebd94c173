import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from '#channel'
import type { Asked } from '#dialog'
import { openSqlite } from '#storage'
import { until } from '../base/until.ts'
import { createTestMaster } from '../delivery/post.ts'
import { temporaryFolder } from '../storage/databases.ts'
import { type Branch, echo, openBranch, pragma, zh } from './branch.ts'

const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    error => error,
  )

describe('the gateway over a database in trouble', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let file: string
  let branch: Branch
  const master = createTestMaster()
  const gates = new Map<string, Promise<void>>()
  const answerer = {
    ...echo,
    async answer(text: string, asked: Asked) {
      await gates.get(text)
      return echo.answer(text, asked)
    },
  }

  beforeEach(async () => {
    folder = temporaryFolder()
    file = `${folder.path}/test.sqlite`
    const database = { open: () => openSqlite(file), remove: async () => folder.remove() }
    branch = await openBranch({ database, master, answerer })
    await pragma(branch.store, 'busy_timeout = 1')
  })
  afterEach(async () => {
    await branch.close()
    folder.remove()
    gates.clear()
  })

  const fill = () => pragma(branch.store, 'max_page_count = 1')
  const makeRoom = () => pragma(branch.store, 'max_page_count = 1073741823')
  const longText = (mark: string) => mark + '问'.repeat(1990)
  const countAll = () =>
    branch.store.query(db =>
      db.selectNoFrom(e => [
        e
          .selectFrom('conversations')
          .select(c => c.fn.countAll<number>().as('n'))
          .as('conversations'),
        e
          .selectFrom('inbound')
          .select(c => c.fn.countAll<number>().as('n'))
          .as('inbound'),
        e
          .selectFrom('deliveries')
          .select(c => c.fn.countAll<number>().as('n'))
          .as('deliveries'),
        e
          .selectFrom('data_keys')
          .select(c => c.fn.countAll<number>().as('n'))
          .as('keys'),
      ]),
    )
  function lock(): { release(): void } {
    const holder = new DatabaseSync(file)
    holder.exec('begin exclusive')
    return {
      release() {
        holder.exec('rollback')
        holder.close()
      },
    }
  }

  it('refuses with a sentence when the disk is full, and stores nothing by halves', async () => {
    await fill()
    const refused = await refusalOf(branch.receive('a', 'm1', longText('甲')))
    expect(refused).toBeInstanceOf(Refusal)
    expect(refused).toMatchObject({ code: 'not-stored', say: zh.notStored })
    expect(await countAll()).toEqual([{ conversations: 0, inbound: 0, deliveries: 0, keys: 0 }])
    await makeRoom()
    expect(await branch.receive('a', 'm1', longText('甲'))).toBe('accepted')
    await branch.replied(2)
    expect(await countAll()).toEqual([{ conversations: 1, inbound: 1, deliveries: 2, keys: 1 }])
  })

  it('refuses on a full disk also in a conversation that it knows', async () => {
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    await until('all is settled', async () => branch.clock.sleepers() === 0)
    await fill()
    for (let i = 0; i < 40; i++) {
      const refused = await refusalOf(branch.receive('a', `x${i}`, longText(`${i}`)))
      if (refused) {
        expect(refused).toMatchObject({ code: 'not-stored', say: zh.notStored })
        return
      }
    }
    throw new Error('the disk never became full')
  })

  it('answers what it had accepted as soon as there is room again', async () => {
    const thinking = Promise.withResolvers<void>()
    const question = longText('乙')
    gates.set(question, thinking.promise)
    expect(await branch.receive('a', 'm1', question)).toBe('accepted')
    await fill()
    thinking.resolve()
    await until('the turn is put off', () => branch.logged.some(line => line.startsWith('turn.delayed')))
    expect(await branch.inbound()).toEqual(['received'])
    await makeRoom()
    await until('it is answered', async () => {
      await branch.clock.advance(2_000)
      return branch.channel.taken.length === 2
    })
    expect(branch.channel.taken).toEqual([zh.notice(180), `答：${question}`])
    expect(await branch.inbound()).toEqual(['done'])
  })

  it('refuses with a sentence while another program holds the database, and takes the message afterwards', async () => {
    const held = lock()
    const refused = await refusalOf(branch.receive('a', 'm1', '年假几天'))
    expect(refused).toMatchObject({ code: 'not-stored', say: zh.notStored })
    held.release()
    expect(await branch.receive('a', 'm1', '年假几天')).toBe('accepted')
    await branch.replied(2)
    expect(await countAll()).toEqual([{ conversations: 1, inbound: 1, deliveries: 2, keys: 1 }])
  })

  it('answers what it had accepted as soon as the database is free, once', async () => {
    const thinking = Promise.withResolvers<void>()
    gates.set('年假几天', thinking.promise)
    await branch.receive('a', 'm1', '年假几天')
    const held = lock()
    thinking.resolve()
    await until('the turn is put off', () => branch.logged.some(line => line.startsWith('turn.delayed')))
    await branch.clock.advance(2_000)
    held.release()
    await until('it is answered', async () => {
      await branch.clock.advance(2_000)
      return branch.channel.taken.length >= 2
    })
    await branch.clock.advance(60_000)
    expect(branch.channel.taken).toEqual([zh.notice(180), '答：年假几天'])
  })

  it('keeps the order of a conversation through the trouble', async () => {
    const thinking = Promise.withResolvers<void>()
    gates.set('一', thinking.promise)
    for (const text of ['一', '二', '三']) await branch.receive('a', text, text)
    const held = lock()
    thinking.resolve()
    await until('the turn is put off', () => branch.logged.some(line => line.startsWith('turn.delayed')))
    held.release()
    await until('all are answered', async () => {
      await branch.clock.advance(2_000)
      return branch.channel.taken.length >= 4
    })
    expect(branch.channel.taken).toEqual([zh.notice(180), '答：一', '答：二', '答：三'])
  })
})
