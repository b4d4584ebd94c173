import { describe, expect, it } from 'vitest'
import { claimsOf } from '../../src/phrasing/claims.ts'

const keysOf = (text: string) => claimsOf(text).map(({ key }) => key)

describe('a fact has one key, however it is written', () => {
  it.each<[string, ...string[]]>([
    ['24个月', '二十四个月', '２４个月', '24 个月'],
    ['12000元', '1.2万元', '一万二千元', '12,000元', '一万二元'],
    ['15工作日', '15个工作日', '十五个工作日', '拾伍个工作日'],
    ['15日', '十五天', '15 天', '15个自然日'],
    ['2倍', '二倍', '两倍', '双倍'],
    ['150%', '百分之一百五十', '150％', '百分之150'],
    ['0.5%', '千分之五', '5‰', '0.5%', '百分之零点五'],
    ['0.05%', '万分之五', '百分之零点零五'],
    ['2/3', '三分之二', '3分之2'],
    ['0.5年', '半年', '0.5年'],
    ['105元', '一百零五元', '105元'],
    ['150元', '一百五元', '150元'],
    ['第14条', '第十四条', '第14条', '第 14 条'],
    ['2024-5-1', '2024年5月1日', '二〇二四年五月一日', '2024-05-01', '2024/5/1', '2024年5月1号'],
    ['2024-5', '2024年5月', '二零二四年五月'],
    ['5-1', '5月1日', '五月一号'],
    ['《社会保险法》', '《社会保险法》', '《中华人民共和国社会保险法》'],
    ['部发〔2024〕12号', '人社部发〔2024〕12号', '人社部发[2024]12号', '人社部发（2024）第12号'],
    ['第711号', '国务院令第711号', '国务院令第七百一十一号'],
  ])('%s', (key, ...texts) => {
    for (const text of texts) expect(keysOf(text)).toEqual([key])
  })
})

describe('a number keeps', () => {
  it.each([
    ['its limits', '满一年不满十年的五天', ['≥1年', '<10年', '5日']],
    ['a limit that stands apart', '不低于本人工资的百分之一百五十', ['≥150%']],
    ['a limit that follows', '五百元以上二千元以下，15日内', ['≥500元', '≤2000元', '≤15日']],
    ['that it is at most', '最长24个月，不得超过三个月', ['≤24个月', '≤3个月']],
    ['that it is about', '大约十一个月，十多天', ['≈11个月', '≈10日']],
    ['whether it is before or after', '30日前，三年后', ['←30日', '→3年']],
    ['both ends of a range', '三至五年，3-5个月', ['3年', '5年', '3个月', '5个月']],
    [
      'to which law an article belongs',
      '《社会保险法》第45条',
      ['《社会保险法》', '《社会保险法》第45条', '第45条'],
    ],
    ['what it is without a unit', '拨打12333', ['n:12333']],
  ])('%s', (_, text, keys) => {
    expect(keysOf(text)).toEqual(keys)
  })

  it('not a limit from the clause before', () => {
    expect(keysOf('不满一年的，发五天')).toEqual(['<1年', '5日'])
  })
})

describe('words with a numeral in them', () => {
  it.each(['一般', '一定要一起去', '进一步统一', '唯一', '双方', '五险一金', '一个窗口', '一次性告知'])(
    'are no facts: %s',
    text => {
      expect(keysOf(text)).toEqual([])
    },
  )

  it.each([
    ['一个月', ['1个月']],
    ['十分钟', ['10分钟']],
    ['一次', ['1次']],
  ])('are, where they count: %s', (text, keys) => {
    expect(keysOf(text)).toEqual(keys)
  })
})
