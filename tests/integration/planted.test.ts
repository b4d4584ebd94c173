/** Marked personal data is planted in a request, and looked for in everything that leaves or stays. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPlace, findFreePort, type Place, runCommand } from './product.ts'

const planted = {
  name: '欧阳植标',
  idNumber: '11010519491231002X',
  phone: '13912345678',
  address: '济南市植标路九十九号八单元',
}
const marks = Object.values(planted)

let place: Place
let product: ChildProcess
let port: number
let log = ''
const asked: string[] = []
const model = createServer(async (request, response) => {
  asked.push(`${request.url} ${await text(request)}`)
  response.writeHead(500).end('{}')
})

beforeAll(async () => {
  place = await createPlace('sqlite')
  port = await findFreePort()
  await new Promise<void>(done => model.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`
  const { PATH = '', HOME = '' } = process.env
  const settings = { PORT: String(port), LOG_LEVEL: 'debug', OPENAI_BASE_URL: url, OPENAI_MODEL: 'a' }
  product = spawn(process.execPath, ['src/main.ts'], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { PATH, HOME, ...place.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [product.stdout, product.stderr])
    stream?.on('data', data => {
      log += data
    })
  for (let i = 0; i < 200; i++) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (ready?.ok) return
    await new Promise(done => setTimeout(done, 100))
  }
  throw new Error(`not ready: ${log}`)
})

afterAll(async () => {
  product.kill('SIGTERM')
  await once(product, 'exit')
  model.close()
  await place.remove()
})

const conversation = '3f2b8c1e-1111-4222-8333-123456789abc'
let said = 0

async function say(words: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/chat/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ conversation, text: words, clientId: `planted-${++said}` }),
  })
  const { messages } = (await response.json()) as { messages: { text: string }[] }
  return messages.map(message => message.text).join('\n')
}

const found = (where: string) => marks.filter(mark => where.includes(mark))

it('is in no log, metric, call to the model, address or file of the database', async () => {
  let last = ''
  for (const words of [
    '申请公开',
    '2025年全省失业保险基金收支情况',
    '个人',
    planted.name,
    planted.idNumber,
    planted.phone,
    '纸质文件',
    '邮寄',
    planted.address,
    '确认提交',
  ])
    last = await say(words)
  const ref = /编号(\d{4}-\d{4})/.exec(last)?.[1]
  expect(ref, last).toBeDefined()
  await say(`我叫${planted.name}，电话${planted.phone}，失业金怎么领`)
  const [data, erase] = [await say('我的数据'), await say('删除我的数据')]
  for (const words of [data, erase]) {
    expect(words).toContain(ref)
    expect(found(words)).toEqual([])
  }
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  await runCommand(place, ['staff', 'add', '--name', '张三', '--role', 'disclosure-officer'])
  const masked = await runCommand(place, ['desk', 'show', ref ?? '', '--as', '张三'])
  const listed = await runCommand(place, ['desk', 'list', '--as', '张三'])
  const files = readdirSync(place.folder)
    .filter(name => !name.endsWith('.key'))
    .map(name => readFileSync(join(place.folder, name)).toString('latin1'))
  expect(found(log)).toEqual([])
  expect(found(metrics)).toEqual([])
  // A name that is typed into a question is a word like others: what can be recognised is masked.
  expect(
    [planted.idNumber, planted.phone, planted.address].filter(mark => asked.join().includes(mark)),
  ).toEqual([])
  expect(found(`${masked}${listed}`)).toEqual([])
  const bytes = (mark: string) => Buffer.from(mark).toString('latin1')
  expect(marks.filter(mark => files.some(file => file.includes(bytes(mark))))).toEqual([])
  const revealed = await runCommand(place, ['desk', 'show', ref ?? '', '--as', '张三', '--reveal'])
  expect(found(revealed)).toEqual(marks)
})
