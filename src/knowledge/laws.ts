/** The laws and documents that an answer may rest on, and whether a citation of one holds on a given day. */

export interface Law {
  /** Without 《》 and without 中华人民共和国: the name by which it is cited. */
  title: string
  /** The number of articles; null where the document has none, or where its full text is not at hand. */
  articles: number | null
  /** The day from which the text in force applies: of its last amendment, not of the first version. */
  inForce: string
  /** The number of the document, where its text gives one. */
  number?: string
  /** The first day on which it no longer applies. */
  repealed?: string
  /** Its formal title begins with 中华人民共和国. */
  national?: true
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
  /** The day from which the quoted text applies. */
  inForce?: string
}

/** Article counts were taken from the complete texts; a test compares them where those texts are at hand. */
export const laws: readonly Law[] = [
  { title: '社会保险法', articles: 98, inForce: '2018-12-29', national: true },
  { title: '劳动法', articles: 107, inForce: '2018-12-29', national: true },
  { title: '劳动合同法', articles: 98, inForce: '2013-07-01', national: true },
  { title: '劳动争议调解仲裁法', articles: 54, inForce: '2008-05-01', national: true },
  { title: '就业促进法', articles: 69, inForce: '2015-04-24', national: true },
  { title: '个人信息保护法', articles: 74, inForce: '2021-11-01', national: true },
  { title: '行政复议法', articles: 90, inForce: '2024-01-01', national: true },
  { title: '行政诉讼法', articles: 103, inForce: '2017-07-01', national: true },
  { title: '保守国家秘密法', articles: 65, inForce: '2024-05-01', national: true },
  { title: '无障碍环境建设法', articles: 72, inForce: '2023-09-01', national: true },
  {
    title: '政府信息公开条例',
    articles: 56,
    inForce: '2019-05-15',
    number: '国务院令第711号',
    national: true,
  },
  {
    title: '劳动合同法实施条例',
    articles: 38,
    inForce: '2008-09-18',
    number: '国务院令第535号',
    national: true,
  },
  {
    title: '行政复议法实施条例',
    articles: 66,
    inForce: '2007-08-01',
    number: '国务院令第499号',
    national: true,
  },
  { title: '失业保险条例', articles: 33, inForce: '1999-01-22', number: '国务院令第258号' },
  { title: '工伤保险条例', articles: 67, inForce: '2011-01-01', number: '国务院令第375号' },
  { title: '社会保险费征缴暂行条例', articles: 31, inForce: '2019-03-24', number: '国务院令第259号' },
  { title: '社会保险经办条例', articles: 63, inForce: '2023-12-01' },
  { title: '保障农民工工资支付条例', articles: 64, inForce: '2020-05-01' },
  { title: '女职工劳动保护特别规定', articles: 16, inForce: '2012-04-28', number: '国务院令第619号' },
  { title: '职工带薪年休假条例', articles: 10, inForce: '2008-01-01', number: '国务院令第514号' },
  { title: '企业职工带薪年休假实施办法', articles: 19, inForce: '2008-09-18' },
  { title: '全国年节及纪念日放假办法', articles: 8, inForce: '2025-01-01' },
  { title: '工资支付暂行规定', articles: 20, inForce: '1995-01-01', number: '劳部发〔1994〕489号' },
  { title: '劳动保障监察条例', articles: 36, inForce: '2004-12-01', number: '国务院令第423号' },
  { title: '人力资源市场暂行条例', articles: 48, inForce: '2018-10-01', number: '国务院令第700号' },
  { title: '事业单位人事管理条例', articles: 44, inForce: '2014-07-01', number: '国务院令第652号' },
  { title: '残疾人就业条例', articles: 30, inForce: '2007-05-01', number: '国务院令第488号' },
  { title: '信访工作条例', articles: 50, inForce: '2022-05-01' },
  { title: '网络数据安全管理条例', articles: 64, inForce: '2025-01-01' },
  { title: '重大行政决策程序暂行条例', articles: 44, inForce: '2019-09-01', number: '国务院令第713号' },
  {
    title: '国务院关于在线政务服务的若干规定',
    articles: 16,
    inForce: '2019-04-26',
    number: '国务院令第716号',
  },
  { title: '山东省劳动合同条例', articles: 62, inForce: '2013-10-01' },
  { title: '山东省人力资源市场条例', articles: 51, inForce: '2015-10-01' },
  { title: '山东省人才发展促进条例', articles: 60, inForce: '2020-06-01' },
  { title: '山东省企业工资集体协商条例', articles: 55, inForce: '2017-01-01' },
  { title: '山东省劳动和社会保障监察条例', articles: 21, inForce: '2020-11-27' },
  { title: '山东省就业促进条例', articles: 71, inForce: '2016-03-30' },
  // The notice of 2008 (劳社部发〔2008〕3号) under the same title gave way to this one.
  {
    title: '关于职工全年月平均工作时间和工资折算问题的通知',
    articles: null,
    inForce: '2025-01-01',
    number: '人社部发〔2025〕2号',
  },
  {
    title: '全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定',
    articles: null,
    inForce: '2025-01-01',
  },
  { title: '国务院关于渐进式延迟法定退休年龄的办法', articles: null, inForce: '2025-01-01' },
  {
    title: '最高人民法院关于审理政府信息公开行政案件若干问题的规定',
    articles: 13,
    inForce: '2011-08-13',
    number: '法释〔2011〕17号',
    repealed: '2025-06-01',
  },
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

/** What is wrong with citing this article on this day; undefined when it holds. */
export function faultOfCitation(title: string, article: number | null, today: string): LawFault | undefined {
  const law = findLaw(title)
  if (law === undefined) return 'unknown'
  if (article !== null && (law.articles === null || article < 1 || article > law.articles))
    return 'no such article'
  if (law.repealed !== undefined && law.repealed <= today) return 'repealed'
  return law.inForce > today ? 'not yet in force' : undefined
}

/** The source with the day from which its text applies, where the table knows it. */
export function citationOf(source: Source): Citation {
  const law = findLaw(source.law)
  if (law === undefined) return source
  const formal = law.national ? `中华人民共和国${law.title}` : law.title
  return { ...source, title: source.title ?? formal, inForce: law.inForce }
}
