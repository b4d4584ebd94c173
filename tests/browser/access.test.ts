/** The chat page for everyone: what axe finds, keyboard, screen reader, size of text and of targets, small screens. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findFaults } from './browser.ts'
import { usePages } from './pages.ts'
import { box, expectBubbles, isFocused, log, press, waitForText, write } from './steps.ts'
import { startWire, type Wire } from './wire-server.ts'

const pages = usePages()
let wire: Wire

beforeEach(async () => {
  wire = await startWire()
})
afterEach(() => wire.close())

const looks = [360, 1280].flatMap(width =>
  (['light', 'dark'] as const).flatMap(scheme => [false, true].map(large => ({ width, scheme, large }))),
)

const answer = {
  text: '可以领取。\n【怎么办理】\n· 带身份证\n· 网上申领 https://si.12333.gov.cn\n您可能还想问：',
  citations: [
    {
      law: '失业保险条例',
      article: 14,
      title: null,
      url: 'https://www.gov.cn/x.htm',
      inForce: '1999-01-22',
    },
  ],
  choices: [{ id: 'ask:a', label: '自己辞职能不能领失业保险金？' }],
}

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** Buttons and links that stand alone, smaller than 44 pixels in either direction. */
async function smallTargets(page: Page): Promise<string[]> {
  const small: string[] = []
  for (const target of await page.locator('button:visible, textarea:visible').all()) {
    const size = await target.boundingBox()
    if (size && (size.width < 44 || size.height < 44))
      small.push(`${await target.textContent()} ${size.width}×${size.height}`)
  }
  return small
}

async function check(page: Page, state: string): Promise<void> {
  expect({ state, faults: await findFaults(page) }).toEqual({ state, faults: [] })
  expect({ state, overflow: await overflow(page) }).toEqual({ state, overflow: 0 })
  expect({ state, small: await smallTargets(page) }).toEqual({ state, small: [] })
}

describe.each(looks)('at $width px, $scheme, large text $large', ({ width, scheme, large }) => {
  test('axe finds nothing in any state, nothing is too wide, no target too small', async () => {
    wire.answer = () => [answer]
    const page = await pages.open(wire.url, {
      viewport: { width, height: width === 360 ? 740 : 800 },
      colorScheme: scheme,
    })
    if (large) await page.getByRole('switch', { name: '大字' }).click()
    await check(page, 'welcome')
    await write(page, '失业保险金怎么领取？')
    await page.getByRole('button', { name: '自己辞职' }).waitFor()
    await check(page, 'answer')
    wire.faults = [{ status: 400, message: '不能识别。' }, ...Array(99).fill({ status: 503 })]
    await write(page, '坏的')
    await page.getByRole('button', { name: '重新编辑' }).waitFor()
    await write(page, '等着')
    await waitForText(page, '稍后自动发送')
    await check(page, 'refused and waiting')
    await write(page, '长'.repeat(2001))
    await check(page, 'too long')
    await page.getByRole('button', { name: '新对话' }).click()
    await page.getByRole('dialog').waitFor()
    await check(page, 'dialog')
  })
})

test('axe finds nothing while someone is typing and the connection is broken', async () => {
  wire.slow = true
  const page = await pages.open(wire.url)
  await write(page, '难题')
  await waitForText(page, '正在输入')
  wire.streamStatus = 503
  wire.dropStreams()
  await waitForText(page, '连接中断，正在重连…')
  await check(page, 'broken')
})

describe('the keyboard alone', () => {
  test('reaches everything in the order of the page, and the focus can be seen', async () => {
    wire.answer = () => [answer]
    const page = await pages.open(wire.url)
    await write(page, '失业金')
    await page.getByRole('button', { name: '自己辞职' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: '自己辞职' }).waitFor()
    const stops: string[] = []
    for (let i = 0; i < 9; i++) {
      await page.keyboard.press('Tab')
      stops.push(
        await page.evaluate<string>(
          '(e => { const s = getComputedStyle(e); if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) return "unseen"; return e.id || e.textContent.slice(0, 6) })(document.activeElement)',
        ),
      )
    }
    expect(stops).toEqual([
      'skip',
      'large',
      'renew',
      'scroller',
      'https:',
      '《失业保险条',
      '自己辞职能不',
      'text',
      'send',
    ])
  })

  test('asks an example, takes a choice and begins anew', async () => {
    wire.answer = () => [answer]
    const page = await pages.open(wire.url)
    await page.getByRole('button', { name: '失业保险金怎么领取？' }).focus()
    await page.keyboard.press('Enter')
    const choice = page.getByRole('button', { name: '自己辞职' })
    await choice.first().focus()
    await page.keyboard.press('Space')
    await expect.poll(() => choice.count()).toBe(2)
    await page.getByRole('button', { name: '新对话' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: '取消' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '您好，请问想了解什么？' }).waitFor()
  })

  test('skips to the text field', async () => {
    const page = await pages.open(wire.url)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await isFocused(box(page))).toBe(true)
  })
})

describe('the screen reader', () => {
  test('hears what comes, and not again what was there', async () => {
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
    expect(await log(page).getAttribute('aria-live')).toBe('polite')
    await page.reload()
    expect(await log(page).getAttribute('aria-live')).toBe('off')
    await expectBubbles(page, ['你好', '好的。'])
    await expect.poll(() => log(page).getAttribute('aria-live'), { timeout: 10_000 }).toBe('polite')
  })

  test('is not told again of messages that stay when others come before or after', async () => {
    const page = await pages.open(wire.url)
    await write(page, '一')
    await expectBubbles(page, ['一', '好的。'])
    await page.evaluate(
      'window.told = []; new MutationObserver(all => all.forEach(m => { m.addedNodes.forEach(n => told.push(n.textContent)); m.removedNodes.forEach(n => told.push("-" + n.textContent)) })).observe(document.getElementById("log"), { childList: true })',
    )
    await write(page, '二')
    await expectBubbles(page, ['一', '好的。', '二', '好的。'])
    const told = await page.evaluate<string[]>('told')
    expect(told.length).toBe(2)
    expect(told[0]).toMatch(/^我 今天 \d\d:\d\d二/)
    expect(told[1]).toMatch(/^政务咨询 今天 \d\d:\d\d好的。$/)
  })

  test('finds language, landmarks and headings', async () => {
    const page = await pages.open(wire.url)
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    for (const role of ['banner', 'main', 'log'] as const) expect(await page.getByRole(role).count()).toBe(1)
    await page.getByRole('region', { name: '对话记录' }).waitFor()
  })
})

describe('large text', () => {
  test('scales everything by 1.35 and is remembered', async () => {
    const page = await pages.open(wire.url)
    const size = () =>
      page.evaluate<number>('parseFloat(getComputedStyle(document.querySelector(".example")).fontSize)')
    const before = await size()
    await page.getByRole('switch', { name: '大字' }).click()
    expect((await size()) / before).toBeCloseTo(1.35)
    await page.reload()
    expect(await page.getByRole('switch', { name: '大字' }).getAttribute('aria-checked')).toBe('true')
    expect((await size()) / before).toBeCloseTo(1.35)
    await page.getByRole('switch', { name: '大字' }).click()
    await page.reload()
    expect(await size()).toBe(before)
  })
})

describe('on a small screen', () => {
  const long = { text: Array.from({ length: 60 }, (_, i) => `第${i + 1}行`).join('\n') }

  test('the question and the beginning of a long answer are in sight', async () => {
    wire.answer = () => [long]
    const page = await pages.open(wire.url)
    await write(page, '很长的回答')
    await waitForText(page, '第60行')
    const top = (text: string) =>
      page
        .getByText(text, { exact: true })
        .boundingBox()
        .then(at => at?.y ?? -1)
    const header = (await page.getByRole('banner').boundingBox())?.height ?? 0
    expect(await top('很长的回答')).toBeGreaterThanOrEqual(header)
    expect(await top('第1行')).toBeLessThan(300)
  })

  test('who reads further up is told of what is new and brought there on request', async () => {
    wire.answer = () => [long]
    const page = await pages.open(wire.url)
    await write(page, '很长的回答')
    await waitForText(page, '第60行')
    wire.push(wire.posted[0]?.conversation ?? '', { text: '我是工作人员。' })
    await press(page, '有新消息，查看')
    const box = await page.getByText('我是工作人员。').boundingBox()
    expect(box?.y).toBeGreaterThan(0)
    expect(box?.y).toBeLessThan(740)
    expect(await page.locator('#newer').isVisible()).toBe(false)
  })
})

test('the whole page is smaller than 15 kB', async () => {
  const dist = join(import.meta.dirname, '../../web/chat/dist')
  const files = (await readdir(dist, { recursive: true, withFileTypes: true })).filter(f => f.isFile())
  const sizes = await Promise.all(
    files.map(async f => brotliCompressSync(await readFile(join(f.parentPath, f.name))).length),
  )
  expect(sizes.reduce((a, b) => a + b)).toBeLessThan(15_000)
})
