/**
 * Messages per CPU-second through the web chat's whole path (stored, answered, stored, sent), on SQLite with
 * synchronous FULL, beside a bare Hono echo in the same run. CPU is the server process's own, user and system.
 *
 *   npm run bench:throughput -- [--rounds 5] [--messages 20000] [--connections 256] [--distinct]
 *
 * Seven questions over and over, as on a hotline day; with --distinct no question comes twice, and the ids are random.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'

const root = resolve(import.meta.dirname, '../..')
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '256' },
    distinct: { type: 'boolean', default: false },
  },
})
const [rounds, messages, connections] = [options.rounds, options.messages, options.connections].map(
  Number,
) as [number, number, number]
const ticksPerSecond = 100

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

async function startServer(script: string, port: number, data: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, script)], {
    env: { ...process.env, PORT: String(port), GONGKAI_DATA: data, RATE_LIMIT: '0', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  for (let tries = 0; ; tries++) {
    if (tries > 400 || child.exitCode !== null) throw new Error(`${script} does not start`)
    const up = await fetch(`http://127.0.0.1:${port}/api/chat/messages`, {
      method: 'POST',
      body: '{}',
    }).catch(() => undefined)
    if (up) return child
    await new Promise(done => setTimeout(done, 50))
  }
}

/** Ids as the page makes them: time first (UUID version 7), so that they rise like any platform's. */
function newClientId(): string {
  if (options.distinct) return randomUUID()
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

interface Load {
  perCpuSecond: number
}

/** Sends `count` messages over many connections, each conversation in order, and checks that each was answered. */
async function load(child: ChildProcess, port: number, count: number): Promise<Load> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 })
  const chats = Array.from({ length: 500 }, () => randomUUID())
  let next = 0
  const pid = child.pid ?? 0
  const before = cpuOf(pid)
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      const body = JSON.stringify({
        conversation: chats[i % chats.length],
        clientId: newClientId(),
        text: `${questions[i % questions.length]}${options.distinct ? `，我是${i}号` : ''}`,
      })
      const answer = await pool.request({
        method: 'POST',
        path: '/api/chat/messages',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const reply = await answer.body.text()
      if (answer.statusCode !== 200 || !reply.includes('"messages":[{'))
        throw new Error(`not answered: ${reply}`)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  const used = cpuOf(pid) - before
  await pool.close()
  return { perCpuSecond: count / used }
}

const median = (all: number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0

const data = mkdtempSync(join(tmpdir(), 'gongkai-bench-'))
const product = await startServer('src/main.ts', 34_101, data)
const echo = await startServer('bench/throughput/echo.ts', 34_102, data)
// Both are measured warm: a server that is asked by thousands has long been compiled.
await load(product, 34_101, messages)
await load(echo, 34_102, messages)
const results: { whole: number; bare: number }[] = []
for (let round = 0; round < rounds; round++) {
  // The echo is so light that it needs more messages for the clock's ticks to measure it.
  const bare = (await load(echo, 34_102, messages * 4)).perCpuSecond
  const whole = (await load(product, 34_101, messages)).perCpuSecond
  results.push({ whole, bare })
}
for (const child of [product, echo]) {
  child.kill('SIGTERM')
  await new Promise(done => child.once('exit', done))
}
rmSync(data, { recursive: true, force: true })

console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}`)
console.log('| round | whole path, messages per CPU-second | bare Hono echo | ratio |')
console.log('| --- | ---: | ---: | ---: |')
results.forEach(({ whole, bare }, i) => {
  console.log(`| ${i + 1} | ${Math.round(whole)} | ${Math.round(bare)} | ${(whole / bare).toFixed(3)} |`)
})
console.log(`| median | | | ${median(results.map(r => r.whole / r.bare)).toFixed(3)} |`)
