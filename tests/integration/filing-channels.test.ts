/** The same request, filed on the web chat, in the terminal, on Telegram and on an Official Account. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../base/until.ts'
import { createTelegramEmulator, type TelegramEmulator } from '../emulators/telegram/index.ts'
import { createWechatEmulator, type WechatEmulator } from '../emulators/wechat/index.ts'
import { createPlace, findFreePort, type Place, Product, runCommand, stopProducts } from './product.ts'

const root = resolve(import.meta.dirname, '../..')
const answers = {
  description: '2025年全省失业保险基金收支情况',
  applicant: '个人',
  name: '张三丰',
  idNumber: '11010519491231002X',
  contact: '13800138000',
  medium: '纸质文件',
  delivery: '邮寄',
  postalAddress: '济南市历下区解放东路16号，250014，张三丰收',
}
const steps = ['申请公开', ...Object.values(answers), '确认提交']
const personal = [answers.name, answers.idNumber, answers.contact, answers.postalAddress]
const refIn = (words: string) => /编号(\d{4}-\d{4})/.exec(words)?.[1]

let place: Place
let product: Product
let telegram: TelegramEmulator
let wechat: WechatEmulator

beforeAll(async () => {
  place = await createPlace('sqlite')
  const port = await findFreePort()
  telegram = await createTelegramEmulator()
  wechat = await createWechatEmulator({ callback: `http://127.0.0.1:${port}/channels/wechat` })
  Object.assign(place.env, wechat.settings, {
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  })
  product = new Product(place, port)
  product.start()
  await product.ready()
})
afterAll(async () => {
  await stopProducts([product])
  await Promise.all([telegram.close(), wechat.close()])
  await place.remove()
})

async function onTheWeb(): Promise<string> {
  const conversation = randomUUID()
  let said = ''
  for (const [i, words] of steps.entries()) {
    const response = await fetch(`http://127.0.0.1:${product.port}/api/chat/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ conversation, text: words, clientId: `s${i}` }),
    })
    said = JSON.stringify(await response.json())
  }
  return said
}

async function inTheTerminal(): Promise<string> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['src/cli.ts', 'chat', '--as', '终端'], {
    cwd: root,
    env: { PATH, HOME, ...place.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(`${steps.join('\n')}\n`)
  const said = await text(child.stdout)
  if (child.exitCode === null) await once(child, 'exit')
  return said
}

async function onAnAccount(): Promise<string> {
  const citizen = wechat.citizen('oCitizen_1')
  for (const words of steps) await citizen.say(words)
  const shown = () => citizen.shown().map(one => one.text)
  await until('the account has confirmed', async () => shown().some(words => refIn(words)))
  return shown().join('\n')
}

/** The chat gives a link; everything else is on the page. */
async function onTelegram(): Promise<string> {
  const chat = 77
  const shown = () =>
    telegram
      .shown(chat)
      .map(one => JSON.stringify(one))
      .join('\n')
  telegram.say(chat, '申请公开')
  await until('there is a link', async () => shown().includes('/forms/'))
  const link = new RegExp(`http://127.0.0.1:${product.port}/forms/[\\w-]+`).exec(shown())?.[0] ?? ''
  const form = { ...answers, step: 'confirm' }
  const page = await fetch(link, { method: 'POST', body: new URLSearchParams(form) })
  expect(page.status).toBe(200)
  expect((await fetch(link)).status).toBe(404)
  await until('the chat knows the number', async () => refIn(shown()) !== undefined)
  return shown()
}

it('makes the same record, and nothing personal passes the channel abroad', async () => {
  const said = {
    web: await onTheWeb(),
    terminal: await inTheTerminal(),
    wechat: await onAnAccount(),
    telegram: await onTelegram(),
  }
  await runCommand(place, ['staff', 'add', '--name', '经办', '--role', 'disclosure-officer'])
  const records = []
  for (const [channel, words] of Object.entries(said)) {
    const ref = refIn(words) ?? `no number on ${channel}: ${words}`
    const shown = await runCommand(place, ['desk', 'show', ref, '--as', '经办', '--reveal', '--json'])
    const { one } = JSON.parse(shown.slice(shown.indexOf('{"one"'), shown.lastIndexOf('}') + 1))
    const { name, idNumber, contact, address, applicant, description, medium, delivery } = one
    const { receivedOn, how } = one.receipt
    const { dueOn, state } = one
    records.push({
      ...{ name, idNumber, contact, address, applicant, description, medium, delivery },
      ...{ receivedOn, how, dueOn, state },
    })
  }
  const [first, ...others] = records
  expect(first).toMatchObject({
    ...{ name: answers.name, idNumber: answers.idNumber, contact: answers.contact },
    ...{ description: answers.description, address: answers.postalAddress, delivery: 'post' },
  })
  for (const other of others) expect(other).toEqual(first)
  expect(personal.filter(mark => said.telegram.includes(mark))).toEqual([])
})
