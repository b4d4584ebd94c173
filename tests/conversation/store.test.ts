import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite, type Store } from '#storage'
import { until } from '../base/until.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase, temporaryFolder } from '../storage/databases.ts'
import { type Branch, echo, openBranch, zh } from './branch.ts'

const dayMs = 24 * 60 * 60_000

async function sweep(branch: Branch): Promise<void> {
  const job = branch.gateway.jobs().find(one => one.name === 'conversation.sweep')
  if (!job) throw new Error('no sweep')
  await job.run()
}

async function countsOf(store: Store, chat: string): Promise<Record<string, number>> {
  const [conversation] = await store.query(db =>
    db.selectFrom('conversations').select('seq').where('id', 'like', `%|${chat}`),
  )
  const keys = await store.query(db =>
    db.selectFrom('data_keys').select('id').where('id', 'like', `%|${chat}`),
  )
  return { conversations: conversation ? 1 : 0, keys: keys.length }
}

async function totalsOf(store: Store): Promise<number[]> {
  const tables = ['conversations', 'inbound', 'deliveries', 'left_messages', 'data_keys'] as const
  const counts = tables.map(table =>
    store.query(db => db.selectFrom(table).select(e => e.fn.countAll<number>().as('n'))),
  )
  return (await Promise.all(counts)).map(rows => Number(rows[0]?.n))
}

describe.each(databases)('what is kept of conversations on $name', ({ make }) => {
  let database: TestDatabase
  let branch: Branch
  const master = createTestMaster()
  beforeEach(async () => {
    database = await make()
    branch = await openBranch({ database, master, retentionDays: 30 })
  })
  afterEach(async () => {
    await branch.close()
    await database.remove()
  })

  it('is deleted with its key when the days are over, and that of others is not', async () => {
    for (const [i, text] of ['人工', '1', '我的失业保险断缴了', '跳过', '确认提交'].entries())
      await branch.receive('idle', `m${i}`, text)
    await branch.replied(6)
    await branch.clock.advance(29 * dayMs)
    await branch.receive('busy', 'm1', '年假几天')
    await branch.replied(8)
    await sweep(branch)
    expect(await totalsOf(branch.store)).toEqual([2, 6, 8, 1, 2])
    await branch.clock.advance(2 * dayMs)
    await sweep(branch)
    expect(await totalsOf(branch.store)).toEqual([1, 1, 2, 0, 1])
    expect(await countsOf(branch.store, 'busy')).toEqual({ conversations: 1, keys: 1 })
    expect(await branch.host.history('idle')).toEqual([])
    expect(await branch.host.history('busy')).toHaveLength(3)
  })

  it('is kept when the citizen writes again in time', async () => {
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    for (const i of [2, 3, 4]) {
      await branch.clock.advance(20 * dayMs)
      await branch.receive('a', `m${i}`, '失业金')
      await branch.replied(i + 1)
      await sweep(branch)
    }
    expect(await totalsOf(branch.store)).toEqual([1, 4, 5, 0, 1])
  })

  it('begins anew, with the privacy notice, for someone who comes back later', async () => {
    await branch.receive('a', 'm1', '年假几天')
    await branch.replied(2)
    await branch.clock.advance(32 * dayMs)
    await sweep(branch)
    await branch.receive('a', 'm1', '失业金')
    await branch.replied(4)
    expect(branch.channel.taken.slice(2)).toEqual([zh.notice(30), '答：失业金'])
    expect(await branch.host.history('a')).toHaveLength(3)
  })

  it('is not deleted while a message waits, and the sweep ends all the same', async () => {
    const never = new Promise<never>(() => {})
    const mute = await openBranch({
      database,
      master,
      id: 'mute',
      answerer: { ...echo, answer: () => never },
    })
    await mute.receive('waiting', 'm1', '年假几天')
    await branch.receive('idle', 'm1', '年假几天')
    await branch.replied(2)
    await branch.clock.advance(32 * dayMs)
    await sweep(branch)
    await mute.store.close()
    expect(await countsOf(branch.store, 'waiting')).toEqual({ conversations: 1, keys: 1 })
    expect(await countsOf(branch.store, 'idle')).toEqual({ conversations: 0, keys: 0 })
  })

  it('of more conversations than fit into one page is deleted in one sweep', async () => {
    const rows = Array.from({ length: 450 }, (_, i) => ({
      id: `fake:default|old${i}`,
      owner: 'bot',
      language: 'zh-CN',
      forms: null,
      created_at: 0,
      last_day: 1,
    }))
    await branch.store.query(db => db.insertInto('conversations').values(rows).returning('seq'))
    await branch.receive('busy', 'm1', '年假几天')
    await branch.replied(2)
    await sweep(branch)
    expect(await totalsOf(branch.store)).toEqual([1, 1, 2, 0, 1])
  })

  it('answers a citizen who comes back in the hour in which another process deleted the conversation', async () => {
    const other = await openBranch({ database, master, id: 'other', retentionDays: 30, clock: branch.clock })
    try {
      await branch.receive('a', 'm1', '年假几天')
      await branch.replied(2)
      await branch.clock.advance(32 * dayMs)
      expect(await other.host.history('a')).toHaveLength(3)
      await sweep(branch)
      expect(await other.receive('a', 'm2', '失业金')).toBe('accepted')
      await until('it is answered', async () => {
        await branch.clock.advance(2_000)
        return other.channel.taken.includes('答：失业金')
      })
    } finally {
      await other.close()
    }
  })

  it('can be read after a restart when another process had deleted the conversation before', async () => {
    const other = await openBranch({ database, master, id: 'other', retentionDays: 30, clock: branch.clock })
    try {
      await branch.receive('a', 'm1', '年假几天')
      await branch.replied(2)
      await other.vault.find('fake:default|a')
      await branch.clock.advance(32 * dayMs)
      await sweep(branch)
      await other.receive('a', 'm2', '失业金')
      await other.replied(2)
      expect(await countsOf(branch.store, 'a')).toEqual({ conversations: 1, keys: 1 })
    } finally {
      await other.close()
    }
  })
})

describe('the database file', () => {
  it('holds nothing readable of messages, answers, forms and contacts', async () => {
    const folder = temporaryFolder()
    const file = join(folder.path, 'test.sqlite')
    const database = { open: () => openSqlite(file), remove: async () => folder.remove() }
    const branch = await openBranch({ database, master: createTestMaster() })
    const said = ['我叫张三丰问失业金', '人工', '1', '我在独特大街的公司欠薪', '13912345678']
    for (const [i, text] of said.entries()) await branch.receive('a', `m${i}`, text)
    await branch.replied(6)
    const marked = ['张三丰', '独特大街', '13912345678', '社会保险', '失业金', '答：', '您好', '联系方式']
    const look = () => {
      const bytes = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)])
      return marked.filter(mark => bytes.includes(mark) || bytes.includes(Buffer.from(mark, 'utf16le')))
    }
    expect(look()).toEqual([])
    await branch.receive('a', 'm9', '确认提交')
    await branch.replied(7)
    await until('all is settled', async () => (await branch.inbound()).every(state => state === 'done'))
    expect(look()).toEqual([])
    expect(Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)]).includes('fake:default|a')).toBe(
      true,
    )
    await branch.close()
    expect(marked.filter(mark => readFileSync(file).includes(mark))).toEqual([])
    folder.remove()
  })
})
