#!/usr/bin/env node
/** The operator's commands. Data for machines goes to standard output, words for people to standard error. */
import '#base/runtime'
import { Command, CommanderError } from 'commander'
import { bots } from '#bots'
import {
  type ActOptions,
  addStaff,
  answerMessage,
  ask,
  backup,
  type ClusterAct,
  type CorrectionOptions,
  changeEmail,
  chat,
  checkAll,
  checkKnowledge,
  type DeadlineOptions,
  disableStaff,
  evaluateKnowledge,
  exportKnowledge,
  handleQuestions,
  handleVersion,
  type ImportOptions,
  importKnowledge,
  importRegister,
  inviteStaff,
  listDrafts,
  listHistory,
  listMessages,
  listQuestions,
  listStaff,
  migrateAll,
  type RemedyOptions,
  restore,
  rotateKey,
  sendCorrection,
  showDifference,
  showQuestions,
  tellDeadline,
  tellRemedy,
  type VersionAct,
  verifyAudit,
  withdrawEntry,
} from '#commands'
import { exportRegister } from '#counter'
import { type Config, readConfig } from './config.ts'
import { addDesk, addReport } from './desk-commands.ts'
import { run, sayFailure } from './main.ts'

const usageError = 2

function createProgram(): Command {
  const program = new Command('gongkai')
  program.description('公开：政府机关的公众咨询机器人网关').helpOption('-h, --help', '显示帮助')
  program.option('--data <DIR>', '数据文件夹（默认取 GONGKAI_DATA，再默认 ./data）')
  program.exitOverride().configureHelp({ showGlobalOptions: true })
  program.configureOutput({ outputError: (words, write) => write(sayUsage(words)) })
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
  addVersions(addKnowledge(program, config), config)
  addQuestions(program, config)
  addStaffCommands(program, config)
  addDisclosure(program, config)
  addDesk(program, config)
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
  addHelp(program)
  return program
}

function addDisclosure(program: Command, config: () => Config): void {
  program
    .command('deadline')
    .description('依申请公开的答复期限：最迟哪一天答复，怎么算的')
    .option('--received <DATE>', '收到申请的日期，例如 2026-03-02')
    .option('--supplement <DATE>', '收到补正的日期，期限从这一天起重新计算')
    .option(
      '--consult <SENT..ENDED>',
      '征求意见的发出和结束日期，可以写几次',
      (one, all: string[]) => [...all, one],
      [],
    )
    .option('--extension <DAYS>', '延长的工作日，最多20')
    .option('--json', '写出 {"dueOn","workingDays","explanation"}')
    .option('--batch', '从标准输入逐行读 {"id","received",…}，逐行写出 {"id","dueOn"}')
    .action((options: DeadlineOptions) => tellDeadline(config(), options))
  program
    .command('remedy')
    .description('答复书里要写的救济告知：不服怎么办，多少日内')
    .requiredOption('--disposition <D>', '处理结果，例如 granted、denied_process')
    .option('--on <DATE>', '答复的日期，默认今天')
    .option('--json', '写出 {"text","reconsiderationFirst",…}')
    .action((options: RemedyOptions) => tellRemedy(config(), options))
  const register = program.command('disclosure').description('依申请公开的登记')
  register
    .command('export <FILE>')
    .description('把登记写成 Excel 表格（.xlsx），默认遮盖个人信息')
    .option('--as <NAME>', '由哪位工作人员导出')
    .option('--reveal', '不遮盖个人信息（记入审计）')
    .action((file: string, options: { as?: string; reveal?: true }) =>
      exportRegister(config(), file, options),
    )
  register
    .command('import <FILE>')
    .description('把已有的登记（JSONL）整本接过来；有一行不对就一行也不存')
    .action((file: string) => importRegister(config(), file))
  addReport(program, config)
}

/** Commander's own `help` takes a command that is none for a wish to see them all, and speaks English. */
function addHelp(program: Command): void {
  for (const group of program.commands.filter(command => command.commands.length > 0))
    group.helpCommand('help [COMMAND]', '显示命令的用法')
  program
    .command('help [COMMAND...]')
    .description('显示命令的用法')
    .action((path: string[]) => {
      let found = program
      for (const name of path)
        found =
          found.commands.find(command => command.name() === name) ??
          program.error(`unknown command '${path.join(' ')}'`)
      found.help()
    })
}

function addKnowledge(program: Command, config: () => Config): Command {
  const knowledge = program.command('knowledge').description('知识库')
  knowledge
    .command('check [DIR]')
    .description('逐条检查知识库：指出问题在哪里、怎么改，并提出建议')
    .action((dir?: string) => checkKnowledge(config(), dir))
  knowledge
    .command('import [SOURCE]')
    .description('从 Markdown 文件夹或 Excel 表格（.xlsx）导入条目，存为草稿')
    .option('--as <NAME>', '由哪位工作人员导入')
    .option('--dry-run', '只检查，不写入')
    .option('--yes', '有问题时，也导入没有问题的条目')
    .option('--publish', '导入后直接发布')
    .action((source: string | undefined, options: ImportOptions) =>
      importKnowledge(config(), source, options),
    )
  knowledge
    .command('eval [DIR]')
    .description('用已知答案的问题评测在用的条目；给了文件夹就评测它，并与在用的相比')
    .option('--json', '以 JSON 输出')
    .action((dir: string | undefined, options: { json?: boolean }) =>
      evaluateKnowledge(config(), dir, options),
    )
  knowledge
    .command('export <TARGET>')
    .description('把在用的条目导出到空文件夹，或 Excel 表格（.xlsx）')
    .action((target: string) => exportKnowledge(config(), target))
  return knowledge
}

const versionActs: readonly (readonly [VersionAct['act'], string])[] = [
  ['submit', '提交草稿审核'],
  ['publish', '审核通过并发布（自己写的要由别人审核）'],
  ['reject', '退回待审核的版本，写明理由'],
  ['recall', '撤回有错的版本，写明理由'],
  ['rollback', '按旧版重新起草'],
]

function addVersions(knowledge: Command, config: () => Config): void {
  knowledge
    .command('drafts')
    .description('列出草稿和待审核的条目')
    .action(() => listDrafts(config()))
  knowledge
    .command('history <ENTRY>')
    .description('列出一个条目的全部版本')
    .action((entry: string) => listHistory(config(), entry))
  knowledge
    .command('diff <ENTRY> <VERSION> <OTHER>')
    .description('比较两个版本')
    .action((entry: string, before: string, after: string) =>
      showDifference(config(), entry, [before, after]),
    )
  for (const [act, words] of versionActs) {
    const command = knowledge
      .command(`${act} <ENTRY> <VERSION>`)
      .description(words)
      .option('--as <NAME>', '由哪位工作人员办理')
    if (act === 'reject' || act === 'recall') command.option('--note <TEXT>', '理由')
    if (act === 'publish')
      command.option('--from <DATE>', '从哪天起采用，YYYY-MM-DD').option('--despite', '评测变差也发布')
    command.action((entry: string, version: string, options: ActOptions) =>
      handleVersion(config(), { act, entry, version }, options),
    )
  }
  knowledge
    .command('withdraw <ENTRY>')
    .description('停用一个条目')
    .option('--as <NAME>', '由哪位工作人员办理')
    .action((entry: string, options: ActOptions) => withdrawEntry(config(), entry, options))
}

function addQuestions(program: Command, config: () => Config): void {
  const questions = program.command('questions').description('没有答上的问题，和答错以后的更正')
  questions
    .command('list')
    .description('列出待处理的问题组：编号、多少人问、多少人等、负责、期限、问题')
    .option('--state <STATE>', '列出 answered 已答复的，或 dismissed 已关闭的')
    .action((options: { state?: string }) => listQuestions(config(), options))
  questions
    .command('show <CLUSTER>')
    .description('列出一组里的问题：日期、问题、等不等答复、答过什么、哪里不对、相近的条目')
    .action((cluster: string) => showQuestions(config(), cluster))
  const handled = (act: ClusterAct['act'], words: string) =>
    questions
      .command(`${act} <CLUSTER>`)
      .description(words)
      .option('--as <NAME>', '由哪位工作人员办理')
      .action((cluster: string, options: Omit<ClusterAct, 'act' | 'cluster'>) =>
        handleQuestions(config(), { ...options, act, cluster }),
      )
  handled('assign', '指定负责人和期限')
    .requiredOption('--owner <NAME>', '负责的处室或人')
    .requiredOption('--due <DATE>', '期限，YYYY-MM-DD')
  handled('answer', '已有条目可以答复：告诉等着的人').requiredOption('--entry <ID>', '条目编号')
  handled('dismiss', '关闭，不需要答复')
  questions
    .command('correct <ENTRY> <VERSION>')
    .description('把更正发给看过某一版的人')
    .option('--as <NAME>', '由哪位工作人员办理')
    .option('--text <TEXT>', '更正的内容')
    .option('--dry-run', '只数有多少人看过')
    .option('--despite', '这一版还在用也发')
    .action((entry: string, version: string, options: CorrectionOptions) =>
      sendCorrection(config(), [entry, version], options),
    )
  const messages = program.command('messages').description('群众的留言')
  messages
    .command('list')
    .description('列出待答复的留言：编号、日期、事项、联系方式、内容')
    .option('--all', '已答复的也列出')
    .action((options: { all?: boolean }) => listMessages(config(), options))
  messages
    .command('answer <NUMBER>')
    .description('答复一条留言，发到对方的对话里')
    .option('--as <NAME>', '由哪位工作人员办理')
    .option('--text <TEXT>', '答复的内容')
    .action((number: string, options: CorrectionOptions) => answerMessage(config(), number, options))
}

function addStaffCommands(program: Command, config: () => Config): void {
  const staff = program.command('staff').description('工作人员')
  staff
    .command('add')
    .description(
      '添加工作人员；角色：editor 编写，reviewer 审核，admin 管理账号，disclosure-officer 公开申请经办，division 承办处室，head 机构负责人，auditor 监督',
    )
    .requiredOption('--name <NAME>', '姓名')
    .requiredOption('--role <ROLE...>', '角色，可以写几个')
    .option('--email <ADDRESS>', '电子邮箱，用来收提醒')
    .action((account: { name: string; role: string[]; email?: string }) => addStaff(config(), account))
  staff
    .command('email <NAME> [ADDRESS]')
    .description('写下或更换收提醒的电子邮箱')
    .option('--remove', '去掉，不再发提醒邮件')
    .action((name: string, address: string | undefined, options: { remove?: boolean }) =>
      changeEmail(config(), name, { ...options, ...(address !== undefined && { address }) }),
    )
  staff
    .command('invite <NAME>')
    .description('给出设置工作台密码的链接，24小时内有效，只能用一次')
    .action((name: string) => inviteStaff(config(), name))
  staff
    .command('disable <NAME>')
    .description('停用工作人员的账号')
    .action((name: string) => disableStaff(config(), name))
  staff
    .command('list')
    .description('列出工作人员')
    .action(() => listStaff(config()))
  program
    .command('audit')
    .description('审计记录')
    .command('verify')
    .description('核对审计记录有没有被改动')
    .action(() => verifyAudit(config()))
}

const usages: readonly (readonly [RegExp, string])[] = [
  [/unknown command '(.+)'/, '没有命令 $1'],
  [/unknown option '(.+)'/, '没有选项 $1'],
  [/missing required argument '(.+)'/, '缺少 $1'],
  [/required option '(.+)' not specified/, '缺少选项 $1'],
  [/option '(.+)' argument missing/, '选项 $1 后面缺少值'],
  [/too many arguments.*/, '多写了参数'],
]

/** What is wrong with a command line, in Chinese where it is one of the usual faults. */
function sayUsage(words: string): string {
  const [pattern, sentence] = usages.find(([pattern]) => pattern.test(words)) ?? []
  if (!pattern || !sentence) return words
  const said = pattern.exec(words)?.[0].replace(pattern, sentence)
  return `${said}。运行 npm run -s gongkai -- help 查看全部命令，命令后加 --help 查看用法。\n`
}

/** How the sentence about a failure begins, by command. */
const failures: Record<string, string> = {
  backup: '备份没有成功',
  restore: '恢复没有成功，数据没有改动',
  key: '更换主密钥没有成功',
}

/** Runs one command and gives the exit code: 0 done, 1 refused, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  const program = createProgram()
  try {
    await program.parseAsync(argv)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError
    sayFailure(error, failures[program.args[0] ?? ''] ?? '没有成功')
    return 1
  }
}

// Whoever reads the output may have had enough of it.
if (process.stdout.listenerCount('error') === 0)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
process.exitCode = await main(process.argv)
