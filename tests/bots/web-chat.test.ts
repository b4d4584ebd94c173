/** The web chat: the contract of all channels, and its HTTP contract to the letter. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { paragraph } from '#channel'
import type { Answerer } from '#dialog'
import { settle } from '../base/test-clock.ts'
import { until } from '../base/until.ts'
import { describeChannel } from './contract.ts'
import { about, createCitizen, openPage, type Page, type PageOptions } from './page.ts'
import { conditions, duration, leaveDays, start, wording as w } from './small-house.ts'

describeChannel('the web chat', async () => {
  const page = await openPage()
  return { house: page.house, citizen: createCitizen(page) }
})

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const chinese = /\p{Script=Han}/u
const patienceMs = 10_000

let opened: Page | undefined
async function open(options?: PageOptions): Promise<Page> {
  opened = await openPage(options)
  return opened
}
afterEach(async () => {
  await opened?.house.close()
  opened = undefined
})

/** One page for all requests that are refused: they leave nothing behind that another could find. */
let refusing: Page
beforeAll(async () => {
  refusing = await openPage()
})
afterAll(() => refusing.house.close())

/** Answers to questions that begin with 慢 wait for the test. */
function createGate() {
  const gate = Promise.withResolvers<void>()
  const between = (real: Answerer): Answerer => ({
    ...real,
    async answer(text, language) {
      if (text.startsWith('慢')) await gate.promise
      return real.answer(text, language)
    },
  })
  return { open: () => gate.resolve(), between }
}

describe('POST /api/chat/messages', () => {
  it('gives 200 with the conversation and the replies, in the shape of the contract', async () => {
    const page = await open()
    const conversation = randomUUID()
    const { status, headers, body } = await page.post({ conversation, text: conditions, clientId: '1' })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('application/json')
    expect(Object.keys(body).sort()).toEqual(['conversation', 'messages'])
    expect(body.conversation).toBe(conversation)
    const answer = body.messages.at(-1)
    expect(answer).toEqual({
      id: expect.stringMatching(/^\d+$/),
      text: expect.stringContaining('· 带身份证'),
      choices: [{ id: expect.any(String), label: duration }],
      citations: [
        {
          law: '失业保险条例',
          article: 14,
          title: expect.toSatisfy(title => title === null || typeof title === 'string'),
          url: null,
          inForce: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        },
      ],
    })
    expect(answer?.text).not.toContain(duration)
    expect(answer?.text).not.toContain('依据')
  })

  it('makes a conversation when none is named, a new one each time', async () => {
    const page = await open()
    const first = await page.post({ text: '你好', clientId: '1' })
    const second = await page.post({ text: '你好', clientId: '1' })
    expect([first.status, second.status]).toEqual([200, 200])
    expect(first.body.conversation).toMatch(uuid)
    expect(second.body.conversation).toMatch(uuid)
    expect(second.body.conversation).not.toBe(first.body.conversation)
  })

  it('goes on in the conversation that it made, in capitals too', async () => {
    const page = await open()
    const { body } = await page.post({ text: '你好', clientId: '1' })
    const conversation = body.conversation.toUpperCase()
    const next = await page.post({ conversation, text: '你好', clientId: '2' })
    expect(next.body.conversation).toBe(body.conversation)
    expect(JSON.stringify(next.body)).not.toContain(w.notice(180))
  })

  it.each([
    ['a conversation that is no UUID', { conversation: '123', text: '你好', clientId: '1' }, 'conversation'],
    ['an empty conversation', { conversation: '', text: '你好', clientId: '1' }, 'conversation'],
    ['a path as conversation', { conversation: '../../x', text: '你好', clientId: '1' }, 'conversation'],
    ['an empty text', { text: '', clientId: '1' }, 'empty'],
    ['a blank text', { text: ' \n\t ', clientId: '1' }, 'empty'],
    ['neither text nor choice', { clientId: '1' }, 'empty'],
    ['no clientId', { text: '你好' }, 'malformed'],
    ['an empty clientId', { text: '你好', clientId: '' }, 'malformed'],
    ['an endless clientId', { text: '你好', clientId: 'x'.repeat(65) }, 'malformed'],
    ['an endless choice', { choice: 'x'.repeat(65), clientId: '1' }, 'malformed'],
    ['a control character in clientId', { text: '你好', clientId: 'a\u0000' }, 'malformed'],
    ['half a character as clientId', { text: '你好', clientId: '\ud800' }, 'malformed'],
    ['a control character in a choice', { choice: 'a\n', clientId: '1' }, 'malformed'],
    ['a text and a choice together', { text: '你好', choice: 'menu', clientId: '1' }, 'malformed'],
    ['an empty text beside a choice', { text: '', choice: 'menu', clientId: '1' }, 'malformed'],
    ['half a character in a choice', { choice: '\udc00', clientId: '1' }, 'malformed'],
    ['a number as text', { text: 5, clientId: '1' }, 'malformed'],
    ['a number as clientId', { text: '你好', clientId: 5 }, 'malformed'],
    ['a list', [1, 2], 'malformed'],
    ['broken JSON', '{"text":"你好"', 'malformed'],
    ['no body', '', 'malformed'],
    ['null', 'null', 'malformed'],
  ])('refuses %s with 400 and a sentence', async (_, message, code) => {
    const { status, body } = await refusing.post(message)
    expect({ status, code: body.error.code }).toEqual({ status: 400, code })
    expect(body.error.message).toMatch(chinese)
    expect(body.error.message).toMatch(/。$/)
  })

  it.each([2001, 10_000, 100_000])('refuses %i characters with 413 and a sentence', async length => {
    const { status, body } = await refusing.post({ text: '字'.repeat(length), clientId: '1' })
    expect({ status, code: body.error.code }).toEqual({ status: 413, code: 'too-long' })
    expect(body.error.message).toContain('2000')
  })

  it('takes 2,000 characters', async () => {
    const page = await open()
    const { status } = await page.post({ text: '字'.repeat(2000), clientId: '1' })
    expect(status).toBe(200)
  })

  it.each([1500, 2000])('takes %i characters that are rare ones', async length => {
    const page = await open()
    const { status } = await page.post({ text: '𠮷'.repeat(length), clientId: '1' })
    expect(status).toBe(200)
  })

  it.each([
    ['字', '\\u5b57'],
    ['𠮷', '\\ud842\\udfb7'],
  ])('takes 2,000 times %s, each written as an escape', async (character, escaped) => {
    const page = await open()
    const conversation = randomUUID()
    const body = `{"conversation":"${conversation}","clientId":"1","text":"${escaped.repeat(2000)}"}`
    expect((await page.post(body)).status).toBe(200)
    const [past] = await page.house.history(conversation)
    expect(past).toMatchObject({ text: character.repeat(2000) })
  })

  it.each([
    ['emoji only', '👍🎉', w.onlyWords],
    ['punctuation only', '？？', w.help],
    ['control characters only', '\u0000\u0007\u202e', w.onlyWords],
    ['another language', 'How do I claim unemployment benefit?', w.otherLanguage],
  ])('answers %s with a sentence', async (_, text, sentence) => {
    const page = await open()
    const { status, body } = await page.post({ text, clientId: '1' })
    expect(status).toBe(200)
    const said = body.messages.map(message => message.text).join('\n')
    expect(sentence === w.help ? chinese.test(said) : said.includes(sentence)).toBe(true)
  })

  it('loses control characters within a question, not the question', async () => {
    const page = await open()
    const text = `\u0000${conditions.slice(0, 4)}\u202e${conditions.slice(4)}`
    const { body } = await page.post({ text, clientId: '1' })
    expect(JSON.stringify(body)).toContain('缴费满一年')
  })

  it('takes HTML for the text that it is and never sends it back as HTML', async () => {
    const page = await open()
    const text = '<script>alert(1)</script>失业金怎么领'
    const { status, headers, body } = await page.post({ text, clientId: '1' })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('application/json')
    const events = await page.events(body.conversation)
    const [past] = await events.take(1)
    expect(past?.data.text).toBe(text)
    await events.close()
  })

  it('answers a choice that nobody offered with a sentence', async () => {
    const page = await open()
    const { status, body } = await page.post({ choice: 'ask:no-such-entry', clientId: '1' })
    expect(status).toBe(200)
    expect(body.messages.at(-1)?.text).toMatch(chinese)
  })

  it('gives the same replies with the same ids to the same clientId, whatever the text is then', async () => {
    const page = await open()
    const conversation = randomUUID()
    const first = await page.post({ conversation, text: conditions, clientId: 'same' })
    const again = await page.post({ conversation, text: conditions, clientId: 'same' })
    const other = await page.post({ conversation, text: leaveDays, clientId: 'same' })
    expect(again).toMatchObject({ status: 200, body: first.body })
    expect(other.body).toEqual(first.body)
  })

  it('gives the same replies after a restart too', async () => {
    const page = await open()
    const conversation = randomUUID()
    const first = await page.post({ conversation, text: conditions, clientId: 'same' })
    await page.house.restart()
    const again = await page.post({ conversation, text: conditions, clientId: 'same' })
    expect(again).toMatchObject({ status: 200, body: first.body })
  })

  it('takes the same clientId in another conversation for another message', async () => {
    const page = await open()
    const first = await page.post({ conversation: randomUUID(), text: conditions, clientId: 'same' })
    const other = await page.post({ conversation: randomUUID(), text: leaveDays, clientId: 'same' })
    expect(JSON.stringify(other.body.messages)).toContain('满一年不满十年')
    expect(other.body.messages.at(-1)?.id).not.toBe(first.body.messages.at(-1)?.id)
  })

  it('says 429 and when to come back where one conversation asks too much', async () => {
    const page = await open({ admit: async () => 2_400 })
    const { status, headers, body } = await page.post({ text: '你好', clientId: '1' })
    expect({ status, code: body.error.code }).toEqual({ status: 429, code: 'too-many' })
    expect(headers.get('retry-after')).toBe('3')
    expect(body.error.message).toContain('3秒')
  })

  it('says 503 and a sentence while the product stops', async () => {
    const page = await open()
    await page.house.stopGateway()
    const { status, headers, body } = await page.post({ text: '你好', clientId: '1' })
    expect({ status, code: body.error.code }).toEqual({ status: 503, code: 'stopping' })
    expect(headers.get('retry-after')).toMatch(/^\d+$/)
    expect(body.error.message).toBe(w.stopping)
  })
})

describe('a reply that takes longer than ten seconds', () => {
  it('is announced with 202 to whoever asks again, and comes by the event stream', async () => {
    const gate = createGate()
    const page = await open({ between: gate.between })
    const conversation = randomUUID()
    const message = { conversation, text: `慢，${conditions}`, clientId: 'slow' }
    const first = page.post(message)
    await until('it is stored', () => page.house.receipts.length === 1)
    const second = page.post(message)
    await until('the second waits', () => page.house.clock.sleepers() > 0)
    for (let waited = 0; waited <= patienceMs; waited += 250) await page.house.clock.advance(250)
    expect(await second).toMatchObject({ status: 202, body: { conversation, messages: [] } })
    const events = await page.events(conversation)
    const [past] = await events.take(1)
    expect(past).toMatchObject({ name: 'past', data: { clientId: 'slow' } })
    gate.open()
    const [reply] = await events.take(1)
    expect(reply).toMatchObject({ name: 'message', data: { inReplyTo: 'slow' } })
    await events.close()
    void first
  })

  it('is announced with 202 after ten seconds of the clock that the channel was handed', async () => {
    const gate = createGate()
    const page = await open({ between: gate.between })
    let status = 0
    const sent = page.post({ text: `慢，${conditions}`, clientId: 'slow' }).then(answer => {
      status = answer.status
    })
    await until('it is stored', () => page.house.receipts.length === 1)
    await page.house.clock.advance(patienceMs)
    const then = status
    gate.open()
    await sent
    expect(then).toBe(202)
  })

  it('does not hold up another conversation', async () => {
    const gate = createGate()
    const page = await open({ between: gate.between })
    const slow = page.post({ text: `慢，${conditions}`, clientId: 'slow' })
    await until('it is stored', () => page.house.receipts.length === 1)
    expect((await page.post({ text: conditions, clientId: '1' })).status).toBe(200)
    gate.open()
    expect((await slow).status).toBe(200)
  })

  it('reaches the first request also when the same message is sent again meanwhile', async () => {
    const gate = createGate()
    const page = await open({ between: gate.between })
    const message = { conversation: randomUUID(), text: `慢，${conditions}`, clientId: 'same' }
    let status = 0
    page.post(message).then(answer => {
      status = answer.status
    })
    await until('it is stored', () => page.house.receipts.length === 1)
    const second = page.post(message)
    await until('the second waits', () => page.house.clock.sleepers() > 0)
    gate.open()
    await settle()
    await page.house.clock.advance(250)
    expect((await second).status).toBe(200)
    await settle()
    expect(status).toBe(200)
  })
})

describe('GET /api/chat/events', () => {
  it('brings the past first, the citizen’s own words too, in order', async () => {
    const page = await open()
    const { body } = await page.post({ text: conditions, clientId: 'a' })
    const { conversation } = body
    await page.house.clock.advance(1_000)
    const next = await page.post({ conversation, text: leaveDays, clientId: 'b' })
    const response = await page.get(`/api/chat/events?conversation=${conversation}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store')
    await response.body?.cancel()
    const events = await page.events(conversation)
    const all = await events.take(2 + body.messages.length + next.body.messages.length)
    await events.close()
    expect(all.map(event => event.name)).toEqual([
      'past',
      ...body.messages.map(() => 'message'),
      'past',
      ...next.body.messages.map(() => 'message'),
    ])
    expect(all[0]).toMatchObject({ data: { clientId: 'a', text: conditions, createdAt: start } })
    expect(all[0]?.id).toBeUndefined()
    const [, first] = all
    expect(first?.id).toBe(`${body.messages[0]?.id}.${start}`)
    expect(first?.data).toEqual({ ...body.messages[0], createdAt: start, inReplyTo: 'a' })
    expect(events.raw()).toMatch(/^retry: \d+\n\n/)
  })

  it('shows the label of a choice as the citizen’s words', async () => {
    const page = await open()
    const { body } = await page.post({ text: conditions, clientId: 'a' })
    const [choice] = body.messages.at(-1)?.choices ?? []
    await page.house.clock.advance(1_000)
    await page.post({ conversation: body.conversation, choice: choice?.id, clientId: 'b' })
    const past = await page.house.history(body.conversation)
    const events = await page.events(body.conversation)
    const all = await events.take(past.length)
    await events.close()
    const words = all.filter(event => event.name === 'past').map(event => event.data.text)
    expect(words).toEqual([conditions, duration])
  })

  it('goes on after Last-Event-ID and repeats nothing from before it', async () => {
    const page = await open()
    const { body } = await page.post({ text: conditions, clientId: 'a' })
    const { conversation } = body
    const last = body.messages.at(-1)?.id ?? ''
    await page.house.clock.advance(1_000)
    const next = await page.post({ conversation, text: leaveDays, clientId: 'b' })
    const events = await page.events(conversation, last)
    const live = await page.post({ conversation, text: duration, clientId: 'c' })
    const expected = [...next.body.messages, ...live.body.messages].map(message => message.id)
    const seen: unknown[] = []
    while (seen.length < expected.length) {
      const [event] = await events.take(1)
      if (event?.name === 'message') seen.push(event.data.id)
    }
    await events.close()
    expect(seen).toEqual(expected)
  })

  it.each(['abc', '-1', '1.5', '1.', '.5', '1.5.6', '9'.repeat(40), '1; drop table'])(
    'begins at the beginning where Last-Event-ID is %j',
    async last => {
      const page = await open()
      const { body } = await page.post({ text: conditions, clientId: 'a' })
      const events = await page.events(body.conversation, last)
      const [past, first] = await events.take(2)
      await events.close()
      expect([past?.name, first?.data.id]).toEqual(['past', body.messages[0]?.id])
    },
  )

  it('goes on after the id of its own last event', async () => {
    const page = await open()
    const { body } = await page.post({ text: conditions, clientId: 'a' })
    const { conversation } = body
    const before = await page.events(conversation)
    const known = await before.take(1 + body.messages.length)
    await before.close()
    const next = await page.post({ conversation, text: leaveDays, clientId: 'b' })
    const events = await page.events(conversation, known.at(-1)?.id)
    const missed = await events.take(next.body.messages.length + 2)
    await events.close()
    const ids = missed.filter(event => event.name === 'message').map(event => event.data.id)
    expect(ids).toEqual(next.body.messages.map(message => message.id))
  })

  describe('after the restore of an older backup', () => {
    it('begins at the beginning where the page has a later message than there is', async () => {
      const page = await open()
      const { body } = await page.post({ text: conditions, clientId: 'a' })
      const events = await page.events(body.conversation, `999999.${start}`)
      const [past, first] = await events.take(2)
      await events.close()
      expect([past?.name, first?.data.id]).toEqual(['past', body.messages[0]?.id])
    })

    it('begins at the beginning where the number that the page has is another message’s now', async () => {
      const page = await open()
      const { body } = await page.post({ text: conditions, clientId: 'a' })
      const events = await page.events(body.conversation, `${body.messages.at(-1)?.id}.${start - 1}`)
      const [past, first] = await events.take(2)
      await events.close()
      expect([past?.name, first?.data.id]).toEqual(['past', body.messages[0]?.id])
    })
  })

  it('tells a page that was away for long what was said since', async () => {
    const page = await open()
    const { body } = await page.post({ text: conditions, clientId: 'a' })
    const { conversation } = body
    await page.house.clock.advance(5 * 24 * 60 * 60_000)
    const next = await page.post({ conversation, text: leaveDays, clientId: 'b' })
    await page.house.clock.advance(5 * 24 * 60 * 60_000)
    const events = await page.events(conversation, `${body.messages.at(-1)?.id}.${start}`)
    const missed = await events.take(next.body.messages.length + 2)
    await events.close()
    const ids = missed.filter(event => event.name === 'message').map(event => event.data.id)
    expect(ids).toEqual(next.body.messages.map(message => message.id))
  })

  it('tells also what is heard of after what was said later', async () => {
    const page = await open()
    const conversation = randomUUID()
    const events = await page.events(conversation)
    await settle()
    const { body } = await page.post({ conversation, text: conditions, clientId: 'a' })
    await events.take(body.messages.length)
    const document = [paragraph('工作人员的答复')]
    await page.house.channel().send({ id: '0', chat: conversation, document, createdAt: start })
    const [late] = await events.take(1)
    await events.close()
    expect(late?.data.text).toBe('工作人员的答复')
  })

  it('says gone to a page whose conversation is not there any more', async () => {
    const page = await open()
    const events = await page.events(randomUUID(), '17')
    const [gone] = await events.take(1)
    await events.close()
    expect(gone?.name).toBe('gone')
  })

  it('says nothing of the past to a page that has none', async () => {
    const page = await open()
    const conversation = randomUUID()
    const events = await page.events(conversation)
    const { body } = await page.post({ conversation, text: conditions, clientId: 'a' })
    const seen = await events.take(body.messages.length)
    await events.close()
    expect(seen.map(event => event.data.id)).toEqual(body.messages.map(message => message.id))
    expect(events.raw()).not.toContain('event: gone')
  })

  it('reaches every page that follows, and only those of this conversation', async () => {
    const page = await open()
    const conversation = randomUUID()
    const others = await page.events(randomUUID())
    const followers = await Promise.all([1, 2, 3].map(() => page.events(conversation)))
    await settle()
    const { body } = await page.post({ conversation, text: conditions, clientId: 'a' })
    for (const follower of followers) {
      const seen = await follower.take(body.messages.length)
      expect(seen.map(event => event.data.id)).toEqual(body.messages.map(message => message.id))
      await follower.close()
    }
    const left = others.next()
    await page.house.channel().stop()
    expect(await left).toBeUndefined()
  })

  it('goes on for the others when one page leaves', async () => {
    const page = await open()
    const conversation = randomUUID()
    const [leaver, stayer] = [await page.events(conversation), await page.events(conversation)]
    await settle()
    await leaver.close()
    const { body } = await page.post({ conversation, text: conditions, clientId: 'a' })
    expect(await stayer.take(body.messages.length)).toHaveLength(body.messages.length)
    await stayer.close()
  })

  it('ends when the page goes away', async () => {
    const page = await open()
    const leaving = new AbortController()
    const response = await page.get(`/api/chat/events?conversation=${randomUUID()}`, {}, leaving.signal)
    const read = response.text()
    await settle()
    leaving.abort()
    expect(await read).toBe('retry: 2000\n\n: \n\n')
  })

  it('gives a sign of life from time to time', async () => {
    const page = await open()
    const response = await page.get(`/api/chat/events?conversation=${randomUUID()}`)
    await settle()
    await page.house.clock.advance(20_000)
    await page.house.clock.advance(20_000)
    await page.house.channel().stop()
    expect((await response.text()).match(/^: $/gm)?.length).toBeGreaterThanOrEqual(2)
  })

  it('looks for what other processes said, where there are some', async () => {
    const page = await open({ lookMs: 2_000 })
    const { body } = await page.post({ text: conditions, clientId: 'a' })
    const { conversation } = body
    const last = body.messages.at(-1)?.id ?? ''
    const events = await page.events(conversation, last)
    await settle()
    // What another process committed is in the ledger and passes by no mailbox of this one.
    const copied = await page.house
      .store()
      .query(db => db.selectFrom('deliveries').selectAll().orderBy('seq', 'desc').limit(1))
    const { seq: _, ...row } = copied[0] ?? { seq: 0 }
    await page.house.store().query(db =>
      db
        .insertInto('deliveries')
        .values(row as never)
        .returning('seq'),
    )
    await page.house.clock.advance(2_000)
    const seen: string[] = []
    while (seen.length === 0) {
      const [event] = await events.take(1)
      if (event?.name === 'message') seen.push(String(event.data.id))
    }
    await events.close()
    expect(Number(seen[0])).toBeGreaterThan(Number(last))
  })

  it.each(['', '?conversation=', '?conversation=123', '?conversation=%00', '?other=1'])(
    'refuses %j with 400 and a sentence',
    async query => {
      const response = await refusing.get(`/api/chat/events${query}`)
      expect(response.status).toBe(400)
      const { error } = (await response.json()) as { error: { code: string; message: string } }
      expect(error.code).toBe('conversation')
      expect(error.message).toMatch(chinese)
    },
  )
})

describe('the rest of the web chat', () => {
  it('tells the page whose it is', async () => {
    const page = await open()
    const response = await page.get('/api/chat/about')
    expect(await response.json()).toEqual(about)
  })

  it.each(['/api/chat', '/api/chat/nothing', '/api/chat/messages', '/'])('knows no GET %s', async path => {
    const response = await refusing.get(path)
    expect(response.status).toBe(404)
    expect(JSON.stringify(await response.json())).toMatch(chinese)
  })

  it('is off, and says 503, before it is started', async () => {
    const createWebChat = await (await import('#bots')).bots['web-chat']()
    const channel = createWebChat({
      newUuid: randomUUID,
      admit: async () => undefined,
      about,
      lookMs: 0,
    })
    expect(channel.health().state).toBe('off')
    expect((await channel.fetch?.(new Request('http://gongkai.test/api/chat/about')))?.status).toBe(503)
  })
})
