import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Document, formatPlain, paragraph } from '#channel'
import { keyNameOf } from '#delivery'
import { until } from '../base/until.ts'
import { createFakeChannel, offline } from '../delivery/fake-channel.ts'
import { createTestMaster } from '../delivery/post.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { type Branch, openBranch, zh } from './branch.ts'
import { createCaller } from './caller.ts'

describe.each(databases)('what a platform tells of a chat, on $name', ({ make }) => {
  let database: TestDatabase
  let branch: Branch
  const master = createTestMaster()

  beforeEach(async () => {
    database = await make()
    branch = await openBranch({ database, master })
  })
  afterEach(async () => {
    await branch.close()
    await database.remove()
  })

  const rows = () =>
    branch.store.query(db =>
      db.selectFrom('deliveries').select(['chat', 'state', 'reason', 'conversation']).orderBy('seq'),
    )
  const states = async () => (await rows()).map(row => row.state)

  /** An official's words, entered into the ledger and carried. */
  async function push(chat: string, document: Document, by: Branch = branch): Promise<void> {
    const place = { account: by.channel.account, chat }
    const [conversation] = await by.store.query(db =>
      db.selectFrom('conversations').select('seq').where('id', '=', keyNameOf(place)),
    )
    const key = await by.vault.find(keyNameOf(place))
    if (!conversation || !key) throw new Error('no such chat')
    const draft = { to: { conversation: conversation.seq, ...place }, document, createdAt: by.clock.now() }
    by.ledger.carry([draft], await by.store.commit([by.ledger.enter(draft, key)]))
  }

  /** A chat in which two messages wait, since the platform cannot be reached. */
  async function waiting(chat: string): Promise<void> {
    await createCaller(branch, chat).say('年假几天')
    branch.channel.misbehave(chat, offline(), offline())
    await push(chat, [paragraph('答复一')])
    await push(chat, [paragraph('答复二')])
    await until('the first has failed once', () => branch.channel.attempts.includes('答复一'))
    await until('both wait', async () => (await states()).slice(-2).join() === 'queued,queued')
  }

  describe('that nobody can be reached there', () => {
    it('settles what waits as undeliverable, with the reason, and nothing of it is sent later', async () => {
      await waiting('a')
      await branch.host.change('a', { kind: 'unreachable', reason: 'blocked by the user' })
      expect((await rows()).slice(2)).toMatchObject([
        { state: 'undeliverable', reason: 'blocked by the user' },
        { state: 'undeliverable', reason: 'blocked by the user' },
      ])
      await branch.clock.advance(60_000)
      expect(branch.channel.taken).not.toContain('答复一')
    })

    it('is forgotten when the citizen writes again', async () => {
      await waiting('a')
      await branch.host.change('a', { kind: 'unreachable', reason: 'blocked by the user' })
      await branch.clock.advance(60_000)
      expect(await createCaller(branch, 'a').say('失业金')).toBe('答：失业金')
    })

    it('touches no other chat, and is no failure where the chat is not known', async () => {
      await waiting('a')
      await branch.host.change('b', { kind: 'unreachable', reason: 'gone' })
      await branch.host.change('nobody', { kind: 'moved', to: 'elsewhere' })
      expect((await states()).slice(2)).toEqual(['queued', 'queued'])
    })
  })

  describe('that it has another name', () => {
    it('takes along the past, the open form, the key and what waits', async () => {
      await createCaller(branch, 'old').say('人工')
      branch.channel.misbehave('old', offline())
      await push('old', [paragraph('答复一')])
      await until('it has failed once', () => branch.channel.attempts.includes('答复一'))
      await until('it waits', async () => (await states()).at(-1) === 'queued')
      await branch.host.change('old', { kind: 'moved', to: 'new' })
      await until('it has left', async () => {
        await branch.clock.advance(1_000)
        return branch.channel.taken.includes('答复一')
      })
      expect(branch.channel.messages.find(m => formatPlain(m.document) === '答复一')?.chat).toBe('new')
      expect(await createCaller(branch, 'new').say('1')).toContain(zh.message.textPrompt)
      expect((await branch.host.history('new')).length).toBe(6)
      expect(await branch.host.history('old')).toEqual([])
      const keys = await branch.store.query(db => db.selectFrom('data_keys').select('id'))
      expect(keys).toEqual([{ id: 'fake:default|new' }])
    })

    it('can be told twice, and is read by a process that starts afterwards', async () => {
      await createCaller(branch, 'old').say('年假几天')
      await branch.host.change('old', { kind: 'moved', to: 'new' })
      await branch.host.change('old', { kind: 'moved', to: 'new' })
      await branch.host.change('new', { kind: 'moved', to: 'new' })
      const next = await openBranch({ database, master, id: 'next' })
      expect((await next.host.history('new')).length).toBe(3)
      expect(await createCaller(next, 'new').say('失业金')).toBe('答：失业金')
      await next.close()
    })

    it('moves only what waits where the new name is in use already', async () => {
      await createCaller(branch, 'new').say('失业金')
      await waiting('old')
      await branch.host.change('old', { kind: 'moved', to: 'new' })
      await until('both have left', async () => {
        await branch.clock.advance(1_000)
        return branch.channel.taken.includes('答复二')
      })
      expect(branch.channel.messages.slice(-2).map(m => [m.chat, formatPlain(m.document)])).toEqual([
        ['new', '答复一'],
        ['new', '答复二'],
      ])
      expect((await branch.host.history('old')).filter(past => past.kind === 'incoming')).toHaveLength(1)
      const told = (await branch.host.history('new')).map(past =>
        past.kind === 'incoming' ? past.text : formatPlain(past.message.document),
      )
      expect(told.slice(-2)).toEqual(['答复一', '答复二'])
    })
  })

  describe('a file with personal data', () => {
    const file = {
      kind: 'file',
      name: '告知书.pdf',
      type: 'application/pdf',
      data: 'AAAA',
      personal: true,
    } as const

    it('does not leave over a channel outside the mainland, whoever sends it', async () => {
      const channel = createFakeChannel({ mainland: false })
      const abroad = await openBranch({ database, master, id: 'abroad', channel })
      await createCaller(abroad, 'a').say('年假几天')
      await push('a', [paragraph('请查收'), file], abroad)
      await push('a', [paragraph('请查收'), { ...file, personal: false }], abroad)
      await until('the second has left', () => channel.attempts.length === 3)
      expect(channel.attempts[2]).toContain('告知书.pdf')
      expect((await rows()).at(-2)).toMatchObject({
        state: 'failed',
        reason: 'a file with personal data does not leave the mainland',
      })
      await abroad.close()
    })

    it('leaves over one inside', async () => {
      await createCaller(branch, 'a').say('年假几天')
      await push('a', [file])
      await until('it has left', () => branch.channel.taken.length === 3)
    })
  })
})
