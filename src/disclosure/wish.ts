/** What a wish is, before it is filed: by what it says, whether a request is the way to it, and who has it. Pure. */
import { findElsewhere } from '#guard'

/** The kinds that a request for information does not serve well, or that somebody else serves. */
export const wishes = [
  'petition',
  'confirm',
  'own-record',
  'archive',
  'publication',
  'creation',
  'service',
  'question',
] as const
export type Wish = (typeof wishes)[number]

/** The name of a document, which is what a request asks for, whatever else stands beside it. */
const named =
  /文件|通知|办法|规定|方案|公告|决定书|批复|意见|标准|预算|决算|报表|名单|目录|合同|协议|纪要|台账|清单|数据|情况|总结|预案|招标|采购|〔\d{4}〕/u

const tests: Record<Wish, (text: string) => boolean> = {
  petition: text =>
    /举报|检举|控告|信访|上访|查处|严惩|追责|主持公道|讨个?(说法|公道)|给(我|我们)?(一个|个)?(说法|交代|公道)|追究[^，。]{0,10}责任|(我要|要求|请求)投诉|投诉[^，。]{0,12}(态度|不作为|拖欠|公司|单位|窗口|工作人员)/u.test(
      text,
    ),
  confirm: text =>
    /重新(出具|开具|打印|盖章)|(补开|补办|开具?|出具)[^，。]{0,10}(证明|回执|决定书|审批表)|(请|要求)[^，。]{0,4}(确认|证实|核实)[^，。]{0,20}(是否|有没有|真假|真实|合法|有效|工龄|身份)|确认我/u.test(
      text,
    ),
  'own-record': text =>
    /(本人|我(?!们?(省|市|县|国|厅|局))|自己|我(父亲|母亲|爱人|丈夫|妻子|爸|妈))[^，。]{0,24}(缴费|参保|社保|养老|医保|工伤|失业|工龄|待遇|退休|账户)[^，。]{0,10}(记录|明细|清单|基数|流水|年限|余额|情况|信息|档案|多少)/u.test(
      text,
    ),
  archive: text =>
    /(招工|人事|个人|职工|学籍|退休|下岗|安置|知青|调动|工人)[^，。]{0,8}(档案|花名册|名册|审批表|登记表|存根)|(19[4-9]\d|上世纪)[^，。]{0,24}(档案|名册|花名册|审批表|登记表|存根|调令|介绍信|文件)|档案(馆|原件)/u.test(
      text,
    ),
  publication: text => /年鉴|政府公报|公报|报纸|期刊|杂志|出版物|教材|法律汇编/u.test(text),
  creation: text =>
    /(请|帮|给)[^，。]{0,6}(统计|汇总|梳理|分析|比较|对比|整理|列出|计算)|(统计|汇总|整理)(一下|出来|成表)/u.test(
      text,
    ),
  service: text =>
    /(帮|替)(我|我们)(办|转|申请|领|补|查|改|恢复|认定)|我(要|想)(办理?|领取?|申领|转移|补缴|停保|参保|退保|报销)|(把|将)[^，。]{0,12}(转到|转移到|改成|补上)/u.test(
      text,
    ) && !named.test(text),
  question: text =>
    /(为什么|为何|怎么(办|算|领|交|没)|怎样|如何|能不能|可不可以|可以吗|是不是|是否可以|请问|多少钱|多久|什么时候)|[吗呢么][？?]?\s*$/u.test(
      text,
    ) && !named.test(text),
}

/** What kinds a wish looks like: the likeliest first, and none where it is a request for what an office holds. */
export function wishesOf(description: string): Wish[] {
  const text = description.normalize('NFKC')
  return wishes.filter(wish => tests[wish](text))
}

/** Organs by the names that people write. */
const organs: readonly [name: string, RegExp][] = [
  ['公安机关', /公安|派出所|交警|车管所/u],
  ['医疗保障局', /医保局|医疗保障局/u],
  ['税务局', /税务局|国税|地税/u],
  ['民政部门', /民政(局|厅|部门)/u],
  ['教育部门', /教育(局|厅|委|部门)|教体局/u],
  ['卫生健康部门', /卫健(委|局)|卫生健康委|卫生局/u],
  ['自然资源部门', /自然资源(局|厅)|国土(局|厅)|规划局/u],
  ['住房城乡建设部门', /住建(局|厅|委)|住房城乡建设|房管局|建设局/u],
  ['市场监督管理部门', /市场监管(局|总局)|市场监督管理|工商局/u],
  ['财政部门', /财政(局|厅)/u],
  ['统计部门', /统计局/u],
  ['发展改革部门', /发改(委|局)|发展改革委/u],
  ['退役军人事务部门', /退役军人(局|厅|事务)/u],
  ['住房公积金管理中心', /公积金(中心|管理)/u],
  ['人民法院', /法院/u],
  ['人民检察院', /检察院/u],
  ['街道办事处或者乡镇政府', /街道办|镇政府|乡政府/u],
  ['农业农村部门', /农业农村(局|厅)|农业局/u],
  ['生态环境部门', /生态环境(局|厅)|环保局/u],
  ['交通运输部门', /交通(运输)?(局|厅)/u],
]

/** The organ that has it rather than this one, where the wish names it or its matter; undefined: nobody else is seen. */
export function organOf(description: string): string | undefined {
  const text = description.normalize('NFKC')
  const own = /人社|人力资源|社保局|劳动局|劳动保障|你们?(局|厅|单位)|贵(局|厅|单位)/u.test(text)
  const found = own ? undefined : organs.find(([, name]) => name.test(text))?.[0]
  if (found !== undefined || own) return found
  const elsewhere = findElsewhere(text)
  return typeof elsewhere === 'object' ? elsewhere.who : undefined
}
