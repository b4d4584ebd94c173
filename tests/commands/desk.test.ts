/** What officials do by commands, as they type them, while no product runs: for entries, and for citizens who wait. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMasterKeyText } from '#storage'
import { createDesk, type Desk, type Line, type Ran } from '../command-line.ts'
import { createPostgresDatabase } from '../storage/databases.ts'

const server = process.env.TEST_DATABASE_URL
const kinds = server ? ['SQLite', 'PostgreSQL'] : ['SQLite']
const title = '职工每年有多少天带薪年休假？'
const unknown = '高温津贴从几月发到几月'
const entry = (id: string, name: string, rest: { head?: string; answer?: string } = {}) =>
  `---\nid: ${id}\ntitle: ${name}\nsources:\n  - law: 职工带薪年休假条例\n    article: 3\n${rest.head ?? ''}---\n${rest.answer ?? '五天。'}\n`

describe.each(kinds)('what officials do by commands on %s', kind => {
  let desk: Desk
  let env: Record<string, string>
  let removeDatabase = async () => {}

  const line = (...args: string[]): Line => [args, env]
  const runAll = (...lines: string[][]) => desk.runAll(lines.map(args => line(...args)))
  const chat = (name: string, input: string) => desk.run(['chat', '--as', name], { input, env })
  const codes = (ran: readonly Ran[]) => ran.map(({ code }) => code)

  /** The next process that starts gathers the questions, however short ago it was done. */
  async function forgetSlots(): Promise<void> {
    const sql = 'delete from job_slots'
    if (env.DATABASE_URL === undefined) {
      const database = new DatabaseSync(desk.file('data/gongkai.sqlite'))
      database.exec(sql)
      return database.close()
    }
    const client = new pg.Client(env.DATABASE_URL)
    await client.connect()
    await client.query(sql)
    await client.end()
  }

  beforeAll(async () => {
    desk = createDesk()
    env = { KNOWLEDGE_DIR: desk.file('knowledge'), AGENCY_REGION: '370100' }
    mkdirSync(desk.file('knowledge'))
    writeFileSync(desk.file('knowledge/leave-days.md'), entry('leave-days', title))
    writeFileSync(desk.file('knowledge/overtime.md'), entry('overtime', '加班费按什么标准计算？'))
    const local = 'extends: overtime\nregion: "370000"\n'
    writeFileSync(desk.file('knowledge/local.md'), entry('local', '本省的加班费', { head: local }))
    if (kind === 'PostgreSQL' && server) {
      const { url, remove } = await createPostgresDatabase(server)
      removeDatabase = remove
      Object.assign(env, { DATABASE_URL: url, GONGKAI_KEY: createMasterKeyText() })
    }
    await runAll(
      ['staff', 'add', '--name', '张三', '--role', 'editor'],
      ['staff', 'add', '--name', '李四', '--role', 'reviewer'],
    )
  })
  afterAll(async () => {
    await removeDatabase()
    desk.remove()
  })

  it('an entry goes through four eyes, and holds from the day that was named', async () => {
    mkdirSync(desk.file('changed'))
    writeFileSync(desk.file('changed/overtime.md'), entry('overtime', '加班费怎么算？', { answer: '十天。' }))
    const ran = await runAll(
      ['knowledge', 'import', desk.file('changed'), '--as', '张三'],
      ['knowledge', 'drafts'],
      ['knowledge', 'diff', 'overtime', '1', '2'],
      ['knowledge', 'diff', 'overtime', '1', '1'],
      ['knowledge', 'submit', 'overtime', '2', '--as', '张三'],
      ['knowledge', 'reject', 'overtime', '2', '--as', '李四', '--note', '少了依据'],
      ['knowledge', 'history', 'overtime'],
      ['knowledge', 'rollback', 'overtime', '2', '--as', '张三'],
      ['knowledge', 'submit', 'overtime', '3', '--as', '张三'],
      ['knowledge', 'publish', 'overtime', '3', '--as', '李四', '--from', '2099-01-01'],
      ['knowledge', 'history', 'overtime'],
    )
    expect(codes(ran)).toEqual(ran.map(() => 0))
    expect(ran[1]?.stdout).toMatch(/^overtime\t2\t草稿\t张三\t\d{4}-\d\d-\d\d\n$/)
    expect(ran[2]?.stdout).toContain('\n-五天。\n+十天。\n')
    expect(ran[3]).toMatchObject({ stdout: '', stderr: '这两版的内容相同。\n' })
    expect(ran[6]?.stdout).toMatch(/\n2\t退回\t张三\t李四\t[\d-]+\t\t少了依据\n/)
    expect(ran[9]?.stderr).toContain('从 2099-01-01 起采用')
    expect(ran[10]?.stdout).toMatch(
      /^1\t在用\t.*\n2\t退回\t.*\n3\t待起用\t张三\t李四\t[\d-]+\t2099-01-01\t\n$/,
    )
  })

  it('what cannot be done is refused with a sentence that says what to do', async () => {
    const wrong: [string[], RegExp][] = [
      [['knowledge', 'history', 'nothing'], /没有条目 nothing/],
      [['knowledge', 'diff', 'leave-days', '1', '9'], /没有条目 leave-days 的第9版/],
      [['knowledge', 'submit', 'leave-days', '0', '--as', '张三'], /版本要写成数字/],
      [['knowledge', 'submit', 'leave-days', '99999999999', '--as', '张三'], /版本要写成数字/],
      [['knowledge', 'submit', 'leave-days', '1'], /--as/],
      [['knowledge', 'publish', 'leave-days', '1', '--as', '张三'], /只有已提交/],
      [['knowledge', 'reject', 'leave-days', '1', '--as', '李四'], /--note/],
      [['knowledge', 'recall', 'leave-days', '1', '--as', '张三', '--note', '错'], /没有撤回条目的权限/],
      [['knowledge', 'withdraw', 'nothing', '--as', '李四'], /没有在用的版本/],
      [['questions', 'list', '--state', 'open'], /gathered.*answered.*dismissed/],
      [['questions', 'show', 'x'], /问题组要写成数字/],
      [['questions', 'show', '99'], /没有问题组 99/],
      [['questions', 'answer', '99', '--entry', 'nothing', '--as', '张三'], /没有正在使用的条目/],
      [['questions', 'dismiss', '99', '--as', '王五'], /没有工作人员“王五”/],
      [['questions', 'assign', '99', '--owner', '处', '--due', '2099-02-30', '--as', '张三'], /YYYY-MM-DD/],
      [['questions', 'correct', 'nothing', '1', '--dry-run'], /没有条目 nothing/],
      [['questions', 'correct', 'overtime', '3', '--dry-run'], /没有用于答复过/],
      [['questions', 'correct', 'local', '1', '--dry-run'], /overtime 的地方补充/],
      [['questions', 'correct', 'leave-days', '1', '--as', '李四'], /--text/],
      [['questions', 'correct', 'leave-days', '1', '--text', '错', '--as', '李四'], /还在用.*recall/],
    ]
    const ran = await runAll(...wrong.map(([args]) => args))
    for (const [i, { code, stdout, stderr }] of ran.entries()) {
      expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(wrong[i]?.[1] ?? /never/)
      expect(stderr).toMatch(/。\n$/)
    }
  })

  it('questions get an owner and an answer, and whoever was told something wrong is told what is right', async () => {
    await chat('a', `${unknown}\n`)
    expect((await chat('a', '2\n')).stdout).toContain('有了答复会在这里告诉您一次')
    expect((await chat('b', `${title}\n`)).stdout).toContain('五天。')
    await forgetSlots()
    await chat('c', '你好\n')
    const ran = await runAll(
      ['questions', 'list'],
      ['questions', 'show', '1'],
      ['questions', 'assign', '1', '--owner', '工资处', '--due', '2099-01-15', '--as', '张三'],
      ['questions', 'list'],
      ['questions', 'answer', '1', '--entry', 'leave-days', '--as', '张三'],
      ['questions', 'list'],
      ['questions', 'list', '--state', 'answered'],
      ['questions', 'correct', 'leave-days', '1', '--dry-run'],
      ['knowledge', 'recall', 'leave-days', '1', '--as', '李四', '--note', '天数写错'],
      ['questions', 'correct', 'leave-days', '1', '--text', '满十年的是十天。', '--as', '李四'],
      ['questions', 'correct', 'leave-days', '1', '--text', '满十年的是十天。', '--as', '李四'],
      ['audit', 'verify'],
    )
    expect(codes(ran)).toEqual(ran.map(() => 0))
    expect(ran[0]?.stdout).toMatch(new RegExp(`^1\\t1\\t1\\t\\t[\\d-]+\\t${unknown}\\n$`))
    expect(ran[1]?.stdout).toMatch(new RegExp(`^[\\d-]+\\t${unknown}\\t等答复\\t\\t\\t`))
    expect(ran[3]?.stdout).toBe(`1\t1\t1\t工资处\t2099-01-15\t${unknown}\n`)
    expect(ran[4]?.stderr).toContain('告诉了1个等着答复的人')
    expect(ran[5]).toMatchObject({ stdout: '', stderr: expect.stringContaining('没有') })
    expect(ran[6]?.stdout).toBe(`1\t1\t0\t工资处\t2099-01-15\t${unknown}\tleave-days\n`)
    expect(ran[7]?.stderr).toContain('有2个对话看过')
    expect(ran[8]?.stderr).toContain('有2个对话看过')
    expect(ran[9]?.stderr).toContain('更正已发给2个对话')
    expect(ran[10]?.stderr).toContain('更正已发给0个对话')

    const told = (await chat('a', '谢谢\n')).stdout
    expect(told.match(/现在有了答复/g)).toHaveLength(1)
    expect(told).toContain('满十年的是十天。')
    expect((await chat('a', '谢谢\n')).stdout).not.toContain('满十年的是十天。')
  })
})
