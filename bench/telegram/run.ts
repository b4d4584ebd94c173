/**
 * Messages per CPU-second through a channel's whole path, on SQLite with synchronous FULL, beside a bare telegraf echo and
 * bare node:http with an undici pool in the same run: the Telegram webhook (stored, answered, stored, sent), or the passive reply of an Official Account
 * (stored, answered, stored, given back in the request). CPU is the server process's own, user and system.
 *
 *   node bench/telegram/run.ts [--channel telegram|wechat] [--rounds 5] [--messages 20000] [--connections 64] [--distinct]
 *
 * Seven questions over and over, as on a hotline day; with --distinct no question comes twice.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { encrypt, getSignature } from '@wecom/crypto'
import { Pool } from 'undici'
import { openPlatform, type Platform } from './platform.ts'

const root = resolve(import.meta.dirname, '../..')
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '64' },
    distinct: { type: 'boolean', default: false },
    channel: { type: 'string', default: 'telegram' },
  },
})
const passive = options.channel === 'wechat'
const [rounds, messages, connections] = [options.rounds, options.messages, options.connections].map(
  Number,
) as [number, number, number]
const ticksPerSecond = 100
const chats = 500
const secret = 'the-secret_of-the-bench'
const questions = [
  '试用期最长多久',
  '公司不签劳动合同怎么办',
  '失业金怎么领',
  '工伤认定要多久申请',
  '年假有几天',
  '加班费怎么算',
  '今天天气怎么样',
]

/** User and system time of a process so far, in seconds. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

const product = 'src/main.ts'
const wechatToken = 'theTokenOfTheBench'
const appId = 'wx0123456789abcdef'
const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

interface Server {
  script: string
  child: ChildProcess
  port: number
  platform: Platform
}

const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret }

async function startServer(script: string, port: number, data: string): Promise<Server> {
  const platform = await openPlatform()
  const child = spawn(process.execPath, ['--v8-pool-size=1', join(root, script)], {
    env: {
      ...process.env,
      PORT: String(port),
      GONGKAI_DATA: data,
      LOG_LEVEL: 'error',
      ...(passive && script === product
        ? { WECHAT_OA_APP_ID: appId, WECHAT_OA_TOKEN: wechatToken, WECHAT_OA_AES_KEY: aesKey }
        : {
            TELEGRAM_BOT_TOKEN: '123456789:AABenchTokenThatNobodyKnows00',
            TELEGRAM_API_ROOT: platform.apiRoot,
            TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${port}/channels/telegram`,
            TELEGRAM_WEBHOOK_SECRET: secret,
          }),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}/${passive && script === product ? 'healthz' : 'channels/telegram'}`
  const probe = passive && script === product ? {} : { method: 'POST', headers, body: '{"update_id":0}' }
  for (let tries = 0; ; tries++) {
    if (tries > 400 || child.exitCode !== null) throw new Error(`${script} does not start`)
    const answer = await fetch(url, probe).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.status === 200) return { script, child, port, platform }
    await new Promise(done => setTimeout(done, 50))
  }
}

let last = 0

/** An update as Telegram writes it. */
function updateOf(i: number): string {
  const id = (i % chats) + 1
  const from = { id, is_bot: false, first_name: '张三', language_code: 'zh-hans' }
  const chat = { id, first_name: '张三', type: 'private' }
  const text = `${questions[i % questions.length]}${options.distinct ? `，我是${last}号` : ''}`
  return JSON.stringify({
    update_id: ++last,
    message: { message_id: last, from, chat, date: Math.floor(Date.now() / 1000), text },
  })
}

/** A message as WeChat writes it, in safe mode. */
function sealed(i: number): { path: string; body: string } {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const nonce = String(++last)
  const text = `${questions[i % questions.length]}${options.distinct ? `，我是${last}号` : ''}`
  const xml = `<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[oBench_${(i % chats) + 1}]]></FromUserName><CreateTime>${timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content><MsgId>${23_000_000_000 + last}</MsgId></xml>`
  const cipher = encrypt(aesKey, xml, appId)
  const signature = getSignature(wechatToken, timestamp, nonce, cipher)
  return {
    path: `/channels/wechat?encrypt_type=aes&msg_signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`,
    body: `<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`,
  }
}

/** Brings `count` messages over many connections and waits until each is answered; messages per CPU-second. */
async function load({ script, child, port, platform }: Server, count: number, extra = 0): Promise<number> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 })
  const pid = child.pid ?? 0
  const before = cpuOf(pid)
  const inRequest = passive && script === product
  const answered = inRequest ? undefined : platform.until(platform.sent() + count + extra)
  let next = 0
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      const call = inRequest ? sealed(i) : { path: '/channels/telegram', headers, body: updateOf(i) }
      const answer = await pool.request({ method: 'POST', ...call })
      const body = await answer.body.text()
      if (inRequest && !body.includes('<Encrypt>')) throw new Error(`not answered: ${body}`)
      if (answer.statusCode !== 200) throw new Error(`not taken: ${answer.statusCode}`)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  await answered
  const used = cpuOf(pid) - before
  await pool.close()
  return count / used
}

const median = (all: number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0

const data = mkdtempSync(join(tmpdir(), 'gongkai-bench-'))
const whole = await startServer(product, 34_111, data)
const echo = await startServer('bench/telegram/echo.ts', 34_112, data)
const plain = await startServer('bench/telegram/raw.ts', 34_113, data)
// Both are measured warm. Each chat of the product is told the privacy notice with its first answer.
await load(whole, messages, chats)
await load(echo, messages)
await load(plain, messages)
const results: { whole: number; bare: number; raw: number }[] = []
for (let round = 0; round < rounds; round++) {
  const bare = await load(echo, messages)
  const raw = await load(plain, messages)
  results.push({ whole: await load(whole, messages), bare, raw })
}
for (const { child, platform } of [whole, echo, plain]) {
  child.kill('SIGTERM')
  await new Promise(done => child.once('exit', done))
  platform.close()
}
rmSync(data, { recursive: true, force: true })

console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}`)
console.log(
  '| round | whole path, messages per CPU-second | bare telegraf echo | node:http and undici | to telegraf | to raw |',
)
console.log('| --- | ---: | ---: | ---: | ---: | ---: |')
results.forEach(({ whole, bare, raw }, i) => {
  const figures = [whole, bare, raw].map(Math.round).join(' | ')
  console.log(`| ${i + 1} | ${figures} | ${(whole / bare).toFixed(3)} | ${(whole / raw).toFixed(3)} |`)
})
const ratios = [median(results.map(r => r.whole / r.bare)), median(results.map(r => r.whole / r.raw))]
console.log(`| median | | | | ${ratios.map(ratio => ratio.toFixed(3)).join(' | ')} |`)
