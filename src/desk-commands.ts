/** The command line of the desk: every verb of the office on requests for information, and the calendar. */
import type { Command } from 'commander'
import {
  type DeskOptions,
  deskVerbs,
  doVerb,
  importCalendar,
  listRequests,
  registerAssisted,
  registerRequest,
  showRequest,
} from '#counter'
import type { Config } from './config.ts'

const withActor = (command: Command): Command =>
  command
    .option('--as <NAME>', '由哪位工作人员办理')
    .option('--json', '写出 {"ref","state","dueOn",…}，不含个人信息')

function addRegistering(desk: Command, config: () => Config): void {
  withActor(desk.command('register'))
    .description('登记信函、当面、传真、邮寄的申请，给出编号、收到日期和期限')
    .option('--file <FILE>', '申请的内容（JSON）；- 从标准输入读')
    .action((options: DeskOptions) => registerRequest(config(), options))
  withActor(desk.command('register-assisted'))
    .description('登记上级交办的协查：按交办的期限，不计入年度报告')
    .option('--from <ORGAN>', '交办的机关')
    .option('--description <TEXT>', '事项')
    .option('--due <DATE>', '期限')
    .action((options: DeskOptions) => registerAssisted(config(), options))
  withActor(desk.command('list'))
    .description('列出在办的申请：编号、状态、收到、期限、承办人')
    .action((options: DeskOptions) => listRequests(config(), options))
  withActor(desk.command('show <REF>'))
    .description('一件申请的期限、内容和办理记录')
    .option('--reveal', '不遮盖个人信息（记入审计）')
    .option('--letter', '打印最近的一份文书（记入审计）')
    .action((ref: string, options: DeskOptions) => showRequest(config(), ref, options))
}

export function addDesk(program: Command, config: () => Config): void {
  const desk = program.command('desk').description('依申请公开的办理：登记到归档的每一步')
  addRegistering(desk, config)
  for (const verb of deskVerbs) {
    const command = withActor(desk.command(`${verb.name} <REF>`)).description(verb.words)
    for (const [flags, words] of verb.options) command.option(flags, words)
    command.action((ref: string, options: DeskOptions) => doVerb(config(), { verb, ref }, options))
  }
  program
    .command('calendar')
    .description('放假安排')
    .command('import <FILE>')
    .description('载入国务院的放假通知（JSON），重新计算在办申请的期限')
    .option('--as <NAME>', '由哪位工作人员载入')
    .action((file: string, options: { as?: string }) => importCalendar(config(), file, options))
}
