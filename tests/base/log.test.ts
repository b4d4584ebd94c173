/** The log: one JSON line an event, nothing of a person in it. */
import { describe, expect, it } from 'vitest'
import { createLog, type LogLevel, silentLog } from '#base/log'

function open(level: LogLevel = 'info') {
  const lines: string[] = []
  return { log: createLog(level, line => void lines.push(line)), lines }
}

describe('a log line', () => {
  it('is one JSON object with the time, the event and its facts', () => {
    const { log, lines } = open()
    log.info('product.started', { port: 3000, database: 'sqlite', ready: true })
    expect(lines).toHaveLength(1)
    const line: Record<string, unknown> = JSON.parse(lines[0] ?? '')
    expect(line).toMatchObject({ msg: 'product.started', port: 3000, database: 'sqlite', ready: true })
    expect(String(line.time)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(line).not.toHaveProperty('hostname')
    expect(lines[0]).toMatch(/\n$/)
    expect(lines[0]?.trim()).not.toContain('\n')
  })

  it.each(['13800138000', '11010519491231002X', '4111111111111111', 'zhang@example.com'])(
    'does not hold the %s that stood in a field',
    secret => {
      const { log, lines } = open('debug')
      log.debug('a.seen', { detail: `号码 ${secret}` })
      log.info('a.seen', { detail: `号码 ${secret}` })
      log.warn('a.seen', { detail: `号码 ${secret}` })
      log.error('a.failed', new Error(`cannot send to ${secret}`), { detail: `号码 ${secret}` })
      expect(lines).toHaveLength(4)
      for (const line of lines) {
        expect(line).not.toContain(secret)
        expect(line).toContain('［已隐去］')
      }
    },
  )

  it('says of an error why and where, also when what was thrown is no error', () => {
    const { log, lines } = open()
    log.error('a.failed', new TypeError('no such thing'), { seq: 7 })
    log.error('a.failed', 'only words')
    const [first = '', second = ''] = lines
    expect(JSON.parse(first)).toMatchObject({ reason: 'no such thing', seq: 7 })
    expect(JSON.parse(first).stack).toContain('log.test.ts')
    expect(JSON.parse(second)).toMatchObject({ reason: 'only words' })
  })

  it('is not written below the level that was asked for', () => {
    const { log, lines } = open('warn')
    log.debug('a.seen')
    log.info('a.seen')
    log.warn('a.seen')
    log.error('a.failed', new Error('x'))
    expect(lines).toHaveLength(2)
  })

  it('is never written by the silent log, nor at the level silent', () => {
    const { log, lines } = open('silent')
    log.error('a.failed', new Error('x'))
    silentLog.error('a.failed', new Error('x'))
    expect(lines).toEqual([])
  })
})
