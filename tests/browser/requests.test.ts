/** Filing a request on the page and looking up where it stands. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFaults } from './browser.ts'
import { usePages } from './pages.ts'
import { createProduct, type Product } from './product.ts'
import { bubbles, waitForText, write } from './steps.ts'

const pages = usePages()
let product: Product

beforeAll(async () => {
  product = await createProduct()
  await product.start()
})
afterAll(() => product.end())

test('a request is filed in the chat, and found by its number and query code', async () => {
  const page = await pages.open(product.url)
  const steps: [words: string, next: string][] = [
    ['申请公开', '您需要哪份政府信息'],
    ['2025年全省失业保险基金收支情况', '您以什么身份申请'],
    ['个人', '申请人的姓名'],
    ['张三', '身份证号码'],
    ['11010519491231002X', '联系电话'],
    ['13800138000', '哪种形式'],
    ['电子文件', '怎样得到'],
    ['在这里查看', '请核对'],
    ['确认提交', '申请收到了'],
  ]
  for (const [words, next] of steps) {
    await write(page, words)
    await waitForText(page, next)
  }
  const said = (await bubbles(page)).join('\n')
  const [, number = '', code = ''] = /编号(\d{4}-\d{4})，查询码(\w{6})/.exec(said) ?? []
  expect(number).not.toBe('')
  const picture = page.getByRole('img', { name: '登记回执' })
  await picture.waitFor()
  const proof = (await picture.getAttribute('alt'))?.slice(-14) ?? ''
  await page.goto(new URL('/requests', product.url).href)
  await page.getByLabel('编号').fill(number)
  await page.getByLabel('查询码').fill(code.toLowerCase())
  await page.getByRole('button', { name: '查询' }).click()
  await page.getByText('答复期限').waitFor()
  expect(await page.locator('main').textContent()).not.toContain('张三')
  await page.getByLabel('文件').setInputFiles({
    ...{ name: '身份证明.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 a') },
  })
  await page.getByRole('button', { name: '上传' }).click()
  await page.getByText('“身份证明.pdf”收到了').waitFor()
  await page.getByText('1个文件').waitFor()
  expect(await findFaults(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 900 })
  const receipt = await page.getByRole('link', { name: '下载回执' }).getAttribute('href')
  const pdf = await fetch(new URL(receipt ?? '', product.url))
  expect([pdf.status, pdf.headers.get('content-type')]).toEqual([200, 'application/pdf'])

  await page.getByLabel('查询码').fill(proof)
  await page.getByRole('button', { name: '查询' }).click()
  await page.getByText('这份回执是本机关出具的').waitFor()
  expect(await page.locator('main').textContent()).toContain('张＊')
})

describe('the page on where a request stands', () => {
  test.each([360, 1280])('is clean for axe and fits, %i wide', async width => {
    const page = await pages.open(new URL('/requests?number=2026-0001&code=XXXXXX', product.url).href)
    await page.setViewportSize({ width, height: 800 })
    await page.getByRole('alert').waitFor()
    expect(await findFaults(page)).toEqual([])
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    expect(wide).toBeLessThanOrEqual(0)
  })
})
