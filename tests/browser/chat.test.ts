/** The chat page against a server that keeps to the wire: asking, reading, writing. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { usePages } from './pages.ts'
import {
  box,
  bubbles,
  conversationOf,
  expectBubbles,
  isFocused,
  log,
  press,
  typing,
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

const benefit = {
  text: '符合条件的可以领取。\n【怎么办理】\n· 带身份证申请\n· 网上申领 https://si.12333.gov.cn/a?b=1。\n您可能还想问：',
  citations: [
    {
      law: '失业保险条例',
      article: 14,
      title: '失业保险条例',
      url: 'https://www.gov.cn/x.htm',
      inForce: '1999-01-22',
    },
    { law: '社会保险法', article: null, title: null, url: null },
  ],
  choices: [{ id: 'ask:duration', label: '可以领多久？' }],
}

describe('before anything is said', () => {
  test('the page tells whose it is, that a machine answers, and sends nothing by itself', async () => {
    const page = await pages.open(wire.url)
    await page.getByRole('heading', { level: 1, name: '东海市人力资源和社会保障局' }).waitFor()
    expect(await page.title()).toBe('东海市人力资源和社会保障局 政务咨询')
    await waitForText(page, '程序自动答复，不是工作人员')
    await waitForText(page, '不要发送身份证号')
    expect(await page.getByRole('link', { name: '12333' }).getAttribute('href')).toBe('tel:12333')
    expect(wire.posted).toEqual([])
    expect(wire.asked).toEqual([])
  })

  test('without the name of the agency the page works under a general one', async () => {
    wire.about = undefined
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await expectBubbles(page, ['你好', '好的。'])
    expect(await page.title()).toBe('人力资源和社会保障 政务咨询')
  })

  test('an example asks its question', async () => {
    const page = await pages.open(wire.url)
    await press(page, '工伤认定多久内申请？')
    await expectBubbles(page, ['工伤认定多久内申请？', '好的。'])
    expect(await page.locator('#welcome').isVisible()).toBe(false)
    expect(await isFocused(page.locator('#scroller'))).toBe(true)
  })
})

describe('asking', () => {
  test('a message goes out with its names, and its answer is read with heading, list, source and choices', async () => {
    wire.answer = () => [benefit]
    const page = await pages.open(wire.url)
    await write(page, '  失业保险金怎么领取？ ')
    const answer = page.getByRole('article', { name: /^政务咨询 今天 \d\d:\d\d$/ })
    await answer.getByRole('heading', { name: '怎么办理', exact: true }).waitFor()
    const items = answer.locator('.bubble > ul').getByRole('listitem')
    expect(await items.count()).toBe(2)
    expect(await items.last().getByRole('link').getAttribute('href')).toBe('https://si.12333.gov.cn/a?b=1')
    const sources = answer.getByRole('group', { name: '依据' })
    const law = sources.getByRole('link', { name: /《失业保险条例》第14条/ })
    expect(await law.getAttribute('href')).toBe('https://www.gov.cn/x.htm')
    expect(await law.getAttribute('rel')).toContain('noopener')
    expect(await sources.getByRole('listitem').allTextContents()).toEqual([
      '《失业保险条例》第14条（在新窗口打开） 1999年1月22日起施行',
      '《社会保险法》',
    ])
    await answer.getByRole('group', { name: '您可能还想问：' }).getByRole('button').waitFor()
    await page.getByRole('article', { name: /^我 今天/ }).waitFor()

    const [posted] = wire.posted
    expect(posted).toEqual({
      conversation: expect.stringMatching(uuid),
      clientId: expect.stringMatching(uuid),
      text: '失业保险金怎么领取？',
    })
    expect(posted?.conversation).toBe(await conversationOf(page))
  })

  test('a choice is sent by its id and shown by its label, after a reload too', async () => {
    wire.answer = ({ choice }) => [choice ? { text: '最长24个月。' } : benefit]
    const page = await pages.open(wire.url)
    await write(page, '失业金')
    await press(page, '可以领多久？')
    await waitForText(page, '最长24个月。')
    expect(wire.posted[1]).toMatchObject({ choice: 'ask:duration' })
    expect(wire.posted[1]).not.toHaveProperty('text')
    const before = await bubbles(page)
    expect(before.slice(2)).toEqual(['可以领多久？', '最长24个月。'])
    await page.reload()
    await expectBubbles(page, before)
  })

  test('a choice that is pressed twice is taken once', async () => {
    wire.answer = ({ choice }) => [choice ? { text: '最长24个月。' } : benefit]
    const page = await pages.open(wire.url)
    await write(page, '失业金')
    const choice = page.getByRole('button', { name: '可以领多久？' })
    await choice.waitFor()
    const gate = Promise.withResolvers<void>()
    wire.hold = gate.promise
    await choice.dblclick()
    gate.resolve()
    await waitForText(page, '最长24个月。')
    expect(wire.posted.length).toBe(2)
  })

  test('whatever is written or answered is text, never markup, and only web addresses are links', async () => {
    const evil = '<img src=x onerror=alert(1)><b>粗</b> javascript:alert(1)'
    wire.answer = () => [
      {
        text: evil,
        citations: [{ law: '<i>法</i>', article: 1, title: null, url: 'javascript:alert(1)' }],
        choices: [{ id: 'x', label: '<u>选</u>' }],
      },
    ]
    const page = await pages.open(wire.url)
    await write(page, evil)
    await page.getByRole('button', { name: '<u>选</u>' }).waitFor()
    expect((await bubbles(page))[0]).toBe(evil)
    expect(await log(page).locator('img, b, i, u, a').count()).toBe(0)
  })

  test('while the answer is on its way somebody is typing', async () => {
    const gate = Promise.withResolvers<void>()
    wire.hold = gate.promise
    const page = await pages.open(wire.url)
    await write(page, '你好')
    await expect.poll(() => typing(page).textContent()).toBe('正在输入')
    gate.resolve()
    await expectBubbles(page, ['你好', '好的。'])
    expect(await typing(page).textContent()).toBe('')
  })

  test('a conversation survives a reload as it was', async () => {
    wire.answer = ({ text }) => [{ text: `答：${text}` }, { text: '还有吗？' }]
    const page = await pages.open(wire.url)
    await write(page, '第一问')
    await write(page, '第二问\n第二行')
    const all = ['第一问', '答：第一问', '还有吗？', '第二问\n第二行', '答：第二问\n第二行', '还有吗？']
    await expect.poll(async () => (await bubbles(page)).length).toBe(6)
    await page.reload()
    await expect.poll(async () => (await bubbles(page)).map(text => text.replace(/\n+/g, '\n'))).toEqual(all)
    expect(await page.locator('#welcome').isVisible()).toBe(false)
  })
})

describe('writing', () => {
  test('Enter sends, Shift+Enter begins a line, and the field grows with it', async () => {
    const page = await pages.open(wire.url)
    const height = async () => (await box(page).boundingBox())?.height ?? 0
    const single = await height()
    await box(page).focus()
    await page.keyboard.type('第一行')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('第二行')
    expect(await height()).toBeGreaterThan(single)
    expect(wire.posted).toEqual([])
    await page.keyboard.press('Enter')
    await expectBubbles(page, ['第一行\n第二行', '好的。'])
    expect(await height()).toBe(single)
    expect(await isFocused(box(page))).toBe(true)
  })

  test('Enter that ends a composition does not send', async () => {
    const page = await pages.open(wire.url)
    await box(page).focus()
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Input.imeSetComposition', { text: 'shiye', selectionStart: 5, selectionEnd: 5 })
    await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', windowsVirtualKeyCode: 229 })
    await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'Enter', windowsVirtualKeyCode: 229 })
    await cdp.send('Input.insertText', { text: '失业' })
    expect(await box(page).inputValue()).toBe('失业')
    expect(wire.posted).toEqual([])
    await page.keyboard.press('Enter')
    await expectBubbles(page, ['失业', '好的。'])
  })

  test('an empty message is not sent, and the page says why', async () => {
    const page = await pages.open(wire.url)
    await write(page, '  \n ')
    await waitForText(page, '请先输入您想问的内容。')
    expect(wire.posted).toEqual([])
  })

  test('more than 2000 characters are counted and refused in place; exactly 2000 go', async () => {
    const page = await pages.open(wire.url)
    await box(page).fill('问'.repeat(1799))
    expect(await page.locator('#counter').textContent()).toBe('')
    await write(page, '问'.repeat(2001))
    await waitForText(page, '内容超过2000字，请删减后再发送。')
    expect(await page.locator('#counter').textContent()).toBe('2001／2000字')
    expect(await box(page).getAttribute('aria-invalid')).toBe('true')
    expect(wire.posted).toEqual([])
    await write(page, '问'.repeat(2000))
    await waitForText(page, '好的。')
    expect(wire.posted[0]?.text?.length).toBe(2000)
  })
})
