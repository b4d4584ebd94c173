/** The chat page on the product itself. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFaults } from './browser.ts'
import { usePages } from './pages.ts'
import { createProduct, type Product } from './product.ts'
import { bubbles, expectBubbles, log, press, waitForText, write } from './steps.ts'

const question = '失业保险金怎么领取？'
const pages = usePages()
let product: Product

beforeAll(async () => {
  product = await createProduct()
  await product.start()
})
afterAll(() => product.end())

const sources = (page: Page) => log(page).getByRole('group', { name: '依据' })
const looks = [360, 1280].flatMap(width =>
  (['light', 'dark'] as const).flatMap(scheme => [false, true].map(large => ({ width, scheme, large }))),
)

test('a question is answered with its source, and the answer is there again after a reload', async () => {
  const page = await pages.open(product.url)
  await page.getByRole('heading', { level: 1, name: '东海市人力资源和社会保障局' }).waitFor()
  await write(page, question)
  await sources(page).first().waitFor()
  expect(await sources(page).getByRole('listitem').first().textContent()).toMatch(/《.+》第\d+条/)
  const said = await bubbles(page)
  expect(said[0]).toBe(question)
  await page.reload()
  await expectBubbles(page, said)
})

test('choices are taken with buttons, step by step', async () => {
  const page = await pages.open(product.url)
  await write(page, '菜单')
  await log(page).getByRole('button', { name: '给工作人员留言' }).last().click()
  await waitForText(page, '属于哪一类')
  await log(page).getByRole('button', { name: '社会保险' }).last().click()
  await waitForText(page, '请写下您的问题')
  const said = await bubbles(page)
  expect(said).toContain('给工作人员留言')
  expect(said).toContain('社会保险')
  await page.reload()
  await expectBubbles(page, said)
})

test('what was written while the product was down is answered once when it is back', async () => {
  const page = await pages.open(product.url)
  await write(page, '谢谢')
  await waitForText(page, '不客气。')
  const before = await bubbles(page)
  await product.kill()
  await write(page, '谢谢')
  await waitForText(page, '网络不通，恢复后自动发送')
  await product.start()
  const after = [...before, '谢谢', before.at(-1) ?? '']
  await expectBubbles(page, after)
  await page.reload()
  await expectBubbles(page, after)
})

test('a new conversation leaves nothing of the old one on the page', async () => {
  const page = await pages.open(product.url)
  await write(page, '谢谢')
  await waitForText(page, '不客气。')
  await press(page, '新对话')
  await press(page, '开始新对话')
  await page.reload()
  await page.getByRole('heading', { name: '您好，请问想了解什么？' }).waitFor()
  expect(await bubbles(page)).toEqual([])
})

describe.each(looks)('at $width px, $scheme, large text $large', ({ width, scheme, large }) => {
  test('axe finds nothing before and after an answer and in a form', async () => {
    const page = await pages.open(product.url, {
      viewport: { width, height: width === 360 ? 740 : 800 },
      colorScheme: scheme,
    })
    if (large) await page.getByRole('switch', { name: '大字' }).click()
    expect(await findFaults(page)).toEqual([])
    await write(page, question)
    await sources(page).first().waitFor()
    expect(await findFaults(page)).toEqual([])
    await write(page, '人工')
    await waitForText(page, '属于哪一类')
    expect(await findFaults(page)).toEqual([])
  })
})
