/**
 * CPU and memory from the start of the process to the first answer on the web chat, on an empty data folder with
 * the shipped knowledge.
 *
 *   npm run bench:startup -- [--rounds 5]
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const port = 34_110
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const flags = String(scripts.start).split(' ').slice(1, -1)

interface Start {
  cpuSeconds: number
  residentMb: number
}

function readStart(pid: number): Start {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, residentMb: Number(resident) / 1024 }
}

async function ask(): Promise<boolean> {
  const body = JSON.stringify({ clientId: '1', text: '试用期最长多久？' })
  const answer = await fetch(`http://127.0.0.1:${port}/api/chat/messages`, { method: 'POST', body }).catch(
    () => undefined,
  )
  return answer?.status === 200 && (await answer.text()).includes('劳动合同法')
}

async function measure(): Promise<Start> {
  const data = mkdtempSync(join(tmpdir(), 'gongkai-bench-'))
  // As `npm start` runs it.
  const child = spawn(process.execPath, [...flags, join(root, 'src/main.ts')], {
    env: { ...process.env, PORT: String(port), GONGKAI_DATA: data, LOG_LEVEL: 'error' },
    stdio: 'ignore',
  })
  for (let tries = 0; !(await ask()); tries++) {
    if (tries > 1000 || child.exitCode !== null) throw new Error('the product gives no answer')
    await new Promise(done => setTimeout(done, 20))
  }
  const start = readStart(child.pid ?? 0)
  child.kill('SIGTERM')
  await new Promise(done => child.once('exit', done))
  rmSync(data, { recursive: true, force: true })
  return start
}

const median = (all: number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0

const starts: Start[] = []
for (let i = 0; i < Number(options.rounds); i++) starts.push(await measure())
console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}`)
console.log('| to the first answer | median | worst |')
console.log('| --- | ---: | ---: |')
const cpu = starts.map(s => s.cpuSeconds)
const memory = starts.map(s => s.residentMb)
console.log(`| CPU seconds | ${median(cpu).toFixed(2)} | ${Math.max(...cpu).toFixed(2)} |`)
console.log(`| resident MB | ${median(memory).toFixed(0)} | ${Math.max(...memory).toFixed(0)} |`)
