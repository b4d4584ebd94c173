import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gatherEvidence } from './evidence.ts'
import { post } from './load.ts'
import { createPlace, type Place, type Product, runCommand, startProducts, stopProducts } from './product.ts'

const kinds = process.env.TEST_DATABASE_URL ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const)
const patienceMs = 30_000
/** So long after a message is there a second one would have come too: processes look every five seconds. */
const doublingMs = 7_000
const leave = '职工每年有多少天带薪年休假？'
const unknown = '工位太吵能不能换'
const right = '满十年不满二十年的是十天。'

/** What a page is told on its event stream, as long as it is open. */
interface Page {
  told: string[]
  close(): Promise<void>
}

async function openPage(port: number, conversation: string): Promise<Page> {
  const over = new AbortController()
  const url = `http://127.0.0.1:${port}/api/chat/events?conversation=${conversation}`
  const response = await fetch(url, { signal: over.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const page: Page = { told: [], close: async () => over.abort() }
  async function read(): Promise<void> {
    let rest = ''
    for (;;) {
      const part = await reader?.read()
      if (!part || part.done) return
      const events = (rest + part.value).split('\n\n')
      rest = events.pop() ?? ''
      page.told.push(...events.filter(event => /^event: message$/m.test(event)))
    }
  }
  read().catch(() => {})
  return page
}

describe.each(kinds)('what officials say by commands beside the product on %s', kind => {
  let place: Place
  let products: Product[]
  const pages: Page[] = []
  beforeEach(async () => {
    place = await createPlace(kind)
    products = await startProducts(place)
    await runCommand(place, ['staff', 'add', '--name', '李四', '--role', 'reviewer'])
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await stopProducts(products)
    await place.remove()
  })

  const port = () => products.at(-1)?.port ?? 0
  const count = (page: Page, words: string) => page.told.filter(event => event.includes(words)).length

  async function open(conversation: string, at = port()): Promise<Page> {
    const page = await openPage(at, conversation)
    pages.push(page)
    return page
  }

  /** Resolves when the page is told these words; throws when it is told them twice, or not at all. */
  async function expectOnce(page: Page, words: string): Promise<void> {
    const end = performance.now() + patienceMs
    while (count(page, words) === 0 && performance.now() < end) await delay(100)
    await delay(doublingMs)
    expect(count(page, words)).toBe(1)
  }

  async function ask(text: string): Promise<string> {
    const conversation = randomUUID()
    expect(await post(products[0]?.port ?? 0, { conversation, clientId: 'c0', text })).toHaveLength(2)
    return conversation
  }

  const recall = () =>
    runCommand(place, ['knowledge', 'recall', 'annual-leave-days', '1', '--as', '李四', '--note', '天数写错'])
  const correct = () =>
    runCommand(place, ['questions', 'correct', 'annual-leave-days', '1', '--as', '李四', '--text', right])

  /** What was said without being asked, as the ledger has it. */
  async function unasked(): Promise<string[]> {
    const { deliveries } = await gatherEvidence(place)
    return deliveries.filter(row => row.in_reply_to === null).map(row => row.state)
  }

  async function restart(): Promise<void> {
    for (const product of products) product.start()
    await Promise.all(products.map(product => product.ready()))
  }

  async function forgetSlots(): Promise<void> {
    const sql = `delete from job_slots where job = 'questions.gather'`
    if (place.name === 'sqlite') {
      const database = new DatabaseSync(place.database, { timeout: 5_000 })
      database.exec(sql)
      return database.close()
    }
    const client = new pg.Client(place.database)
    await client.connect()
    await client.query(sql)
    await client.end()
  }

  it('reaches open pages once, and the answer that was wrong is given no more', async () => {
    const told = await ask(leave)
    const others = await Promise.all([ask('失业金怎么领'), ask(unknown)])
    const page = await open(told)
    expect(await recall()).toContain('有1个对话看过')
    expect(await correct()).toContain('更正已发给1个对话')
    await expectOnce(page, right)
    expect(await unasked()).toEqual(['sent'])
    for (const other of others) expect(count(await open(other), right)).toBe(0)
    const [first] = (await post(port(), { conversation: randomUUID(), clientId: 'c', text: leave })) ?? []
    expect(first).toBeDefined()
    expect(
      await runCommand(place, ['questions', 'correct', 'annual-leave-days', '1', '--dry-run']),
    ).toContain('有0个对话看过')
  })

  it('is kept while no product runs, and said once when one starts, however often', async () => {
    const told = await ask(leave)
    await stopProducts(products)
    await recall()
    await correct()
    expect(await unasked()).toEqual(['queued'])
    await restart()
    const page = await open(told)
    await expectOnce(page, right)
    expect(await unasked()).toEqual(['sent'])
    await stopProducts(products)
    await restart()
    await expectOnce(await open(told), right)
  })

  it('answers those who wished to be told, on the page that they have open', async () => {
    const waiting = await ask(unknown)
    const wish = { conversation: waiting, clientId: 'c1', choice: 'wish' }
    await fetch(`http://127.0.0.1:${port()}/api/chat/messages`, {
      method: 'POST',
      body: JSON.stringify(wish),
    })
    await stopProducts(products)
    await forgetSlots()
    await restart()
    const page = await open(waiting)
    const list = async () => (await runCommand(place, ['questions', 'list'])).trimEnd().split('\t')
    expect(await list()).toEqual(['1', '1', '1', expect.any(String), expect.any(String), unknown])
    const said = await runCommand(place, [
      'questions',
      'answer',
      '1',
      '--entry',
      'annual-leave-days',
      '--as',
      '李四',
    ])
    expect(said).toContain('告诉了1个等着答复的人')
    await expectOnce(page, '现在有了答复')
  })
})
