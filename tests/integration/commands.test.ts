import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { utils, write } from '@e965/xlsx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadKnowledge } from '#knowledge'
import { createDesk, type Desk, type Line, writeKnowledge } from '../command-line.ts'

let desk: Desk
beforeAll(() => {
  desk = createDesk()
  writeKnowledge(desk.file('knowledge'))
})
afterAll(() => desk.remove())

const env = () => ({ KNOWLEDGE_DIR: desk.file('knowledge') })

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
