/** The commands that look after an installation: check, migrate, backup, restore, the master key. */
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal, reasonOf } from '#base/errors'
import { planChannels } from '#channels'
import type { Config } from '#config'
import { openMasterKeys, openStore } from '#house'
import { loadKnowledge } from '#knowledge'
import {
  backupFile,
  createMasterKeyText,
  createVault,
  type DumpServer,
  dumpPostgres,
  inspectFile,
  inspectPostgres,
  isAbsent,
  KeyFailure,
  openKeyFile,
  parseMasterKey,
  replaceKeyFile,
  restoreFile,
  restorePostgres,
  StorageFailure,
  type Vault,
} from '#storage'

/** Where the database is, when it is not the embedded one. */
const serverOf = ({ databaseUrl: url, environmentWith }: Config): DumpServer | undefined =>
  url === undefined ? undefined : { url, environmentWith }

const say = (line: string) => void process.stderr.write(`${line}\n`)

const advice: Record<string, string> = {
  sound: '正常',
  absent: '还没有，第一次启动时会建立',
  empty: '还没有表，第一次启动时会建立',
  foreign: '是别的程序的数据库，不是公开的。请检查数据文件夹是否选对',
  corrupt: '已损坏。请停止产品，用 restore 命令从最近的备份恢复',
  'not-a-database': '不是数据库文件。请检查数据文件夹是否选对，或从备份恢复',
  locked: '被别的程序锁住了，文件本身没有报错。请关闭占用它的程序后再查',
  full: '磁盘已满，请腾出空间',
  'read-only': '没有写权限，请检查文件夹权限',
  constraint: '数据不一致，请从备份恢复',
  unreachable: '连不上或打不开，请检查地址、用户、密码和权限',
  newer: '是更新版本的程序用过的。请换上那个版本的程序，或从备份恢复',
  other: '出了问题',
}

async function inspectDatabase(config: Config): Promise<{ ok: boolean; words: string }> {
  if (!config.databaseUrl) {
    const { state, detail } = inspectFile(config.databaseFile)
    const ok = ['sound', 'absent', 'empty'].includes(state)
    return { ok, words: `SQLite ${config.databaseFile}：${advice[state]}（${detail}）` }
  }
  try {
    const found = await inspectPostgres(config.databaseUrl)
    if (!found) return { ok: true, words: 'PostgreSQL：连得上，还没有表，第一次启动时会建立' }
    const { pending } = found
    return { ok: true, words: `PostgreSQL：${pending === 0 ? '正常' : `连得上，启动时会升级 ${pending} 步`}` }
  } catch (error) {
    const trouble = error instanceof StorageFailure ? error.trouble : 'other'
    return { ok: false, words: `PostgreSQL（DATABASE_URL）：${advice[trouble]}（${reasonOf(error)}）` }
  }
}

const keyPlace = (config: Config) => (config.masterKeys ? 'GONGKAI_KEY' : config.keyFile)

/** Whether the master key can be read; a key file that is not there yet is not made. */
function inspectKey(config: Config): { ok: boolean; words: string } {
  if (!config.masterKeys && isAbsent(config.keyFile))
    return { ok: true, words: `主密钥：还没有，第一次启动时会生成 ${config.keyFile}` }
  try {
    openMasterKeys(config)()
    return { ok: true, words: `主密钥：正常（${keyPlace(config)}）` }
  } catch (error) {
    const words = error instanceof KeyFailure ? error.say : `${config.keyFile} 打不开，请检查权限`
    return { ok: false, words: `主密钥：${words}` }
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
  const plans = planChannels(config)
  for (const { name, missing, asked, how } of plans) {
    if (missing === undefined) say(`✓ 渠道：${name} 开（${how}）`)
    else say(asked ? `✗ 渠道：${name} 开不了（${missing}）` : `- 渠道：${name} 关（${missing}）`)
  }
  const broken = plans.some(({ asked, missing }) => asked && missing !== undefined)
  if (!database.ok || !key.ok || !knowledge.ok || broken) process.exitCode = 1
}

export async function migrateAll(config: Config): Promise<void> {
  const store = await openStore(config)
  await store.close()
  say('数据库结构已是当前版本。')
}

/** Throws where the copy cannot lie, or would lie in the place of something that is needed. */
function checkTarget(config: Config, target: string): void {
  const folder = dirname(target)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Refusal('no-folder', `没有文件夹 ${folder}，没有备份。请先建立，或换一个地方。`)
  accessSync(folder, constants.W_OK)
  if (isAbsent(target)) return
  if (statSync(target).isDirectory())
    throw new Refusal('folder', `${target} 是文件夹，没有备份。请在后面写上文件名。`)
  if (!isAbsent(config.keyFile) && realpathSync(target) === realpathSync(config.keyFile))
    throw new Refusal('key-file', `${target} 是主密钥，不能用备份盖掉它。请换一个文件名。`)
}

export async function backup(config: Config, file: string): Promise<void> {
  const target = resolve(file)
  checkTarget(config, target)
  const server = serverOf(config)
  if (server) await dumpPostgres(server, target)
  else if (isAbsent(config.databaseFile))
    throw new Refusal(
      'absent',
      `还没有数据库 ${config.databaseFile}，没有可备份的内容。请检查 GONGKAI_DATA 或 --data。`,
    )
  else await backupFile(config.databaseFile, target)
  say(
    `已备份到 ${target}。主密钥（${keyPlace(config)}）不在备份里，请另行妥善保存：没有它，备份里的内容无法读出。`,
  )
}

const afterwards = '正在运行的产品还记着恢复前的对话，请重新启动它。'

export async function restore(config: Config, file: string): Promise<void> {
  const source = resolve(file)
  if (isAbsent(source)) throw new Refusal('absent', `没有备份文件 ${source}，什么都没有改动。请检查文件名。`)
  const server = serverOf(config)
  if (server) {
    await restorePostgres(server, source)
    return say(`已从 ${source} 恢复。${afterwards}`)
  }
  const { tables, kept } = await restoreFile(config.databaseFile, source)
  say(
    tables === 0
      ? `已从 ${source} 恢复。`
      : `已从 ${source} 恢复 ${tables} 张表；恢复前的数据保存在 ${kept}。${afterwards}`,
  )
}

/** Wraps every data key with the first master key, where the keys at hand open them all. */
async function rewrap(vault: Vault, config: Config): Promise<number> {
  try {
    return await vault.rewrap()
  } catch (error) {
    if (!(error instanceof KeyFailure)) throw error
    const how = config.masterKeys
      ? '把 GONGKAI_KEY 写成「现在的,原来的」'
      : `把原来的主密钥加在 ${config.keyFile} 的下一行`
    throw new Refusal(
      'key',
      `没有更换主密钥：有的数据是用另一把主密钥加密的，现在的打不开。请${how}，再试一次。`,
    )
  }
}

/**
 * A new key goes before the old ones, then every data key is wrapped anew. The last key of before stays in the file:
 * a product that runs may have wrapped with it a moment ago, and takes the new one from its next conversation on.
 */
export async function rotateKey(config: Config): Promise<void> {
  if (!config.masterKeys && isAbsent(config.keyFile))
    throw new Refusal(
      'no-key',
      `没有主密钥 ${config.keyFile}，没有可更换的。还没有启动过的，第一次启动时会生成；丢失的，请放回另行保存的那一份。`,
    )
  const masters = openMasterKeys(config)
  const store = await openStore(config)
  let changed: number
  try {
    const vault = createVault(store, masters)
    changed = await rewrap(vault, config)
    // Only when the keys at hand open everything is there a new one.
    if (!config.masterKeys) {
      addKey(config.keyFile)
      changed = await rewrap(vault, config)
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
  const fresh = parseMasterKey(createMasterKeyText())
  if (!fresh) throw new Error('a fresh key that is no key')
  replaceKeyFile(keyFile, [fresh, ...openKeyFile(keyFile)()])
}
