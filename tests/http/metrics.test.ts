/** What the parts count is what Prometheus reads. */
import { describe, expect, it } from 'vitest'
import { createMetrics } from '#http'

const linesOf = (text: string, name: string) => text.split('\n').filter(line => line.startsWith(name))

describe('the metrics', () => {
  it('hold what was counted, by label', async () => {
    const metrics = createMetrics()
    metrics.count('messages', { channel: 'terminal', kind: 'received' })
    metrics.count('messages', { channel: 'terminal', kind: 'received' })
    metrics.count('messages', { channel: 'web-chat', kind: 'duplicate' })
    expect(linesOf(await metrics.expose(), 'gongkai_messages_total')).toEqual([
      'gongkai_messages_total{channel="terminal",kind="received"} 2',
      'gongkai_messages_total{channel="web-chat",kind="duplicate"} 1',
    ])
  })

  it('go on rising from scrape to scrape', async () => {
    const metrics = createMetrics()
    for (const expected of [1, 2, 3]) {
      metrics.count('turns')
      expect(linesOf(await metrics.expose(), 'gongkai_turns_total')).toEqual([
        `gongkai_turns_total ${expected}`,
      ])
    }
    expect(linesOf(await metrics.expose(), 'gongkai_turns_total')).toEqual(['gongkai_turns_total 3'])
  })

  it('hold durations as a histogram in seconds', async () => {
    const metrics = createMetrics()
    metrics.observe('turn_seconds', 0.02)
    metrics.observe('turn_seconds', 2)
    const text = await metrics.expose()
    expect(text).toContain('# TYPE gongkai_turn_seconds histogram')
    expect(text).toContain('gongkai_turn_seconds_count 2')
    expect(text).toContain('gongkai_turn_seconds_sum 2.02')
  })

  it('read a gauge when they are asked, and forget what is no longer there', async () => {
    const metrics = createMetrics()
    let states = [{ labels: { account: 'a', state: 'queued' }, value: 5 }]
    metrics.watch({ name: 'deliveries', help: 'rows', read: async () => states })
    expect(await metrics.expose()).toContain('gongkai_deliveries{account="a",state="queued"} 5')
    states = [{ labels: { account: 'a', state: 'sent' }, value: 7 }]
    const text = await metrics.expose()
    expect(text).toContain('gongkai_deliveries{account="a",state="sent"} 7')
    expect(text).not.toContain('queued')
  })

  it('tell of the process, and explain each figure', async () => {
    const text = await createMetrics().expose()
    expect(text).toContain('gongkai_process_resident_memory_bytes')
    const named = linesOf(text, '# TYPE').map(line => line.split(' ')[2])
    const helped = new Set(linesOf(text, '# HELP').map(line => line.split(' ')[2]))
    expect(named.filter(name => name && !helped.has(name))).toEqual([])
  })

  it('of two products in one process do not mix', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    one.count('turns')
    expect(linesOf(await other.expose(), 'gongkai_turns_total')).toEqual([])
  })
})
