/** wechaty: what becomes of each kind of message, and what WeChat's own words mean. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { choices, type Document, heading, link, list, paragraph } from '#channel'
import { decode, saysGone, saysRestart, saysUnsent, type Told, warningIn } from '../../bots/wechaty/decode.ts'
import { encode, textBudget } from '../../bots/wechaty/encode.ts'
import { planChannels } from '../../src/channels.ts'
import { readConfig } from '../../src/config.ts'
import { root } from '../sources.ts'

const told = (more: Partial<Told>): Told => ({
  id: 'm1',
  type: 7,
  text: '',
  self: false,
  talker: { id: 'zhang', type: 1, friend: true },
  room: undefined,
  mentioned: false,
  ...more,
})

const incomingOf = (more: Partial<Told>) => {
  const decoded = decode(told(more))
  return decoded.kind === 'message' ? decoded.incoming : decoded
}

describe('a message', () => {
  it.each([
    [1, 'document'],
    [2, 'voice'],
    [5, 'picture'],
    [6, 'picture'],
    [8, 'location'],
    [14, 'other'],
    [15, 'video'],
  ])('of type %i comes with a %s, and without the markup that stands for it', (type, attachment) => {
    expect(incomingOf({ type, text: '<msg><img/></msg>' })).toEqual({
      chat: 'zhang',
      nativeId: 'm1',
      text: '',
      attachment,
    })
  })

  it('from somebody of whom the puppet does not know whether they are a friend is heard', () => {
    const talker = { id: 'zhang', type: undefined, friend: undefined }
    expect(incomingOf({ talker, text: '你好' })).toMatchObject({ text: '你好' })
  })

  it('in a room loses every name that is mentioned', () => {
    const said = { room: 'r@chatroom', mentioned: true }
    expect(incomingOf({ ...said, text: '@小助手\u2005请问 @王 处\u2005年假几天' })).toMatchObject({
      chat: 'r@chatroom',
      text: '请问  年假几天',
      group: true,
    })
  })

  it('in a room that only calls is heard too', () => {
    expect(incomingOf({ room: 'r@chatroom', mentioned: true, text: '@小助手\u2005' })).toMatchObject({
      text: '',
    })
  })

  it('that was taken back, or of WeChat’s helpers, is left aside', () => {
    expect(incomingOf({ type: 13, text: 'm0' })).toEqual({ kind: 'ignored', reason: 'system' })
    const talker = { id: 'filehelper', type: 1, friend: true }
    expect(incomingOf({ talker, text: '备忘' })).toEqual({ kind: 'ignored', reason: 'service' })
  })

  it('of WeChat itself is a notice, unless it is markup that somebody else may have written', () => {
    expect(decode(told({ type: 0, text: '操作过于频繁' }))).toMatchObject({ kind: 'notice' })
    expect(decode(told({ type: 0, text: '<msg>频繁</msg>' }))).toMatchObject({ kind: 'ignored' })
  })
})

describe('a notice', () => {
  it('tells when a room is over for us, and not when it is for others', () => {
    const inRoom = (text: string) => decode(told({ type: 0, room: 'r@chatroom', text }))
    expect(inRoom('你被"李"移出群聊')).toMatchObject({ kind: 'notice', gone: true })
    expect(inRoom('"张"被移出群聊')).toMatchObject({ gone: false })
    expect(inRoom('"张"与群里其他人都不是朋友关系，请注意隐私安全')).toMatchObject({ gone: false })
  })

  it('tells when a contact is lost', () => {
    expect(decode(told({ type: 0, text: '你还不是他（她）朋友' }))).toMatchObject({
      chat: 'zhang',
      gone: true,
    })
  })
})

describe('words', () => {
  it('of warning are told apart', () => {
    expect(warningIn('操作过于频繁，请稍后再试')).toBe('too-frequent')
    expect(warningIn('当前登录环境异常，为了你的帐号安全，暂时不能登录')).toBe('environment')
    expect(warningIn('该账号部分功能已被限制')).toBe('restricted')
    expect(warningIn('14 UNAVAILABLE: Connection dropped')).toBeUndefined()
  })

  it('of a lost contact, of nothing sent, and of a restart are known', () => {
    expect(saysGone('消息已发出，但被对方拒收了。')).toBe(true)
    expect(saysGone('你还不是他（她）朋友')).toBe(true)
    expect(saysUnsent('14 UNAVAILABLE: No connection established. Last error: ECONNREFUSED')).toBe(true)
    expect(saysUnsent('14 UNAVAILABLE: Connection dropped')).toBe(false)
    expect(saysRestart('puppet stop()')).toBe(true)
  })
})

describe('a document', () => {
  it('goes as text with numbered choices', () => {
    const document: Document = [
      heading('失业金'),
      list(['带身份证', '带证明']),
      link('办理', 'https://example.gov.cn/a'),
      choices([
        { id: 'a', label: '能领多久' },
        { id: 'b', label: '转人工' },
      ]),
    ]
    expect(encode(document)).toEqual([
      {
        kind: 'text',
        text: '【失业金】\n· 带身份证\n· 带证明\n办理 https://example.gov.cn/a\n1. 能领多久\n2. 转人工',
      },
    ])
  })

  it('is split between paragraphs and never beyond the budget', () => {
    const long = Array.from({ length: 90 }, (_, i) => `第${i}段：${'字'.repeat(60)}。`)
    const parts = encode(long.map(paragraph))
    expect(parts.length).toBeGreaterThan(2)
    const texts = parts.map(part => (part.kind === 'text' ? part.text : ''))
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(textBudget.max)
    expect(texts.join('\n')).toBe(long.join('\n'))
  })

  it('keeps pictures and files in their place', () => {
    const document: Document = [
      paragraph('回执如下：'),
      { kind: 'file', name: '回执.pdf', type: 'application/pdf', data: 'JVBERg==', personal: true },
      { kind: 'picture', data: 'iVBORw==', alternative: '办事地图' },
      paragraph('请保存。'),
    ]
    expect(encode(document)).toEqual([
      { kind: 'text', text: '回执如下：' },
      { kind: 'file', name: '回执.pdf', data: 'JVBERg==', instead: '［文件］回执.pdf' },
      { kind: 'file', name: '办事地图.png', data: 'iVBORw==', instead: '［图片］办事地图' },
      { kind: 'text', text: '请保存。' },
    ])
  })

  it('of nothing is no message', () => {
    expect(encode([])).toEqual([])
  })
})

it('loads nothing of wechaty before it is started', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) })
    await import('./bots/wechaty/index.ts')
    process.stdout.write(JSON.stringify(seen))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: root,
  })
  const seen: string[] = JSON.parse(output)
  expect(seen).toContain('./transport.ts')
  expect(seen.filter(name => /^(?:wechaty|file-box|qrcode)/.test(name))).toEqual([])
})

describe('the plan of the channel', () => {
  const planWith = (values: NodeJS.ProcessEnv) =>
    planChannels(readConfig({}, values)).find(({ name }) => name === 'wechaty')

  it('is off where no puppet is set', () => {
    expect(planWith({})).toMatchObject({ missing: '没有设置 WECHATY_PUPPET', asked: false })
  })

  // This holds where the packages of wechaty are installed and where they are not.
  it('says what to run where something is not installed, and stops the start', () => {
    const plan = planWith({ WECHATY_PUPPET: 'wechaty-puppet-nowhere' })
    expect(plan?.asked).toBe(true)
    expect(plan?.missing).toMatch(/请运行 npm (?:run install:wechaty|install .* wechaty-puppet-nowhere)/)
  })
})
