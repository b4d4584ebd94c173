/** A conversation begun anew, and what the page does where the browser keeps or knows less. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { usePages } from './pages.ts'
import {
  box,
  bubbles,
  conversationOf,
  expectBubbles,
  isFocused,
  press,
  uuid,
  waitForText,
  write,
} from './steps.ts'
import { startWire, type Wire } from './wire-server.ts'

const pages = usePages()
let wire: Wire

beforeEach(async () => {
  wire = await startWire()
})
afterEach(() => wire.close())

describe('a new conversation', () => {
  test('begins only when the citizen agrees, under a new name', async () => {
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
    const first = await conversationOf(page)
    await press(page, '新对话')
    await page.getByRole('dialog', { name: '开始新对话？' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await isFocused(page.getByRole('button', { name: '新对话' }))).toBe(true)
    expect((await bubbles(page)).length).toBe(2)

    await press(page, '新对话')
    await press(page, '开始新对话')
    await page.getByRole('heading', { name: '您好，请问想了解什么？' }).waitFor()
    expect(await isFocused(box(page))).toBe(true)
    await write(page, '再问')
    await expectBubbles(page, ['再问', '好的。'])
    expect(await conversationOf(page)).not.toBe(first)
    expect(wire.posted.map(one => one.conversation)).toEqual([first, await conversationOf(page)])
  })

  test('with nothing said there is nothing to ask', async () => {
    const page = await pages.open(wire.url)
    await press(page, '新对话')
    expect(await page.getByRole('dialog').isVisible()).toBe(false)
    expect(await isFocused(box(page))).toBe(true)
  })

  test('says that unsent messages are given up, and gives them up', async () => {
    const page = await pages.open(wire.url)
    wire.faults = Array.from({ length: 9 }, () => ({ status: 503 }))
    await write(page, '旧的')
    await waitForText(page, '稍后自动发送')
    await press(page, '新对话')
    await waitForText(page, '有消息还没有发出')
    await press(page, '开始新对话')
    wire.faults = []
    await write(page, '新的')
    await expectBubbles(page, ['新的', '好的。'])
    expect(wire.texts(wire.posted.at(-1)?.conversation ?? '')).toEqual(['新的', '好的。'])
  })
})

describe('where the browser keeps or knows less', () => {
  test('without storage the page works in memory', async () => {
    const page = await pages.open('about:blank')
    await page.addInitScript(
      'Object.defineProperty(window, "localStorage", { get() { throw new Error("no") } })',
    )
    await page.goto(wire.url)
    wire.faults = [{ status: 503 }]
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
    await page.getByRole('switch', { name: '大字' }).click()
    expect(await page.getByRole('switch').getAttribute('aria-checked')).toBe('true')
  })

  test('on a plain http host the names are made without randomUUID', async () => {
    const page = await pages.open('about:blank')
    await page.addInitScript('delete Crypto.prototype.randomUUID')
    await page.goto(wire.url)
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
    expect(wire.posted[0]?.conversation).toMatch(uuid)
    expect(wire.posted[0]?.clientId).toMatch(uuid)
  })
})
