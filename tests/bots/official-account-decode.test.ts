import { describe, expect, it } from 'vitest'
import { paragraph } from '#channel'
import { decode, parseMessage } from '../../bots/official-account/decode.ts'
import { formatReply, formatSend, oneText } from '../../bots/official-account/encode.ts'
import { menuShape } from '../../bots/official-account/menu.ts'
import { xmlOf } from '../emulators/wechat/index.ts'

const base = { ToUserName: 'gh', FromUserName: 'oA', CreateTime: '1763859600' }
const of = (fields: Record<string, string>) => {
  const message = parseMessage(xmlOf({ ...base, ...fields }))
  if (!message) throw new Error('not read')
  return decode(message)
}
const day = { count: 5, ms: 48 * 3_600_000 }
const minute = { count: 3, ms: 60_000 }

describe('a message of WeChat', () => {
  it.each([
    [{ MsgType: 'text', Content: '年假几天' }, { text: '年假几天' }],
    [{ MsgType: 'voice', Recognition: '年假几天' }, { text: '年假几天' }],
    [{ MsgType: 'voice' }, { text: '', attachment: 'voice' }],
    [
      { MsgType: 'image', PicUrl: 'http://a' },
      { text: '', attachment: 'picture' },
    ],
    [{ MsgType: 'shortvideo' }, { text: '', attachment: 'video' }],
    [{ MsgType: 'location' }, { text: '', attachment: 'location' }],
    [{ MsgType: 'file' }, { text: '', attachment: 'document' }],
    [{ MsgType: 'something new' }, { text: '', attachment: 'other' }],
    [{ MsgType: 'link', Title: '通知', Url: 'https://a.cn/1' }, { text: '通知 https://a.cn/1' }],
  ])('%j is %j', (fields, incoming) => {
    const expected = { chat: 'oA', nativeId: '77', window: day, ...incoming }
    expect(of({ MsgId: '77', ...fields })).toEqual({ kind: 'message', incoming: expected })
  })

  it.each([
    [{ Event: 'subscribe' }, { text: '/start' }],
    [
      { Event: 'subscribe', EventKey: 'qrscene_human' },
      { text: '/start', choice: 'human' },
    ],
    [
      { Event: 'SCAN', EventKey: 'booth-7' },
      { text: '/start', choice: 'booth-7' },
    ],
    [
      { Event: 'CLICK', EventKey: '失业金怎么领' },
      { text: '失业金怎么领', choice: '失业金怎么领' },
    ],
  ])('the event %j is %j', (fields, incoming) => {
    const decoded = of({ MsgType: 'event', ...fields })
    expect(decoded).toMatchObject({ kind: 'message', incoming: { chat: 'oA', window: minute, ...incoming } })
  })

  it('gives an event that comes twice the same id, and two events different ones', () => {
    const idOf = (fields: Record<string, string>) => {
      const decoded = of({ MsgType: 'event', ...fields })
      return decoded.kind === 'message' ? decoded.incoming.nativeId : ''
    }
    const click = { Event: 'CLICK', EventKey: 'menu' }
    expect(idOf(click)).toBe(idOf(click))
    expect(idOf(click)).not.toBe(idOf({ ...click, EventKey: 'human' }))
    expect(idOf(click)).not.toBe(idOf({ ...click, CreateTime: '1763859601' }))
  })

  it('leaves aside what asks for no answer, and tells of whoever leaves', () => {
    for (const Event of ['VIEW', 'LOCATION', 'TEMPLATESENDJOBFINISH', 'MASSSENDJOBFINISH'])
      expect(of({ MsgType: 'event', Event })).toMatchObject({ kind: 'ignored' })
    expect(of({ MsgType: 'event', Event: 'unsubscribe' })).toMatchObject({
      kind: 'change',
      chat: 'oA',
      change: { kind: 'unreachable' },
    })
  })

  it('is not read without its fields', () => {
    for (const xml of ['', 'x', '<xml/>', '<xml><MsgType>text</MsgType></xml>', '<a><b/></a>'])
      expect(parseMessage(xml)).toBeUndefined()
  })
})

describe('an answer to WeChat', () => {
  it('cannot break out of its section', () => {
    const xml = formatReply(
      { kind: 'text', text: 'a]]><b>\u0000' },
      { to: 'oA', from: 'gh', now: 1_763_859_600_000 },
    )
    expect(parseMessage(xml.replace('</xml>', '</xml>'))?.Content).toBe('a]]><b>')
  })

  it('is JSON with Chinese as it is', () => {
    expect(formatSend({ kind: 'text', text: '您好' }, 'oA')).toContain('您好')
    expect(JSON.parse(formatSend({ kind: 'image', mediaId: 'm' }, 'oA'))).toMatchObject({
      image: { media_id: 'm' },
    })
  })

  it('is one text of several documents', () => {
    expect(oneText([[paragraph('一')], [paragraph('二')]])).toBe('一\n二')
  })
})

describe('a menu', () => {
  it('is taken within the platform’s limits, and refused with the rule beyond them', () => {
    const item = { name: '社会保险', ask: '社保' }
    expect(
      menuShape.safeParse([
        { name: '查询', items: [item] },
        { name: '官网', url: 'https://a.cn' },
      ]).success,
    ).toBe(true)
    const say = (menu: unknown) =>
      menuShape
        .safeParse(menu)
        .error?.issues.map(issue => issue.message)
        .join()
    expect(say([{ name: '太长的名字', ask: 'a' }])).toContain('最多4个字')
    expect(say([{ name: '查询', ask: 'a', url: 'https://a.cn' }])).toContain('其中一个')
    expect(say(Array.from({ length: 4 }, () => ({ name: '查询', ask: 'a' })))).toBeDefined()
  })
})
