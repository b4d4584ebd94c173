import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadKnowledge } from '#knowledge'
import {
  citationOf,
  faultOfCitation,
  findLaw,
  type Law,
  laws,
  repealedLawsIn,
} from '../../src/knowledge/laws.ts'

const today = '2026-11-23'
const oldLaws = laws.filter(law => law.repealed !== undefined)

describe('the table of laws', () => {
  it('knows each title once, without signs and without the name of the country', () => {
    const titles = laws.map(law => law.title)
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.filter(title => /[《》]|^中华人民共和国/.test(title))).toEqual([])
  })

  it('writes days as legal dates, and numbers with hexagonal brackets', () => {
    const days = laws.flatMap(law => [law.adopted, law.inForce, law.repealed, ...(law.amended ?? [])])
    expect(days.filter(day => day !== undefined && !/^\d{4}-[01]\d-[0-3]\d$/.test(day))).toEqual([])
    const numbers = laws.flatMap(({ number }) => number ?? [])
    expect(numbers.filter(number => !/^\p{sc=Han}+〔\d{4}〕\d+号$|令第.+号$/u.test(number))).toEqual([])
  })

  it('puts the days of a law in their order', () => {
    const inOrder = ({ adopted = '', amended = [], inForce, repealed }: Law) => {
      const days = [adopted, ...amended, ...(inForce ? [inForce] : []), ...(repealed ? [repealed] : [])]
      return days.join() === [...days].sort().join()
    }
    expect(laws.filter(law => !inOrder(law)).map(law => law.title)).toEqual([])
  })

  it('knows what applies in the place of a repealed law, and that it does apply', () => {
    const successors = oldLaws.flatMap(({ repealedBy }) => repealedBy ?? [])
    expect(successors.length).toBeGreaterThan(20)
    expect(successors.filter(title => faultOfCitation(title, null, today) !== undefined)).toEqual([])
  })

  it('has no law in force within whose title a repealed one could be found', () => {
    const plain = oldLaws.map(law => law.title).filter(title => title.length > 3)
    const within = laws.filter(law => !law.repealed && plain.some(title => law.title.includes(title)))
    expect(within).toEqual([])
  })

  it('finds a law by its formal title', () => {
    expect(findLaw('《中华人民共和国社会保险法》')?.articles).toBe(98)
  })

  it('says under which number and since when the quoted text applies', () => {
    const source = { law: '社会保险法', article: 45, title: null, url: null }
    expect(citationOf(source)).toEqual({
      ...source,
      title: '中华人民共和国社会保险法',
      number: '主席令第三十五号',
      inForce: '2018-12-29',
    })
  })

  it('gives no number where a document has none', () => {
    const source = { law: '信访工作条例', article: 22, title: null, url: null }
    expect(citationOf(source)).toEqual({ ...source, title: '信访工作条例', inForce: '2022-05-01' })
  })

  it('leaves a source that it does not know as it is', () => {
    const source = { law: '某某通知', article: null, title: null, url: null }
    expect(citationOf(source)).toEqual(source)
  })
})

describe('a citation', () => {
  it('holds for an article that exists', () => {
    expect(faultOfCitation('失业保险条例', 33, today)).toBeUndefined()
    expect(faultOfCitation('国务院关于渐进式延迟法定退休年龄的办法', null, today)).toBeUndefined()
  })

  it('is refused beyond the last article, and for a law that is not known', () => {
    expect(faultOfCitation('失业保险条例', 34, today)).toBe('no such article')
    expect(faultOfCitation('失业保险法', 1, today)).toBe('unknown')
  })

  it('is not borne out where the articles of a law are not at hand, though the law is known', () => {
    expect(faultOfCitation('工伤认定办法', null, today)).toBeUndefined()
    expect(faultOfCitation('工伤认定办法', 4, today)).toBe('unknown')
    expect(faultOfCitation('关于职工全年月平均工作时间和工资折算问题的通知', 1, today)).toBe(
      'no such article',
    )
  })

  it('is refused from the day on which the law no longer applies', () => {
    const interpretation = '最高人民法院关于审理政府信息公开行政案件若干问题的规定'
    expect(faultOfCitation(interpretation, 1, '2025-05-31')).toBeUndefined()
    expect(faultOfCitation(interpretation, 1, '2025-06-01')).toBe('repealed')
  })

  it('is refused for a repealed law of which only the title is known', () => {
    expect(faultOfCitation('信访条例', 14, today)).toBe('repealed')
  })

  it('is refused before the law applies', () => {
    expect(faultOfCitation('行政复议法', 1, '2023-12-31')).toBe('not yet in force')
  })
})

describe('a message', () => {
  const named = (message: string, day = today) =>
    repealedLawsIn(message, day).map(({ title, number }) => number ?? title)

  it.each([
    ['女职工劳动保护规定里产假是90天吗', '国务院令第9号'],
    ['《女职工劳动保护规定》第八条还有效吗', '国务院令第9号'],
    ['按照信访条例你们应该15天内回复我', '国务院令第431号'],
    ['老板拿企业职工奖惩条例开除我', '企业职工奖惩条例'],
    ['中华人民共和国企业劳动争议处理条例规定六十天内申请仲裁', '国务院令第117号'],
    ['违反和解除劳动合同的经济补偿办法说医疗补助费不低于六个月工资', '劳部发〔1994〕481号'],
    ['山东省劳动力市场管理条例现在还能用吗', '山东省劳动力市场管理条例'],
    ['《合同法》第52条规定合同无效', '合同法'],
    ['中华人民共和国婚姻法规定晚婚假几天', '婚姻法'],
    ['根据民法通则诉讼时效两年', '民法通则'],
    ['关于审理劳动争议案件适用法律若干问题的解释(三)第七条', '法释〔2010〕12号'],
    ['劳动争议司法解释四关于竞业限制怎么说', '法释〔2013〕4号'],
    ['最高人民法院关于审理劳动争议案件适用法律若干问题的解释第十三条', '法释〔2001〕14号'],
  ])('names a repealed law by its title: %s', (message, number) => {
    expect(named(message)).toEqual([number])
  })

  it.each([
    ['劳部发〔1994〕481号', '劳部发〔1994〕481号'],
    ['劳部发[1994]481号文件', '劳部发〔1994〕481号'],
    ['劳部发（1994）481 号', '劳部发〔1994〕481号'],
    ['劳部发 【1994】 第481号', '劳部发〔1994〕481号'],
    ['劳部发1994年481号', '劳部发〔1994〕481号'],
    ['劳社部发(2008)3号说月计薪天数21.75', '劳社部发〔2008〕3号'],
    ['国务院令第492号的政府信息公开条例', '国务院令第492号'],
    ['国务院令（第492号）', '国务院令第492号'],
    ['国务院第 492 号令', '国务院令第492号'],
    ['2013年国务院令第644号规定春节放三天', '国务院令第644号'],
    ['劳社部令第17号工伤认定办法', '劳动和社会保障部令第17号'],
    ['劳动和社会保障部令第17号', '劳动和社会保障部令第17号'],
    ['人社部、监察部令第18号', '人力资源和社会保障部、监察部令第18号'],
    ['人力资源社会保障部令第2号', '人力资源和社会保障部令第2号'],
    ['法释[2011]17号', '法释〔2011〕17号'],
  ])('names a repealed law by its number: %s', (message, number) => {
    expect(named(message)).toEqual([number])
  })

  it.each([
    '失业金怎么领',
    '女职工劳动保护特别规定里产假是多少天',
    '劳动合同法第三十八条',
    '单位不跟我签合同法律怎么规定',
    '信访工作条例规定多少天答复',
    '山东省信访条例还有效吗',
    '江苏省企业劳动争议处理条例',
    '失业保险条例、工伤保险条例、行政复议法实施条例',
    '政府信息公开条例第三十三条',
    '全国年节及纪念日放假办法规定春节放几天',
    '关于职工全年月平均工作时间和工资折算问题的通知',
    '最高人民法院关于审理劳动争议案件适用法律问题的解释（二）第十九条',
    '劳动争议司法解释二什么时候施行',
    '国务院令第711号、国务院令第1492号、国务院令第49号',
    '劳社部发〔2008〕13号、劳部发〔1994〕489号、人社部发〔2025〕2号',
    '人社部令第21号',
    '',
  ])('names no repealed law: %s', message => {
    expect(named(message)).toEqual([])
  })

  it('names several in its own order, each once', () => {
    const message = '先看信访条例，再看《女职工劳动保护规定》（国务院令第9号），最后还是信访条例'
    expect(named(message)).toEqual(['国务院令第431号', '国务院令第9号'])
  })

  it('names a law as repealed from the day on which it no longer applies', () => {
    expect(named('法释〔2011〕17号', '2025-05-31')).toEqual([])
    expect(named('法释〔2011〕17号', '2025-06-01')).toHaveLength(1)
  })

  it('leads to what applies now', () => {
    const [old] = repealedLawsIn('劳社部发[2008]3号', today)
    expect(old?.repealed).toBe('2025-01-01')
    expect(findLaw(old?.repealedBy ?? '')?.number).toBe('人社部发〔2025〕2号')
  })

  it('tells a revised text from a repealed law', () => {
    expect(repealedLawsIn('国务院令第492号', today)).toMatchObject([
      { revised: true, repealed: '2019-05-15' },
    ])
    expect(repealedLawsIn('国务院令第431号', today)[0]?.revised).toBeUndefined()
  })
})

const texts = resolve('../shared/laws')
const hasTexts = existsSync(texts)

interface Text {
  title: string
  /** The day in the name of the file. */
  dated: string
  head: string
  body: string
}

/** Every complete text of the folder; of two versions of a law the older stands first. */
function readTexts(): Text[] {
  const files = readdirSync(texts, { recursive: true, encoding: 'utf8' }).sort()
  return files.flatMap(file => {
    const [, title, dated] = /([^/]+)\((\d{4}-\d{2}-\d{2})\)\.md$/.exec(file) ?? []
    if (title === undefined || dated === undefined) return []
    const [head = '', body = ''] = readFileSync(resolve(texts, file), 'utf8').split('<!-- INFO END -->')
    return [{ title, dated, head, body }]
  })
}

function countArticles({ title, body }: Text): number {
  const articles = body.match(/^[\s\u200b]*第[零一二三四五六七八九十百]+条[ \u3000]/gmu)?.length ?? 0
  // One copy in the folder lost the line break before its article 16.
  return articles + (title === '山东省企业工资集体协商条例' ? 1 : 0)
}

/** The first date of a line: 2019年4月3日 is 2019-04-03. */
function dayIn(line: string): string | undefined {
  const [, year, month = '', day = ''] = /(\d{4})年(\d+)月(\d+)日/.exec(line) ?? []
  return year && `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

/** Where a text says less than the table, which then rests on the official notice of its publication. */
const adoptedElsewhere: Record<string, string> = { 企业职工带薪年休假实施办法: '2008-09-18' }
const amendedElsewhere: Record<string, string[]> = {
  工伤保险条例: ['2010-12-20'],
  社会保险费征缴暂行条例: ['2019-03-24'],
}
const inForceElsewhere: Record<string, string> = {
  劳动合同法: '2013-07-01',
  行政诉讼法: '2017-07-01',
  工伤保险条例: '2011-01-01',
  社会保险费征缴暂行条例: '2019-03-24',
  全国年节及纪念日放假办法: '2025-01-01',
  企业职工带薪年休假实施办法: '2008-09-18',
}

describe.runIf(hasTexts)('the table beside the complete texts', () => {
  const all = hasTexts ? readTexts() : []
  const newest = [...new Map(all.map(text => [text.title, text])).values()]
  // Of the notice on paid hours the folder has the text of 2008 only, under the title of the one in force.
  const current = newest.filter(({ title }) => title !== '关于职工全年月平均工作时间和工资折算问题的通知')
  const linesOf = ({ head }: Text, word: RegExp) => head.split('\n').filter(line => word.test(line))
  /** Compares what the table and the texts say, over the texts that say it. */
  const compare = (inTable: (law: Law | undefined) => unknown, inText: (text: Text) => unknown) => {
    const said = current.filter(text => inText(text) !== undefined)
    expect(said.length).toBeGreaterThan(5)
    expect(said.map(({ title }) => [title, inTable(findLaw(title))])).toEqual(
      said.map(text => [text.title, inText(text)]),
    )
  }

  it('holds every law of the folder with its number of articles', () => {
    const known = newest.map(({ title }) => [title, findLaw(title)?.articles])
    expect(known).toEqual(newest.map(text => [text.title, countArticles(text) || null]))
  })

  it('gives the day of publication, else of adoption, that stands in the heading', () => {
    compare(
      law => law?.adopted,
      text => {
        const [first] = [...linesOf(text, /(?:公布|发布)\s*$/), ...linesOf(text, /日 .*通过/)]
        return adoptedElsewhere[text.title] ?? dayIn(first ?? '')
      },
    )
  })

  it('gives the amendments and revisions that stand in the heading', () => {
    compare(
      law => law?.amended ?? [],
      text => amendedElsewhere[text.title] ?? linesOf(text, /修正|修订/).map(dayIn),
    )
  })

  it('gives as adopted or last amended the day that the file is named by', () => {
    const last = (law: Law | undefined) => law?.amended?.at(-1) ?? law?.adopted
    compare(last, ({ title, dated }) => adoptedElsewhere[title] ?? dated)
  })

  it('gives the number that stands in the heading', () => {
    compare(
      law => law?.number,
      ({ head }) => [...head.matchAll(/国务院令第\d+号|劳部发〔\d+〕\d+号/g)].at(-1)?.[0],
    )
  })

  it('gives the day on which the text came into force', () => {
    compare(
      law => law?.inForce,
      text => {
        const amendment = linesOf(text, /修正|修订/).at(-1)
        const [own] = [
          ...(text.body.match(/自\d{4}年\d+月\d+日起施行/g) ?? []),
          ...linesOf(text, /日 [施执]行/),
        ]
        // A revision writes the last article anew, an amendment leaves it as it was.
        const stated = dayIn((amendment?.includes('修正') ? amendment : own) ?? '')
        return inForceElsewhere[text.title] ?? stated ?? text.dated
      },
    )
  })

  it('has repealed what the last articles repeal, and names what came in its place', () => {
    const repeals = all.flatMap(({ title, dated, body }) =>
      (body.match(/[^\n]*同时废止/g) ?? []).flatMap(line =>
        [...line.matchAll(/《([^》]+)》/g)].map(([, old]) => [
          old,
          dayIn(/自\d{4}年\d+月\d+日起施行/.exec(line)?.[0] ?? '') ?? dated,
          title,
        ]),
      ),
    )
    const others = repeals.filter(([old, , title]) => old !== title)
    expect(others).toHaveLength(6)
    expect(others.map(([old = '']) => [old, findLaw(old)?.repealed, findLaw(old)?.repealedBy])).toEqual(
      others,
    )
  })

  it('knows the numbers of older texts that the texts themselves give', () => {
    const older = all.flatMap(
      ({ head, body }) => `${head}${body}`.match(/国务院令第(?:492|513)号|劳社部发\[\d+\]\d+号/g) ?? [],
    )
    expect(older.toSorted()).toEqual([
      '劳社部发[2000]8号',
      '劳社部发[2008]3号',
      '国务院令第492号',
      '国务院令第513号',
    ])
    expect(older.filter(number => repealedLawsIn(number, today).length !== 1)).toEqual([])
  })

  it.runIf(existsSync('knowledge'))('bears out every citation of our own knowledge', async () => {
    const { entries } = await loadKnowledge('knowledge', today)
    const counts = new Map(newest.map(text => [text.title, countArticles(text)]))
    const cited = entries.flatMap(entry => entry.sources)
    expect(cited.length).toBeGreaterThan(0)
    expect(cited.filter(({ law, article }) => article !== null && article > (counts.get(law) ?? 0))).toEqual(
      [],
    )
  })
})
