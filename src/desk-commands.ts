/** The command line of the desk: every verb of the office on requests for information, and the calendar. */
import type { Command } from 'commander'
import { sections } from '#annual'
import {
  amendRequest,
  attachFile,
  compareReports,
  type DeskOptions,
  deskVerbs,
  doVerb,
  exportRecord,
  freezeReport,
  importCalendar,
  keepFigures,
  listAttachments,
  listRequests,
  listRetention,
  type ReportOptions,
  registerAssisted,
  registerRequest,
  saveAttachment,
  showRequest,
  tellReport,
  verifyReport,
  writeSection,
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

function addKeeping(desk: Command, config: () => Config): void {
  withActor(desk.command('amend <REF>'))
    .description('更改联系方式、地址、获取方式')
    .option('--file <FILE>', '要改的内容（JSON）；- 从标准输入读')
    .action((ref: string, options: DeskOptions) => amendRequest(config(), ref, options))
  withActor(desk.command('attach <REF>'))
    .description('放进一个文件：身份证明、清单等，PDF、JPG、PNG、Word 或者 Excel')
    .option('--file <FILE>', '文件')
    .action((ref: string, options: DeskOptions) => attachFile(config(), ref, options))
  withActor(desk.command('attachments <REF>'))
    .description('一件申请的文件：序号、名称、大小、日期、谁放的（记入审计）')
    .action((ref: string, options: DeskOptions) => listAttachments(config(), ref, options))
  withActor(desk.command('attachment <REF> <N>'))
    .description('取出第几个文件（记入审计）')
    .option('--out <FILE>', '写到哪个文件')
    .action((ref: string, number: string, options: DeskOptions) =>
      saveAttachment(config(), { ref, number }, options),
    )
  withActor(desk.command('export <REF>'))
    .description('一件申请保存的全部内容，给申请人本人（记入审计）')
    .option('--out <FILE>', '写到哪个文件')
    .action((ref: string, options: DeskOptions) => exportRecord(config(), ref, options))
  withActor(desk.command('retention'))
    .description('到年底要删除个人信息的申请')
    .option('--year <YYYY>', '哪一年的年底，默认今年')
    .action((options: DeskOptions) => listRetention(config(), options))
}

export function addDesk(program: Command, config: () => Config): void {
  const desk = program.command('desk').description('依申请公开的办理：登记到归档的每一步')
  addRegistering(desk, config)
  addKeeping(desk, config)
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

const noYear = "required option '--year <YYYY>' not specified"

/** The annual report; the option of the year is read wherever it stands. */
export function addReport(program: Command, config: () => Config): void {
  const report = program
    .command('report')
    .description('政府信息公开工作年度报告：从登记算出各表，逐项核对')
    .option('--year <YYYY>', '年份')
    .option('--format <2019|2021>', '格式：2019 年试行，或 2021 年起（默认按年份）')
    .option('--json', '写出 {"year","table2","table3","table4","checks",…}')
    .option('--docx <FILE>', '排成 .docx，可以再改')
    .option('--html <FILE>', '排成网页，读屏软件能读')
    .option('--pdf <FILE>', '排成 PDF')
    .option('--live', '定稿以后，仍按现在的登记重算')
    .action((options: Partial<ReportOptions>) => tellReport(config(), { ...options, year: yearOf() }))
  const yearOf = () => report.opts<{ year?: string }>().year ?? program.error(noYear)
  const formatOf = () => report.opts<{ format?: string }>().format
  report
    .command('figures <FILE>')
    .description('保存登记里算不出来的数据：文件里的 "table2"，和信息处理费 "fees"（元）')
    .action((file: string) => keepFigures(config(), file, yearOf()))
  report
    .command('text')
    .description('写一部分文字，代替草稿')
    .requiredOption('--section <NAME>', sections.join('、'))
    .requiredOption('--file <FILE>', '文字（UTF-8）')
    .option('--as <NAME>', '由哪位工作人员办理')
    .action((options: { section: string; file: string; as?: string }) =>
      writeSection(config(), yearOf(), options),
    )
  report
    .command('freeze')
    .description('定稿：核对全部通过才能定，留下校验值')
    .option('--as <NAME>', '由哪位工作人员办理')
    .option('--replace <REASON>', '换掉已经定稿的，写明理由')
    .action((options: { as?: string; replace?: string }) => {
      const format = formatOf()
      return freezeReport(config(), yearOf(), { ...options, ...(format !== undefined && { format }) })
    })
  report
    .command('verify')
    .description('证明定稿的报告没有改动')
    .action(() => verifyReport(config(), yearOf()))
  report
    .command('compare')
    .description('与上一年逐行比较')
    .action(() => compareReports(config(), yearOf(), report.opts<{ json?: true }>()))
}
