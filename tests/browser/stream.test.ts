/** The event stream of the chat page: late answers, breaks, repetition, the end of a conversation. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { usePages } from './pages.ts'
import { conversationOf, expectBubbles, typing, waitForText, write } from './steps.ts'
import { startWire, type Wire } from './wire-server.ts'

const pages = usePages()
let wire: Wire

beforeEach(async () => {
  wire = await startWire()
})
afterEach(() => wire.close())

async function begin(page: Page): Promise<string> {
  await write(page, '你好')
  await expectBubbles(page, ['你好', '好的。'])
  return wire.posted[0]?.conversation ?? ''
}

describe('answers that come later', () => {
  test('are promised by 202 and brought by the stream; until then somebody is typing', async () => {
    wire.slow = true
    const page = await pages.open(wire.url)
    await write(page, '难题')
    await expect.poll(() => wire.posted.length).toBe(1)
    await expect.poll(() => page.locator('.state').count()).toBe(0)
    expect(await typing(page).textContent()).toBe('正在输入')
    wire.release()
    await expectBubbles(page, ['难题', '好的。'])
    expect(await typing(page).textContent()).toBe('')
  })

  test('are brought after a reload, too', async () => {
    wire.slow = true
    const page = await pages.open(wire.url)
    await write(page, '难题')
    await expect.poll(() => page.locator('.state').count()).toBe(0)
    await page.reload()
    await expectBubbles(page, ['难题'])
    wire.release()
    await expectBubbles(page, ['难题', '好的。'])
  })

  test('come unasked when a person of the agency writes', async () => {
    const page = await pages.open(wire.url)
    const conversation = await begin(page)
    wire.push(conversation, { text: '我是工作人员。' })
    await expectBubbles(page, ['你好', '好的。', '我是工作人员。'])
  })
})

describe('the event stream', () => {
  test('takes up where it broke off; what was said meanwhile is shown once', async () => {
    const page = await pages.open(wire.url)
    const conversation = await begin(page)
    await expect.poll(() => wire.asked.length).toBe(1)
    wire.push(conversation, { text: '断线之前' })
    await waitForText(page, '断线之前')
    wire.dropStreams()
    wire.push(conversation, { text: '断线之间' })
    await expectBubbles(page, ['你好', '好的。', '断线之前', '断线之间'])
    expect(Number(wire.asked.at(-1))).toBeGreaterThan(0)
  })

  test('that is refused is asked for again until it is there, and the page says so quietly', async () => {
    const page = await pages.open(wire.url)
    const conversation = await begin(page)
    wire.streamStatus = 503
    wire.dropStreams()
    await waitForText(page, '连接中断，正在重连…')
    wire.push(conversation, { text: '断线之间' })
    wire.streamStatus = 200
    await expectBubbles(page, ['你好', '好的。', '断线之间'])
    await expect.poll(() => page.locator('#connection').textContent()).toBe('')
  })

  test('that says everything twice is heard once', async () => {
    wire.twice = true
    const page = await pages.open(wire.url)
    const conversation = await begin(page)
    wire.push(conversation, { text: '一次' })
    await expectBubbles(page, ['你好', '好的。', '一次'])
    await page.reload()
    await expectBubbles(page, ['你好', '好的。', '一次'])
  })

  test('that says the conversation is gone begins a new one without a word', async () => {
    const page = await pages.open(wire.url)
    const conversation = await begin(page)
    wire.push(conversation, { text: '有号的消息' })
    await waitForText(page, '有号的消息')
    wire.forget(conversation)
    await page.getByRole('heading', { name: '您好，请问想了解什么？' }).waitFor()
    expect(await conversationOf(page)).toBeNull()
    await write(page, '再来')
    await expectBubbles(page, ['再来', '好的。'])
    expect(wire.posted.at(-1)?.conversation).not.toBe(conversation)
  })

  test('what was not sent yet when the conversation went goes to the new one', async () => {
    const page = await pages.open(wire.url)
    const conversation = await begin(page)
    wire.push(conversation, { text: '有号的消息' })
    await waitForText(page, '有号的消息')
    wire.faults = Array(99).fill({ status: 503 })
    await write(page, '在路上')
    await waitForText(page, '稍后自动发送')
    wire.forget(conversation)
    await expectBubbles(page, ['在路上'])
    wire.faults = []
    await expectBubbles(page, ['在路上', '好的。'])
    expect(wire.posted.at(-1)?.conversation).not.toBe(conversation)
    expect(wire.posted.at(-1)?.conversation).toBe(await conversationOf(page))
  })

  test('goes on after the restore of an older backup, also where a number and a text come back', async () => {
    const page = await pages.open(wire.url)
    const conversation = await begin(page)
    const backup = wire.backUp()
    wire.push(conversation, { text: '备份之后一' })
    wire.push(conversation, { text: '备份之后二' })
    await waitForText(page, '备份之后二')
    wire.streamStatus = 503
    wire.restore(backup)
    wire.push(conversation, { text: '恢复之后' })
    wire.push(conversation, { text: '备份之后二' })
    wire.streamStatus = 200
    const all = ['你好', '好的。', '备份之后一', '备份之后二', '恢复之后', '备份之后二']
    await expectBubbles(page, all)
    await write(page, '再问')
    await expectBubbles(page, [...all, '再问', '好的。'])
  })

  test('with an answer to a question of another tab brings the question as well', async () => {
    const page = await pages.open(wire.url)
    await begin(page)
    const other = await page.context().newPage()
    await other.goto(wire.url)
    await expectBubbles(other, ['你好', '好的。'])
    wire.answer = () => [{ text: '答另一页' }]
    await write(other, '另一页问')
    const all = ['你好', '好的。', '另一页问', '答另一页']
    await expectBubbles(other, all)
    await expectBubbles(page, all)
  })
})
