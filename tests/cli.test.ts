/** The commands as an operator types them: exit codes, data on standard output, words on standard error. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { utils, write } from '@e965/xlsx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadKnowledge } from '#knowledge'
import { createMasterKeyText } from '#storage'
import { until } from './base/until.ts'
import { createDesk, type Desk, type Line, type Ran } from './command-line.ts'
import { root } from './sources.ts'

const chinese = /\p{Script=Han}/u
const entry = (id: string, title: string, rest = '') =>
  `---\nid: ${id}\ntitle: ${title}\nquestions:\n  - 年假怎么算\n${rest}---\n${title}答复如下。\n`

const sourced = 'sources:\n  - law: 失业保险条例\n    article: 14\n'
const conditions = '领取失业保险金要符合哪些条件？'

const commands = [
  '',
  'start',
  'chat',
  'check',
  'ask',
  'knowledge check',
  'knowledge eval',
  'knowledge import',
  'knowledge export',
  'knowledge drafts',
  'knowledge history',
  'knowledge diff',
  'knowledge submit',
  'knowledge publish',
  'knowledge reject',
  'knowledge recall',
  'knowledge rollback',
  'knowledge withdraw',
  'questions list',
  'questions show',
  'questions assign',
  'questions answer',
  'questions dismiss',
  'questions correct',
  'messages list',
  'messages answer',
  'staff add',
  'staff disable',
  'staff list',
  'audit verify',
  'migrate',
  'backup',
  'restore',
  'key rotate',
]
const wrong = [
  ['nonsense'],
  ['help', 'nonsense'],
  ['help', 'key', 'nonsense'],
  ['backup'],
  ['check', '--nonsense'],
  ['ask'],
  ['knowledge', 'nonsense'],
  ['knowledge', 'export'],
  ['staff', 'add', '--name', '张三'],
  ['staff', 'disable'],
]

let desk: Desk
let pages: Ran[]
let misused: Ran[]
let refused: Ran[]
let checked: Ran | undefined
beforeAll(async () => {
  desk = createDesk()
  const folder = desk.file('knowledge')
  mkdirSync(folder)
  writeFileSync(
    `${folder}/conditions.md`,
    entry('conditions', conditions, sourced).replace('年假怎么算', '失业金怎么领'),
  )
  writeFileSync(`${folder}/leave-days.md`, entry('leave-days', '职工每年有多少天带薪年休假？', sourced))
  writeFileSync(`${folder}/leave-unused.md`, entry('leave-unused', '没休的年休假能折算成工资吗？', sourced))
  mkdirSync(desk.file('void'))
  writeFileSync(`${folder}/broken.md`, '---\nid: broken\ntitle: [没有写完\n---\n答复。\n')
  // All that reads no standard input and ends by itself shares one process.
  const ran = await desk.runAll([
    ...commands.map((command): Line => [[...command.split(' ').filter(Boolean), '--help']]),
    ...wrong.map((args): Line => [args]),
    [['knowledge', 'check', folder]],
    [['ask', '--json', '--knowledge', desk.file('nowhere')]],
    [['ask', '--json', '--knowledge', `${folder}/broken.md`]],
    [['ask', '--json', '--knowledge', desk.file('void')]],
    [['knowledge', 'check', desk.file('nowhere')]],
    [['knowledge', 'check', `${folder}/broken.md`]],
    [['knowledge', 'eval', `${folder}/broken.md`], env()],
    [['knowledge', 'eval', folder], env()],
    [['knowledge', 'import', `${folder}/broken.md`]],
    [['knowledge', 'export', `${folder}/broken.md`]],
    [['knowledge', 'export', desk.file('entries.md')], env()],
    [['restore', desk.file('nowhere')]],
    [['--data', desk.file('empty'), 'backup', desk.file('b')]],
    [['check'], { PORT: 'abc' }],
  ])
  pages = ran.splice(0, commands.length)
  misused = ran.splice(0, wrong.length)
  checked = ran.shift()
  refused = ran
})
afterAll(() => desk.remove())

const env = () => ({ KNOWLEDGE_DIR: desk.file('knowledge') })

describe('help', () => {
  it.each(commands.map((command, i): [string, number] => [command || 'gongkai', i]))(
    'of %s is printed in Chinese, and is no failure',
    (command, i) => {
      const { code, stdout } = pages[i] as Ran
      expect(code).toBe(0)
      expect(stdout).toContain(command.split(' ').at(-1))
      expect(stdout).toMatch(chinese)
    },
  )

  it('of the program names every command', () => {
    for (const command of commands.slice(1)) expect(pages[0]?.stdout).toContain(command.split(' ')[0])
  })
})

describe('wrong usage', () => {
  it('is code 2, with words on standard error and nothing on standard output', () => {
    const ends = misused.map(({ code, stdout }) => ({ code, stdout }))
    expect(ends).toEqual(wrong.map(() => ({ code: 2, stdout: '' })))
    for (const { stderr } of misused) expect(stderr).toMatch(/\p{Script=Han}.*。\n$/u)
    for (const { stderr } of misused.slice(0, 3)) expect(stderr).toMatch(/^没有命令 .*nonsense。.*help/)
  })
})

describe.concurrent('a refusal', () => {
  it('is code 1, with a sentence that says what to do', async () => {
    const started = await desk.run(['start'], { env: { PORT: '99999' } })
    for (const { code, stdout, stderr } of [...refused, started]) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/\p{Script=Han}.*[。]/u)
      expect(stderr).not.toMatch(/\n\s+at /)
    }
    for (const { stderr } of [refused.at(-1), started] as Ran[]) expect(stderr).toContain('PORT')
  })

  it('tells which port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await until('the port is taken', () => holder.address() !== null)
    const port = String((holder.address() as { port: number }).port)
    const { code, stderr } = await desk.run(['start'], {
      env: { ...env(), PORT: port, GONGKAI_DATA: desk.file('taken') },
    })
    holder.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`端口 ${port}`)
    expect(stderr).toContain('PORT')
  })
})

interface Result {
  id: number
  outcome: string
  entry: string | null
  confidence: number
  text: string
  citations: object[]
  offers: { entry: string; title: string }[]
  candidates: { entry: string; confidence: number }[]
}

describe('ask --json', () => {
  const questions = [conditions, '年假怎么算', '番茄炒蛋', '😀', '', '今天天气怎么样']
  let asked: Ran
  let results: Result[]
  beforeAll(async () => {
    const lines = questions.map((text, id) => JSON.stringify({ id, text }))
    const input = [...lines, '', '{"id":99}', lines[0]].join('\n')
    asked = await desk.run(['ask', '--json', '--knowledge', desk.file('knowledge')], { input })
    results = asked.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
  })

  it('answers each line in the shape of the contract', () => {
    expect(results.map(result => result.id)).toEqual(questions.map((_, id) => id))
    const keys = ['candidates', 'citations', 'confidence', 'entry', 'id', 'offers', 'outcome', 'text']
    for (const result of results) {
      expect(Object.keys(result).sort()).toEqual(keys)
      expect(['answered', 'offered', 'refused', 'handover', 'guarded']).toContain(result.outcome)
      expect(result.confidence).toBeGreaterThanOrEqual(0)
      expect(result.confidence).toBeLessThanOrEqual(1)
      expect(result.text).toMatch(chinese)
      expect(result.candidates.length).toBeLessThanOrEqual(20)
      expect(result.offers.length).toBeLessThanOrEqual(4)
    }
  })

  it('answers with entry and citation, offers near ones, and says that it does not know', () => {
    const [answered, offered, refused] = results
    expect(answered).toMatchObject({ outcome: 'answered', entry: 'conditions', offers: [] })
    expect(answered?.candidates[0]).toEqual({ entry: 'conditions', confidence: answered?.confidence })
    const citation = { law: '失业保险条例', article: 14, title: expect.any(String), url: null }
    expect(answered?.citations).toEqual([expect.objectContaining(citation)])
    expect(offered).toMatchObject({ outcome: 'offered', entry: null, citations: [] })
    const near = offered?.offers.slice(0, 2).map(offer => offer.entry)
    expect(near?.sort()).toEqual(['leave-days', 'leave-unused'])
    for (const offer of offered?.offers ?? []) expect(Object.keys(offer).sort()).toEqual(['entry', 'title'])
    expect(refused).toMatchObject({ outcome: 'refused', entry: null, offers: [], citations: [] })
  })

  it('names a broken entry with file and line, and serves the others', () => {
    expect(asked.stderr).toMatch(/broken\.md:\d+ /)
  })

  it('stops at a line that is no question, names it, and is code 1', () => {
    expect(asked.code).toBe(1)
    expect(asked.stderr).toContain(`第${questions.length + 2}行`)
    expect(results).toHaveLength(questions.length)
  })

  it('does not answer what it knows nothing of', () => {
    expect(results[5]).toMatchObject({ outcome: 'refused' })
  })

  it('says to a greeting or a command what the conversation says, and where to find a person', async () => {
    const said = ['你好', '隐私', '人工'].map((text, id) => JSON.stringify({ id, text }))
    const input = said.join('\n')
    const { stdout } = await desk.run(['ask', '--json', '--knowledge', desk.file('knowledge')], { input })
    const [greeting, privacy, person] = stdout
      .trimEnd()
      .split('\n')
      .map((line): Result => JSON.parse(line))
    expect(greeting).toMatchObject({ outcome: 'refused', entry: null, offers: [] })
    expect(greeting?.text).toContain('请直接输入您想了解的')
    expect(privacy?.text).toContain('加密')
    expect(person).toMatchObject({ outcome: 'handover', entry: null, citations: [] })
    expect(person?.text).toContain('12333')
  })

  it('answers from an entry without sources, here and only here', async () => {
    const folder = desk.file('unsourced')
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/a.md`, entry('plain', conditions))
    const input = `${JSON.stringify({ id: 1, text: conditions })}\n`
    const { stdout } = await desk.run(['ask', '--json', '--knowledge', folder], { input })
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'answered', entry: 'plain' })
  })
})

describe('knowledge check', () => {
  it('names each broken entry with file and line, and is code 1', () => {
    expect(checked).toMatchObject({ code: 1, stdout: '' })
    expect(checked?.stderr).toMatch(/broken\.md:[34] /)
    expect(checked?.stderr).toContain('3 条可用')
  })
})

describe.concurrent('knowledge eval', () => {
  const data = () => ['--data', desk.file('evaluated')]
  const question = (id: string, text: string, entries: string[]) =>
    JSON.stringify({ id, kind: 'in', topic: '失业', text, entries })

  it('measures a folder beside what is in use, and what is in use beside the folder of the settings', async () => {
    const folder = desk.file('changed')
    mkdirSync(folder)
    writeFileSync(`${folder}/leave-days.md`, entry('leave-days', '职工每年有多少天带薪年休假？', sourced))
    const lines = [
      question('1', conditions, ['conditions']),
      question('2', '失业金怎么领', ['conditions']),
      '{"id":"3","kind":"out","reason":"闲聊","text":"番茄炒蛋怎么做"}',
    ]
    writeFileSync(`${folder}/evaluation.jsonl`, lines.join('\n'))
    writeFileSync(`${desk.file('knowledge')}/evaluation.jsonl`, lines.join('\n'))
    writeFileSync(`${folder}/absent.md`, entry('absent', '没有依据的条目').replace('年假怎么算', '依据'))
    const [told, machine, own] = (await desk.runAll([
      [[...data(), 'knowledge', 'eval', folder], env()],
      [[...data(), 'knowledge', 'eval', folder, '--json'], env()],
      [[...data(), 'knowledge', 'eval', '--json'], env()],
    ])) as [Ran, Ran, Ran]
    expect([told, machine, own].map(ran => ran.code)).toEqual([0, 0, 0])
    expect(told.stdout).toBe('')
    expect(told.stderr).toMatch(/absent\.md:\d+ 缺少依据/)
    for (const words of ['保留的一半', '| 失业', '| 闲聊', '答对的比例从100.0%降到0.0%'])
      expect(told.stderr).toContain(words)
    const figures = JSON.parse(machine.stdout)
    expect(figures.all).toMatchObject({
      entries: 1,
      inScope: { questions: 2, answered: 0 },
      strangersRefused: 1,
    })
    expect(figures.before.all).toMatchObject({ entries: 3, inScope: { answered: 1, top1: 1 } })
    expect(figures.heldOut.inScope.questions + figures.tuning.inScope.questions).toBe(2)
    expect(figures.worse).toContainEqual(expect.stringContaining('Top-1'))
    expect(JSON.parse(own.stdout)).toMatchObject({ all: figures.before.all, before: {}, worse: [] })
  })

  it('names file and line of a question that is none', async () => {
    const folder = desk.file('misasked')
    mkdirSync(folder)
    writeFileSync(`${folder}/leave-days.md`, entry('leave-days', '职工每年有多少天带薪年休假？', sourced))
    writeFileSync(`${folder}/evaluation.jsonl`, `${question('1', '年假', ['leave-days'])}\n{"id":"2"}\n`)
    const ran = await desk.run([...data(), 'knowledge', 'eval', folder, '--json'], { env: env() })
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain(`${folder}/evaluation.jsonl:2 `)
  })
})

describe.concurrent('officials and their trail', () => {
  const data = () => ['--data', desk.file('officials')]
  const add = (name: string, ...roles: string[]): Line => {
    return [[...data(), 'staff', 'add', '--name', name, ...roles.flatMap(role => ['--role', role])]]
  }

  it('are added, listed and disabled, and what was done can be verified', async () => {
    const ran = await desk.runAll([
      [[...data(), 'staff', 'list']],
      add('张三', 'editor', 'reviewer'),
      add('李四', 'admin'),
      add('张三', 'editor'),
      add('王五', 'king'),
      [[...data(), 'staff', 'disable', '李四']],
      [[...data(), 'staff', 'list']],
      [[...data(), 'audit', 'verify']],
    ])
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 1, 1, 0, 0, 0])
    expect(ran[0]).toMatchObject({ stdout: '', stderr: expect.stringContaining('staff add') })
    expect(ran[6]?.stdout).toBe('张三\teditor,reviewer\t在用\n李四\tadmin\t已停用\n')
    expect(ran[7]?.stderr).toContain('共3行')

    const database = new DatabaseSync(desk.file('officials/gongkai.sqlite'))
    database.exec(`update audit set staff = '别人' where seq = 2`)
    database.close()
    const broken = await desk.run([...data(), 'audit', 'verify'])
    expect(broken).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/第2行.*staff\.add 李四/),
    })
  })
})

/** As an office keeps it: a title above, a caption within, merged cells, a date that is a number, a hidden sheet. */
function createWorkbook(): Uint8Array {
  const sheet = utils.aoa_to_sheet([
    ['某市政策问答'],
    ['序号', '问题', '问法', '答复', '政策依据', '失效时间'],
    ['一、社会保险'],
    [1, '社保断缴怎么办？', '断缴一个月', '可以补缴。', '《社会保险法》第六十条', 46_752],
    [null, null, '断缴半年'],
    [2, '社保卡丢了怎么办？', null, '请挂失。', '看文件', null],
  ])
  Object.assign(sheet.F4, { z: 'yyyy"年"m"月"d"日"' })
  sheet['!merges'] = ['A1:F1', 'A3:F3', 'B4:B5', 'D4:D5', 'G1:G1048576'].map(utils.decode_range)
  const book = utils.book_new()
  utils.book_append_sheet(book, sheet, '问答')
  utils.book_append_sheet(
    book,
    utils.aoa_to_sheet([
      ['标题', '答案'],
      ['作废', '作废'],
    ]),
    '旧',
  )
  book.Workbook = { Sheets: [{}, { Hidden: 1 }] }
  return write(book, { type: 'buffer', bookType: 'xlsx' })
}

describe.concurrent('knowledge import and export', () => {
  const line = (...args: string[]): Line => [['--data', desk.file('exchange'), ...args], env()]
  const knowledge = (...args: string[]) => line('knowledge', ...args)
  const title = '社保断缴怎么办？'

  it('stores nothing before it was said who imports, and that what is wrong may be left out', async () => {
    const book = desk.file('entries.xlsx')
    writeFileSync(book, createWorkbook())
    writeFileSync(desk.file('entries.csv'), '标题,答案')
    const ran = await desk.runAll([
      line('staff', 'add', '--name', '张三', '--role', 'editor'),
      knowledge('import', desk.file('nowhere')),
      knowledge('import', desk.file('entries.csv')),
      knowledge('import', book),
      knowledge('import', book, '--dry-run'),
      knowledge('import', book, '--as', '张三'),
      knowledge('import', book, '--as', '张三', '--publish'),
      knowledge('import', book, '--as', '张三', '--yes'),
      knowledge('import', book, '--as', '张三', '--yes'),
      knowledge('export', desk.file('before')),
    ])
    expect(ran.map(({ code }) => code)).toEqual([0, 1, 1, 1, 1, 1, 1, 0, 0, 0])
    for (const { stdout } of ran) expect(stdout).toBe('')
    const said = ran.map(({ stderr }) => stderr)
    expect(said[2]).toContain('.xlsx')
    expect(said[3]).toContain('--as')
    for (const dry of [said[4], said[5]]) {
      expect(dry).toMatch(/“问答”第6行“政策依据”：看不懂“看文件”.*请/)
      expect(dry).toContain('新增1条，更新0条')
    }
    expect(said[5]).toContain('--yes')
    expect(said[6]).toContain('审核发布')
    expect(said[7]).toContain('已存为草稿1条')
    expect(said[8]).toContain('没有再导入')
    expect(readdirSync(desk.file('before'), { recursive: true })).not.toContain('社保断缴怎么办.md')
  })

  it('publishes, and writes out what it can read again', async () => {
    const office = (...args: string[]): Line => [['--data', desk.file('published'), ...args], env()]
    const book = desk.file('more.xlsx')
    writeFileSync(book, createWorkbook())
    const ran = await desk.runAll([
      office('staff', 'add', '--name', '李四', '--role', 'editor', '--role', 'reviewer'),
      office('knowledge', 'import', book, '--as', '李四', '--publish', '--yes'),
      office('knowledge', 'export', desk.file('folder')),
      office('knowledge', 'export', desk.file('folder')),
      office('knowledge', 'export', desk.file('all.xlsx')),
      office('knowledge', 'import', desk.file('folder'), '--dry-run'),
      office('knowledge', 'import', desk.file('all.xlsx'), '--dry-run'),
      office('knowledge', 'check'),
      office('staff', 'add', '--name', '王五', '--role', 'reviewer'),
      office('knowledge', 'import', book, '--as', '李四', '--publish', '--yes'),
      office('audit', 'verify'),
    ])
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0])
    expect(ran[1]?.stderr).toContain('已发布1条')
    const { entries } = await loadKnowledge(desk.file('folder'), '2026-11-23')
    expect(entries.find(entry => entry.title === title)).toMatchObject({
      questions: ['断缴一个月', '断缴半年'],
      answer: '可以补缴。',
      sources: [{ law: '社会保险法', article: 60 }],
      expires: '2027-12-31',
    })
    for (const again of [ran[5], ran[6]]) expect(again?.stderr).toContain('新增0条，更新0条；没有变化4条')
    expect(ran[7]?.stderr).toMatch(/建议 社保断缴怎么办 没有负责处室/)
    expect(ran[9]?.stderr).toContain('王五')
  })
})

describe.concurrent('check', () => {
  const check = (data: string): Line => [['--data', desk.file(data), 'check'], env()]

  it('tells a corrupt database from one that is locked, from none', async () => {
    mkdirSync(desk.file('corrupt'))
    writeFileSync(
      desk.file('corrupt/gongkai.sqlite'),
      'no database, but long enough for a header. '.repeat(200),
    )
    mkdirSync(desk.file('damaged'))
    const damaged = new DatabaseSync(desk.file('damaged/gongkai.sqlite'))
    damaged.exec('create table t (x)')
    const put = damaged.prepare('insert into t values (?)')
    for (let i = 0; i < 200; i++) put.run('x'.repeat(500))
    damaged.close()
    const bytes = readFileSync(desk.file('damaged/gongkai.sqlite'))
    writeFileSync(desk.file('damaged/gongkai.sqlite'), bytes.subarray(0, 40_000))
    mkdirSync(desk.file('locked'))
    const holder = new DatabaseSync(desk.file('locked/gongkai.sqlite'))
    holder.exec('create table t (x); begin exclusive; insert into t values (1)')
    const [corrupt, cut, locked, absent] = await desk.runAll(
      ['corrupt', 'damaged', 'locked', 'absent'].map(check),
    )
    holder.close()
    expect(corrupt).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('✗ SQLite') })
    expect(corrupt?.stderr).toContain('不是数据库文件')
    expect(cut?.stderr).toContain('已损坏')
    expect(cut?.stderr).toContain('restore')
    expect(locked?.code).toBe(1)
    expect(locked?.stderr).toContain('锁住')
    expect(locked?.stderr).not.toContain('已损坏')
    expect(absent?.stderr).toContain('✓ SQLite')
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('✗ 知识库') })
    expect(absent?.stderr).toContain('broken.md')
  })
})

describe.concurrent('a conversation', () => {
  it('is kept through backup, a new key and restore', async () => {
    const data = ['--data', desk.file('kept')]
    const chat = (input: string) => desk.run([...data, 'chat', '--as', 'tester'], { input, env: env() })
    const first = await chat(`人工\n1\n`)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('请写下您的问题')
    const keyFile = desk.file('kept/master.key')
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    const oldKey = readFileSync(keyFile, 'utf8')

    const copy = desk.file('copy.sqlite')
    const [backedUp, rotated] = await desk.runAll([[[...data, 'backup', copy]], [[...data, 'key', 'rotate']]])
    expect(backedUp).toMatchObject({ code: 0, stdout: '' })
    expect(backedUp?.stderr).toContain(keyFile)
    expect(rotated).toMatchObject({ code: 0, stdout: '' })
    expect(rotated?.stderr).toContain('1 把')
    expect(readFileSync(keyFile, 'utf8')).not.toBe(oldKey)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)

    const goesOn = await chat('我的社保断缴了两个月怎么办？\n')
    expect(goesOn.stdout).toContain('我们接着填')
    expect(goesOn.stdout).toContain('留一个手机号')

    writeFileSync(keyFile, oldKey)
    const restored = await desk.run([...data, 'restore', copy])
    expect(restored).toMatchObject({ code: 0, stdout: '' })
    expect(restored.stderr).toContain('before-restore')
    const again = await chat('返回\n')
    expect(again.stdout).toContain('您的问题属于哪一类')
  })
})

describe.concurrent('what officials do by commands', () => {
  it('an entry goes from version to version, and each step is in the trail', async () => {
    const data = ['--data', desk.file('versions')]
    const steps = await desk.runAll(
      [
        ['staff', 'add', '--name', '张三', '--role', 'editor', 'reviewer'],
        ['knowledge', 'history', 'leave-days'],
        ['knowledge', 'recall', 'leave-days', '1', '--as', '张三', '--note', '天数写错'],
        ['knowledge', 'rollback', 'leave-days', '1', '--as', '张三'],
        ['knowledge', 'submit', 'leave-days', '2', '--as', '张三'],
        ['knowledge', 'drafts'],
        ['knowledge', 'publish', 'leave-days', '2', '--as', '张三', '--despite'],
        ['knowledge', 'history', 'leave-days'],
        ['knowledge', 'publish', 'leave-days', 'two', '--as', '张三'],
        ['knowledge', 'withdraw', 'leave-days'],
        ['questions', 'correct', 'leave-days', '1', '--dry-run'],
        ['questions', 'answer', '7', '--entry', 'leave-days', '--as', '张三'],
        ['audit', 'verify'],
      ].map((args): Line => [[...data, ...args], env()]),
    )
    const said = steps.map(step => `${step.stdout}${step.stderr}`)
    expect(steps.map(step => step.code)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0])
    expect(said[1]).toMatch(/^1\t在用\tstarter/)
    expect(said[2]).toContain('0个对话看过')
    expect(said[5]).toContain('leave-days\t2\t待审核\t张三')
    expect(said[7]).toMatch(/^1\t撤回.*\n2\t在用\t张三\t张三/)
    expect(said[8]).toContain('版本要写成数字')
    expect(said[9]).toContain('--as')
    expect(said[11]).toContain('没有待处理的问题组 7')
    expect(said[12]).toContain('没有改动')
  })

  it('a message that was left is answered once, in the conversation that left it', async () => {
    const data = ['--data', desk.file('left')]
    const chat = (input: string) => desk.run([...data, 'chat', '--as', 'tester'], { input, env: env() })
    await chat('人工\n1\n社保卡上的照片怎么换\n跳过\n1\n')
    const list = () => desk.run([...data, 'messages', 'list'], { env: env() })
    const { stdout } = await list()
    expect(stdout).toMatch(/^L\d{8}-\w{5}\t\d{4}-\d{2}-\d{2}\t社会保险\t\t社保卡上的照片怎么换\n$/)
    const number = stdout.split('\t')[0] ?? ''
    const answer = ['messages', 'answer', number, '--text', '请带身份证到窗口更换。', '--as', '李四']
    const [added, first, second] = await desk.runAll(
      [['staff', 'add', '--name', '李四', '--role', 'editor'], answer, answer].map(
        (args): Line => [[...data, ...args], env()],
      ),
    )
    expect([added?.code, first?.code, second?.code]).toEqual([0, 0, 1])
    expect(second?.stderr).toContain('没有待答复的留言')
    expect((await list()).stdout).toBe('')
    expect((await chat('谢谢\n')).stdout).toContain('请带身份证到窗口更换。')
  })
})

describe.concurrent('a start without knowledge', () => {
  it('goes on, answers that it does not know, and says in readyz why it is not ready', async () => {
    const settings = { PORT: '0', KNOWLEDGE_DIR: desk.file('nowhere'), GONGKAI_DATA: desk.file('bare') }
    const child = desk.begin(['start'], settings)
    let words = ''
    child.stderr.on('data', data => {
      words += data
    })
    const port = () => /127\.0\.0\.1:(\d+)/.exec(words)?.[1]
    await until('it has started', () => port() !== undefined || child.exitCode !== null)
    const origin = `http://127.0.0.1:${port()}`
    const ready = await fetch(`${origin}/readyz`)
    const body = JSON.stringify({ text: conditions, clientId: '1' })
    const answer = await (await fetch(`${origin}/api/chat/messages`, { method: 'POST', body })).text()
    const ended = new Promise<number | null>(done => void child.once('exit', done))
    child.kill('SIGTERM')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      status: 'not-ready',
      required: expect.arrayContaining([expect.objectContaining({ name: 'knowledge', ok: false })]),
      channels: [{ name: 'web-chat', ok: true }],
    })
    expect(answer).toContain('不知道')
    expect(await ended).toBe(0)
  })
})

describe.concurrent('whoever looks after an installation', () => {
  const line = (data: string, ...args: string[]): Line => [['--data', desk.file(data), ...args], env()]
  const sentence = /^[^\n]*\p{Script=Han}[^\n]*。\n$/u

  /** A database of another program. */
  function writeForeign(name: string): string {
    const file = desk.file(name)
    const foreign = new DatabaseSync(file)
    foreign.exec('create table notes (text)')
    foreign.close()
    return file
  }

  it('is told why nothing was backed up or restored, and nothing was changed', async () => {
    const at = (...args: string[]) => line('upkeep', ...args)
    const database = desk.file('upkeep/gongkai.sqlite')
    const keyFile = desk.file('upkeep/master.key')
    writeFileSync(desk.file('empty.sqlite'), '')
    await desk.runAll([at('migrate'), at('backup', desk.file('upkeep.copy'))])
    writeFileSync(keyFile, createMasterKeyText())
    const before = [readFileSync(database), readFileSync(keyFile)]
    const ran = await desk.runAll([
      at('backup', database),
      at('backup', keyFile),
      at('backup', desk.path),
      at('backup', desk.file('nowhere/copy')),
      at('restore', database),
      at('restore', desk.file('empty.sqlite')),
      at('restore', writeForeign('foreign.sqlite')),
      at('restore', desk.path),
      line('knowledge/broken.md', 'restore', desk.file('upkeep.copy')),
    ])
    for (const { code, stdout, stderr } of ran) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(sentence)
      expect(stderr).not.toContain('启动')
    }
    expect(ran.at(-1)?.stderr).toMatch(/^恢复没有成功.*GONGKAI_DATA/)
    expect([readFileSync(database), readFileSync(keyFile)]).toEqual(before)
    expect(readdirSync(desk.file('upkeep')).filter(name => /restor/.test(name))).toEqual([])
  })

  it('restores into a folder that is not there yet', async () => {
    const copy = desk.file('moved.copy')
    const [, , restored, checked] = await desk.runAll([
      line('moved', 'migrate'),
      line('moved', 'backup', copy),
      line('elsewhere/data', 'restore', copy),
      line('elsewhere/data', 'check'),
    ])
    expect(restored).toMatchObject({ code: 0, stdout: '' })
    expect(checked?.stderr).toContain('✓ SQLite')
  })

  it('gets no new key where the keys at hand do not open the data, and is told which file is meant', async () => {
    const keyFile = desk.file('rotated/master.key')
    const rotate = line('rotated', 'key', 'rotate')
    const [absent] = (await desk.runAll([rotate])) as [Ran]
    await desk.run(['--data', desk.file('rotated'), 'chat'], { input: '你好\n', env: env() })
    const fresh = createMasterKeyText()
    const answers: Ran[] = [absent]
    for (const content of ['no key', fresh]) {
      writeFileSync(keyFile, content)
      answers.push(...(await desk.runAll([rotate])))
      expect(readFileSync(keyFile, 'utf8')).toBe(content)
    }
    for (const { code, stderr } of answers) {
      expect(code).toBe(1)
      expect(stderr).toMatch(sentence)
      expect(stderr).toContain(keyFile)
      expect(stderr).not.toContain('GONGKAI_KEY')
    }
    const [set] = await desk.runAll([[rotate[0], { ...env(), GONGKAI_KEY: fresh }]])
    expect(set?.stderr).toContain('GONGKAI_KEY')
    expect(set?.stderr).not.toContain(keyFile)
  })

  it('sees by check a key that is none and a database of another program, which is left as it is', async () => {
    mkdirSync(desk.file('strange'))
    writeFileSync(desk.file('strange/master.key'), 'no key')
    copyFileSync(writeForeign('strange.sqlite'), desk.file('strange/gongkai.sqlite'))
    const before = readFileSync(desk.file('strange/gongkai.sqlite'))
    const [ran] = await desk.runAll([line('strange', 'check')])
    expect(ran?.code).toBe(1)
    expect(ran?.stderr).toMatch(/✗ SQLite .*别的程序/)
    expect(ran?.stderr).toMatch(/✗ 主密钥：.*master\.key/)
    expect(readFileSync(desk.file('strange/gongkai.sqlite')).equals(before)).toBe(true)
  })

  it('sees by check what cannot be read, and that it is not absent', async () => {
    mkdirSync(desk.file('looped'))
    for (const name of ['gongkai.sqlite', 'master.key'])
      symlinkSync(desk.file(`looped/${name}`), desk.file(`looped/${name}`))
    const [ran] = await desk.runAll([line('looped', 'check')])
    expect(ran?.stderr).toMatch(/✗ SQLite/)
    expect(ran?.stderr).toMatch(/✗ 主密钥/)
    expect(ran?.stderr).not.toContain('还没有')
  })

  it('hears nothing from a command whose output nobody reads to the end', async () => {
    const child = desk.begin(['ask', '--json'], env())
    let words = ''
    child.stderr.on('data', data => {
      words += data
    })
    child.stdin.on('error', () => {})
    const ended = new Promise<number | null>(done => void child.once('close', done))
    child.stdout.once('data', () => child.stdout.destroy())
    const asked = `${JSON.stringify({ id: '1', text: conditions })}\n`
    child.stdin.end(asked.repeat(2_000))
    expect(await ended).toBe(0)
    expect(words).not.toMatch(/EPIPE|\n\s+at /)
  })
})

describe.concurrent('a start that fails', () => {
  const start = (more: Record<string, string>) =>
    desk.run(['start'], { env: { ...env(), PORT: '0', GONGKAI_DATA: desk.file('failing'), ...more } })

  it.each([
    ['HOST', { HOST: '203.0.113.1' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://office:secret@127.0.0.1:1/gongkai' }],
    ['GONGKAI_DATA', { GONGKAI_DATA: '/proc/gongkai' }],
  ])('names %s', async (name, settings) => {
    const { code, stdout, stderr } = await start(settings)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^没能启动：.*\p{Script=Han}.*。\n$/u)
    expect(stderr).toContain(name)
    expect(stderr).not.toContain('secret')
  })

  it('names a .env that is a folder', async () => {
    const other = createDesk()
    mkdirSync(other.file('.env'))
    const { code, stderr } = await other.run(['start'])
    other.remove()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^\.env .*。\n$/)
  })

  it('says how the page is built, where it was not', () => {
    const copy = desk.file('unbuilt')
    for (const part of ['src', 'bots', 'package.json'])
      cpSync(`${root}/${part}`, `${copy}/${part}`, { recursive: true })
    symlinkSync(`${root}/node_modules`, `${copy}/node_modules`)
    const { status, stderr } = spawnSync(process.execPath, ['src/main.ts'], {
      cwd: copy,
      env: { PORT: '0', GONGKAI_DATA: desk.file('unbuilt-data') },
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/网页.*npm ci.*。\n$/)
  })
})
