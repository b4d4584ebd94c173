/** The operator's command line as a process of its own, in a folder of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { temporaryFolder } from './storage/databases.ts'

const program = resolve(import.meta.dirname, '../src/cli.ts')

export const entryText = (id: string, title: string, rest = '') =>
  `---\nid: ${id}\ntitle: ${title}\nquestions:\n  - 年假怎么算\n${rest}---\n${title}答复如下。\n`
export const sourced = 'sources:\n  - law: 失业保险条例\n    article: 14\n'
export const conditions = '领取失业保险金要符合哪些条件？'

/** A little knowledge: three entries, and one that cannot be read. */
export function writeKnowledge(folder: string): void {
  mkdirSync(folder)
  writeFileSync(
    `${folder}/conditions.md`,
    entryText('conditions', conditions, sourced).replace('年假怎么算', '失业金怎么领'),
  )
  writeFileSync(`${folder}/leave-days.md`, entryText('leave-days', '职工每年有多少天带薪年休假？', sourced))
  writeFileSync(
    `${folder}/leave-unused.md`,
    entryText('leave-unused', '没休的年休假能折算成工资吗？', sourced),
  )
  writeFileSync(`${folder}/broken.md`, '---\nid: broken\ntitle: [没有写完\n---\n答复。\n')
}

export interface Ran {
  code: number | null
  /** For machines. */
  stdout: string
  /** For people. */
  stderr: string
}

/** One command line, and settings that hold for it alone. */
export type Line = readonly [args: readonly string[], env?: Record<string, string>]

export interface Desk {
  /** A folder that is removed with everything in it. */
  path: string
  file(name: string): string
  /** Runs several command lines one after the other in one process, which saves the start of Node for each. */
  runAll(lines: readonly Line[]): Promise<Ran[]>
  run(args: readonly string[], more?: { input?: string; env?: Record<string, string> }): Promise<Ran>
  /** Starts and does not wait for the end. */
  begin(args: readonly string[], env?: Record<string, string>): ChildProcessWithoutNullStreams
  remove(): void
}

/** Runs in the child: each command line gets the program anew, and its words are kept apart. */
const runner = `
const [program, lines] = process.argv.slice(1)
const write = process.stdout.write.bind(process.stdout)
const ran = []
for (const [i, [args, env = {}]] of JSON.parse(lines).entries()) {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) process[name].write = text => { said[name] += text; return true }
  Object.assign(process.env, env)
  process.argv = [process.execPath, program, ...args]
  process.exitCode = undefined
  await import(program + '?' + i)
  ran.push({ code: process.exitCode ?? 0, ...said })
  for (const name of Object.keys(env)) delete process.env[name]
}
process.exitCode = 0
write(JSON.stringify(ran))
`

export function createDesk(): Desk {
  const folder = temporaryFolder()
  const file = (name: string) => join(folder.path, name)
  const start = (args: readonly string[], env = {}) =>
    spawn(process.execPath, args, {
      cwd: folder.path,
      env: {
        PATH: process.env.PATH,
        HOME: folder.path,
        GONGKAI_DATA: file('data'),
        LOG_LEVEL: 'silent',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  const begin: Desk['begin'] = (args, env) => start([program, ...args], env)

  async function finish(child: ChildProcessWithoutNullStreams, input = ''): Promise<Ran> {
    child.stdin.on('error', () => {}).end(input)
    const ended = new Promise<number | null>(done => void child.once('close', done))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { code: await ended, stdout, stderr }
  }

  return {
    path: folder.path,
    file,
    begin,
    run: (args, { input, env } = {}) => finish(begin(args, env), input),
    async runAll(lines) {
      const child = start(['--input-type=module', '--eval', runner, program, JSON.stringify(lines)])
      const { stdout, stderr } = await finish(child)
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout)
    },
    remove: () => folder.remove(),
  }
}
