/** The office at work on a request, from its number to the reply, on both databases. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCalendar } from '#base/workdays'
import { computeDeadline } from '#statute'
import type { Store } from '#storage'
import { databases, type TestDatabase } from '../storage/databases.ts'
import { type Office, officials as o, openOffice, someone } from './office.ts'

const denied = { reasons: '属于过程稿', law: '条例第十六条第二款' }

describe.each(databases)('the desk on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let office: Office
  beforeEach(async () => {
    database = await make()
    store = await database.open()
    office = await openOffice(store)
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  const register = async (more: Partial<typeof someone> = {}) =>
    (await office.desk.register({ ...someone, ...more }, o.officer)).ref
  const as = (ref: string, by: string) => ({ ref, by })
  const stateOf = async (ref: string) => (await office.desk.show(as(ref, o.officer))).one
  const granted = { disposition: 'granted' as const, told: { access: '随信附上' } }

  /** Up to the signature. */
  async function toSigned(ref: string, drafted: Parameters<Office['desk']['draft']>[1] = granted) {
    await office.desk.draft(as(ref, o.officer), drafted)
    await office.desk.review(as(ref, o.reviewer), { approve: true })
    await office.desk.sign(as(ref, o.head))
  }

  it('gives a number, the day of receipt with its reason, and the due date in words with articles', async () => {
    const made = await office.desk.register(someone, o.officer)
    expect(made).toMatchObject({ ref: '2025-0001', receivedOn: '2025-03-03', dueOn: '2025-03-31' })
    expect(made.how).toMatch(/第三十一条第（一）项/)
    expect(made.explanation).toMatch(/第三十三条第二款/)
    expect(await register()).toBe('2025-0002')
    const [{ ref, text }] = (await office.told()) as [{ ref: string; text: string }]
    expect(ref).toBe('2025-0001')
    expect(text).toMatch(/登记回执/)
    expect(await store.query(db => db.selectFrom('requests').select(['ref', 'received_on']))).toHaveLength(2)
  })

  it('shows where a request stands to whoever has its query code, and to nobody else', async () => {
    const { ref, code } = await office.desk.register(someone, o.officer)
    const own = code ?? ''
    expect(own).toMatch(/^[2-9A-HJKMNP-Z]{6}$/)
    const status = { ref, receivedOn: '2025-03-03', dueOn: '2025-03-31', closedOn: null }
    expect(await office.desk.status(ref, own.toLowerCase())).toMatchObject(status)
    for (const wrong of ['', 'AAAAAA', own.slice(1), `${own}A`])
      expect(await office.desk.status(ref, wrong)).toBeUndefined()
    expect(await office.desk.status('2025-9999', own)).toBeUndefined()
    const slip = await office.desk.slip(ref, own)
    expect(slip).toMatchObject({ ref, receivedOn: '2025-03-03', dueOn: '2025-03-31' })
    expect(slip?.applicant).toMatch(/^.＊+$/)
    const proof = slip?.proof ?? ''
    expect(proof).toMatch(/^\w{4}-\w{4}-\w{4}$/)
    expect(await office.desk.confirmSlip(ref, proof.toLowerCase().replaceAll('-', ''))).toEqual(slip)
    for (const wrong of [own, '', proof.slice(1), 'AAAA-AAAA-AAAA'])
      expect(await office.desk.confirmSlip(ref, wrong)).toBeUndefined()
    expect(await office.desk.slip(ref, proof)).toBeUndefined()
    const [receipt] = await office.told()
    expect(receipt?.text).toContain(`查询码 ${own}`)
  })

  it('takes a request from the counter to the reply, each step told once', async () => {
    const ref = await register()
    const { desk } = office
    await desk.triage(as(ref, o.officer), { kind: '政府信息', note: '内容明确' })
    await desk.assign(as(ref, o.officer), { to: o.division, division: '失业保险处' })
    await desk.draft(as(ref, o.division), granted)
    await desk.review(as(ref, o.reviewer), { approve: true })
    await desk.sign(as(ref, o.head))
    const sent = await desk.send(as(ref, o.officer))
    expect(sent).toMatchObject({ state: 'replied', closedOn: '2025-03-03', disposition: 'granted' })
    const told = await office.told()
    expect(told).toHaveLength(2)
    expect(told[1]?.text).toMatch(/答复书/)
    expect(told[1]?.text).toMatch(/6个月内直接向人民法院提起行政诉讼/)
    await expect(desk.send(as(ref, o.officer))).rejects.toThrow(/已答复，不能发出答复/)
    expect(await office.told()).toHaveLength(2)
    const [row] = await store.query(db => db.selectFrom('requests').select(['closed_on', 'disposition']))
    expect(row).toEqual({ closed_on: '2025-03-03', disposition: 'granted' })
    expect(await desk.verify()).toMatchObject({ events: 7, broken: undefined })
    const { history } = await desk.show(as(ref, o.auditor))
    expect(history.map(event => event.verb)).toEqual([
      ...['register', 'triage', 'assign', 'draft', 'review', 'sign', 'send'],
    ])
    expect(history.at(-1)).toMatchObject({
      staff: o.officer,
      old: { state: 'signed' },
      new: { state: 'replied' },
    })
  })

  it.each([
    ['a letter without its confirmation', { channel: 'letter' }, /在收到当天与申请人确认.*第（二）项/],
    ['a fax without the confirmation of both sides', { channel: 'fax' }, /双方确认之日.*第（三）项/],
    ['a day that is none', { arrivedOn: '2025-02-30' }, /没有 2025-02-30/],
    ['a day that has not come', { arrivedOn: '2025-03-04' }, /还没有到/],
    ['a confirmation before the arrival', { channel: 'fax', confirmedOn: '2025-03-02' }, /还早/],
    ['a day before the regulation', { arrivedOn: '2019-05-14' }, /2019-05-15 还早/],
    ['no name', { name: ' ' }, /第二十九条/],
    ['no description', { description: '' }, /第二十九条/],
  ])('does not register %s', async (_, more, words) => {
    await expect(register(more)).rejects.toThrow(words)
    expect(await store.query(db => db.selectFrom('cases').select('ref'))).toEqual([])
    expect(await register()).toBe('2025-0001')
  })

  it.each([
    ['registered-post', { arrivedOn: '2025-02-28' }, '2025-02-28', /第（二）项/],
    ['letter', { arrivedOn: '2025-02-27', confirmedOn: '2025-02-28' }, '2025-02-28', /应当在当天确认/],
    ['fax', { arrivedOn: '2025-02-27', confirmedOn: '2025-02-28' }, '2025-02-28', /第（三）项/],
  ])('counts a request by %s from its own day', async (channel, days, receivedOn, how) => {
    const made = await office.desk.register({ ...someone, channel, ...days }, o.officer)
    expect(made.receivedOn).toBe(receivedOn)
    expect(made.how).toMatch(how)
  })

  it('takes what a citizen files once, however often it comes', async () => {
    const { channel: _, ...rest } = someone
    const filing = { ...rest, channel: 'internet', once: 'conversation-1/message-7' }
    const [first, second] = [await office.desk.submit(filing), await office.desk.submit(filing)]
    expect(second).toEqual(first)
    expect(first.how).toMatch(/双方确认之日/)
    const many = await Promise.all(
      Array.from({ length: 3 }, () => office.desk.submit({ ...filing, once: 'x' })),
    )
    expect(new Set(many.map(({ ref }) => ref)).size).toBe(1)
    expect(await office.desk.verify()).toMatchObject({ events: 2, broken: undefined })
  })

  it('gives no number twice, however many register at once in two processes', async () => {
    const other = await database.open()
    const second = office.beside(other)
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? office.desk : second).register(someone, o.officer)),
    )
    expect(made.map(({ ref }) => ref).sort()).toEqual(Array.from({ length: 8 }, (_, i) => `2025-000${i + 1}`))
    expect(await office.desk.verify()).toMatchObject({ events: 8, broken: undefined })
    await other.close()
  })

  it('lets the second of two officials do nothing, and changes nothing', async () => {
    const ref = await register()
    const other = await database.open()
    const second = office.beside(other)
    const both = await Promise.allSettled([
      office.desk.askSupplement(as(ref, o.officer), { points: '哪一年' }),
      second.askSupplement(as(ref, o.second), { points: '哪一月' }),
    ])
    expect(both.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(one => one.status === 'rejected')?.reason).toMatchObject({ name: 'Refusal' })
    expect(await office.told()).toHaveLength(2)
    expect((await office.desk.verify()).events).toBe(2)
    await other.close()
  })

  it.each([
    ['register', /办理公开申请/, () => office.desk.register(someone, o.reviewer)],
    [
      'extend',
      /同意延长期限/,
      () => office.desk.extend(as('2025-0001', o.officer), { days: 5, reason: '量大' }),
    ],
    ['draft', /拟写答复/, () => office.desk.draft(as('2025-0001', o.head), granted)],
    ['review', /审核答复/, () => office.desk.review(as('2025-0001', o.officer), { approve: true })],
    ['sign', /签发答复/, () => office.desk.sign(as('2025-0001', o.officer))],
    ['send', /办理公开申请/, () => office.desk.send(as('2025-0001', o.division))],
    ['show', /查看公开申请/, () => office.desk.show(as('2025-0001', o.editor))],
    ['list', /查看公开申请/, () => office.desk.list(o.editor)],
  ])('refuses %s by somebody without the right', async (_, words, act) => {
    await register()
    await expect(act()).rejects.toThrow(words)
    expect((await office.desk.verify()).events).toBe(1)
  })

  it('shows a division only what was given to it', async () => {
    const ref = await register()
    await office.desk.assign(as(ref, o.officer), { to: o.division, division: '' })
    expect(await office.desk.list(o.division)).toHaveLength(1)
    expect(await office.desk.list(o.other)).toEqual([])
    await expect(office.desk.show(as(ref, o.other))).rejects.toThrow(/没有交给/)
    await expect(office.desk.draft(as(ref, o.other), granted)).rejects.toThrow(/没有交给/)
  })

  describe('a supplement', () => {
    it('is asked once, within seven working days, and the period begins anew', async () => {
      const ref = await register()
      const { desk } = office
      const asked = await desk.askSupplement(as(ref, o.officer), { points: '哪一年的', days: 10 })
      expect(asked).toMatchObject({ state: 'supplement-asked', supplement: { by: '2025-03-17' } })
      await office.goTo('2025-03-18')
      await expect(desk.supplied(as(ref, o.officer), { text: '2024年的' })).rejects.toThrow(/正当理由/)
      const supplied = await desk.supplied(as(ref, o.officer), { text: '2024年的', reason: '住院' })
      expect(supplied).toMatchObject({ state: 'registered', dueOn: '2025-04-16' })
      expect(supplied.description).toMatch(/2024年的/)
      await expect(desk.askSupplement(as(ref, o.officer), { points: '再说说' })).rejects.toThrow(
        /一次补正.*第三十条/,
      )
    })

    it('is refused after the seventh working day', async () => {
      const ref = await register()
      await office.goTo('2025-03-13')
      await expect(office.desk.askSupplement(as(ref, o.officer), { points: '哪一年的' })).rejects.toThrow(
        /7个工作日.*2025年3月12日.*第三十条/,
      )
    })

    it('that never comes ends the request, with a remedy, and not a day early', async () => {
      const ref = await register()
      const { desk } = office
      await desk.askSupplement(as(ref, o.officer), { points: '哪一年的', days: 5 })
      await office.goTo('2025-03-10')
      await expect(desk.abandon(as(ref, o.head))).rejects.toThrow(/2025年3月10日才满/)
      await office.goTo('2025-03-11')
      await expect(desk.abandon(as(ref, o.officer))).rejects.toThrow(/权限/)
      const ended = await desk.abandon(as(ref, o.head))
      expect(ended).toMatchObject({ state: 'abandoned', disposition: 'other_no_supplement' })
      expect(ended.told.at(-1)?.letter.remedy?.text).toMatch(/行政复议/)
    })
  })

  describe('a consultation', () => {
    const third = { party: '某公司', kind: 'third-party' as const }

    it('stops the clock until the answer, and blocks the signature until then', async () => {
      const ref = await register()
      const { desk } = office
      await office.goTo('2025-03-10')
      await desk.consult(as(ref, o.officer), third)
      await desk.draft(as(ref, o.officer), granted)
      await desk.review(as(ref, o.reviewer), { approve: true })
      await expect(desk.sign(as(ref, o.head))).rejects.toThrow(/还没有结果.*第三十二条/)
      await office.goTo('2025-03-24')
      const done = await desk.consulted(as(ref, o.officer), { id: 1, opinion: 'agrees' })
      expect(done.dueOn).toBe('2025-04-15')
      await desk.sign(as(ref, o.head))
    })

    it('that is not answered ends after fifteen working days, and not before', async () => {
      const ref = await register()
      const { desk } = office
      await desk.consult(as(ref, o.officer), third)
      await office.goTo('2025-03-24')
      await expect(desk.consulted(as(ref, o.officer), { id: 1, opinion: 'silent' })).rejects.toThrow(
        /2025年3月24日才满/,
      )
      await office.goTo('2025-03-25')
      const done = await desk.consulted(as(ref, o.officer), { id: 1, opinion: 'silent' })
      expect(done.consultations[0]).toMatchObject({ endedOn: '2025-03-24', opinion: 'silent' })
    })

    it('is needed before a third party’s interests keep something back, and its objection weighs', async () => {
      const ref = await register()
      const { desk } = office
      const kept = { disposition: 'denied_third_party' as const, told: denied }
      await expect(desk.draft(as(ref, o.officer), kept)).rejects.toThrow(/第三十二条/)
      await desk.consult(as(ref, o.officer), third)
      await expect(desk.consulted(as(ref, o.officer), { id: 1, opinion: 'objects' })).rejects.toThrow(/理由/)
      await desk.consulted(as(ref, o.officer), { id: 1, opinion: 'objects', reasons: '商业秘密' })
      await expect(desk.draft(as(ref, o.officer), granted)).rejects.toThrow(/公共利益/)
      await toSigned(ref, { ...granted, override: '涉及饮水安全' })
      const sent = await desk.send(as(ref, o.officer))
      const [reply, party] = sent.told.slice(-2)
      expect(reply?.kind).toBe('reply')
      expect(party).toMatchObject({ kind: 'third-party', letter: { addressee: '某公司' } })
      const told = await office.told()
      expect(told.some(({ text }) => text.includes('饮水'))).toBe(false)
    })
  })

  describe('an extension', () => {
    it('needs the head, a reason and a notice, and never comes to more than twenty working days', async () => {
      const ref = await register()
      const { desk } = office
      await expect(desk.extend(as(ref, o.head), { days: 10, reason: ' ' })).rejects.toThrow(/理由/)
      expect((await desk.extend(as(ref, o.head), { days: 15, reason: '要检索档案' })).dueOn).toBe(
        '2025-04-22',
      )
      expect((await office.told()).at(-1)?.text).toMatch(/延长15个工作日/)
      await expect(desk.extend(as(ref, o.head), { days: 6, reason: '还要' })).rejects.toThrow(
        /不得超过20个工作日.*最多还能延长5个/,
      )
      await desk.extend(as(ref, o.head), { days: 5, reason: '还要' })
    })

    it('is refused after the due date', async () => {
      const ref = await register()
      await office.goTo('2025-04-01')
      await expect(office.desk.extend(as(ref, o.head), { days: 5, reason: '忘了' })).rejects.toThrow(
        /2025年3月31日 已经过了.*第三十三条/,
      )
    })
  })

  describe('volume beyond reason', () => {
    const massive = { disposition: 'not_processed_massive' as const, told: { reasons: '没有合理的理由' } }

    it('is not refused before its reasons were asked for', async () => {
      const ref = await register()
      const { desk } = office
      await expect(desk.draft(as(ref, o.officer), massive)).rejects.toThrow(/说明理由.*第三十五条/)
      const asked = await desk.askReasons(as(ref, o.officer), { why: '一个月提出45件' })
      expect(asked).toMatchObject({ dueOn: '2025-03-31', volume: { by: '2025-03-24', reasons: null } })
      expect((await office.told()).at(-1)?.text).toMatch(/一个月提出45件.*第三十五条/s)
      await expect(desk.askReasons(as(ref, o.officer), { why: '又问' })).rejects.toThrow(/已经要求过/)
      expect((await desk.draft(as(ref, o.officer), massive)).state).toBe('drafted')
    })

    it('is answered on a later day that the head fixes once, where the reasons are good', async () => {
      const ref = await register()
      const { desk } = office
      const later = { to: '2025-05-30', reason: '要检索45件' }
      await expect(desk.reasoned(as(ref, o.officer), { reasons: '论文' })).rejects.toThrow(/还没有要求/)
      await desk.askReasons(as(ref, o.officer), { why: '一个月提出45件' })
      await expect(desk.delay(as(ref, o.head), later)).rejects.toThrow(/合理的理由/)
      await desk.reasoned(as(ref, o.officer), { reasons: '写论文' })
      await expect(desk.delay(as(ref, o.officer), later)).rejects.toThrow()
      for (const [to, why] of [
        ['2025-02-30', /没有 2025-02-30 这一天/],
        ['2025-03-31', /晚于现在的期限/],
      ] as const)
        await expect(desk.delay(as(ref, o.head), { ...later, to })).rejects.toThrow(why)
      expect((await desk.delay(as(ref, o.head), later)).dueOn).toBe('2025-05-30')
      expect((await desk.show(as(ref, o.officer))).explanation).toMatch(/第三十五条.*2025年5月30日/)
      expect((await office.told()).at(-1)?.text).toMatch(/2025年5月30日以前答复/)
      await expect(desk.delay(as(ref, o.head), { ...later, to: '2025-06-30' })).rejects.toThrow(/延迟过一次/)
    })

    it('is not delayed after the due date', async () => {
      const ref = await register()
      const { desk } = office
      await desk.askReasons(as(ref, o.officer), { why: '一个月提出45件' })
      await desk.reasoned(as(ref, o.officer), { reasons: '写论文' })
      await office.goTo('2025-04-01')
      const late = desk.delay(as(ref, o.head), { to: '2025-05-30', reason: '要检索' })
      await expect(late).rejects.toThrow(/已经过了.*第三十五条/)
    })
  })

  it('writes down anew how the applicant is reached, and refuses what cannot reach them', async () => {
    const ref = await register()
    const { desk } = office
    const who = as(ref, o.officer)
    await expect(desk.amend(who, {})).rejects.toThrow(/请写明要更改/)
    await expect(desk.amend(who, { delivery: 'email', contact: '13800138000' })).rejects.toThrow(/电子邮箱/)
    const moved = await desk.amend(who, { delivery: 'post', address: '济南市新址1号' })
    expect(moved).toMatchObject({ delivery: 'post', address: '济南市新址1号', state: 'registered' })
    const { history } = await desk.show(who)
    expect(history.at(-1)).toMatchObject({ verb: 'amend', new: { address: '济南市新址1号' } })
    const letter = await desk.register({ ...someone, delivery: 'post', conversation: null }, o.officer)
    await expect(desk.amend(as(letter.ref, o.officer), { delivery: 'chat' })).rejects.toThrow(
      /不是在对话里提出/,
    )
  })

  it('charges by items or by pages, never both, and ends what is not paid for', async () => {
    const ref = await register()
    const { desk } = office
    const fee = { basis: 'items' as const, units: 31, reason: '一个月提出31件' }
    await expect(desk.setFee(as(ref, o.officer), { ...fee, units: 10 })).rejects.toThrow(/免费/)
    const asked = await desk.setFee(as(ref, o.officer), fee)
    expect(asked).toMatchObject({ state: 'fee-asked', fee: { yuan: 2200, by: '2025-03-31' } })
    await office.goTo('2025-03-10')
    await desk.paid(as(ref, o.officer))
    await expect(desk.setFee(as(ref, o.officer), { ...fee, basis: 'pages', units: 50 })).rejects.toThrow(
      /不能同时收/,
    )
    const other = await register()
    await desk.setFee(as(other, o.officer), fee)
    await office.goTo('2025-04-30')
    await expect(desk.paid(as(other, o.officer))).rejects.toThrow(/按放弃处理/)
    expect((await desk.abandon(as(other, o.reviewer))).disposition).toBe('other_fee_unpaid')
  })

  describe('a reply', () => {
    it('is refused while it does not tell what its outcome asks for', async () => {
      const ref = await register()
      await expect(
        office.desk.draft(as(ref, o.officer), { disposition: 'denied_process', told: { reasons: '过程稿' } }),
      ).rejects.toThrow(/所依据的法律.*第十六条/)
      await expect(
        office.desk.draft(as(ref, o.officer), {
          disposition: 'unable_unclear',
          told: { reasons: 'x', notice: 'y' },
        }),
      ).rejects.toThrow(/第三十条/)
      expect((await stateOf(ref)).state).toBe('registered')
    })

    it('passes other eyes than those that drafted it, and the head’s where something is kept back', async () => {
      const ref = await register()
      const { desk } = office
      await office.staff.add(
        { name: '一人', roles: ['disclosure-officer', 'reviewer', 'head'] },
        '系统管理员',
      )
      const kept = { disposition: 'denied_process' as const, told: denied }
      await desk.draft(as(ref, '一人'), kept)
      await expect(desk.review(as(ref, '一人'), { approve: true })).rejects.toThrow(/自己拟的/)
      await expect(desk.review(as(ref, o.reviewer), { approve: false })).rejects.toThrow(/--note/)
      const back = await desk.review(as(ref, o.reviewer), { approve: false, note: '理由不足' })
      expect(back).toMatchObject({ state: 'registered', returned: [{ by: o.reviewer, note: '理由不足' }] })
      await desk.draft(as(ref, '一人'), kept)
      await desk.review(as(ref, o.reviewer), { approve: true })
      await expect(desk.sign(as(ref, '一人'))).rejects.toThrow(/自己拟的/)
      await expect(desk.sign(as(ref, o.reviewer))).rejects.toThrow(/签发不予公开/)
      await desk.sign(as(ref, o.head))
    })

    it('on paper goes out with the evidence of its dispatch', async () => {
      const ref = await register({ delivery: 'post', address: '某市某路1号', conversation: null })
      await toSigned(ref)
      await expect(office.desk.send(as(ref, o.officer))).rejects.toThrow(/--dispatch/)
      await office.goTo('2025-03-05')
      const dispatch = { on: '2025-03-04', evidence: 'EMS1234567890' }
      const sent = await office.desk.send(as(ref, o.officer), { dispatch })
      expect(sent).toMatchObject({ closedOn: '2025-03-04' })
      expect(sent.told.at(-1)).toMatchObject({ kind: 'reply', on: '2025-03-04', dispatch })
      expect(await office.told()).toEqual([])
    })
  })

  it('tells nothing but the number abroad, and the reply on another way', async () => {
    const ref = await register({ abroad: true })
    await toSigned(ref)
    await expect(office.desk.send(as(ref, o.officer))).rejects.toThrow(/个人信息保护法第三十六条/)
    const dispatch = { on: '2025-03-03', evidence: 'EMS1234567890' }
    await office.desk.send(as(ref, o.officer), { dispatch })
    const told = await office.told()
    expect(told.map(({ text }) => text).join()).toMatch(/2025-0001.*答复书/)
    expect(told.map(({ text }) => text).join()).not.toMatch(/甲乙丙丁|失业保险/)
  })

  it('keeps a notice that the product cannot carry for an official, and wants the evidence of a reply', async () => {
    const ref = await register({ delivery: 'email' })
    const asked = await office.desk.askSupplement(as(ref, o.officer), { points: '哪一年' })
    expect(asked.told.map(({ via }) => via)).toEqual(['paper', 'paper'])
    await office.desk.supplied(as(ref, o.officer), { text: '2024年' })
    await toSigned(ref)
    await expect(office.desk.send(as(ref, o.officer))).rejects.toThrow(/现在送不到/)
    expect((await stateOf(ref)).state).toBe('signed')
  })

  it('closes what is withdrawn as other, with a remedy', async () => {
    const ref = await register()
    await expect(office.desk.withdraw(as(ref, o.officer), { note: '' })).rejects.toThrow(/怎样提出/)
    const ended = await office.desk.withdraw(as(ref, o.officer), { note: '当面书面提出' })
    expect(ended).toMatchObject({ state: 'withdrawn', disposition: 'other', closedOn: '2025-03-03' })
    expect(ended.told.at(-1)?.letter.remedy).not.toBeNull()
  })

  it('records reviews, and no direct suit against what was kept back', async () => {
    const ref = await register()
    const { desk } = office
    await toSigned(ref, { disposition: 'denied_process', told: denied })
    const kind = 'reconsideration' as const
    await expect(desk.recordReview(as(ref, o.officer), { kind, result: 'pending' })).rejects.toThrow(
      /还没有办结/,
    )
    await desk.send(as(ref, o.officer))
    await expect(
      desk.recordReview(as(ref, o.officer), { kind: 'litigation_direct', result: 'pending' }),
    ).rejects.toThrow(/行政复议法第二十三条/)
    await desk.recordReview(as(ref, o.officer), { kind, result: 'pending' })
    await expect(
      desk.recordReview(as(ref, o.officer), { kind: 'litigation_after_reconsideration', result: 'pending' }),
    ).rejects.toThrow(/还没有登记复议的结果/)
    await office.goTo('2025-05-06')
    await desk.recordReview(as(ref, o.officer), { kind, result: 'upheld' })
    const rows = await store.query(db => db.selectFrom('request_reviews').selectAll())
    expect(rows).toEqual([{ ref, position: 0, kind, result: 'upheld', on_date: '2025-05-06' }])
    await desk.recordReview(as(ref, o.officer), {
      kind: 'litigation_after_reconsideration',
      result: 'pending',
    })
    await office.goTo('2026-01-20')
    const late = { kind: 'litigation_after_reconsideration' as const, result: 'corrected' as const }
    expect((await desk.recordReview(as(ref, o.officer), late)).reviews).toHaveLength(3)
  })

  it('corrects one’s own data with evidence, and keeps suggestions to publish with a day', async () => {
    const ref = await register()
    const who = as(ref, o.officer)
    const asked = { decision: 'corrected' as const, evidence: '', note: '缴费年限改为12年' }
    await expect(office.desk.correctOwn(who, asked)).rejects.toThrow(/证据.*第四十一条/)
    const corrected = await office.desk.correctOwn(who, { ...asked, evidence: '缴费凭证' })
    expect(corrected.told.at(-1)?.letter.paragraphs[0]).toMatch(/第四十一条/)
    const suggested = await office.desk.suggestPublication(who, {
      from: 'applicant',
      decision: 'publish',
      note: '多人申请同一信息',
    })
    expect(suggested.suggestions[0]?.publishBy).toBe('2025-03-31')
  })

  it('puts two requests of one applicant together, under the earlier number', async () => {
    const [first, second] = [await register(), await register()]
    const stranger = await register({ name: '别人' })
    const { desk } = office
    await expect(desk.merge(as(stranger, o.officer), first)).rejects.toThrow(/不是同一个申请人/)
    await expect(desk.merge(as(first, o.officer), first)).rejects.toThrow(/自己/)
    await desk.merge(as(second, o.officer), first)
    const refs = (await store.query(db => db.selectFrom('requests').select('ref'))).map(({ ref }) => ref)
    expect(refs.sort()).toEqual([first, stranger])
    expect((await stateOf(second)).state).toBe('merged')
    await expect(desk.withdraw(as(second, o.officer), { note: 'x' })).rejects.toThrow(/已并案/)
    expect(await register()).toBe('2025-0004')
    expect(await desk.verify()).toMatchObject({ broken: undefined })
  })

  it('takes a request of several matters apart, each with a number and the same day of receipt', async () => {
    const ref = await register()
    await office.goTo('2025-03-05')
    await expect(office.desk.split(as(ref, o.officer), ['只有一件'])).rejects.toThrow(/一事一申请/)
    const made = await office.desk.split(as(ref, o.officer), ['收支', '人数', '标准'])
    expect(made.map(one => [one.ref, one.description, one.dueOn])).toEqual([
      ['2025-0001', '收支', '2025-03-31'],
      ['2025-0002', '人数', '2025-03-31'],
      ['2025-0003', '标准', '2025-03-31'],
    ])
    expect(await office.desk.list(o.officer)).toHaveLength(3)
    expect(await office.desk.verify()).toMatchObject({ events: 4, broken: undefined })
  })

  it('keeps assisted requests apart: their own number and date, and no place in the report', async () => {
    const { desk } = office
    const asked = { from: '省政府办公厅', description: '协查某某', dueOn: '2025-03-10' }
    const made = await desk.registerAssisted(asked, o.officer)
    expect(made).toMatchObject({ ref: 'XC2025-0001', dueOn: '2025-03-10' })
    expect(await store.query(db => db.selectFrom('requests').select('ref'))).toEqual([])
    await expect(desk.extend(as(made.ref, o.head), { days: 5, reason: 'x' })).rejects.toThrow(/是协查/)
    await toSigned(made.ref, { body: '本机关没有相关信息。' })
    expect(await desk.send(as(made.ref, o.officer))).toMatchObject({ state: 'replied', disposition: null })
    expect(await office.told()).toEqual([])
  })

  it('keeps nothing personal that can be read without the key', async () => {
    const ref = await register()
    await office.desk.withdraw(as(ref, o.officer), { note: '本人来电' })
    for (const table of ['cases', 'request_events', 'requests', 'audit'] as const) {
      const rows = await store.query(db => db.selectFrom(table).selectAll())
      const text = rows
        .flatMap(row => Object.values(row))
        .map(value => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
      expect(text.join()).not.toMatch(/甲乙丙丁|370102199001011237|13800138000|失业保险/)
      const bytes = rows.flatMap(row => Object.values(row)).filter(value => value instanceof Uint8Array)
      for (const value of bytes) expect(Buffer.from(value).includes('甲乙丙丁')).toBe(false)
    }
  })

  describe('what was taken over from a register', () => {
    async function take(more: object, closed: { on: string; disposition: string } | null = null) {
      const line = {
        ...{ ref: '2024-0007', channel: 'letter', receivedOn: '2025-02-24', applicant: 'natural_person' },
        ...{ name: '甲', description: '某事', ...more },
      }
      const { ref, channel, applicant, receivedOn } = line
      const { key, writes } = await office.vault.findOrCreate(`request|${ref}`, 0)
      const body = key.seal(JSON.stringify(line), 'request')
      const row = { ref, channel, received_on: receivedOn, applicant, body, created_at: 0 }
      const end = { closed_on: closed?.on ?? null, disposition: closed?.disposition ?? null }
      await store.commit([...writes, office.dossier.insertCounted({ ...row, ...end })])
      return as(ref, o.officer)
    }

    it('and is still open is worked on', async () => {
      const who = await take({ events: [{ type: 'extended', on: '2025-02-25', days: 5 }] })
      const [one] = await office.desk.list(o.officer)
      const { dueOn } = computeDeadline({ received: '2025-02-24', extension: 5 }, createCalendar())
      expect(one).toMatchObject({ ref: who.ref, dueOn, state: 'assigned' })
      await office.desk.withdraw(who, { note: '来信' })
      const counted = await store.query(db => db.selectFrom('requests').select(['closed_on', 'disposition']))
      expect(counted).toEqual([{ closed_on: '2025-03-03', disposition: 'other' }])
      expect(await office.desk.verify()).toMatchObject({ events: 1, broken: undefined })
      await expect(office.desk.withdraw(who, { note: 'x' })).rejects.toThrow(/已撤回，不能撤回/)
    })

    it('and is closed takes the suit that follows, by the rule of its outcome', async () => {
      const disposition = 'denied_process'
      const who = await take({ repliedOn: '2025-02-28', disposition }, { on: '2025-02-28', disposition })
      expect(await office.desk.list(o.officer)).toEqual([])
      await expect(office.desk.withdraw(who, { note: 'x' })).rejects.toThrow(/已答复，不能撤回/)
      const pending = { result: 'pending' as const }
      await expect(office.desk.recordReview(who, { kind: 'litigation_direct', ...pending })).rejects.toThrow(
        /应当先申请行政复议/,
      )
      await office.desk.recordReview(who, { kind: 'reconsideration', ...pending })
      const rows = await store.query(db => db.selectFrom('request_reviews').select(['kind', 'on_date']))
      expect(rows).toEqual([{ kind: 'reconsideration', on_date: '2025-03-03' }])
      const counted = await store.query(db => db.selectFrom('requests').select(['closed_on', 'disposition']))
      expect(counted).toEqual([{ closed_on: '2025-02-28', disposition }])
    })
  })
})
