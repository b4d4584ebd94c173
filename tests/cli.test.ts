import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './base/until.ts'
import {
  conditions,
  createDesk,
  type Desk,
  entryText,
  type Line,
  type Ran,
  sourced,
  writeKnowledge,
} from './command-line.ts'

const chinese = /\p{Script=Han}/u

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
  'deadline',
  'remedy',
  'disclosure import',
  'report',
  'report figures',
  'desk list',
  'desk show',
  'desk register',
  'desk register-assisted',
  'desk draft',
  'desk send',
  'calendar import',
  'disclosure export',
  'staff add',
  'staff email',
  'staff invite',
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
  ['remedy'],
  ['report'],
  ['report', 'figures', 'a.json'],
]

let desk: Desk
let pages: Ran[]
let misused: Ran[]
let refused: Ran[]
let checked: Ran | undefined
beforeAll(async () => {
  desk = createDesk()
  const folder = desk.file('knowledge')
  writeKnowledge(folder)
  mkdirSync(desk.file('void'))
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
    writeFileSync(`${folder}/a.md`, entryText('plain', conditions))
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
    writeFileSync(`${folder}/leave-days.md`, entryText('leave-days', '职工每年有多少天带薪年休假？', sourced))
    const lines = [
      question('1', conditions, ['conditions']),
      question('2', '失业金怎么领', ['conditions']),
      '{"id":"3","kind":"out","reason":"闲聊","text":"番茄炒蛋怎么做"}',
    ]
    writeFileSync(`${folder}/evaluation.jsonl`, lines.join('\n'))
    writeFileSync(`${desk.file('knowledge')}/evaluation.jsonl`, lines.join('\n'))
    writeFileSync(`${folder}/absent.md`, entryText('absent', '没有依据的条目').replace('年假怎么算', '依据'))
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
    writeFileSync(`${folder}/leave-days.md`, entryText('leave-days', '职工每年有多少天带薪年休假？', sourced))
    writeFileSync(`${folder}/evaluation.jsonl`, `${question('1', '年假', ['leave-days'])}\n{"id":"2"}\n`)
    const ran = await desk.run([...data(), 'knowledge', 'eval', folder, '--json'], { env: env() })
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain(`${folder}/evaluation.jsonl:2 `)
  })
})
