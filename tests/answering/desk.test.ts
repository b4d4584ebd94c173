/** The loop from a question without an answer to those who asked it, and from a wrong answer to those who were told. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createAnswerer,
  createAnswering,
  createAnswerStore,
  createQuestionDesk,
  type QuestionDesk,
} from '#answering'
import { silentLog } from '#base/log'
import { createStaffDesk, createStaffStore, operator } from '#staff'
import { type Branch, openBranch } from '../conversation/branch.ts'
import { createTestMaster } from '../delivery/post.ts'
import { entryOf, someEntries } from '../knowledge/entries.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const asked = '高温津贴从几月发到几月'
const added = entryOf('heat', '高温津贴从几月发到几月？', { answer: '由当地规定。', owner: '劳动关系处' })

describe.each(databases)('questions without an answer on $name', ({ make }) => {
  let database: TestDatabase
  let branch: Branch
  let desk: QuestionDesk
  let audited: () => Promise<string[]>
  const answering = createAnswering({ entries: someEntries, today: '2026-11-23' })

  beforeEach(async () => {
    answering.change([], ['heat'])
    known = new Set()
    database = await make()
    branch = await openBranch({
      database,
      master: createTestMaster(),
      answerer: (store, clock) =>
        createAnswerer({ answering, hotline: '12333', feedback: { ...createAnswerStore(store), clock } }),
    })
    const staff = createStaffDesk({ store: createStaffStore(branch.store), clock: branch.clock })
    for (const name of ['张三', '李四']) await staff.add({ name, roles: ['reviewer'] }, operator)
    audited = async () =>
      (await createStaffStore(branch.store).listAudit(0, 100)).map(r => `${r.staff} ${r.act} ${r.subject}`)
    desk = createQuestionDesk({
      ...branch,
      store: createAnswerStore(branch.store),
      log: silentLog,
      find: answering.find,
      staff,
    })
  })
  afterEach(async () => {
    await branch.close()
    await database.remove()
  })

  let count = 0
  let known: Set<string>
  async function say(chat: string, text: string, choice?: string): Promise<string[]> {
    const before = branch.channel.taken.length
    const message = { chat, nativeId: `n${count++}`, text, ...(choice && { choice }) }
    await branch.host.receive(message)
    // The first message is answered after the privacy notice.
    await branch.replied(before + (known.has(chat) ? 1 : 2))
    known.add(chat)
    return branch.channel.taken.slice(before)
  }

  it('are brought together, with an owner, a day and how many wait', async () => {
    await say('a', asked)
    await say('a', '', 'wish')
    await say('b', '高温津贴从几月发到几月啊')
    await say('c', '公司食堂难吃归谁管')
    await desk.gather()
    await desk.gather()
    const clusters = await desk.list()
    expect(clusters.map(c => [c.label, c.asked, c.waiting])).toEqual([
      [asked, 2, 1],
      ['公司食堂难吃归谁管', 1, 0],
    ])
    expect(clusters[0]?.due_on).toMatch(/^\d{4}-\d\d-\d\d$/)
  })

  it('are answered once to those who wished so, and to nobody else', async () => {
    await say('a', asked)
    await say('a', '', 'wish')
    await say('b', asked)
    await desk.gather()
    answering.change([added], [])
    const [cluster] = await desk.list()
    const before = branch.channel.taken.length
    expect(await desk.answer(cluster?.seq ?? 0, 'heat', '张三')).toBe(1)
    await branch.replied(before + 1)
    expect(branch.channel.taken.at(-1)).toContain('由当地规定。')
    expect(branch.channel.taken.at(-1)).toContain(asked)
    await expect(desk.answer(cluster?.seq ?? 0, 'heat', '李四')).rejects.toThrow()
    expect(await desk.list()).toEqual([])
    expect(await desk.list('answered')).toHaveLength(1)
    expect(await audited()).toContain(`张三 cluster.answer ${cluster?.seq}`)
  })

  it('tell also whoever wished only after the answer, or was left out when the telling broke off', async () => {
    await say('a', asked)
    await desk.gather()
    answering.change([added], [])
    const [cluster] = await desk.list()
    expect(await desk.answer(cluster?.seq ?? 0, 'heat', '张三')).toBe(0)
    await say('a', '', 'wish')
    const before = branch.channel.taken.length
    await desk.gather()
    await branch.replied(before + 1)
    expect(branch.channel.taken.at(-1)).toContain('由当地规定。')
    await desk.gather()
    expect(branch.channel.taken).toHaveLength(before + 1)
  })

  it('can be corrected with those who were told the answer afterwards', async () => {
    await say('a', asked)
    await say('a', '', 'wish')
    await desk.gather()
    answering.change([{ ...added, version: 3 }], [])
    const [cluster] = await desk.list()
    await desk.answer(cluster?.seq ?? 0, 'heat', '张三')
    expect(await desk.countMisled('heat', 3)).toBe(1)
    expect(await desk.correct({ entry: 'heat', version: 3 }, '六月到九月。', '张三')).toBe(1)
  })

  it('are shown one by one, without personal data, with what became of them', async () => {
    const [first] = someEntries
    await say('a', asked)
    await say('a', '', 'wish')
    await say('b', `我的手机是13800138000。${first?.title}`)
    await say('b', '', `bad:${first?.id}:2`)
    await desk.gather()
    const clusters = await desk.list()
    const shown = (await Promise.all(clusters.map(c => desk.show(c.seq)))).flat()
    expect(JSON.stringify(shown)).not.toContain('13800138000')
    expect(shown.find(q => q.wish === 'waiting')).toMatchObject({ text: asked, entry: null, reason: null })
    expect(shown.find(q => q.entry === first?.id)).toMatchObject({
      text: expect.stringContaining(first?.title ?? ''),
      reason: '内容不对',
      wish: 'none',
      candidates: expect.arrayContaining([first?.id]),
    })
    await expect(desk.show(999)).rejects.toThrow(/没有问题组 999/)
  })

  it('are given to somebody by a day that there is and that has not passed, while they are open', async () => {
    await say('a', asked)
    await desk.gather()
    const [cluster] = await desk.list()
    const assign = (owner: string, dueOn: string) => desk.assign(cluster?.seq ?? 0, { owner, dueOn }, '张三')
    await expect(assign('养老处', '2027-02-30')).rejects.toThrow(/YYYY-MM-DD/)
    await expect(assign('养老处', '2026-11-01')).rejects.toThrow(/过去/)
    await expect(assign(' ', '2027-01-15')).rejects.toThrow(/负责/)
    await assign('养老处', '2027-01-15')
    expect(await desk.list()).toMatchObject([{ owner: '养老处', due_on: '2027-01-15' }])
    await desk.dismiss(cluster?.seq ?? 0, '张三')
    await expect(assign('工伤处', '2027-01-15')).rejects.toThrow(/没有待处理/)
    expect(await audited()).toContain(`张三 cluster.assign ${cluster?.seq}`)
  })

  it('are not answered with an entry that is not in use', async () => {
    await say('a', asked)
    await desk.gather()
    const [cluster] = await desk.list()
    await expect(desk.answer(cluster?.seq ?? 0, 'nothing', '张三')).rejects.toThrow()
    expect(await desk.list()).toHaveLength(1)
  })

  it('include an answer that was of no use, with the reason', async () => {
    const [first] = someEntries
    await say('a', first?.title ?? '')
    expect(await say('a', '', `bad:${first?.id}`)).toHaveLength(1)
    await say('a', '', `bad:${first?.id}:2`)
    const rows = await branch.store.query(db =>
      db.selectFrom('inbound').select(['verdict', 'verdict_reason']).where('verdict', 'is not', null),
    )
    expect(rows).toEqual([{ verdict: 'bad', verdict_reason: '内容不对' }])
    await desk.gather()
    expect((await desk.list()).map(c => c.label)).toEqual([first?.title])
  })

  it('that were answered wrongly beside another question are corrected too', async () => {
    answering.change([{ ...added, version: 3 }], [])
    await say('a', `失业金怎么领？${asked}？`)
    expect(branch.channel.taken.at(-1)).toContain('由当地规定。')
    expect(await desk.countMisled('heat', 3)).toBe(1)
    expect(await desk.correct({ entry: 'heat', version: 3 }, '六月到九月。', '张三')).toBe(1)
    expect(await desk.countMisled('heat', 3)).toBe(0)
  })

  it('are nobody’s to answer who is no official', async () => {
    await say('a', asked)
    await desk.gather()
    const [cluster] = await desk.list()
    await expect(desk.dismiss(cluster?.seq ?? 0, '王五')).rejects.toThrow(/王五/)
    await desk.dismiss(cluster?.seq ?? 0, '张三')
    expect(await desk.list()).toEqual([])
  })

  it('that were answered wrongly are corrected, once for each who was told', async () => {
    answering.change([{ ...added, version: 3 }], [])
    await say('a', asked)
    await say('a', asked)
    await say('b', asked)
    expect(await desk.countMisled('heat', 3)).toBe(2)
    const before = branch.channel.taken.length
    expect(await desk.correct({ entry: 'heat', version: 3 }, '六月到九月。', '张三')).toBe(2)
    expect(await desk.correct({ entry: 'heat', version: 3 }, '六月到九月。', '张三')).toBe(0)
    await branch.replied(before + 2)
    expect(branch.channel.taken.slice(before).every(text => text.includes('六月到九月。'))).toBe(true)
  })
})
