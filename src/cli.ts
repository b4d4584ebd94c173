#!/usr/bin/env node
/** The operator's commands. Data for machines goes to standard output, words for people to standard error. */
import '#base/runtime'
import { Command, CommanderError } from 'commander'
import { bots } from '#bots'
import { ask, backup, chat, checkAll, checkKnowledge, migrateAll, restore, rotateKey } from '#commands'
import { readConfig } from './config.ts'
import { run, sayFailure } from './main.ts'

const usageError = 2

function createProgram(): Command {
  const program = new Command('gongkai')
  program.description('公开：政府机关的公众咨询机器人网关').helpOption('-h, --help', '显示帮助')
  program.option('--data <DIR>', '数据文件夹（默认取 GONGKAI_DATA，再默认 ./data）')
  program.exitOverride().configureHelp({ showGlobalOptions: true })
  const config = () => readConfig(program.opts<{ data?: string }>())

  program
    .command('start')
    .description('启动产品，与 npm start 相同')
    .action(() => run(program.opts<{ data?: string }>()))
  program
    .command('chat')
    .description('在终端里对话，与网页走同一个网关')
    .option('--as <NAME>', '对话的名字，同名会接着上次的继续', 'local')
    .action(async (options: { as: string }) => chat(config(), options.as, await bots.terminal()))
  program
    .command('check')
    .description('检查设置、知识库、数据库和渠道')
    .action(() => checkAll(config()))
  program
    .command('ask')
    .description('从标准输入逐行读 {"id","text"}，逐行写出答复（JSONL），不用数据库')
    .requiredOption('--json', '以 JSONL 输入输出')
    .option('--knowledge <DIR>', '知识库文件夹')
    .action((options: { knowledge?: string }) => ask(config(), options.knowledge))
  const knowledge = program.command('knowledge').description('知识库')
  knowledge
    .command('check [DIR]')
    .description('逐条检查知识库，指出文件、行号和问题')
    .action((dir?: string) => checkKnowledge(config(), dir))
  program
    .command('migrate')
    .description('把数据库结构升级到当前版本')
    .action(() => migrateAll(config()))
  program
    .command('backup <FILE>')
    .description('在运行中备份数据库')
    .action((file: string) => backup(config(), file))
  program
    .command('restore <FILE>')
    .description('用备份替换现在的数据（原数据另存）')
    .action((file: string) => restore(config(), file))
  program
    .command('key')
    .description('加密主密钥')
    .command('rotate')
    .description('换一把新的主密钥，重新包裹全部数据密钥')
    .action(() => rotateKey(config()))
  return program
}

/** Runs one command and gives the exit code: 0 done, 1 refused, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError
    sayFailure(error)
    return 1
  }
}

process.exitCode = await main(process.argv)
