import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { citationsOf, loadKnowledge, parseEntry } from '#knowledge'
import { folderOf } from './entries.ts'

const today = '2026-11-23'

const good = `---
id: unemployment-conditions
title: 领取失业保险金要符合哪些条件？
questions:
  - 失业金怎么领
  - 12333
not: []
topic: unemployment
sources:
  - law: 失业保险条例
    article: 14
owner: 失业保险处
reviewed: 2026-11-01
expires:
related: [unemployment-duration, unemployment-amount]
---
可以领，但要符合三个条件。

- 缴费满一年
`

describe('loading knowledge', () => {
  it('reads an entry with everything in it', async () => {
    const { entries, problems } = await loadKnowledge(await folderOf({ 'a/one.md': good }), today)
    expect(problems).toEqual([])
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({
      id: 'unemployment-conditions',
      questions: ['失业金怎么领', '12333'],
      sources: [{ law: '失业保险条例', article: 14, title: null, url: null }],
      expires: null,
      related: ['unemployment-duration', 'unemployment-amount'],
      answer: '可以领，但要符合三个条件。\n\n- 缴费满一年',
    })
  })

  it('shows each citation with the day from which its text applies', async () => {
    const { entries } = await loadKnowledge(await folderOf({ 'one.md': good }), today)
    expect(entries.flatMap(citationsOf)).toEqual([
      {
        law: '失业保险条例',
        article: 14,
        title: '失业保险条例',
        url: null,
        number: '国务院令第258号',
        inForce: '1999-01-22',
      },
    ])
  })

  it('does not mind a byte-order mark or the line ends of Windows', async () => {
    const windows = `\ufeff${good.replaceAll('\n', '\r\n')}`
    const { entries, problems } = await loadKnowledge(await folderOf({ 'one.md': windows }), today)
    expect(problems).toEqual([])
    expect(entries[0]?.answer).toBe('可以领，但要符合三个条件。\n\n- 缴费满一年')
  })

  it('names a missing folder and serves nothing', async () => {
    const { entries, problems } = await loadKnowledge('/no/such/folder', today)
    expect(entries).toEqual([])
    expect(problems).toMatchObject([{ file: '/no/such/folder', dropped: true }])
  })

  it('leaves a README and files of other kinds alone', async () => {
    const folder = await folderOf({ 'README.md': '# 说明', 'notes.txt': 'x', 'one.md': good })
    expect(await loadKnowledge(folder, today)).toMatchObject({ entries: [{}], problems: [] })
  })

  it('takes the endings of Windows for what they are', async () => {
    const folder = await folderOf({ 'ONE.MD': good, 'ReadMe.MD': '# 说明' })
    expect(await loadKnowledge(folder, today)).toMatchObject({ entries: [{}], problems: [] })
  })

  it('names a folder without entries', async () => {
    const folder = await folderOf({ 'notes.txt': 'x' })
    const { problems } = await loadKnowledge(folder, today)
    expect(problems).toMatchObject([
      { file: folder, problem: expect.stringContaining('没有条目'), dropped: true },
    ])
  })

  it('keeps regional overlays apart', async () => {
    const overlay = good.replace(
      'id: unemployment-conditions',
      'id: jinan\nextends: unemployment-conditions\nregion: 济南',
    )
    const folder = await folderOf({ 'one.md': good, 'regions/370100/one.md': overlay })
    const { entries, overlays } = await loadKnowledge(folder, today)
    expect([entries.map(e => e.id), overlays.map(e => e.id)]).toEqual([
      ['unemployment-conditions'],
      ['jinan'],
    ])
  })
})

/** The good entry as another one, with something replaced. */
const other = (from: string | RegExp, to: string) =>
  good.replace('unemployment-conditions', 'other').replace(from, to)

describe('a broken entry', () => {
  it.each([
    ['without front matter', '可以领。', 1, '文件头'],
    ['with front matter that never ends', '---\nid: other\ntitle: 问', 1, '文件头'],
    ['that is not YAML', other('owner: 失业保险处', 'owner: [失业保险处'), 13, 'YAML'],
    ['without an id', other('id: other\n', ''), 2, 'id'],
    ['without a title', other(/title: .*\n/, ''), 2, 'title'],
    ['with a date that does not exist', other('2026-11-01', '2026-02-30'), 13, 'reviewed'],
    ['with an article that is no number', other('article: 14', 'article: 十四'), 11, 'article'],
    ['with a question that is a map', other('  - 12333', '  - a: b'), 6, 'questions'],
    ['with the same field twice', other('owner: 失业保险处', 'owner: 甲\nowner: 乙'), 13, 'YAML'],
    ['without an answer', other(/可以领[\s\S]*/, ''), 16, '正文'],
    ['without sources', other(/sources:[\s\S]*(?=owner)/, ''), 1, '依据'],
    ['that cites an unknown law', other('失业保险条例', '失业保险法'), 10, '法规目录中没有'],
    [
      'that cites a wrong article by the full title',
      other('law: 失业保险条例', 'law: 中华人民共和国社会保险法').replace('article: 14', 'article: 99'),
      10,
      '第99条',
    ],
    [
      'with a wrong second source under signs',
      other(
        '    article: 14\n',
        '    article: 14\n  - title: 附件\n    law: 《失业保险条例》\n    article: 99\n',
      ),
      13,
      '第99条',
    ],
    ['that cites beyond the last article', other('article: 14', 'article: 34'), 10, '没有这一条'],
    ['that has expired', other('expires:', 'expires: 2026-11-22'), 14, '失效'],
    ['that is not yet in effect', other('expires:', 'effective: 2026-11-24'), 14, '生效'],
    ['with an id that is taken', good, 2, '已被 one.md 使用'],
  ])('%s is named with file and line, and the others load', async (_, text, line, words) => {
    const { entries, problems } = await loadKnowledge(
      await folderOf({ 'one.md': good, 'two.md': text }),
      today,
    )
    expect(entries.map(entry => entry.id)).toEqual(['unemployment-conditions'])
    expect(problems).toMatchObject([{ file: 'two.md', line, dropped: true }])
    expect(problems[0]?.problem).toContain(words)
  })

  it('in another encoding than UTF-8 is named, and so is a folder with the name of a file', async () => {
    const folder = await folderOf({ 'one.md': good, 'folder.md/two.md': other('', '') })
    await writeFile(join(folder, 'gbk.md'), Buffer.concat([Buffer.from(good), Buffer.from([0xb9, 0xab])]))
    const { entries, problems } = await loadKnowledge(folder, today)
    expect(entries.map(entry => entry.id)).toEqual(['other', 'unemployment-conditions'])
    expect(problems.map(problem => problem.file)).toEqual(['folder.md', 'gbk.md'])
    expect(problems[1]?.problem).toContain('UTF-8')
  })

  it('is still served on the last day of its validity', async () => {
    const folder = await folderOf({ 'one.md': good.replace('expires:', 'expires: 2026-11-23') })
    expect(await loadKnowledge(folder, today)).toMatchObject({ entries: [{}], problems: [] })
  })
})

describe('a remark', () => {
  const remarksOn = async (file: string, text: string) => {
    const { entries, overlays, problems } = await loadKnowledge(await folderOf({ [file]: text }), today)
    return { served: entries.length + overlays.length, problems }
  }

  it.each([
    ['a field that is misspelt', other('expires:', 'expire: 2026-01-01'), 14, '请改成 expires'],
    ['a list that is misspelt', other('questions:', 'Question:'), 4, '请改成 questions'],
    ['a field of a source that is misspelt', other('article: 14', 'articles: 14'), 11, '请改成 article'],
    ['a field that there is not', other('expires:', 'author: 甲'), 14, 'author'],
  ])('on %s has file and line, and the entry is served', async (_, text, line, words) => {
    const { served, problems } = await remarksOn('one.md', text)
    expect(served).toBe(1)
    expect(problems).toMatchObject([{ file: 'one.md', line, dropped: false, entry: 'other' }])
    expect(problems[0]?.problem).toContain(words)
  })

  it('is made on what lies among the local rules and extends nothing', async () => {
    const local = other('topic:', 'region: 370100\ntopic:')
    const { served, problems } = await remarksOn('regions/370100/one.md', local)
    expect(served).toBe(1)
    expect(problems).toMatchObject([{ line: 8, dropped: false, problem: expect.stringContaining('extends') }])
  })

  it('on a local rule without a title asks for extends', async () => {
    const { served, problems } = await remarksOn('regions/370100/one.md', other(/title: .*\n/, ''))
    expect(served).toBe(0)
    expect(problems).toMatchObject([{ line: 2, dropped: true, problem: expect.stringContaining('extends') }])
  })
})

describe('a foreign folder', () => {
  it('may hold entries without sources', async () => {
    const folder = await folderOf({ 'one.md': '---\nid: a1\ntitle: 几点上班？\n---\n九点。\n' })
    expect(await loadKnowledge(folder, today, { unsourced: true })).toMatchObject({
      entries: [{}],
      problems: [],
    })
  })

  it('may cite a law that the table does not know, which is told', async () => {
    const folder = await folderOf({ 'one.md': good.replace('失业保险条例', '民法典') })
    const { entries, problems } = await loadKnowledge(folder, today, { unsourced: true })
    expect(entries).toHaveLength(1)
    expect(problems).toMatchObject([{ line: 10, dropped: false }])
  })

  it('may not cite an article that a known law does not have', async () => {
    const folder = await folderOf({ 'one.md': good.replace('article: 14', 'article: 99') })
    expect((await loadKnowledge(folder, today, { unsourced: true })).entries).toEqual([])
  })
})

const own = 'knowledge'

describe.runIf(existsSync(own))('our own knowledge', () => {
  it('has no problem', async () => {
    expect((await loadKnowledge(own, today)).problems).toEqual([])
  })

  it('is read as a whole YAML parser reads it', () => {
    for (const file of readdirSync(own, { recursive: true, encoding: 'utf8' }).filter(f =>
      f.endsWith('.md'),
    )) {
      const raw = readFileSync(join(own, file), 'utf8')
      const [, head = ''] = raw.split(/^---$/m)
      const whole = parse(head, { schema: 'failsafe' })
      expect(parseEntry(raw, () => {})).toMatchObject({
        id: whole.id,
        questions: whole.questions,
        related: whole.related,
      })
    }
  })
})
