/** Coming into the console: the first administrator by the link that the product tells, then by name and password. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findFaults } from './browser.ts'
import { usePages } from './pages.ts'
import { createProduct, type Product } from './product.ts'

const pages = usePages()
const password = '梅花 三弄 城北 旧书店'
let product: Product

beforeAll(async () => {
  product = await createProduct()
  await product.start()
})
afterAll(() => product.end())

test('the first administrator joins by the link, signs in, and signs out', async () => {
  const link = await vi.waitFor(() => {
    const found = /http\S+\/console\/#\/join\/\S+/.exec(product.said())?.[0]
    if (!found) throw new Error(`no link: ${product.said()}`)
    return found
  })
  const page = await pages.open(link)
  await page.getByLabel('姓名').fill('张三')
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByLabel('再写一次').fill(`${password}不`)
  await page.getByRole('button', { name: /保\s*存/ }).click()
  await page.getByText('两次写的不一样').waitFor()
  expect(await findFaults(page)).toEqual([])
  await page.getByLabel('再写一次').fill(password)
  await page.getByRole('button', { name: /保\s*存/ }).click()
  await page.getByRole('button', { name: /登\s*录/ }).waitFor()
  await page.getByLabel('姓名').fill('张三')
  await page.getByLabel('密码', { exact: true }).fill('不是这个密码不是这个密码')
  await page.getByRole('button', { name: /登\s*录/ }).click()
  await page.getByText('姓名、密码或者动态码不对').waitFor()
  expect(await findFaults(page)).toEqual([])
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByRole('button', { name: /登\s*录/ }).click()
  await page.getByRole('heading', { name: '待办' }).waitFor()
  // An administrator handles no requests, and is told so.
  await page.getByText('没有这一项的权限').waitFor()
  await page.reload()
  await page.getByRole('heading', { name: '待办' }).waitFor()
  await page.getByRole('button', { name: /退\s*出/ }).click()
  await page.getByRole('button', { name: /登\s*录/ }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: /登\s*录/ }).waitFor()
  const api = await (await fetch(new URL('/api/openapi.json', product.url))).json()
  expect(Object.keys((api as { paths: object }).paths)).toContain('/api/staff/requests')
  const used = await pages.open(link)
  await used.getByText('这个链接用过了或者过期了').waitFor()
})
