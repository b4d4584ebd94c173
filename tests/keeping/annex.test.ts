/** Files that belong to a request: taken by what they are, sealed, and shown to whoever may see the request. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Annex, createAnnex, createKeeping, largestFile } from '#keeping'
import type { Store } from '#storage'
import { type Office, officials as o, openOffice, someone } from '../casework/office.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const as = (ref: string, by: string) => ({ ref, by })
const pdf = (words: string) => Buffer.from(`%PDF-1.7\n${words}`)
const mark = '植在文件里的名字'

describe.each(databases)('the files of a request, on $name,', ({ make }) => {
  let database: TestDatabase
  let store: Store
  let office: Office
  let annex: Annex
  let ref: string
  let code: string

  beforeEach(async () => {
    database = await make()
    store = await database.open()
    office = await openOffice(store)
    const { dossier, desk, vault, clock } = office
    annex = createAnnex({
      ...{ store: dossier, casebook: desk.casebook, vault, clock },
      show: async who => (await desk.show(who, { reveal: true })).one,
      isOwn: async (number, given) => (await desk.status(number, given)) !== undefined,
    })
    const made = await desk.register(someone, o.officer)
    ref = made.ref
    code = made.code ?? ''
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  const own = (file: { name: string; bytes: Buffer }) => annex.addOwn({ ref, code }, file)

  it('are put there by the applicant and by officials, each once, and given back as they were', async () => {
    const bytes = pdf(mark)
    expect(await own({ name: 'C:\\我的\\身份证.PDF', bytes })).toMatchObject({
      ...{ number: 1, name: '身份证.pdf', type: 'application/pdf', size: bytes.length, by: '申请人' },
    })
    expect(await own({ name: '又来一次.pdf', bytes })).toMatchObject({ number: 1 })
    await annex.addAt(as(ref, o.officer), {
      name: '扫描.png',
      bytes: Buffer.from('89504e470d0a1a0a00', 'hex'),
    })
    expect((await annex.list(as(ref, o.officer))).map(({ name }) => name)).toEqual(['身份证.pdf', '扫描.png'])
    expect((await annex.read(as(ref, o.officer), 1)).bytes).toEqual(bytes)
    await expect(annex.read(as(ref, o.officer), 3)).rejects.toThrow(/没有第3个文件/)
    expect((await office.desk.status(ref, code))?.files).toBe(2)
    const { history } = await office.desk.show(as(ref, o.officer))
    expect(history.filter(({ verb }) => verb === 'attach')).toHaveLength(2)
    expect((await office.desk.verify()).broken).toBeUndefined()
  })

  it('are taken by what they hold, whatever they are called', async () => {
    for (const [bytes, why] of [
      [Buffer.alloc(0), /空的/],
      [Buffer.from('MZ\u0090 a program'), /只收 PDF/],
      [Buffer.from('<script>alert(1)</script>'), /只收 PDF/],
      [Buffer.from('504b0304', 'hex'), /只收 PDF/],
      [Buffer.concat([pdf(''), Buffer.alloc(largestFile)]), /最大10MB/],
    ] as const)
      await expect(own({ name: 'a.pdf', bytes })).rejects.toThrow(why)
    const named = await own({ name: '../../etc/passwd\u0000<b>.exe', bytes: pdf('a') })
    expect(named?.name).toBe('passwdb.pdf')
    for (let i = 2; i <= 10; i++) await own({ name: 'a', bytes: pdf(String(i)) })
    await expect(own({ name: 'a', bytes: pdf('11') })).rejects.toThrow(/最多10个/)
  })

  it('are nobody else’s: not with a wrong code, nor for a division that has nothing to do with it', async () => {
    expect(await annex.addOwn({ ref, code: 'XXXXXX' }, { name: 'a', bytes: pdf('a') })).toBeUndefined()
    await own({ name: 'a', bytes: pdf('a') })
    for (const by of [o.division, o.editor]) {
      await expect(annex.list(as(ref, by))).rejects.toThrow()
      await expect(annex.read(as(ref, by), 1)).rejects.toThrow()
    }
  })

  it('are taken no more when the request has ended', async () => {
    await office.desk.withdraw(as(ref, o.officer), { note: '书面撤回' })
    await expect(own({ name: 'a', bytes: pdf('a') })).rejects.toThrow(/已经办结/)
  })

  it('lie sealed, and go with the request', async () => {
    await own({ name: `${mark}.pdf`, bytes: pdf(mark) })
    const rows = await store.query(db => db.selectFrom('request_attachments').selectAll())
    const cases = await store.query(db => db.selectFrom('cases').selectAll())
    const held = [...rows, ...cases].map(({ body }) => Buffer.from(body).toString())
    expect(held.join()).not.toContain(mark)
    await office.desk.withdraw(as(ref, o.officer), { note: '书面撤回' })
    await office.goTo('2036-01-05')
    const { dossier, desk, staff, clock } = office
    const keeping = createKeeping({ store: dossier, casebook: desk.casebook, staff, clock, years: 10 })
    expect(await keeping.retire()).toBe(1)
    expect(await store.query(db => db.selectFrom('request_attachments').selectAll())).toEqual([])
  })
})
