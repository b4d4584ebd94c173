/** What of an update of the Bot API is a message to us. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Decoded, decode, parseUpdate } from '../../bots/telegram/decode.ts'
import { chatOf, entitiesOf } from '../emulators/telegram/index.ts'

const me = { id: 99, username: 'Gongkai_Bot' }
const from = { id: 5, is_bot: false, first_name: '张' }
const base = (chat: number) => ({ message_id: 12, date: 1_700_000_000, chat: chatOf(chat), from })
const written = (text: string) => ({ text, entities: entitiesOf(text) })

function decoded(update: Record<string, unknown>): Decoded {
  const parsed = parseUpdate({ update_id: 1, ...update })
  if (!parsed) throw new Error('no update')
  return decode(parsed, me)
}

/** The message that is handed over, if one is. */
function incoming(update: Record<string, unknown>) {
  const one = decoded(update)
  return one.kind === 'message' ? one.incoming : one
}

const message = (chat: number, more: object) => ({ message: { ...base(chat), ...more } })

describe('a message in a private chat', () => {
  it('is its words, by its number', () => {
    expect(incoming(message(5, written('失业金怎么领')))).toEqual({
      chat: '5',
      nativeId: '12',
      text: '失业金怎么领',
    })
  })

  it('that is a deep link opens with what the link carries', () => {
    expect(incoming(message(5, written('/start item_2026-17')))).toMatchObject({
      text: '/start',
      choice: 'item_2026-17',
    })
    expect(incoming(message(5, written('/start')))).not.toHaveProperty('choice')
    expect(incoming(message(5, written('/start 你好')))).toMatchObject({ text: '/start 你好' })
  })

  it('that is a command loses the bot’s own name and nothing else', () => {
    expect(incoming(message(5, written('/help@gongkai_bot')))).toMatchObject({ text: '/help' })
    expect(incoming(message(5, written('/help@other_bot')))).toMatchObject({ text: '/help@other_bot' })
  })

  it.each([
    ['photo', [{ file_id: 'a' }], 'picture'],
    ['document', { file_id: 'a' }, 'document'],
    ['voice', { file_id: 'a', duration: 3 }, 'voice'],
    ['video_note', {}, 'video'],
    ['location', { latitude: 1, longitude: 2 }, 'location'],
    ['sticker', {}, 'other'],
  ])('that is a %s says so', (field, value, attachment) => {
    expect(incoming(message(5, { [field]: value }))).toEqual({
      chat: '5',
      nativeId: '12',
      text: '',
      attachment,
    })
    const captioned = message(5, { [field]: value, caption: '这是什么' })
    expect(incoming(captioned)).toMatchObject({ text: '这是什么', attachment })
  })

  it('that is a GIF is a video, though it comes as a document too', () => {
    expect(incoming(message(5, { animation: {}, document: {} }))).toMatchObject({ attachment: 'video' })
  })

  it('that was corrected is a new one, by the time of the correction', () => {
    const edited = { ...base(5), edit_date: 1_700_000_100, ...written('改过了') }
    expect(incoming({ edited_message: edited })).toMatchObject({ nativeId: '12e1700000100', text: '改过了' })
    expect(incoming({ edited_message: { ...base(5), location: {} } })).toEqual({
      kind: 'ignored',
      reason: 'edit',
    })
  })

  it('of another bot, of a channel, or about an event is left aside', () => {
    expect(incoming({ message: { ...base(5), from: { id: 6, is_bot: true }, text: '你好' } })).toMatchObject({
      reason: 'bot',
    })
    expect(
      incoming({ message: { ...base(-5), chat: { id: -5, type: 'channel' }, text: '通知' } }),
    ).toMatchObject({
      reason: 'channel',
    })
    expect(incoming(message(-5, { new_chat_members: [{ id: 99 }] }))).toMatchObject({ reason: 'event' })
  })
})

describe('a message in a group', () => {
  const group = (text: string, more: object = {}) => incoming(message(-100_5, { ...written(text), ...more }))
  const silence = { kind: 'ignored', reason: 'not-addressed' }

  it('is left aside as long as nobody speaks to the bot', () => {
    expect(group('失业金怎么领')).toEqual(silence)
    expect(group('@other_bot 失业金怎么领')).toEqual(silence)
    expect(group('/help@other_bot')).toEqual(silence)
    expect(group('写信到 a@gongkai_bot.example')).toEqual(silence)
    expect(group('失业金怎么领', { reply_to_message: { from } })).toEqual(silence)
  })

  it.each(['@gongkai_bot 失业金怎么领', '失业金怎么领 @GONGKAI_BOT'])('is heard in %j', text => {
    expect(group(text)).toEqual({ chat: '-1005', nativeId: '12', text: '失业金怎么领', group: true })
  })

  it('is heard as a command, as a reply to the bot, and where its name is a link', () => {
    expect(group('/help@Gongkai_bot')).toMatchObject({ text: '/help', group: true })
    expect(group('/help')).toMatchObject({ text: '/help' })
    expect(group('那要多久', { reply_to_message: { from: { id: 99, is_bot: true } } })).toMatchObject({
      text: '那要多久',
    })
    const link = { type: 'text_mention', offset: 0, length: 2, user: { id: 99 } }
    expect(group('公开 你好', { entities: [link] })).toMatchObject({ text: '公开 你好' })
  })

  it('is heard in the words under a picture', () => {
    const text = '@gongkai_bot 这张表怎么填'
    const caption = { photo: [{}], caption: text, caption_entities: entitiesOf(text) }
    expect(incoming(message(-100_5, caption))).toMatchObject({ text: '这张表怎么填', attachment: 'picture' })
  })

  it('belongs to the thread of a forum, but not to that of a mere reply', () => {
    const thread = { message_thread_id: 7 }
    expect(group('/help', { ...thread, is_topic_message: true })).toMatchObject({ chat: '-1005/7' })
    expect(group('/help', thread)).toMatchObject({ chat: '-1005' })
  })

  it('is heard from an administrator who stays anonymous', () => {
    const anonymous = { from: { id: 1_087_968_824, is_bot: true }, sender_chat: { id: -100_5 } }
    expect(group('/help', anonymous)).toMatchObject({ text: '/help' })
  })
})

describe('a button', () => {
  const query = (more: object) => ({ callback_query: { id: '7000', from, ...more } })

  it('is a choice, by the number of its query', () => {
    const one = decoded(query({ data: 'example:0', message: base(5) }))
    const choice = { chat: '5', nativeId: '7000', text: '', choice: 'example:0' }
    expect(one).toEqual({ kind: 'message', incoming: choice, callback: '7000' })
  })

  it('in a thread of a group belongs there', () => {
    const place = { ...base(-5), is_topic_message: true, message_thread_id: 7 }
    expect(incoming(query({ data: 'a', message: place }))).toMatchObject({ chat: '-5/7', group: true })
  })

  it('without a message or of a game is left aside', () => {
    expect(incoming(query({ data: 'a' }))).toMatchObject({ kind: 'ignored' })
    expect(incoming(query({ game_short_name: 'a', message: base(5) }))).toMatchObject({ kind: 'ignored' })
  })
})

describe('what happens to the bot', () => {
  const member = (chat: number, status: string, more: object = {}) =>
    decoded({ my_chat_member: { chat: chatOf(chat), from, date: 1, new_chat_member: { status, ...more } } })

  it('is written down where it can speak no more', () => {
    expect(member(5, 'kicked')).toMatchObject({ chat: '5', change: { kind: 'unreachable' } })
    expect(member(-5, 'left')).toMatchObject({ chat: '-5', change: { kind: 'unreachable' } })
    expect(member(-5, 'restricted', { can_send_messages: false })).toMatchObject({ kind: 'change' })
  })

  it('is left aside where it can', () => {
    for (const status of ['member', 'administrator']) expect(member(-5, status).kind).toBe('ignored')
    expect(member(-5, 'restricted', { can_send_messages: true }).kind).toBe('ignored')
  })

  it('moves a group to its new number', () => {
    expect(decoded(message(-5, { migrate_to_chat_id: -100_7 }))).toEqual({
      kind: 'change',
      chat: '-5',
      change: { kind: 'moved', to: '-1007' },
    })
    expect(decoded(message(-100_7, { migrate_from_chat_id: -5 })).kind).toBe('ignored')
  })
})

describe('whatever arrives', () => {
  it('is read or not, but breaks nothing', () => {
    const any = fc.anything({ maxDepth: 4 })
    const odd = fc.record(
      { update_id: fc.oneof(fc.integer(), any), message: any, callback_query: any, my_chat_member: any },
      { requiredKeys: [] },
    )
    const half = fc.record({
      update_id: fc.nat(),
      message: fc.record({
        message_id: fc.nat(),
        date: fc.nat(),
        chat: fc.constantFrom(chatOf(5), chatOf(-5)),
        text: fc.oneof(fc.string({ unit: 'binary' }), any),
        entities: fc.oneof(
          fc.array(
            fc.record({
              type: fc.constantFrom('mention', 'bot_command'),
              offset: fc.integer(),
              length: fc.integer(),
            }),
          ),
          any,
        ),
      }),
    })
    fc.assert(
      fc.property(fc.oneof(any, odd, half), value => {
        const update = parseUpdate(value)
        if (update) expect(['message', 'change', 'ignored']).toContain(decode(update, me).kind)
      }),
      { numRuns: 2_000 },
    )
  })
})
