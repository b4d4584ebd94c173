/** The settings: checked once, each wrong one named. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMasterKeyText } from '#storage'
import { type Config, ConfigError, readConfig } from '../src/config.ts'
import { root } from './sources.ts'

const read = (values: NodeJS.ProcessEnv = {}, overrides = {}): Config => readConfig(overrides, values)

/** What a start with these settings says. */
function complaintOf(values: NodeJS.ProcessEnv): string {
  try {
    read(values)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

const wrong: [string, string[]][] = [
  ['PORT', ['abc', '-1', '65536', '3000.5', 'NaN', 'Infinity', '3000;']],
  ['PUBLIC_URL', ['gov.cn', 'ftp://gov.cn', '//gov.cn', 'javascript:alert(1)']],
  ['GONGKAI_KEY', ['secret', 'AAAA', `${'A'.repeat(43)}!`, `${createMasterKeyText()},short`, ',']],
  ['DATABASE_URL', ['mysql://localhost/x', 'localhost:5432', 'sqlite.db']],
  ['CACHE_URL', ['localhost:6379', 'http://localhost']],
  ['AGENCY_NAME', ['名'.repeat(41)]],
  ['AGENCY_REGION', ['37', '3700000', '山东', '37000x']],
  ['HOTLINE', ['12', '1'.repeat(41)]],
  ['TRUSTED_PROXIES', ['localhost', '10.0.0.0/33', '127.0.0.1;10.0.0.1', '*']],
  ['RATE_LIMIT', ['-1', 'many', '1.5', '1000001']],
  ['CHAT_RETENTION_DAYS', ['0', '-5', 'ever', '3651']],
  ['LOG_LEVEL', ['verbose', 'INFO']],
  [
    'SMTP_URL',
    [
      'smtp.example.cn',
      'http://smtp.example.cn',
      'smtp://',
      'smtp:smtp.example.cn?from=a@b.cn',
      'smtp://smtp.example.cn',
      'smtp://notice:secret@smtp.example.cn',
      'smtp://smtp.example.cn/?from=张三',
      'smtp://a%40b.cn:100%@smtp.example.cn',
      'smtps://a%40b.cn:secret@smtp.example.cn/?tls=never',
      'smtps://a%40b.cn:secret@smtp.example.cn/?form=a@b.cn',
    ],
  ],
  [
    'WECOM_ROBOT_URL',
    [
      'https://qyapi.weixin.qq.com/cgi-bin/webhook/send',
      'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=',
      'qyapi.weixin.qq.com/?key=a',
      'ftp://qyapi.weixin.qq.com/?key=a',
    ],
  ],
  ['WECHATY_PUPPET', ['wechat4u', 'wechaty-puppet-', '../wechaty-puppet-x', 'wechaty-puppet-Mock']],
  ['WECHATY_PUPPET_ENDPOINT', ['10.0.0.8', 'http://10.0.0.8:8788', 'host:port']],
]
const each = wrong.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]))

describe('a wrong value', () => {
  it.each(each)('of %s stops the start with a sentence that names it: %j', (name, value) => {
    const complaint = complaintOf({ [name]: value })
    expect(complaint).toContain(name)
    expect(complaint).toMatch(/\p{Script=Han}.*。/u)
  })

  it('is named with all the others that are wrong', () => {
    const complaint = complaintOf({ PORT: 'x', RATE_LIMIT: 'y', LOG_LEVEL: 'z' })
    for (const name of ['PORT', 'RATE_LIMIT', 'LOG_LEVEL']) expect(complaint).toContain(name)
    expect(complaint).toContain('.env')
  })

  it('of the key is not repeated', () => {
    expect(complaintOf({ GONGKAI_KEY: 'my-secret-key' })).not.toContain('my-secret-key')
  })

  it.each([
    ['SMTP_URL', 'smtp://notice:my-secret@smtp.example.cn'],
    ['SMTP_URL', 'smtp://notice:my-secret%@smtp.example.cn'],
    ['WECOM_ROBOT_URL', 'ftp://qyapi.weixin.qq.com/?key=my-secret'],
  ])('of %s is not repeated, since it holds a secret', (name, value) => {
    expect(complaintOf({ [name]: value })).not.toContain('my-secret')
  })

  it.each([
    ['AGENCY_NAME', '名'.repeat(41)],
    ['HOTLINE', '12'],
  ])('of %s is explained in Chinese', (name, value) => {
    expect(complaintOf({ [name]: value }).replace(name, '')).not.toMatch(/expected|string/)
  })

  it.each(['not a host', 'http://0.0.0.0', '999.1.1.1'])('of HOST stops the start: %j', value => {
    expect(complaintOf({ HOST: value })).toContain('HOST')
  })

  it.each(['0x50', '1e3', '0b11'])('of PORT stops the start: %j', value => {
    expect(complaintOf({ PORT: value })).toContain('PORT')
  })
})

describe('an absent value', () => {
  it('takes its default', () => {
    expect(read()).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: undefined,
      dataDir: resolve('./data'),
      databaseFile: resolve('./data/gongkai.sqlite'),
      keyFile: resolve('./data/master.key'),
      masterKeys: undefined,
      databaseUrl: undefined,
      cacheUrl: undefined,
      agency: { name: '人力资源和社会保障厅', hotline: '12333', region: undefined },
      rateLimit: 60,
      retentionDays: 180,
      logLevel: 'info',
      knowledgeDir: resolve(import.meta.dirname, '../knowledge'),
    })
  })

  it.each([...wrong.map(([name]) => name), 'HOST', 'GONGKAI_DATA', 'KNOWLEDGE_DIR'])(
    'is what an empty or blank %s counts as',
    name => {
      expect(read({ [name]: '' })).toEqual(read())
      expect(read({ [name]: '  ' })).toEqual(read())
    },
  )
})

describe('a right value', () => {
  it('is taken as it is meant', () => {
    const key = createMasterKeyText()
    const config = read({
      PORT: '0',
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://chat.example.gov.cn/',
      GONGKAI_KEY: key,
      DATABASE_URL: 'postgres://u:p@localhost/db',
      CACHE_URL: 'redis://localhost:6379',
      AGENCY_NAME: '测试局',
      AGENCY_REGION: '370000',
      HOTLINE: '0531-12333',
      TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
      RATE_LIMIT: '0',
      CHAT_RETENTION_DAYS: '30',
      LOG_LEVEL: 'silent',
      KNOWLEDGE_DIR: '/srv/knowledge',
    })
    expect(config).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      publicUrl: 'https://chat.example.gov.cn/',
      databaseUrl: 'postgres://u:p@localhost/db',
      cacheUrl: 'redis://localhost:6379',
      agency: { name: '测试局', hotline: '0531-12333', region: '370000' },
      rateLimit: 0,
      retentionDays: 30,
      logLevel: 'silent',
      knowledgeDir: '/srv/knowledge',
    })
    expect(config.masterKeys?.[0].bytes.toString('base64')).toBe(key)
    expect(config.trustedProxies.check('10.1.2.3', 'ipv4')).toBe(true)
  })

  it('of the mail server says who sends, who logs in, and whether it is encrypted', () => {
    const mail = (url: string) => read({ SMTP_URL: url }).mail
    expect(mail('smtps://notice%40example.cn:p%3Ass%40@smtp.example.cn')).toEqual({
      host: 'smtp.example.cn',
      port: 465,
      encryption: 'tls',
      verified: true,
      from: 'notice@example.cn',
      login: { user: 'notice@example.cn', password: 'p:ss@' },
    })
    expect(mail('smtp://user:secret@smtp.example.cn/?from=a@b.cn')).toMatchObject({
      ...{ port: 587, encryption: 'required', from: 'a@b.cn' },
    })
    expect(mail('smtp://10.1.2.3?from=a@b.cn&tls=unverified')).toEqual({
      ...{ host: '10.1.2.3', port: 25, encryption: 'offered', verified: false, from: 'a@b.cn' },
    })
    expect(mail('smtp://u:p@10.1.2.3:2525/?from=a@b.cn&tls=off')).toMatchObject({
      ...{ port: 2525, encryption: 'off' },
    })
    expect(mail('smtp://u:p@127.0.0.1:2525/?from=a@b.cn')).toMatchObject({ encryption: 'offered' })
    expect(mail('smtp://[::1]:25/?from=a@b.cn')?.host).toBe('::1')
  })

  it('of the key may be followed by older ones', () => {
    const [fresh, old] = [createMasterKeyText(), createMasterKeyText()]
    const keys = read({ GONGKAI_KEY: `${fresh},${old}` }).masterKeys
    expect(keys?.map(key => key.bytes.toString('base64'))).toEqual([fresh, old])
  })

  it('on the command line comes before the environment', () => {
    expect(read({ GONGKAI_DATA: '/srv/a' }, { data: '/srv/b' }).databaseFile).toBe('/srv/b/gongkai.sqlite')
    expect(read({ GONGKAI_DATA: '/srv/a' }).databaseFile).toBe('/srv/a/gongkai.sqlite')
  })
})

describe('a puppet of wechaty', () => {
  it('is given its token, its endpoint, and a file in the data folder', () => {
    const values = { WECHATY_PUPPET: 'wechaty-puppet-service', GONGKAI_DATA: '/srv/a' }
    const more = { WECHATY_PUPPET_TOKEN: 'insecure_1', WECHATY_PUPPET_ENDPOINT: '10.0.0.8:8788' }
    expect(read({ ...values, ...more }).wechaty).toEqual({
      puppet: 'wechaty-puppet-service',
      token: 'insecure_1',
      endpoint: '10.0.0.8:8788',
      memory: '/srv/a/wechaty',
    })
    expect(complaintOf(values)).toContain('还要设置 WECHATY_PUPPET_TOKEN。')
  })

  it('is none where none is named', () => {
    expect(read({ WECHATY_PUPPET_TOKEN: 'x' }).wechaty).toBeUndefined()
  })
})

describe('the settings', () => {
  it('cannot be changed once they are read', () => {
    expect(Object.isFrozen(read())).toBe(true)
  })

  it('that are unknown are passed over', () => {
    expect(read({ SOMETHING_ELSE: 'x', PATH: '/bin' })).toEqual(read())
  })

  it('are all handed on by compose.yaml, but for those that the image gives', () => {
    const read = (file: string) => readFileSync(join(root, file), 'utf8')
    const bot = /^ {2}bot:\n(?:(?: {4}.*)?\n)*/m.exec(read('compose.yaml'))?.[0] ?? ''
    const handed = [...bot.matchAll(/^ {6}([A-Z_]+): /gm)].map(match => match[1])
    const image = [...read('Dockerfile').matchAll(/ ([A-Z_]+)=/g)].map(match => match[1])
    const names = [...read('.env.example').matchAll(/^# ([A-Z_]+)=/gm)].map(match => match[1])
    expect(names.length).toBeGreaterThan(10)
    expect(names.filter(name => !handed.includes(name) && !image.includes(name))).toEqual([])
  })
})
