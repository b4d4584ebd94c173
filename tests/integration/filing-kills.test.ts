/** Requests are filed while the product is killed at the moment of confirmation. */

import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createPlace, findFreePort, Product, stopProducts } from './product.ts'

const steps = [
  '申请公开',
  '2025年全省失业保险基金收支情况',
  '个人',
  '张三',
  '11010519491231002X',
  '13800138000',
  '电子文件',
  '在这里查看',
]
const filings = 12

it('a request that is confirmed while the product dies is there once, and its number is told once', async () => {
  const place = await createPlace('sqlite')
  const product = new Product(place, await findFreePort())
  /** The same message again until it is answered, as the page does. */
  async function say(conversation: string, clientId: string, text: string): Promise<string> {
    for (let tried = 0; tried < 200; tried++) {
      const response = await fetch(`http://127.0.0.1:${product.port}/api/chat/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ conversation, text, clientId }),
      }).catch(() => undefined)
      if (response?.status === 200) {
        const { messages } = (await response.json()) as { messages: { text: string }[] }
        return messages.map(message => message.text).join('\n')
      }
      await response?.arrayBuffer()
      await delay(100)
    }
    throw new Error(`“${text}” is never answered`)
  }
  try {
    product.start()
    await product.ready()
    const refs: string[] = []
    for (let i = 0; i < filings; i++) {
      const conversation = randomUUID()
      for (const [at, text] of steps.entries()) await say(conversation, `s${at}`, text)
      const confirmed = say(conversation, 'confirm', '确认提交')
      await delay(Math.random() * 25)
      await product.kill()
      product.start()
      const said = await confirmed
      const told = [...said.matchAll(/编号(\d{4}-\d{4})/g)].map(found => found[1] ?? '')
      expect(told, said).toHaveLength(1)
      refs.push(...told)
    }
    expect(new Set(refs).size).toBe(filings)
    const database = new DatabaseSync(place.database, { readOnly: true })
    const { n } = database.prepare('select count(*) as n from cases').get() as { n: number }
    database.close()
    expect(n).toBe(filings)
    expect(product.crashes).toBe(0)
  } finally {
    await stopProducts([product])
    await place.remove()
  }
})
