import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import { type Document, paragraph } from '#channel'
import type { Form } from '#dialog'
import { createFormPages, createFormStore } from '#pages'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const place = { conversation: 7, channel: 'telegram', abroad: true }

describe.each(databases)('a form behind a link, on $name,', ({ make }) => {
  let database: TestDatabase
  let clock: TestClock
  let pages: ReturnType<typeof createFormPages>
  let submitted: { answers: Record<string, string>; once: string }[]
  let told: { conversation: number; document: Document }[]
  let close: () => Promise<void>
  const form: Form = {
    name: 'application',
    version: 1,
    title: '申请',
    fields: [
      {
        key: 'name',
        label: '姓名',
        prompt: '您的姓名？',
        free: true,
        advise: async text => (text === '公安局' ? [paragraph('多半由公安机关掌握')] : undefined),
      },
    ],
    submit(answers, once) {
      submitted.push({ answers: { ...answers }, once })
      return { say: [paragraph('编号2026-0001')], writes: [] }
    },
  }

  beforeEach(async () => {
    database = await make()
    const store = await database.open()
    close = () => store.close()
    clock = createTestClock(Date.UTC(2026, 10, 23))
    submitted = []
    told = []
    pages = createFormPages({
      store: createFormStore(store),
      clock,
      log: silentLog,
      agency: '某厅',
      publicUrl: 'https://a.gov.cn/',
      formFor: (_, name) => (name === form.name ? form : undefined),
      async tell(conversation, document) {
        return { writes: [], carry: () => void told.push({ conversation, document }) }
      },
      isAbroad: () => true,
    })
  })
  afterEach(async () => {
    await close()
    await database.remove()
  })

  const invite = async () => (await pages.invite(place, 'application')) ?? ''
  const get = (url: string) => pages.fetch(new Request(url))
  const post = (url: string, fields: Record<string, string>) =>
    pages.fetch(new Request(url, { method: 'POST', body: new URLSearchParams(fields) }))

  it('is filled in once, and the conversation is told', async () => {
    const url = await invite()
    expect(url).toMatch(/^https:\/\/a\.gov\.cn\/forms\/[\w-]{24}$/)
    const page = await get(url)
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await page.text()).toContain('您的姓名？')
    expect(await (await post(url, { name: '张三', step: 'next' })).text()).toContain('确认提交')
    expect(submitted).toEqual([])
    expect(await (await post(url, { name: '张三', step: 'confirm' })).text()).toContain('编号2026-0001')
    expect(submitted).toMatchObject([{ answers: { name: '张三' } }])
    expect(told).toEqual([{ conversation: 7, document: [paragraph('编号2026-0001')] }])
    for (const again of [await get(url), await post(url, { name: '张三', step: 'confirm' })])
      expect(again.status).toBe(404)
    expect(submitted).toHaveLength(1)
  })

  it('tells what is worth knowing before it is sent, and is taken all the same', async () => {
    const url = await invite()
    const review = await (await post(url, { name: '公安局', step: 'next' })).text()
    expect(review).toContain('多半由公安机关掌握')
    expect(review).toContain('确认提交')
    expect(await (await post(url, { name: '公安局', step: 'confirm' })).text()).toContain('编号2026-0001')
  })

  it('is sent twice at the same time under one name, and told once', async () => {
    const url = await invite()
    const both = await Promise.all([1, 2].map(() => post(url, { name: '张三', step: 'confirm' })))
    expect(both.every(one => one.status === 200 || one.status === 404)).toBe(true)
    expect(new Set(submitted.map(one => one.once)).size).toBe(1)
    expect(told).toHaveLength(1)
  })

  it('shows what was typed as the text that it is', async () => {
    const body = await (
      await post(await invite(), { name: '<script>alert(1)</script>"', step: 'next' })
    ).text()
    expect(body).not.toContain('<script>')
    expect(body).toContain('&lt;script&gt;')
  })

  it('is gone after half an hour, and for a link that was never given', async () => {
    const url = await invite()
    await clock.advance(30 * 60_000)
    expect((await get(url)).status).toBe(404)
    expect((await get('https://a.gov.cn/forms/abc')).status).toBe(404)
    await clock.advance(30 * 60_000 + 1)
    await pages.sweep()
  })

  it('keeps nothing of the link itself', async () => {
    const url = await invite()
    const store = await database.open()
    const rows = await store.query(db => db.selectFrom('form_tokens').selectAll())
    expect(JSON.stringify(rows)).not.toContain(url.split('/').at(-1))
    await store.close()
  })
})
