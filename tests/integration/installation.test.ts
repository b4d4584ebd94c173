/** Looking after an installation: starts that fail, checks, backups, keys. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMasterKeyText } from '#storage'
import { until } from '../base/until.ts'
import { conditions, createDesk, type Desk, type Line, type Ran, writeKnowledge } from '../command-line.ts'
import { root } from '../sources.ts'

let desk: Desk
beforeAll(() => {
  desk = createDesk()
  writeKnowledge(desk.file('knowledge'))
})
afterAll(() => desk.remove())

const env = () => ({ KNOWLEDGE_DIR: desk.file('knowledge') })

describe.concurrent('check', () => {
  const check = (data: string): Line => [['--data', desk.file(data), 'check'], env()]

  it('tells a corrupt database from one that is locked, from none', async () => {
    mkdirSync(desk.file('corrupt'))
    writeFileSync(
      desk.file('corrupt/gongkai.sqlite'),
      'no database, but long enough for a header. '.repeat(200),
    )
    mkdirSync(desk.file('damaged'))
    const damaged = new DatabaseSync(desk.file('damaged/gongkai.sqlite'))
    damaged.exec('create table t (x)')
    const put = damaged.prepare('insert into t values (?)')
    for (let i = 0; i < 200; i++) put.run('x'.repeat(500))
    damaged.close()
    const bytes = readFileSync(desk.file('damaged/gongkai.sqlite'))
    writeFileSync(desk.file('damaged/gongkai.sqlite'), bytes.subarray(0, 40_000))
    mkdirSync(desk.file('locked'))
    const holder = new DatabaseSync(desk.file('locked/gongkai.sqlite'))
    holder.exec('create table t (x); begin exclusive; insert into t values (1)')
    const [corrupt, cut, locked, absent] = await desk.runAll(
      ['corrupt', 'damaged', 'locked', 'absent'].map(check),
    )
    holder.close()
    expect(corrupt).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('✗ SQLite') })
    expect(corrupt?.stderr).toContain('不是数据库文件')
    expect(cut?.stderr).toContain('已损坏')
    expect(cut?.stderr).toContain('restore')
    expect(locked?.code).toBe(1)
    expect(locked?.stderr).toContain('锁住')
    expect(locked?.stderr).not.toContain('已损坏')
    expect(absent?.stderr).toContain('✓ SQLite')
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('✗ 知识库') })
    expect(absent?.stderr).toContain('broken.md')
  })
})

describe.concurrent('a start without knowledge', () => {
  it('goes on, answers that it does not know, and says in readyz why it is not ready', async () => {
    const settings = { PORT: '0', KNOWLEDGE_DIR: desk.file('nowhere'), GONGKAI_DATA: desk.file('bare') }
    const child = desk.begin(['start'], settings)
    let words = ''
    child.stderr.on('data', data => {
      words += data
    })
    const port = () => /127\.0\.0\.1:(\d+)/.exec(words)?.[1]
    await until('it has started', () => port() !== undefined || child.exitCode !== null)
    const origin = `http://127.0.0.1:${port()}`
    const ready = await fetch(`${origin}/readyz`)
    const body = JSON.stringify({ text: conditions, clientId: '1' })
    const answer = await (await fetch(`${origin}/api/chat/messages`, { method: 'POST', body })).text()
    const ended = new Promise<number | null>(done => void child.once('exit', done))
    child.kill('SIGTERM')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      status: 'not-ready',
      required: expect.arrayContaining([expect.objectContaining({ name: 'knowledge', ok: false })]),
      channels: [{ name: 'web-chat', ok: true }],
    })
    expect(answer).toContain('不知道')
    expect(await ended).toBe(0)
  })
})

describe.concurrent('whoever looks after an installation', () => {
  const line = (data: string, ...args: string[]): Line => [['--data', desk.file(data), ...args], env()]
  const sentence = /^[^\n]*\p{Script=Han}[^\n]*。\n$/u

  /** A database of another program. */
  function writeForeign(name: string): string {
    const file = desk.file(name)
    const foreign = new DatabaseSync(file)
    foreign.exec('create table notes (text)')
    foreign.close()
    return file
  }

  it('is told why nothing was backed up or restored, and nothing was changed', async () => {
    const at = (...args: string[]) => line('upkeep', ...args)
    const database = desk.file('upkeep/gongkai.sqlite')
    const keyFile = desk.file('upkeep/master.key')
    writeFileSync(desk.file('empty.sqlite'), '')
    await desk.runAll([at('migrate'), at('backup', desk.file('upkeep.copy'))])
    writeFileSync(keyFile, createMasterKeyText())
    const before = [readFileSync(database), readFileSync(keyFile)]
    const ran = await desk.runAll([
      at('backup', database),
      at('backup', keyFile),
      at('backup', desk.path),
      at('backup', desk.file('nowhere/copy')),
      at('restore', database),
      at('restore', desk.file('empty.sqlite')),
      at('restore', writeForeign('foreign.sqlite')),
      at('restore', desk.path),
      line('knowledge/broken.md', 'restore', desk.file('upkeep.copy')),
    ])
    for (const { code, stdout, stderr } of ran) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(sentence)
      expect(stderr).not.toContain('启动')
    }
    expect(ran.at(-1)?.stderr).toMatch(/^恢复没有成功.*GONGKAI_DATA/)
    expect([readFileSync(database), readFileSync(keyFile)]).toEqual(before)
    expect(readdirSync(desk.file('upkeep')).filter(name => /restor/.test(name))).toEqual([])
  })

  it('restores into a folder that is not there yet', async () => {
    const copy = desk.file('moved.copy')
    const [, , restored, checked] = await desk.runAll([
      line('moved', 'migrate'),
      line('moved', 'backup', copy),
      line('elsewhere/data', 'restore', copy),
      line('elsewhere/data', 'check'),
    ])
    expect(restored).toMatchObject({ code: 0, stdout: '' })
    expect(checked?.stderr).toContain('✓ SQLite')
  })

  it('gets no new key where the keys at hand do not open the data, and is told which file is meant', async () => {
    const keyFile = desk.file('rotated/master.key')
    const rotate = line('rotated', 'key', 'rotate')
    const [absent] = (await desk.runAll([rotate])) as [Ran]
    await desk.run(['--data', desk.file('rotated'), 'chat'], { input: '你好\n', env: env() })
    const fresh = createMasterKeyText()
    const answers: Ran[] = [absent]
    for (const content of ['no key', fresh]) {
      writeFileSync(keyFile, content)
      answers.push(...(await desk.runAll([rotate])))
      expect(readFileSync(keyFile, 'utf8')).toBe(content)
    }
    for (const { code, stderr } of answers) {
      expect(code).toBe(1)
      expect(stderr).toMatch(sentence)
      expect(stderr).toContain(keyFile)
      expect(stderr).not.toContain('GONGKAI_KEY')
    }
    const [set] = await desk.runAll([[rotate[0], { ...env(), GONGKAI_KEY: fresh }]])
    expect(set?.stderr).toContain('GONGKAI_KEY')
    expect(set?.stderr).not.toContain(keyFile)
  })

  it('sees by check a key that is none and a database of another program, which is left as it is', async () => {
    mkdirSync(desk.file('strange'))
    writeFileSync(desk.file('strange/master.key'), 'no key')
    copyFileSync(writeForeign('strange.sqlite'), desk.file('strange/gongkai.sqlite'))
    const before = readFileSync(desk.file('strange/gongkai.sqlite'))
    const [ran] = await desk.runAll([line('strange', 'check')])
    expect(ran?.code).toBe(1)
    expect(ran?.stderr).toMatch(/✗ SQLite .*别的程序/)
    expect(ran?.stderr).toMatch(/✗ 主密钥：.*master\.key/)
    expect(readFileSync(desk.file('strange/gongkai.sqlite')).equals(before)).toBe(true)
  })

  it('sees by check what cannot be read, and that it is not absent', async () => {
    mkdirSync(desk.file('looped'))
    for (const name of ['gongkai.sqlite', 'master.key'])
      symlinkSync(desk.file(`looped/${name}`), desk.file(`looped/${name}`))
    const [ran] = await desk.runAll([line('looped', 'check')])
    expect(ran?.stderr).toMatch(/✗ SQLite/)
    expect(ran?.stderr).toMatch(/✗ 主密钥/)
    expect(ran?.stderr).not.toContain('还没有')
  })

  it('hears nothing from a command whose output nobody reads to the end', async () => {
    const child = desk.begin(['ask', '--json'], env())
    let words = ''
    child.stderr.on('data', data => {
      words += data
    })
    child.stdin.on('error', () => {})
    const ended = new Promise<number | null>(done => void child.once('close', done))
    child.stdout.once('data', () => child.stdout.destroy())
    const asked = `${JSON.stringify({ id: '1', text: conditions })}\n`
    child.stdin.end(asked.repeat(2_000))
    expect(await ended).toBe(0)
    expect(words).not.toMatch(/EPIPE|\n\s+at /)
  })
})

describe.concurrent('a start that fails', () => {
  const start = (more: Record<string, string>) =>
    desk.run(['start'], { env: { ...env(), PORT: '0', GONGKAI_DATA: desk.file('failing'), ...more } })

  it.each([
    ['HOST', { HOST: '203.0.113.1' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://office:secret@127.0.0.1:1/gongkai' }],
    ['GONGKAI_DATA', { GONGKAI_DATA: '/proc/gongkai' }],
  ])('names %s', async (name, settings) => {
    const { code, stdout, stderr } = await start(settings)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^没能启动：.*\p{Script=Han}.*。\n$/u)
    expect(stderr).toContain(name)
    expect(stderr).not.toContain('secret')
  })

  it('names a .env that is a folder', async () => {
    const other = createDesk()
    mkdirSync(other.file('.env'))
    const { code, stderr } = await other.run(['start'])
    other.remove()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^\.env .*。\n$/)
  })

  it('says how the page is built, where it was not', () => {
    const copy = desk.file('unbuilt')
    for (const part of ['src', 'bots', 'package.json'])
      cpSync(`${root}/${part}`, `${copy}/${part}`, { recursive: true })
    symlinkSync(`${root}/node_modules`, `${copy}/node_modules`)
    const { status, stderr } = spawnSync(process.execPath, ['src/main.ts'], {
      cwd: copy,
      env: { PORT: '0', GONGKAI_DATA: desk.file('unbuilt-data') },
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/网页.*npm ci.*。\n$/)
  })
})
