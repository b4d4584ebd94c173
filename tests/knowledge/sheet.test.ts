/** Tables as officials really keep them: what can be read is read, all else is named by row and column. */
import { describe, expect, it } from 'vitest'
import { type Entry, readSheets, writeSheet } from '#knowledge'
import { entryOf } from './entries.ts'

const source = (law: string, article: number | null = null) => ({ law, article, title: null, url: null })
const known = [
  entryOf('apply', '失业金怎么申领？', {
    questions: ['失业金怎么领'],
    sources: [{ ...source('失业保险条例', 16), url: 'https://www.example.gov.cn/16' }],
    owner: '失业处',
    expires: '2027-01-01',
    answer: '到经办机构申领。',
  }),
]

function read(rows: string[][], entries: readonly Entry[] = known) {
  const options = { known: new Map(entries.map(entry => [entry.id, entry])), today: '2026-11-23' }
  const reading = readSheets([{ name: '问答', rows }], options)
  return {
    ...reading,
    entries: reading.entries.map(one => one.entry),
    changes: reading.entries.map(one => `${one.row} ${one.change}`),
    problems: reading.problems.map(p => `${p.row} ${p.column} ${p.problem}`),
  }
}

const law = '《社会保险法》第45条'
const head = ['标题', '答案', '依据']
const good = ['补缴社保怎么办？', '请到窗口办理。', law]

describe('the headings of a sheet', () => {
  it.each([
    [['答案', '依据', '标题']],
    [['答复内容', '政策依据（法规及条款）', '咨询问题']],
    [['解答', '法律法规', '*标准问题 （必填）']],
    [['标准答复', '文件依据1', '问题']],
  ])('may stand in any order and wording: %j', headings => {
    const place = (name: RegExp) => headings.findIndex(heading => name.test(heading))
    const row = ['', '', '']
    row[place(/标题|问/)] = '补缴社保怎么办？'
    row[place(/答/)] = '请到窗口办理。'
    row[place(/依据|法规/)] = law
    const { entries, problems } = read([headings, row])
    expect(problems).toEqual([])
    expect(entries).toMatchObject([
      { title: '补缴社保怎么办？', answer: '请到窗口办理。', sources: [source('社会保险法', 45)] },
    ])
  })

  it('may stand below a title, in two rows, and once more on the next page', () => {
    const { changes, problems } = read([
      ['某市政策问答', '某市政策问答', '某市政策问答'],
      ['标题', '答案', '政策依据'],
      ['标题', '答案', '法规名称'],
      good,
      [],
      ['标题', '答案', '法规名称'],
      ['断缴社保怎么办？', '可以补缴。', law],
    ])
    expect([changes, problems]).toEqual([['4 new', '7 new'], []])
  })

  it('call a question a title, or a further question where there is a title', () => {
    const [first] = read([['问题', '答案', '依据'], good]).entries
    expect(first).toMatchObject({ title: '补缴社保怎么办？', questions: [] })
    const [second] = read([
      [...head, '问题'],
      [...good, '社保断了怎么补'],
    ]).entries
    expect(second).toMatchObject({ title: '补缴社保怎么办？', questions: ['社保断了怎么补'] })
  })

  it('that mean nothing to us are told, and a sheet without any is a problem', () => {
    expect(read([[...head, '备注'], good]).notes).toEqual([expect.stringContaining('备注')])
    expect(
      read([
        ['甲', '乙'],
        ['一', '二'],
      ]).problems,
    ).toEqual([expect.stringContaining('没有找到表头')])
  })

  it('of one sheet are enough in a workbook with explanations', () => {
    const tables = [
      { name: '说明', rows: [['请如实填写']] },
      { name: '问答', rows: [head, good] },
    ]
    const reading = readSheets(tables, { known: new Map(), today: '2026-11-23' })
    expect(reading).toMatchObject({
      entries: [{ row: 2 }],
      problems: [],
      notes: [expect.stringContaining('说明')],
    })
  })
})

describe('the cells of a row', () => {
  it('hold several questions, by line or with ；, numbered or not', () => {
    const cell = '1. 社保断了怎么补\n2、断缴；（3）漏缴怎么办\n· 3.5倍算吗\n12345、12333都能问吗'
    expect(
      read([
        [...head, '问法'],
        [...good, cell],
      ]).entries[0]?.questions,
    ).toEqual(['社保断了怎么补', '断缴', '漏缴怎么办', '3.5倍算吗', '12345、12333都能问吗'])
  })

  it.each([
    ['2027-06-30', '2027-06-30'],
    ['2027年6月30日', '2027-06-30'],
    ['2027/6/30', '2027-06-30'],
    ['20270630', '2027-06-30'],
    ['2025.1.1至2027.6.30', '2027-06-30'],
    ['长期有效', null],
    ['', null],
  ])('give a last day: %s', (cell, expires) => {
    expect(
      read([
        [...head, '有效期'],
        [...good, cell],
      ]).entries,
    ).toMatchObject([{ expires }])
  })

  it('name laws in one column and articles in another', () => {
    const headings = ['标题', '答案', '法规名称', '条款']
    const sources = (name: string, article: string) =>
      read([headings, ['补缴？', '可以。', name, article]]).entries[0]?.sources
    expect(sources('社会保险法', '第四十五条')).toEqual([source('社会保险法', 45)])
    expect(sources('社会保险法', '45、46')).toEqual([source('社会保险法', 45), source('社会保险法', 46)])
    expect(sources('社会保险法\n失业保险条例', '45\n14')).toEqual([
      source('社会保险法', 45),
      source('失业保险条例', 14),
    ])
    expect(sources('', law)).toEqual([source('社会保险法', 45)])
    const { problems } = read([headings, ['补缴？', '可以。', '社会保险法\n失业保险条例', '45']])
    expect(problems).toEqual([expect.stringMatching(/^2 法规名称 有2部法规、1处条款/)])
  })

  it('belong to the entry above where title and answer are merged or left empty', () => {
    const { entries, changes } = read([
      [...head, '问法'],
      [...good, '问法一'],
      [...good, '问法二'],
      ['', '', '', '问法三'],
    ])
    expect(changes).toEqual(['2 new'])
    expect(entries[0]?.questions).toEqual(['问法一', '问法二', '问法三'])
  })

  it('that are a caption across the sheet are no row', () => {
    expect(read([head, ['一、社保', '一、社保', '一、社保'], good])).toMatchObject({
      changes: ['3 new'],
      problems: [],
    })
  })
})

describe('a row', () => {
  it.each([
    ['without an answer', ['甲怎么办？', '', law], '答案 没有答案'],
    ['without a source', ['甲怎么办？', '可以。', ''], '依据 缺少依据'],
    ['with a source that says nothing', ['甲怎么办？', '可以。', '看文件'], '依据 看不懂“看文件”'],
    [
      'that cites beyond the last article',
      ['甲怎么办？', '可以。', '《社会保险法》第999条'],
      '依据 这部法规没有这一条',
    ],
    ['that cites an unknown law', ['甲怎么办？', '可以。', '《没有的法》第1条'], '依据 法规目录中没有'],
    [
      'with a day that does not exist',
      ['甲怎么办？', '可以。', law, '2027-02-30'],
      '失效日期 “2027-02-30”不是日期',
    ],
    ['that has expired', ['甲怎么办？', '可以。', law, '2026-01-01'], '失效日期 条目已于'],
    ['with a region by name', ['甲怎么办？', '可以。', law, '', '济南'], '地区 “济南”不是行政区划代码'],
    ['with an id that is none', ['甲怎么办？', '可以。', law, '', '', 'a b'], '编号 编号只能由'],
    ['without a title', ['', '可以。', law, '', '', 'x'], '标题 没有标题'],
    ['with the title of a row above', ['补缴社保，怎么办', '另一种答案。', law], '标题 标题与第2行相同'],
    [
      'with the title of another entry',
      ['失业金怎么申领？', '可以。', law, '', '', 'x'],
      '编号 标题与已有条目 apply 相同',
    ],
  ])('%s is named by row and column, and the others are read', (_, row, words) => {
    const { entries, problems } = read([[...head, '失效日期', '地区', '编号'], good, ['', '', ''], row])
    expect(entries.map(entry => entry.title)).toEqual(['补缴社保怎么办？'])
    expect(problems).toEqual([expect.stringContaining(`4 ${words}`)])
    expect(problems[0]).toContain('请')
  })

  it('that is good is not lost behind a broken one of the same title, but named', () => {
    const { problems } = read([head, ['甲怎么办？', '', law], ['甲怎么办？', '可以。', law]])
    expect(problems).toEqual([
      expect.stringMatching(/^2 答案/),
      expect.stringMatching(/^3 标题 标题与第2行相同/),
    ])
  })

  it('that says the same as the one above is the same row', () => {
    expect(read([head, good, good])).toMatchObject({ changes: ['2 new'], problems: [] })
  })

  it('is given an id of its own by its title; a running number is none', () => {
    const { entries } = read([
      ['编号', ...head],
      ['1', ...good],
      ['2', '补缴社保，怎么办 呢？', '可以。', law],
    ])
    expect(entries.map(entry => entry.id)).toEqual(['补缴社保怎么办', '补缴社保-怎么办-呢'])
  })

  it('with the title or id of an entry changes it; a column that is absent is left as it was', () => {
    const { entries, changes } = read([
      ['标题', '答案'],
      ['失业金怎么申领?', '先办登记。'],
    ])
    expect(changes).toEqual(['2 changed'])
    expect(entries[0]).toEqual({ ...known[0], title: '失业金怎么申领?', answer: '先办登记。' })
    const [byId] = read([
      ['编号', ...head],
      ['apply', '失业金如何申领？', '先办登记。', '《失业保险条例》第16条'],
    ]).entries
    expect(byId?.sources).toEqual(known[0]?.sources)
  })
})

describe('a sheet that we wrote', () => {
  it('is read again without a change', () => {
    const local = entryOf('apply-jn', '', {
      extends: 'apply',
      region: '370100',
      sources: known[0]?.sources ?? [],
    })
    const all = [
      ...known,
      local,
      entryOf('b', '断缴；还能补吗', { not: ['甲', '乙'], sources: [source('社会保险法', 60)] }),
    ]
    const { rows } = writeSheet([...all, { ...local, id: 'apply-sd', version: 3 } as Entry])
    const { changes, problems } = read(
      rows.map(row => [...row]),
      [...all, { ...local, id: 'apply-sd' }],
    )
    expect(problems).toEqual([])
    expect(changes).toEqual(['2 same', '3 same', '4 changed', '5 same'])
  })
})
