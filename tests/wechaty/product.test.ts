/** The whole product with this channel switched on, as an operator starts it. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../base/until.ts'
import { createDesk, type Desk, writeKnowledge } from '../command-line.ts'

let desk: Desk
beforeAll(() => {
  desk = createDesk()
  writeKnowledge(desk.file('knowledge'))
})
afterAll(() => desk.remove())

const env = (puppet: string) => ({
  KNOWLEDGE_DIR: desk.file('knowledge'),
  WECHATY_PUPPET: puppet,
  PORT: '0',
  LOG_LEVEL: 'info',
})

it('comes up, says what it waits for, and stops', async () => {
  const child = desk.begin(['start'], env('wechaty-puppet-mock'))
  let said = ''
  child.stderr.on('data', data => {
    said += data
  })
  await until('it waits', () => said.includes('wechaty.waiting') && said.includes('product.started'))
  expect(said).toContain('正在连接 puppet，等它给出二维码或登录')
  const port = /"port":(\d+)/.exec(said)?.[1]
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
  expect(ready.status).toBe(200)
  expect(await ready.text()).toContain('等它给出二维码')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(said).toContain('product.stopped')
})

it('does not start with a puppet that is nowhere, and says how to get it', async () => {
  const child = desk.begin(['start'], env('wechaty-puppet-nowhere'))
  const ended = once(child, 'exit')
  expect(await text(child.stderr)).toMatch(
    /没能启动渠道 wechaty：没有找到 wechaty-puppet-nowhere。.*npm install .*wechaty-puppet-nowhere。\n$/,
  )
  expect(await ended).toEqual([1, null])
})

it('is told of by check', async () => {
  const { stderr } = await desk.run(['check'], { env: env('wechaty-puppet-nowhere') })
  expect(stderr).toContain('✗ 渠道：wechaty 开不了（没有找到 wechaty-puppet-nowhere')
  const { stderr: installed } = await desk.run(['check'], { env: env('wechaty-puppet-mock') })
  expect(installed).toContain('✓ 渠道：wechaty 开（试点，wechaty-puppet-mock')
})
