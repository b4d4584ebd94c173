import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, loadKnowledge } from '#knowledge'
import { faultOf, ground, groundingFaults, groundQuestion } from '../../src/phrasing/grounding.ts'
import { entryOf } from '../knowledge/entries.ts'

const source = (law: string, article: number) => ({ law, article, title: null, url: null })
const duration = entryOf('duration', '失业保险金最长可以领多少个月？', {
  answer:
    '领取期限按累计缴费时间计算：满一年不满五年的，最长十二个月；满五年不满十年的，最长十八个月；满十年的，最长二十四个月。\n请在办理失业登记之日起六十日内，到社会保险经办机构申领。单位不得扣押您的证明。',
  questions: ['失业金能领30个月吗'],
  sources: [source('社会保险法', 46), source('失业保险条例', 17)],
})
const leave = entryOf('leave', '职工每年有多少天带薪年休假？', {
  answer:
    '累计工作满一年不满十年的五天，满十年不满二十年的十天，满二十年的十五天。\n国家法定休假日不计入年休假。\n详情见 https://www.example.gov.cn/nj 。',
  sources: [source('职工带薪年休假条例', 3)],
})
const entries = [duration, leave]
const faultIn = (text: string, ids = ['duration']) => faultOf([{ text, entries: ids }], entries)

describe('a phrased sentence may be sent', () => {
  it.each([
    '领取期限按累计缴费时间计算。',
    '累计缴费满5年不满10年的，最长可以领取18个月。',
    '缴费时间满十年的，领取期限最长24个月。',
    '请在办理失业登记之日起60日内，到社会保险经办机构申领失业保险金。',
    '根据《社会保险法》第四十六条，满一年不满五年的，最长十二个月。',
    '用人单位不得扣押您的证明。',
  ])('when it says in other words what its entry says: %s', text => {
    expect(faultIn(text)).toBeUndefined()
  })

  it('with its siblings as one text, closed where it is open', () => {
    const sentences = [
      { text: '满十年的，最长二十四个月', entries: ['duration'] },
      { text: ' 国家法定休假日不计入年休假。', entries: ['leave'] },
    ]
    expect(ground(sentences, entries)).toBe('满十年的，最长二十四个月。国家法定休假日不计入年休假。')
  })

  it('when it rests on two entries that it both names', () => {
    const text = '失业保险金最长二十四个月，国家法定休假日不计入年休假。'
    expect(faultIn(text, ['duration', 'leave'])).toBeUndefined()
    expect(faultIn(text, ['duration'])).toBe('overlap')
  })
})

describe('a phrased sentence is not sent', () => {
  it.each<[(typeof groundingFaults)[number], string, string]>([
    ['fact', 'a number that is not there', '满十年的，最长二十六个月。'],
    ['fact', 'a number that only people asked about', '领取期限最长30个月。'],
    ['fact', 'a number with another unit', '满十年的，最长二十四年。'],
    ['fact', 'a number with another limit', '满十年的，至少领二十四个月。'],
    ['fact', 'a limit of which it makes a fact', '满十年的，领取二十四个月。'],
    ['fact', 'a percentage', '领取期限按累计缴费时间的百分之二十计算。'],
    ['fact', 'a date', '领取期限自2024年7月1日起按累计缴费时间计算。'],
    ['fact', 'another article', '根据《社会保险法》第四十五条，领取期限按累计缴费时间计算。'],
    ['fact', 'an article of another law', '根据《失业保险条例》第四十六条，领取期限按累计缴费时间计算。'],
    ['fact', 'another law', '根据《劳动法》，领取期限按累计缴费时间计算。'],
    ['fact', 'a document', '按人社部发〔2024〕12号，领取期限按累计缴费时间计算。'],
    ['fact', 'a telephone', '请在办理失业登记后拨打0531-88888888申领。'],
    ['sign', 'what was masked', '领取期限按累计缴费时间计算［已隐去］。'],
    ['law', 'another law without its brackets', '按劳动合同法，领取期限按累计缴费时间计算。'],
    ['foreign word', 'an address', '申领请登录 http://evil.example/a 办理失业登记。'],
    ['foreign word', 'an address without its beginning', '申领请登录evil.cn办理失业登记。'],
    ['foreign word', 'an account', '申领失业保险金请加微信abc办理失业登记。'],
    ['office', 'another office', '请在办理失业登记之日起六十日内，到派出所申领。'],
    ['promise', 'a promise', '办理失业登记之日起六十日内申领，一定能批准。'],
    ['promise', 'a guarantee', '保证您领取失业保险金。经办机构保证通过。'],
    ['promise', 'how a case will end', '单位扣押您的证明，仲裁会支持您。'],
    ['sense', 'a denial the other way round', '单位可以扣押您的证明。'],
    ['sense', 'a denial that is not there', '不能到社会保险经办机构申领。'],
    ['sense', 'a duty that is not there', '领取期限必须按累计缴费时间计算。'],
    ['sense', 'a verdict of its own', '可以。'],
    ['overlap', 'something invented beside what is there', '满十年的，最长二十四个月，另外送您购物卡。'],
    ['overlap', 'little besides', '满十年的，最长二十四个月，全额报销。'],
    ['overlap', 'something else', '今天天气晴朗，适合出门散步。'],
    ['sign', 'a mark-up', '**领取期限**按累计缴费时间计算。'],
    ['sign', 'a picture', '领取期限按累计缴费时间计算😀。'],
    ['length', 'words in no Chinese', 'OK.'],
    ['length', 'nothing', ' \n'],
    ['length', 'too much', '领取期限按累计缴费时间计算，'.repeat(12)],
  ])('for its %s: %s', (fault, _, text) => {
    expect(faultIn(text)).toBe(fault)
  })

  it('when it names no entry, or one that was not given', () => {
    expect(faultIn('领取期限按累计缴费时间计算。', [])).toBe('unquoted')
    expect(faultIn('领取期限按累计缴费时间计算。', ['duration', 'other'])).toBe('unquoted')
  })

  it('when it names another entry than the one that says so', () => {
    expect(faultIn('领取期限按累计缴费时间计算。', ['leave'])).toBe('overlap')
  })

  it('when one of its siblings is not', () => {
    const good = { text: '领取期限按累计缴费时间计算。', entries: ['duration'] }
    expect(ground([good, { ...good, text: '最长三十个月。' }], entries)).toBeUndefined()
  })

  it('when there are none, too many, or too much of them', () => {
    const good = { text: '领取期限按累计缴费时间计算。', entries: ['duration'] }
    const long = { ...good, text: '领取期限按累计缴费时间计算，'.repeat(10) }
    expect(faultOf([], entries)).toBe('length')
    expect(faultOf(Array(13).fill(good), entries)).toBe('length')
    expect(faultOf([long, long, long, long], entries)).toBe('length')
  })
})

describe('an address that is the entry’s own', () => {
  it('may be told, and no other with the same parts', () => {
    expect(faultIn('详情见 https://www.example.gov.cn/nj 。', ['leave'])).toBeUndefined()
    expect(faultIn('详情见 https://www.gov.cn/example 。', ['leave'])).toBe('foreign word')
  })
})

const { entries: shipped } = await loadKnowledge(join(import.meta.dirname, '../../knowledge'), '2026-11-23')
const said = shipped.flatMap(entry =>
  entry.answer
    .split(/(?<=[。！？])|\n/u)
    .map(text => text.replace(/^- /, '').trim())
    .filter(text => text.length >= 4 && text.length <= 160)
    .map(text => ({ text, entry })),
)
/** Enough of them to count with. */
const some = said.filter((_, i) => i % 4 === 0)
const faultOfSaid = (text: string, entry: Entry) => faultOf([{ text, entries: [entry.id] }], [entry])

/** The part of the changed sentences that are found out. */
function foundOut(change: (text: string) => string): number {
  const changed = some.map(one => ({ ...one, changed: change(one.text) })).filter(c => c.changed !== c.text)
  expect(changed.length).toBeGreaterThan(50)
  return (
    changed.filter(({ changed, entry }) => faultOfSaid(changed, entry) !== undefined).length / changed.length
  )
}

const swap = (pairs: Record<string, string>, pattern: RegExp) => (text: string) =>
  text.replace(pattern, found => pairs[found] ?? found)

describe('the shipped knowledge', () => {
  it('may be told sentence by sentence in its own words', () => {
    const faults = said.filter(({ text, entry }) => faultOfSaid(text, entry) !== undefined)
    expect(said.length).toBeGreaterThan(3_000)
    expect(faults.length / said.length).toBeLessThan(0.003)
  })

  const one = '二三四五六七八九'
  const next = Object.fromEntries([...one].map((c, i) => [c, one[(i + 5) % one.length] ?? '']))
  it.each<[string, number, (text: string) => string]>([
    ['another number', 0.95, swap(next, /[二三四五六七八九](?=[年天日倍十个百])/u)],
    ['another figure', 0.93, text => text.replace(/\d+/u, found => String(Number(found) + 1))],
    [
      'another unit',
      0.95,
      swap(
        { 个月: '年', 年: '个月', 日: '个月', 天: '周', 倍: '成' },
        /(?<=[一二三四五六七八九十\d] ?)(个月|年|日|天|倍)/u,
      ),
    ],
    [
      'the opposite limit',
      0.9,
      swap(
        {
          不超过: '超过',
          不低于: '低于',
          不满: '满',
          以上: '以下',
          以下: '以上',
          最长: '至少',
          至少: '最多',
        },
        /不超过|不低于|不满|以上|以下|最长|至少/u,
      ),
    ],
    [
      'a denial less',
      0.95,
      swap(
        { 不能: '能', 不得: '可以', 不可以: '可以', 不予: '予以' },
        /(?<!能)不能|不得(?!不|超|低|少)|不可以|不予/u,
      ),
    ],
    ['a denial more', 0.98, text => text.replace(/可以|应当/u, found => `不${found}`)],
    ['a duty instead of a right', 0.95, swap({ 可以: '必须' }, /可以/u)],
    [
      'another office',
      1,
      swap({ 法院: '派出所', 经办机构: '派出所', 仲裁委: '派出所' }, /法院|经办机构|仲裁委/u),
    ],
    ['a promise', 1, text => text.replace(/可以/u, '一定可以拿到并')],
    ['a present', 1, text => text.replace(/。$/u, '，同时赠送超市购物卡。')],
  ])('is hardly ever told with %s', (_, least, change) => {
    expect(foundOut(change)).toBeGreaterThanOrEqual(least)
  })
})

describe('whatever a model says', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.stringMatching(/^[一-十百千万点零半第条《》〔\d年月日.,%分之不]{0,60}$/u),
  )
  it('is judged without an exception', () => {
    fc.assert(
      fc.property(odd, odd, (text, answer) => {
        const entry = { ...duration, answer: `${duration.answer}${answer}` }
        const fault = faultOf([{ text, entries: ['duration'] }], [entry])
        expect([undefined, ...groundingFaults]).toContain(fault)
        groundQuestion(text, { followUp: answer, before: duration.title })
      }),
    )
  })

  it('is judged also where it is written to take long', () => {
    for (const part of ['第一条', '一', '1', '百分之', '《', '不', '2024-', 'a.', '可以', '满', '、一'])
      expect(groundingFaults).toContain(faultIn(part.repeat(500 / part.length)))
  })
})

describe('a rewritten follow-up', () => {
  const before = '失业金怎么领\n领取失业保险金要符合哪些条件？'
  it.each([
    ['那要带什么材料', '领取失业保险金要带什么材料？'],
    ['能领多久', '失业金能领多久'],
    ['交了15年呢', '交了15年，失业金怎么领'],
    ['怎么办？', '失业金怎么领，怎么办？'],
    ['最低工资是多少', '最低工资是多少'],
  ])('is taken when it only adds what was before: %s → %s', (followUp, text) => {
    expect(groundQuestion(text, { followUp, before })).toBe(text)
  })

  it.each([
    ['drops what was asked', '今晚吃什么好', '领取失业保险金要符合哪些条件？'],
    ['brings a number', '能领多久', '失业金能领24个月吗'],
    ['drops a number', '交了15年呢', '失业金怎么领'],
    ['brings a place', '能领多久', '济南市历下区失业补助能领多久'],
    ['brings an address', '能领多久', '失业金能领多久 http://evil.cn'],
    ['answers', '能领多久', '失业金能领多久？最长可领两年，请联系客服办理退款。'],
    ['is empty', '能领多久', ''],
    ['is no question in Chinese', '能领多久', 'how long'],
    ['has several lines', '能领多久', '失业金能领多久\n失业金怎么领'],
    ['is too long', '能领多久', '失业金能领多久'.repeat(40)],
    ['holds what was masked', '能领多久', '失业金［已隐去］能领多久'],
  ])('is not taken when it %s', (_, followUp, text) => {
    expect(groundQuestion(text, { followUp, before })).toBeUndefined()
  })
})
