/** The laws and documents that an answer may rest on, which of them hold on a given day, and which a message names. */

export interface Law {
  /** Without 《》 and without 中华人民共和国: the name by which it is cited. */
  title: string
  /** Its formal title begins with 中华人民共和国. */
  national?: true
  /** The number under which the text in force is cited: of the first order, or of the one that revised the whole. */
  number?: string
  /** A law's adoption; of regulations, rules and interpretations the day of their publication, by which they are cited. */
  adopted?: string
  /** The days on which it was amended or revised, oldest first. */
  amended?: readonly string[]
  /** The day from which the text in force applies: of its last amendment, not of the first version. */
  inForce?: string
  /** The number of articles; null where it has none, absent where its full text is not at hand. */
  articles?: number | null
  /** The first day on which it no longer applies. */
  repealed?: string
  /** The title of what applies in its place; absent where nothing does. */
  repealedBy?: string
  /** An older text of a title that lives on: it was revised (修订), not repealed (废止). */
  revised?: true
  /** Short names by which people cite it, where no other law is meant by them. */
  names?: readonly string[]
}

/** Where a statement rests: a law or another document by its title, and the article of it. */
export interface Source {
  law: string
  article: number | null
  title: string | null
  url: string | null
}

/** A source as it is shown, with what the table of laws knows of it. */
export interface Citation extends Source {
  /** The number of the document. */
  number?: string
  /** The day from which the quoted text applies. */
  inForce?: string
}

// Taken from the complete texts where they are at hand (a test compares them); elsewhere what is not certain is absent.
// biome-ignore format: a table, one law a line
export const laws: readonly Law[] = [
  { title: '社会保险法', national: true, number: '主席令第三十五号', adopted: '2010-10-28', amended: ['2018-12-29'], inForce: '2018-12-29', articles: 98 },
  { title: '劳动法', national: true, number: '主席令第二十八号', adopted: '1994-07-05', amended: ['2009-08-27', '2018-12-29'], inForce: '2018-12-29', articles: 107 },
  { title: '劳动合同法', national: true, number: '主席令第六十五号', adopted: '2007-06-29', amended: ['2012-12-28'], inForce: '2013-07-01', articles: 98 },
  { title: '劳动争议调解仲裁法', national: true, number: '主席令第八十号', adopted: '2007-12-29', inForce: '2008-05-01', articles: 54 },
  { title: '就业促进法', national: true, number: '主席令第七十号', adopted: '2007-08-30', amended: ['2015-04-24'], inForce: '2015-04-24', articles: 69 },
  { title: '个人信息保护法', national: true, number: '主席令第九十一号', adopted: '2021-08-20', inForce: '2021-11-01', articles: 74 },
  { title: '行政复议法', national: true, number: '主席令第九号', adopted: '1999-04-29', amended: ['2009-08-27', '2017-09-01', '2023-09-01'], inForce: '2024-01-01', articles: 90 },
  { title: '行政诉讼法', national: true, number: '主席令第十六号', adopted: '1989-04-04', amended: ['2014-11-01', '2017-06-27'], inForce: '2017-07-01', articles: 103 },
  { title: '保守国家秘密法', national: true, number: '主席令第二十号', adopted: '1988-09-05', amended: ['2010-04-29', '2024-02-27'], inForce: '2024-05-01', articles: 65 },
  { title: '无障碍环境建设法', national: true, number: '主席令第六号', adopted: '2023-06-28', inForce: '2023-09-01', articles: 72 },
  { title: '民法典', national: true, number: '主席令第四十五号', adopted: '2020-05-28', inForce: '2021-01-01' },
  { title: '政府信息公开条例', national: true, number: '国务院令第711号', adopted: '2007-04-05', amended: ['2019-04-03'], inForce: '2019-05-15', articles: 56 },
  { title: '劳动合同法实施条例', national: true, number: '国务院令第535号', adopted: '2008-09-18', inForce: '2008-09-18', articles: 38 },
  { title: '行政复议法实施条例', national: true, number: '国务院令第499号', adopted: '2007-05-29', inForce: '2007-08-01', articles: 66 },
  { title: '失业保险条例', number: '国务院令第258号', adopted: '1999-01-22', inForce: '1999-01-22', articles: 33 },
  { title: '工伤保险条例', number: '国务院令第375号', adopted: '2003-04-27', amended: ['2010-12-20'], inForce: '2011-01-01', articles: 67 },
  { title: '社会保险费征缴暂行条例', number: '国务院令第259号', adopted: '1999-01-22', amended: ['2019-03-24'], inForce: '2019-03-24', articles: 31 },
  { title: '社会保险经办条例', number: '国务院令第765号', adopted: '2023-08-16', inForce: '2023-12-01', articles: 63 },
  { title: '保障农民工工资支付条例', number: '国务院令第724号', adopted: '2019-12-30', inForce: '2020-05-01', articles: 64 },
  { title: '女职工劳动保护特别规定', number: '国务院令第619号', adopted: '2012-04-28', inForce: '2012-04-28', articles: 16 },
  { title: '职工带薪年休假条例', number: '国务院令第514号', adopted: '2007-12-14', inForce: '2008-01-01', articles: 10 },
  { title: '企业职工带薪年休假实施办法', number: '人力资源和社会保障部令第1号', adopted: '2008-09-18', inForce: '2008-09-18', articles: 19 },
  { title: '全国年节及纪念日放假办法', number: '国务院令第795号', adopted: '1949-12-23', amended: ['1999-09-18', '2007-12-14', '2013-12-11', '2024-11-10'], inForce: '2025-01-01', articles: 8 },
  { title: '工资支付暂行规定', number: '劳部发〔1994〕489号', adopted: '1994-12-06', inForce: '1995-01-01', articles: 20 },
  { title: '劳动保障监察条例', number: '国务院令第423号', adopted: '2004-11-01', inForce: '2004-12-01', articles: 36 },
  { title: '人力资源市场暂行条例', number: '国务院令第700号', adopted: '2018-06-29', inForce: '2018-10-01', articles: 48 },
  { title: '事业单位人事管理条例', number: '国务院令第652号', adopted: '2014-04-25', inForce: '2014-07-01', articles: 44 },
  { title: '残疾人就业条例', number: '国务院令第488号', adopted: '2007-02-25', inForce: '2007-05-01', articles: 30 },
  { title: '生产安全事故报告和调查处理条例', number: '国务院令第493号', adopted: '2007-04-09', inForce: '2007-06-01' },
  { title: '信访工作条例', adopted: '2022-02-25', inForce: '2022-05-01', articles: 50 },
  { title: '网络数据安全管理条例', number: '国务院令第790号', adopted: '2024-09-24', inForce: '2025-01-01', articles: 64 },
  { title: '重大行政决策程序暂行条例', number: '国务院令第713号', adopted: '2019-04-20', inForce: '2019-09-01', articles: 44 },
  { title: '国务院关于在线政务服务的若干规定', number: '国务院令第716号', adopted: '2019-04-26', inForce: '2019-04-26', articles: 16 },
  { title: '就业服务与就业管理规定', number: '劳动和社会保障部令第28号', adopted: '2007-11-05' },
  { title: '企业年金办法', number: '人力资源和社会保障部、财政部令第36号', adopted: '2017-12-18', inForce: '2018-02-01' },
  { title: '劳动人事争议仲裁办案规则', number: '人力资源和社会保障部令第33号', adopted: '2017-05-08', inForce: '2017-07-01' },
  { title: '工伤认定办法', number: '人力资源和社会保障部令第8号', adopted: '2010-12-31', inForce: '2011-01-01' },
  { title: '非法用工单位伤亡人员一次性赔偿办法', number: '人力资源和社会保障部令第9号', adopted: '2010-12-31', inForce: '2011-01-01' },
  { title: '事业单位工作人员处分规定', number: '人社部发〔2023〕58号', adopted: '2023-11-06', inForce: '2023-11-06' },
  { title: '山东省劳动合同条例', adopted: '2001-10-28', amended: ['2013-08-01'], inForce: '2013-10-01', articles: 62 },
  { title: '山东省人力资源市场条例', adopted: '2015-07-24', inForce: '2015-10-01', articles: 51 },
  { title: '山东省人才发展促进条例', adopted: '2020-03-26', inForce: '2020-06-01', articles: 60 },
  { title: '山东省企业工资集体协商条例', adopted: '2016-11-26', inForce: '2017-01-01', articles: 55 },
  { title: '山东省劳动和社会保障监察条例', adopted: '2000-10-26', amended: ['2012-01-13', '2020-11-27'], inForce: '2020-11-27', articles: 21 },
  { title: '山东省就业促进条例', adopted: '2004-04-02', amended: ['2009-11-28', '2016-03-30'], inForce: '2016-03-30', articles: 71 },
  { title: '关于职工全年月平均工作时间和工资折算问题的通知', number: '人社部发〔2025〕2号', adopted: '2025-01-01', inForce: '2025-01-01', articles: null },
  { title: '全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定', adopted: '2024-09-13', inForce: '2025-01-01', articles: null },
  { title: '国务院关于渐进式延迟法定退休年龄的办法', inForce: '2025-01-01' },
  { title: '最高人民法院关于审理政府信息公开行政案件适用法律若干问题的解释', number: '法释〔2025〕8号', adopted: '2025-05-19', inForce: '2025-06-01' },
  { title: '最高人民法院关于审理劳动争议案件适用法律问题的解释（一）', number: '法释〔2020〕26号', adopted: '2020-12-29', inForce: '2021-01-01' },
  // Repealed, and cited all the same.
  { title: '女职工劳动保护规定', number: '国务院令第9号', adopted: '1988-07-21', inForce: '1988-09-01', repealed: '2012-04-28', repealedBy: '女职工劳动保护特别规定' },
  { title: '国有企业职工待业保险规定', number: '国务院令第110号', adopted: '1993-04-12', inForce: '1993-05-01', repealed: '1999-01-22', repealedBy: '失业保险条例' },
  { title: '行政复议条例', number: '国务院令第70号', adopted: '1990-12-24', amended: ['1994-10-09'], repealed: '1999-10-01', repealedBy: '行政复议法' },
  { title: '信访条例', number: '国务院令第431号', adopted: '2005-01-10', inForce: '2005-05-01', repealed: '2022-05-01', repealedBy: '信访工作条例' },
  { title: '企业职工奖惩条例', adopted: '1982-04-10', inForce: '1982-04-10', repealed: '2008-01-15', repealedBy: '劳动合同法' },
  { title: '企业劳动争议处理条例', national: true, number: '国务院令第117号', adopted: '1993-07-06', inForce: '1993-08-01', repealed: '2011-01-08', repealedBy: '劳动争议调解仲裁法' },
  { title: '企业职工伤亡事故报告和处理规定', number: '国务院令第75号', adopted: '1991-02-22', inForce: '1991-05-01', repealed: '2007-06-01', repealedBy: '生产安全事故报告和调查处理条例' },
  { title: '违反和解除劳动合同的经济补偿办法', number: '劳部发〔1994〕481号', adopted: '1994-12-03', inForce: '1995-01-01', repealed: '2017-11-24', repealedBy: '劳动合同法' },
  { title: '劳动争议仲裁委员会办案规则', number: '劳部发〔1993〕300号', adopted: '1993-10-18', repealed: '2009-01-01', repealedBy: '劳动人事争议仲裁办案规则' },
  { title: '劳动力市场管理规定', number: '劳动和社会保障部令第10号', adopted: '2000-12-08', inForce: '2000-12-08', repealed: '2008-01-01', repealedBy: '就业服务与就业管理规定' },
  { title: '企业年金试行办法', number: '劳动和社会保障部令第20号', adopted: '2004-01-06', inForce: '2004-05-01', repealed: '2018-02-01', repealedBy: '企业年金办法' },
  { title: '台湾香港澳门居民在内地就业管理规定', number: '劳动和社会保障部令第26号', adopted: '2005-06-14', inForce: '2005-10-01', repealed: '2018-08-23' },
  { title: '事业单位工作人员处分暂行规定', number: '人力资源和社会保障部、监察部令第18号', adopted: '2012-08-22', inForce: '2012-09-01', repealed: '2023-11-06', repealedBy: '事业单位工作人员处分规定' },
  { title: '山东省人才市场管理条例', adopted: '1997-06-06', amended: ['2004-11-25'], repealed: '2015-10-01', repealedBy: '山东省人力资源市场条例' },
  { title: '山东省劳动力市场管理条例', adopted: '1998-11-21', amended: ['2004-11-25'], repealed: '2015-10-01', repealedBy: '山东省人力资源市场条例' },
  { title: '山东省企业集体合同条例', adopted: '1999-12-16', repealed: '2013-10-01', repealedBy: '山东省劳动合同条例' },
  { title: '最高人民法院关于审理政府信息公开行政案件若干问题的规定', number: '法释〔2011〕17号', adopted: '2011-07-29', inForce: '2011-08-13', articles: 13, repealed: '2025-06-01', repealedBy: '最高人民法院关于审理政府信息公开行政案件适用法律若干问题的解释' },
  { title: '最高人民法院关于审理劳动争议案件适用法律若干问题的解释', number: '法释〔2001〕14号', adopted: '2001-04-16', inForce: '2001-04-30', repealed: '2021-01-01', repealedBy: '最高人民法院关于审理劳动争议案件适用法律问题的解释（一）' },
  { title: '最高人民法院关于审理劳动争议案件适用法律若干问题的解释（二）', number: '法释〔2006〕6号', adopted: '2006-08-14', inForce: '2006-10-01', repealed: '2021-01-01', repealedBy: '最高人民法院关于审理劳动争议案件适用法律问题的解释（一）' },
  { title: '最高人民法院关于审理劳动争议案件适用法律若干问题的解释（三）', number: '法释〔2010〕12号', adopted: '2010-09-13', inForce: '2010-09-14', repealed: '2021-01-01', repealedBy: '最高人民法院关于审理劳动争议案件适用法律问题的解释（一）', names: ['劳动争议司法解释（三）'] },
  { title: '最高人民法院关于审理劳动争议案件适用法律若干问题的解释（四）', number: '法释〔2013〕4号', adopted: '2013-01-18', inForce: '2013-02-01', repealed: '2021-01-01', repealedBy: '最高人民法院关于审理劳动争议案件适用法律问题的解释（一）', names: ['劳动争议司法解释（四）'] },
  { title: '民法通则', national: true, adopted: '1986-04-12', amended: ['2009-08-27'], inForce: '2009-08-27', repealed: '2021-01-01', repealedBy: '民法典' },
  { title: '民法总则', national: true, adopted: '2017-03-15', inForce: '2017-10-01', repealed: '2021-01-01', repealedBy: '民法典' },
  { title: '侵权责任法', national: true, adopted: '2009-12-26', inForce: '2010-07-01', repealed: '2021-01-01', repealedBy: '民法典' },
  { title: '合同法', national: true, adopted: '1999-03-15', inForce: '1999-10-01', repealed: '2021-01-01', repealedBy: '民法典' },
  { title: '婚姻法', national: true, adopted: '1980-09-10', amended: ['2001-04-28'], inForce: '2001-04-28', repealed: '2021-01-01', repealedBy: '民法典' },
  { title: '继承法', national: true, adopted: '1985-04-10', inForce: '1985-10-01', repealed: '2021-01-01', repealedBy: '民法典' },
]

/** Older documents of a title that lives on: a message means them only where it gives the number. */
// biome-ignore format: a table, one document a line
const formerTexts: readonly Law[] = [
  { title: '政府信息公开条例', national: true, number: '国务院令第492号', adopted: '2007-04-05', inForce: '2008-05-01', repealed: '2019-05-15', repealedBy: '政府信息公开条例', revised: true },
  { title: '全国年节及纪念日放假办法', number: '国务院令第270号', adopted: '1999-09-18', inForce: '1999-09-18', repealed: '2008-01-01', repealedBy: '全国年节及纪念日放假办法', revised: true },
  { title: '全国年节及纪念日放假办法', number: '国务院令第513号', adopted: '2007-12-14', inForce: '2008-01-01', repealed: '2014-01-01', repealedBy: '全国年节及纪念日放假办法', revised: true },
  { title: '全国年节及纪念日放假办法', number: '国务院令第644号', adopted: '2013-12-11', inForce: '2014-01-01', repealed: '2025-01-01', repealedBy: '全国年节及纪念日放假办法', revised: true },
  { title: '关于职工全年月平均工作时间和工资折算问题的通知', number: '劳社部发〔2000〕8号', adopted: '2000-03-17', articles: null, repealed: '2008-01-03', repealedBy: '关于职工全年月平均工作时间和工资折算问题的通知' },
  { title: '关于职工全年月平均工作时间和工资折算问题的通知', number: '劳社部发〔2008〕3号', adopted: '2008-01-03', inForce: '2008-01-03', articles: null, repealed: '2025-01-01', repealedBy: '关于职工全年月平均工作时间和工资折算问题的通知' },
  { title: '工伤认定办法', number: '劳动和社会保障部令第17号', adopted: '2003-09-23', inForce: '2004-01-01', repealed: '2011-01-01', repealedBy: '工伤认定办法' },
  { title: '非法用工单位伤亡人员一次性赔偿办法', number: '劳动和社会保障部令第19号', adopted: '2003-09-23', inForce: '2004-01-01', repealed: '2011-01-01', repealedBy: '非法用工单位伤亡人员一次性赔偿办法' },
  { title: '劳动人事争议仲裁办案规则', number: '人力资源和社会保障部令第2号', adopted: '2009-01-01', inForce: '2009-01-01', repealed: '2017-07-01', repealedBy: '劳动人事争议仲裁办案规则' },
]

const byTitle = new Map(laws.map(law => [law.title, law]))

/** 《中华人民共和国社会保险法》 → 社会保险法 */
export function shortLawTitle(title: string): string {
  return title
    .trim()
    .replace(/^《(.*)》$/u, '$1')
    .replace(/^中华人民共和国/, '')
}

export function findLaw(title: string): Law | undefined {
  return byTitle.get(shortLawTitle(title))
}

export const lawFaults = ['unknown', 'no such article', 'repealed', 'not yet in force'] as const
export type LawFault = (typeof lawFaults)[number]

/**
 * What is wrong with citing this article on this day; undefined when it holds. An article of a text that is not at
 * hand is unknown, as an unknown law is: nobody could say whether it exists.
 */
export function faultOfCitation(title: string, article: number | null, today: string): LawFault | undefined {
  const law = findLaw(title)
  if (law === undefined) return 'unknown'
  if (isRepealed(law, today)) return 'repealed'
  if (article !== null && law.articles === undefined) return 'unknown'
  if (article !== null && (article < 1 || article > (law.articles ?? 0))) return 'no such article'
  return law.inForce !== undefined && law.inForce > today ? 'not yet in force' : undefined
}

/** The source with the number of its document and the day from which its text applies, where the table knows them. */
export function citationOf(source: Source): Citation {
  const law = findLaw(source.law)
  if (law === undefined) return source
  const { number, inForce } = law
  const formal = law.national ? `中华人民共和国${law.title}` : law.title
  return { ...source, title: source.title ?? formal, ...(number && { number }), ...(inForce && { inForce }) }
}

function isRepealed({ repealed }: Law, today: string): boolean {
  return repealed !== undefined && repealed <= today
}

/** What people put between the parts of a number: 劳部发〔1994〕481号, 劳部发 [1994] 第481号, 劳部发1994年481号. */
const gap = '[\\s第年〔〕﹝﹞[\\]［］【】()（）]{0,8}'

/** How people write the two ministries that were one after the other. */
const organWordings: Record<string, string> = {
  劳动和社会保障部: '(?:劳动和?社会保障部|劳动保障部|劳社部)',
  人力资源和社会保障部: '(?:人力资源和?社会保障部|人社部)',
}

/** A number as people write it; none for the president's orders, which are counted from one again in every term. */
function patternOfNumber(number: string): string[] {
  const [, organ = '', joint, order = ''] = /^([^、]+?)(?:、(.+))?令第(\d+)号$/.exec(number) ?? []
  const who = `${organWordings[organ] ?? organ}${joint ? `(?:[、\\s]*${joint})?` : ''}`
  if (order !== '') return [`${who}(?:令${gap}${order}\\s*号|${gap}${order}\\s*号\\s*令)`]
  const [, series, year, count] = /^(.+)〔(\d+)〕(\d+)号$/.exec(number) ?? []
  return series === undefined ? [] : [`${series}${gap}${year}${gap}${count}\\s*号`]
}

/**
 * A title as people write it. Very short ones count only where they are marked as titles: 合同法 alone mostly means
 * 劳动合同法. After the name of a region the title is another law: 山东省信访条例.
 */
function patternOfTitle(title: string): string {
  const words = title
    .replace(/^最高人民法院/, '')
    .replace('（', '\\s*[（(]?')
    .replace('）', '[）)]?')
  return title.length > 3 ? `(?<![省市区州县])${words}` : `(?:《|中华人民共和国)${words}`
}

/** The longest title first: （二） of an interpretation is not the one without a number. */
const sought = [...laws.filter(law => law.repealed !== undefined), ...formerTexts].sort(
  (a, b) => b.title.length - a.title.length,
)

function patternOfLaw(law: Law): string {
  const titles = formerTexts.includes(law) ? [] : [law.title, ...(law.names ?? [])]
  return `(${[...titles.map(patternOfTitle), ...patternOfNumber(law.number ?? '')].join('|')})`
}

/** One group a law, in the order of `sought`. */
const named = new RegExp(sought.map(patternOfLaw).join('|'), 'g')

/**
 * The laws that a message names, by title or number, and that no longer apply, in the order of the message. Of each
 * `repealedBy` is the title of what `findLaw` knows in its place.
 */
export function repealedLawsIn(message: string, today: string): Law[] {
  if (message.search(named) < 0) return []
  const found = [...message.matchAll(named)].flatMap(
    ([, ...groups]) => sought[groups.findIndex(Boolean)] ?? [],
  )
  return [...new Set(found)].filter(law => isRepealed(law, today))
}
