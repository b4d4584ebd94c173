/** The order of messages, whatever way they come. */
import { expect, test } from 'vitest'
import { createTimeline, type Timeline } from '../../web/chat/src/timeline.ts'

const message = (id: string, createdAt?: number) => ({
  id,
  text: id,
  choices: [],
  citations: [],
  pictures: [],
  createdAt,
  inReplyTo: 'q' as string | undefined,
})
const keys = (timeline: Timeline) =>
  timeline.entries().map(one => (one.by === 'agency' ? one.message.id : one.key))
const ask = (timeline: Timeline, key: string) => timeline.ask({ key, text: key, at: 5_000, state: 'waiting' })

test('a message is there once, and its time is the server’s as soon as that is known', () => {
  const timeline = createTimeline()
  expect(timeline.say(message('a'), 9_000)).toBe(true)
  expect(timeline.say(message('a', 100), 9_500)).toBe(false)
  expect(timeline.say(message('a'), 9_900)).toBe(false)
  expect(timeline.entries()).toMatchObject([{ message: { id: 'a' }, at: 100, serverAt: 100 }])
})

test('a known number with another message, as after the restore of an older backup, loses none of them', () => {
  const timeline = createTimeline()
  timeline.say(message('a', 100), 0)
  expect(timeline.say({ ...message('a'), inReplyTo: 'q2' }, 9_500)).toBe(true)
  expect(timeline.say({ ...message('a', 200), inReplyTo: 'q2' }, 9_500)).toBe(false)
  const unasked = { ...message('a', 300), inReplyTo: undefined }
  expect(timeline.say(unasked, 0)).toBe(true)
  expect(timeline.say(unasked, 0)).toBe(false)
  expect(timeline.say({ ...unasked, createdAt: 400 }, 0)).toBe(true)
  expect(timeline.entries().map(one => one.serverAt)).toEqual([100, 200, 300, 400])
})

test('what is not sent yet stays last until it is', () => {
  const timeline = createTimeline()
  ask(timeline, 'q1')
  ask(timeline, 'q2')
  timeline.say(message('other'), 0)
  expect(keys(timeline)).toEqual(['other', 'q1', 'q2'])
  timeline.mark('q1', 'sent')
  timeline.say(message('a1'), 0)
  expect(keys(timeline)).toEqual(['other', 'q1', 'a1', 'q2'])
})

test('a wrong clock of the browser does not change the order', () => {
  const timeline = createTimeline()
  timeline.ask({ key: 'q1', text: 'q1', at: 9_999_999, state: 'sending' })
  timeline.mark('q1', 'sent')
  timeline.say(message('a1', 100), 0)
  timeline.say(message('a2', 200), 0)
  expect(keys(timeline)).toEqual(['q1', 'a1', 'a2'])
})

test('the past of another tab is put where the server’s clock says', () => {
  const timeline = createTimeline()
  timeline.recall({ clientId: 'q1', text: 'q1', createdAt: 100 })
  timeline.say(message('a1', 200), 0)
  timeline.say(message('a2', 400), 0)
  timeline.recall({ clientId: 'q2', text: 'q2', createdAt: 300 })
  expect(keys(timeline)).toEqual(['q1', 'a1', 'q2', 'a2'])
})

test('what the past knows is sent, and moves up to where it belongs', () => {
  const timeline = createTimeline()
  ask(timeline, 'q2')
  timeline.recall({ clientId: 'q1', text: 'q1', createdAt: 100 })
  timeline.say(message('a1', 200), 0)
  timeline.recall({ clientId: 'q2', text: 'q2', createdAt: 300 })
  timeline.say(message('a2', 400), 0)
  expect(keys(timeline)).toEqual(['q1', 'a1', 'q2', 'a2'])
  expect(timeline.find('q2')?.state).toBe('sent')
})

test('what is sent does not become unsent again', () => {
  const timeline = createTimeline()
  ask(timeline, 'q1')
  timeline.mark('q1', 'sent')
  timeline.mark('q1', 'waiting', '网络不通')
  expect(timeline.find('q1')).toMatchObject({ state: 'sent', note: undefined })
})

test('a choice that comes back by its id is shown by its label', () => {
  const timeline = createTimeline()
  timeline.say({ ...message('a1', 1), choices: [{ id: 'ask:x', label: '怎么领？' }] }, 0)
  timeline.recall({ clientId: 'q2', text: 'ask:x', createdAt: 2 })
  expect(timeline.find('q2')?.text).toBe('怎么领？')
})
