import { describe, expect, it } from 'vitest'
import { organOf, type Wish, wishesOf } from '../../src/disclosure/wish.ts'

/** As people write them. */
const said: Record<Wish | 'none', string[]> = {
  petition: [
    '举报某某公司拖欠工资，要求查处并公开处理结果',
    '我要投诉你们窗口工作人员态度差',
    '某厂不给工人交社保，请求追究老板的责任',
    '我的信访事项没有人管，给我一个说法',
    '检举某单位骗取失业保险基金',
  ],
  confirm: [
    '请确认我的工龄并重新出具退休审批表',
    '补开一份2012年的参保证明',
    '要求核实我的退休手续是否合法',
    '请重新打印我的工伤认定决定书并盖章',
  ],
  'own-record': [
    '我本人2010年到2020年的养老保险缴费记录',
    '我的社保缴费明细',
    '我父亲退休待遇的信息',
    '自己的养老账户余额',
  ],
  archive: [
    '我父亲1985年的招工审批档案',
    '1998年国有企业职工安置花名册',
    '上世纪七十年代的知青名册',
    '本人的人事档案原件',
  ],
  publication: ['2023年的统计年鉴', '贵省政府公报第5期', '劳动保障报纸合订本'],
  creation: ['请统计近五年全省各市工伤认定数量并比较', '帮我汇总历年最低工资', '把各县的数据整理成表'],
  service: ['帮我把社保关系转到上海', '我要领失业金', '替我恢复养老待遇', '把我的养老保险转移到江苏'],
  question: ['请问我为什么没有领到失业金', '退休年龄怎么算', '试用期可以不交社保吗？'],
  none: [
    '2025年全省失业保险基金收支情况',
    '鲁人社发〔2024〕5号文件',
    '贵厅2023年政府采购合同',
    '关于提高最低工资标准的请示和批复',
    '2024年事业单位公开招聘方案',
    '职业技能提升行动资金使用情况的审计整改报告',
    '某市劳动人事争议仲裁委员会2024年办案数量',
    '省本级工伤保险基金预算',
    '企业特殊工时审批的依据文件',
    '高级职称评审委员会专家库管理办法',
    '2019年以来各市征地农民社保落实情况',
    '机关事业单位养老保险制度改革实施方案',
    '技工院校学生资助名单',
    '劳动监察年度执法检查计划',
    '你局与某公司签订的信息系统采购合同',
  ],
}

describe('a wish', () => {
  const cases = Object.entries(said).flatMap(([wish, texts]) => texts.map(text => [text, wish] as const))

  it.each(cases.filter(([, wish]) => wish !== 'none'))('“%s” is a %s', (text, wish) => {
    expect(wishesOf(text)).toContain(wish)
  })

  it.each(said.none)('“%s” is a request for what an office holds', text => {
    expect(wishesOf(text)).toEqual([])
    expect(organOf(text)).toBeUndefined()
  })
})

describe('the organ that has it', () => {
  it.each([
    ['公安局关于户籍迁移的文件', '公安机关'],
    ['医保局关于门诊报销的内部会议纪要', '医疗保障局'],
    ['某小区的不动产登记和拆迁补偿方案', '住房城乡建设或者自然资源部门'],
    ['省财政厅2024年专项债券额度', '财政部门'],
    ['某某街道办2023年低保名单', '街道办事处或者乡镇政府'],
  ])('of “%s” is %s', (text, organ) => {
    expect(organOf(text)).toBe(organ)
  })

  it('is this one where it is named beside another', () => {
    expect(organOf('人社厅和财政厅联合印发的文件')).toBeUndefined()
  })
})
