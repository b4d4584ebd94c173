/** The commands that look after an installation: check, migrate, backup, restore, the master key. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Config } from '#config'
import { openMasterKeys, openStore } from '#house'
import { loadKnowledge } from '#knowledge'
import {
  backupFile,
  createVault,
  inspectFile,
  inspectPostgres,
  openKeyFile,
  parseMasterKey,
  replaceKeyFile,
  restoreFile,
  StorageFailure,
} from '#storage'

const say = (line: string) => void process.stderr.write(`${line}\n`)

const advice: Record<string, string> = {
  sound: '正常',
  absent: '还没有，第一次启动时会建立',
  foreign: '是别的程序的数据库，不是公开的。请检查数据文件夹是否选对',
  corrupt: '已损坏。请停止产品，用 restore 命令从最近的备份恢复',
  'not-a-database': '不是数据库文件。请检查数据文件夹是否选对，或从备份恢复',
  locked: '被别的程序锁住了，文件本身没有报错。请关闭占用它的程序后再查',
  full: '磁盘已满，请腾出空间',
  'read-only': '没有写权限，请检查文件夹权限',
  constraint: '数据不一致，请从备份恢复',
  unreachable: '连不上或打不开，请检查地址和权限',
  other: '出了问题',
}

async function inspectDatabase(config: Config): Promise<{ ok: boolean; words: string }> {
  if (!config.databaseUrl) {
    const { state, detail } = inspectFile(config.databaseFile)
    const ok = state === 'sound' || state === 'absent'
    return { ok, words: `SQLite ${config.databaseFile}：${advice[state]}（${detail}）` }
  }
  try {
    const found = await inspectPostgres(config.databaseUrl)
    if (!found) return { ok: true, words: 'PostgreSQL：连得上，还没有表，第一次启动时会建立' }
    const { pending } = found
    return { ok: true, words: `PostgreSQL：${pending === 0 ? '正常' : `连得上，启动时会升级 ${pending} 步`}` }
  } catch (error) {
    const trouble = error instanceof StorageFailure ? error.trouble : 'other'
    return { ok: false, words: `PostgreSQL：${advice[trouble]}（${String(error)}）` }
  }
}

/** Whether the master key can be read; a key file that is not there yet is not made. */
function inspectKey(config: Config): { ok: boolean; words: string } {
  if (!config.masterKeys && !existsSync(config.keyFile))
    return { ok: true, words: `主密钥：还没有，第一次启动时会生成 ${config.keyFile}` }
  try {
    openMasterKeys(config)()
    return { ok: true, words: `主密钥：正常（${config.masterKeys ? 'GONGKAI_KEY' : config.keyFile}）` }
  } catch (error) {
    return { ok: false, words: `主密钥：${error instanceof Refusal ? error.say : String(error)}` }
  }
}

async function inspectKnowledge(config: Config): Promise<{ ok: boolean; words: string }> {
  if (!existsSync(config.knowledgeDir))
    return { ok: false, words: `知识库：没有文件夹 ${config.knowledgeDir}` }
  const { entries, problems } = await loadKnowledge(config.knowledgeDir, formatLegalDate(systemClock.now()))
  const lines = problems.map(p => `  ${p.file}${p.line ? `:${p.line}` : ''} ${p.problem}`)
  return {
    ok: !problems.some(p => p.dropped) && entries.length > 0,
    words: [`知识库：${entries.length} 条可用，${problems.length} 处问题`, ...lines].join('\n'),
  }
}

/** Says what is on, off and wrong; the exit code is 1 when anything is wrong. */
export async function checkAll(config: Config): Promise<void> {
  say(`设置：正常（数据文件夹 ${config.dataDir}）`)
  const database = await inspectDatabase(config)
  const knowledge = await inspectKnowledge(config)
  const key = inspectKey(config)
  for (const { ok, words } of [database, key, knowledge]) say(`${ok ? '✓' : '✗'} ${words}`)
  say('✓ 渠道：web-chat 开（随 start 启动），terminal 开（用 chat 命令）')
  if (!database.ok || !key.ok || !knowledge.ok) process.exitCode = 1
}

export async function migrateAll(config: Config): Promise<void> {
  const store = await openStore(config)
  await store.close()
  say('数据库结构已是当前版本。')
}

/** Runs a tool of PostgreSQL on this database, whose password no list of processes shows. */
async function runTool(tool: string, args: readonly string[], url: string): Promise<void> {
  const address = new URL(url)
  const password = decodeURIComponent(address.password).replace(/[\\:]/g, '\\$&')
  const folder = await mkdtemp(join(tmpdir(), 'gongkai-'))
  try {
    const file = join(folder, 'pass')
    await writeFile(file, `*:*:*:*:${password}\n`, { mode: 0o600 })
    address.password = ''
    if (password !== '') address.searchParams.set('passfile', file)
    await spawnTool(tool, [...args, `--dbname=${address.href}`])
  } finally {
    await rm(folder, { recursive: true })
  }
}

function spawnTool(tool: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(tool, args, { stdio: ['ignore', 'inherit', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', chunk => {
      complaint += String(chunk)
    })
    child.once('error', () =>
      fail(new Refusal('no-tool', `需要 PostgreSQL 的客户端程序 ${tool}，请先安装 postgresql-client。`)),
    )
    child.once('close', code =>
      code === 0
        ? done()
        : fail(new Refusal('tool', `${tool} 没有成功（退出码 ${code}）：\n${complaint.trim()}`)),
    )
  })
}

const restoreAttempts = 5

/** All or nothing. A product that runs may get in its way (a deadlock, which PostgreSQL ends): then it tries again. */
async function restorePostgres(url: string, source: string): Promise<void> {
  const args = ['--clean', '--if-exists', '--single-transaction', source]
  for (let attempt = 1; ; attempt++) {
    try {
      return await runTool('pg_restore', args, url)
    } catch (error) {
      if (attempt === restoreAttempts || (error instanceof Refusal && error.code === 'no-tool')) throw error
    }
  }
}

export async function backup(config: Config, file: string): Promise<void> {
  const target = resolve(file)
  if (config.databaseUrl)
    await runTool('pg_dump', ['--format=custom', `--file=${target}`], config.databaseUrl)
  else if (!existsSync(config.databaseFile))
    throw new Refusal('absent', `还没有数据库 ${config.databaseFile}，没有可备份的内容。`)
  else await backupFile(config.databaseFile, target)
  say(
    `已备份到 ${target}。主密钥（${config.masterKeys ? 'GONGKAI_KEY' : config.keyFile}）不在备份里，请另行妥善保存：没有它，备份里的内容无法读出。`,
  )
}

const afterwards = '正在运行的产品还记着恢复前的对话，请重新启动它。'

export async function restore(config: Config, file: string): Promise<void> {
  const source = resolve(file)
  if (!existsSync(source)) throw new Refusal('absent', `没有备份文件 ${source}。`)
  if (config.databaseUrl) {
    await restorePostgres(config.databaseUrl, source)
    return say(`已从 ${source} 恢复。${afterwards}`)
  }
  const { tables, kept } = await restoreFile(config.databaseFile, source)
  say(
    tables === 0
      ? `已从 ${source} 恢复。`
      : `已从 ${source} 恢复 ${tables} 张表；恢复前的数据保存在 ${kept}。${afterwards}`,
  )
}

/**
 * A new key goes before the old ones, then every data key is wrapped anew. The last key of before stays in the file:
 * a product that runs may have wrapped with it a moment ago, and takes the new one from its next conversation on.
 */
export async function rotateKey(config: Config): Promise<void> {
  const masters = openMasterKeys(config)
  const store = await openStore(config)
  let changed: number
  try {
    const vault = createVault(store, masters)
    changed = await vault.rewrap()
    // Only when the keys at hand open everything is there a new one.
    if (!config.masterKeys) {
      addKey(config.keyFile)
      changed = await vault.rewrap()
    }
  } finally {
    await store.close()
  }
  if (config.masterKeys)
    return say(`已用 GONGKAI_KEY 里的第一把密钥重新包裹 ${changed} 把数据密钥，现在可以去掉后面的旧密钥。`)
  replaceKeyFile(config.keyFile, masters().slice(0, 2))
  say(
    `已换用新的主密钥，重新包裹了 ${changed} 把数据密钥；正在运行的产品不用重新启动。请备份 ${config.keyFile}：第一行是新的密钥，第二行是上一把，下次更换时自动去掉。`,
  )
}

function addKey(keyFile: string): void {
  const fresh = parseMasterKey(randomBytes(32).toString('base64'))
  if (!fresh) throw new Error('a fresh key that is no key')
  replaceKeyFile(keyFile, [fresh, ...openKeyFile(keyFile)()])
}
