/** Sending when the network or the server misbehaves: nothing is lost, nothing is said twice. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { usePages } from './pages.ts'
import { box, bubbles, expectBubbles, press, waitForText, write } from './steps.ts'
import { type Fault, startWire, type Wire } from './wire-server.ts'

const pages = usePages()
let wire: Wire

beforeEach(async () => {
  wire = await startWire()
})
afterEach(() => wire.close())

const times = (count: number, fault: Fault): Fault[] => Array.from({ length: count }, () => fault)
const clientIds = () => wire.posted.map(one => one.clientId)
const unsent = (page: Page) =>
  page.evaluate<number>('Object.keys(localStorage).filter(k => k.startsWith("gongkai.chat.pending.")).length')

async function begin(page: Page): Promise<string> {
  await write(page, '你好')
  await expectBubbles(page, ['你好', '好的。'])
  return wire.posted[0]?.conversation ?? ''
}

describe('sending', () => {
  test('what the server could not store is sent again under the same name, and what follows waits', async () => {
    wire.faults = times(2, { status: 503, message: '系统暂时没能收下您的消息。' })
    wire.answer = ({ text }) => [{ text: `答：${text}` }]
    const page = await pages.open(wire.url)
    await write(page, '一')
    await write(page, '二')
    await waitForText(page, '系统繁忙，稍后自动发送')
    await expectBubbles(page, ['一', '答：一', '二', '答：二'])
    expect(wire.posted.map(one => one.text)).toEqual(['一', '一', '一', '二'])
    expect(new Set(clientIds()).size).toBe(2)
    await expect.poll(() => unsent(page)).toBe(0)
    expect(await page.locator('.state').count()).toBe(0)
  })

  test('messages go one at a time, in the order in which they were written', async () => {
    const gate = Promise.withResolvers<void>()
    wire.hold = gate.promise
    const page = await pages.open(wire.url)
    for (const text of ['一', '二', '三']) await write(page, text)
    await expect.poll(() => bubbles(page)).toEqual(['一', '二', '三'])
    await expect.poll(() => wire.posted.length).toBe(1)
    gate.resolve()
    await expectBubbles(page, ['一', '好的。', '二', '好的。', '三', '好的。'])
    expect(wire.posted.map(one => one.text)).toEqual(['一', '二', '三'])
  })

  test('a connection that breaks before the answer leads to one question and one answer', async () => {
    wire.faults = ['hang-up', 'stored-but-cut', 'stored-but-cut']
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
    await expect.poll(() => unsent(page)).toBe(0)
    expect(new Set(clientIds()).size).toBe(1)
    expect(wire.texts(wire.posted[0]?.conversation ?? '')).toEqual(['你好', '好的。'])
  })

  test('an unsent message survives a reload and goes out under the same name', async () => {
    wire.faults = times(99, 'hang-up')
    const page = await pages.open(wire.url)
    await write(page, '别丢了我')
    await waitForText(page, '网络不通，恢复后自动发送')
    const [name] = clientIds()
    await page.reload()
    await expectBubbles(page, ['别丢了我'])
    wire.faults = []
    await expectBubbles(page, ['别丢了我', '好的。'])
    expect(new Set(clientIds())).toEqual(new Set([name]))
  })

  test('what was stored just before a reload is not shown twice', async () => {
    wire.faults = ['stored-but-cut', ...times(99, { status: 503 })]
    wire.streamStatus = 503
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await waitForText(page, '稍后自动发送')
    wire.streamStatus = 200
    await page.reload()
    await expectBubbles(page, ['你好', '好的。'])
    await expect.poll(() => unsent(page)).toBe(0)
  })

  test('what a network on the way answers in the place of the server counts as nothing', async () => {
    wire.faults = [{ status: 200, body: '<html>请登录无线网络</html>' }]
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
    expect(wire.posted.length).toBe(2)
    expect(new Set(clientIds()).size).toBe(1)
  })

  test('a refusal is shown in the words of the server, and the text can be taken back', async () => {
    wire.faults = [{ status: 400, message: '这条消息没有内容可以回答。' }]
    const page = await pages.open(wire.url)
    await write(page, '写错的')
    await waitForText(page, '未发送：这条消息没有内容可以回答。')
    await write(page, '后面的')
    await expectBubbles(page, ['写错的', '后面的', '好的。'])
    await page.reload()
    await waitForText(page, '未发送：这条消息没有内容可以回答。')
    await press(page, '重新编辑')
    expect(await box(page).inputValue()).toBe('写错的')
    expect(await bubbles(page)).toEqual(['后面的', '好的。'])
    expect(wire.posted.length).toBe(2)
    expect(await unsent(page)).toBe(0)
  })

  test('a refusal without words gets some', async () => {
    wire.faults = [{ status: 403, body: 'Forbidden' }]
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await waitForText(page, '未发送：这条消息没有被接收，请修改后再发。')
  })

  test('who is too fast is told so and need not do anything', async () => {
    wire.faults = [{ status: 429, message: '您发得太快了。', retryAfter: 1 }]
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await waitForText(page, '发送得太快，稍后自动发送')
    await expectBubbles(page, ['你好', '好的。'])
    expect(new Set(clientIds()).size).toBe(1)
  })

  test('a fault of the server is tried again', async () => {
    wire.faults = [{ status: 500, message: '系统出了点问题。' }]
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
  })
})

test('while the computer is offline messages wait, and go when it is back', async () => {
  const page = await pages.open(wire.url)
  await begin(page)
  await page.context().setOffline(true)
  await write(page, '在地铁里')
  await waitForText(page, '网络不通，恢复后自动发送')
  await page.context().setOffline(false)
  await expectBubbles(page, ['你好', '好的。', '在地铁里', '好的。'])
})
