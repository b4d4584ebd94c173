/** The whole office by commands, as officials type them, on both databases. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMasterKeyText } from '#storage'
import { createDesk, type Desk, type Ran } from '../command-line.ts'
import { createPostgresDatabase } from '../storage/databases.ts'

const server = process.env.TEST_DATABASE_URL
const kinds = server ? ['SQLite', 'PostgreSQL'] : ['SQLite']
const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format()
const year = today.slice(0, 4)
const ref = `${year}-0001`
const marked = '甲乙丙丁'
const request = {
  channel: 'in-person',
  applicant: 'natural_person',
  name: marked,
  contact: '13800138000',
  description: `${marked}要的文件`,
  delivery: 'post',
}
const evidence = `${today}=EMS1234567890`

describe.each(kinds)('the office by commands on %s', kind => {
  let desk: Desk
  let env: Record<string, string>
  let removeDatabase = async () => {}
  const runAll = (...lines: string[][]) => desk.runAll(lines.map(args => [args, env] as const))
  const act = (verb: string, by: string, ...rest: string[]) => ['desk', verb, ref, '--as', by, ...rest]
  const register = (...rest: string[]) => [
    'desk',
    'register',
    '--as',
    '经办',
    '--file',
    desk.file('a.json'),
    ...rest,
  ]
  const codes = (ran: readonly Ran[]) => ran.map(({ code }) => code)

  beforeAll(async () => {
    desk = createDesk()
    env = {}
    writeFileSync(desk.file('a.json'), JSON.stringify(request))
    if (kind === 'PostgreSQL' && server) {
      const { url, remove } = await createPostgresDatabase(server)
      removeDatabase = remove
      env = { DATABASE_URL: url, GONGKAI_KEY: createMasterKeyText() }
    }
    const staff = { 经办: 'disclosure-officer', 审核: 'reviewer', 负责人: 'head', 监督: 'auditor' }
    await runAll(
      ...Object.entries(staff).map(([name, role]) => ['staff', 'add', '--name', name, '--role', role]),
    )
  })
  afterAll(async () => {
    await removeDatabase()
    desk.remove()
  })

  it('goes from the number to the reply, and the report counts it', async () => {
    const [made, ...ran] = await runAll(
      register('--json'),
      act('triage', '经办', '--kind', '政府信息'),
      act('assign', '经办', '--to', '经办'),
      act('consult', '经办', '--party', '某公司', '--kind', 'third-party'),
      act('consulted', '经办', '--opinion', 'objects', '--reasons', '商业秘密'),
      act('extend', '负责人', '--days', '5', '--reason', '征求意见用了时间'),
      act('dispatched', '经办', '--dispatch', evidence),
      act(
        'draft',
        '经办',
        '--disposition',
        'denied_third_party',
        '--reasons',
        '商业秘密',
        '--law',
        '条例第十五条',
      ),
      act('review', '审核', '--return', '--note', '写明哪家'),
      act(
        'draft',
        '经办',
        '--disposition',
        'denied_third_party',
        '--reasons',
        '某公司的商业秘密',
        '--law',
        '条例第十五条',
      ),
      act('review', '审核'),
      act('sign', '负责人'),
      act('send', '经办', '--dispatch', evidence, '--json'),
      act('record-review', '经办', '--kind', 'reconsideration', '--result', 'pending'),
      act('suggest-publication', '经办', '--from', 'office', '--decision', 'keep', '--note', '含商业秘密'),
      act('correct-own', '经办', '--decision', 'pointed', '--evidence', '凭证', '--note', '请向某局提出'),
      ['audit', 'verify'],
    )
    expect([made, ...ran].map(one => [one?.code, one?.code === 0 ? '' : one?.stderr])).toEqual(
      Array.from({ length: ran.length + 1 }, () => [0, '']),
    )
    expect(JSON.parse(made?.stdout ?? '')).toMatchObject({ ref, receivedOn: today })
    const sent = ran.find(({ stdout }) => stdout.includes('"replied"'))
    expect(JSON.parse(sent?.stdout ?? '')).toMatchObject({ state: 'replied', closedOn: today })
    expect(ran.at(-1)?.stderr).toMatch(/办理记录共16行，前后相接/)
    for (const { stdout, stderr } of ran) expect(stdout + stderr).not.toContain(marked)
    const [report] = await runAll(['report', '--year', year, '--json'])
    const { table3, table4 } = JSON.parse(report?.stdout ?? '')
    const denied = table3.rows.find((row: { key: string }) => row.key === 'denied_third_party')
    expect(denied.values.total).toBe(1)
    expect(table4.values.reconsideration.pending).toBe(1)
  })

  it('shows what is personal only where that is asked for, and prints letters', async () => {
    const [hidden, shown, letter, listed, stranger] = await runAll(
      act('show', '监督', '--json'),
      act('show', '监督', '--json', '--reveal'),
      act('show', '监督', '--letter'),
      ['desk', 'list', '--as', '监督'],
      act('show', '别人'),
    )
    expect(hidden?.stdout).not.toContain(marked)
    expect(hidden?.stdout).not.toContain('13800138000')
    expect(shown?.stdout).toContain(marked)
    expect(letter?.stdout).toContain(`${marked}：`)
    expect(listed?.code).toBe(0)
    expect(stranger).toMatchObject({ code: 1, stderr: expect.stringContaining('没有工作人员') })
  })

  it('refuses with a sentence, and changes nothing', async () => {
    writeFileSync(desk.file('bad.json'), JSON.stringify({ ...request, applicant: 'dog', delivery: 'chat' }))
    writeFileSync(desk.file('none.json'), 'nonsense')
    const file = (name: string) => ['desk', 'register', '--as', '经办', '--file', desk.file(name)]
    const cases: [string[], RegExp][] = [
      [['desk', 'list'], /--as/],
      [file('bad.json'), /applicant 只能是.*delivery 只能是/],
      [file('none.json'), /不是 JSON/],
      [file('nowhere.json'), /没有文件/],
      [['desk', 'triage', '2000-0001', '--as', '经办', '--kind', 'x'], /没有编号为 2000-0001/],
      [act('triage', '经办'), /请用 --kind/],
      [act('consult', '经办', '--party', 'x', '--kind', 'y'), /--kind 只能是 third-party、co-author/],
      [act('extend', '负责人', '--days', 'x', '--reason', 'y'), /--days 要写成数字/],
      [act('send', '经办', '--dispatch', 'EMS'), /日期=凭据/],
      [act('send', '经办'), /已答复，不能发出答复/],
      [['calendar', 'import', desk.file('none.json')], /不是 JSON/],
      [['calendar', 'import', desk.file('a.json')], /放假通知没有载入/],
    ]
    const ran = await runAll(...cases.map(([args]) => args), ['audit', 'verify'])
    for (const [i, [, words]] of cases.entries()) {
      expect(ran[i]?.stderr).toMatch(words)
      expect(ran[i]?.code).toBe(1)
    }
    expect(ran.at(-1)?.stderr).toMatch(/办理记录共16行/)
  })

  it('loads a notice, and says which dates it moved', async () => {
    const [made] = await runAll(register('--json'))
    const { ref: fresh, dueOn } = JSON.parse(made?.stdout ?? '')
    writeFileSync(
      desk.file('notice.json'),
      JSON.stringify({
        year: Number(dueOn.slice(0, 4)),
        holidays: [dueOn],
        workdays: [],
        source: '国办发明电〔测试〕1号',
      }),
    )
    const load = ['calendar', 'import', desk.file('notice.json'), '--as', '经办']
    const clock = ['deadline', '--received', today, '--json']
    const [loaded, again, denied, told] = await runAll(load, load, [...load.slice(0, -1), '审核'], clock)
    expect(loaded?.stdout).toMatch(new RegExp(`^${fresh}\\t${dueOn}\\t`))
    expect(loaded?.stdout).toContain(`\t${JSON.parse(told?.stdout ?? '').dueOn}\n`)
    expect(again).toMatchObject({ code: 0, stdout: '' })
    expect(denied?.stderr).toMatch(/权限/)
  })

  it('gives the whole register as a workbook, masked but for an official who asks for more', async () => {
    const [made, again, nobody, named] = await runAll(
      ['disclosure', 'export', desk.file('a.xlsx')],
      ['disclosure', 'export', desk.file('a.xlsx')],
      ['disclosure', 'export', desk.file('b.xlsx'), '--reveal'],
      ['disclosure', 'export', desk.file('b.xlsx'), '--reveal', '--as', '经办'],
    )
    expect(codes([made, again, nobody, named] as Ran[])).toEqual([0, 1, 1, 0])
    const { read, utils } = await import('@e965/xlsx')
    const rowsOf = (name: string) => {
      const book = read(readFileSync(desk.file(name)))
      return utils.sheet_to_json<Record<string, string>>(book.Sheets[book.SheetNames[0] ?? ''] ?? {})
    }
    const [masked, whole] = [rowsOf('a.xlsx'), rowsOf('b.xlsx')]
    expect(whole[0]).toMatchObject({ 编号: ref, 渠道: '当面', 申请人类别: '个人', 姓名或名称: marked })
    expect(masked.length).toBe(whole.length)
    expect(JSON.stringify(masked)).not.toContain(marked)
    expect(nobody?.stderr).toMatch(/--as/)
  })

  it('keeps assisted requests apart', async () => {
    const asked = ['--from', '省政府办公厅', '--description', '某事', '--due', '2099-01-05']
    const [made, impossible] = await runAll(
      ['desk', 'register-assisted', '--as', '经办', ...asked],
      ['desk', 'register-assisted', '--as', '经办', ...asked.with(-1, '2099-02-30')],
    )
    expect(made?.stdout.trim()).toBe(`XC${year}-0001`)
    expect(impossible?.stderr).toMatch(/没有 2099-02-30/)
    expect(codes([made as Ran, impossible as Ran])).toEqual([0, 1])
  })

  it('tells of a row that was changed, by the number of the request', async () => {
    const sql = "update request_events set staff = '别人' where seq = 2"
    if (env.DATABASE_URL === undefined) {
      const { DatabaseSync } = await import('node:sqlite')
      const database = new DatabaseSync(desk.file('data/gongkai.sqlite'))
      database.exec(sql)
      database.close()
    } else {
      const { default: pg } = await import('pg')
      const client = new pg.Client(env.DATABASE_URL)
      await client.connect()
      await client.query(sql)
      await client.end()
    }
    const [verified] = await runAll(['audit', 'verify'])
    expect(verified?.stderr).toMatch(new RegExp(`${ref} 的办理记录第2行对不上.*别人 triage`))
    expect(verified?.code).toBe(1)
  })
})
