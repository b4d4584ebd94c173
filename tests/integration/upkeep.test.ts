import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMasterKeyText, inspectFile } from '#storage'
import { gatherEvidence } from './evidence.ts'
import { type Load, post, type SentConversation, startLoad } from './load.ts'
import {
  createPlace,
  type Place,
  type Product,
  restartProducts,
  runCommand,
  startProducts,
  stopProducts,
} from './product.ts'
import { judge } from './verdict.ts'

const kinds = process.env.TEST_DATABASE_URL ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const)
const citizens = 8
type Message = Parameters<typeof post>[1]

describe.each(kinds)('the product on %s under load', kind => {
  let place: Place
  let products: Product[]
  beforeEach(async () => {
    place = await createPlace(kind)
    products = await startProducts(place)
  })
  afterEach(async () => {
    await stopProducts(products)
    await place.remove()
  })

  const ports = () => products.map(product => product.port)
  const crashes = () => products.reduce((sum, product) => sum + product.crashes, 0)
  const samples = () => products.flatMap(product => product.samples).join('\n')

  async function expectClean(conversations: readonly SentConversation[]): Promise<void> {
    const { lost, twice, outOfOrder, faults } = await judge(
      conversations,
      await gatherEvidence(place),
      ports(),
    )
    expect({ lost, twice, outOfOrder }, `${faults.join('\n')}\n${samples()}`).toEqual({
      lost: 0,
      twice: 0,
      outOfOrder: 0,
    })
  }
  async function during<T>(work: () => Promise<T>): Promise<Load> {
    const load = startLoad(ports(), citizens)
    await delay(1_500)
    await work()
    await delay(1_500)
    await load.finish()
    return load
  }

  it('is backed up, and the copy is sound', async () => {
    const copy = join(place.folder, 'backup')
    const load = await during(() => runCommand(place, ['backup', copy]))
    if (kind === 'sqlite') expect(inspectFile(copy).state).toBe('sound')
    await expectClean(load.conversations)
  })

  it('is restored, and what the backup holds is whole afterwards', async () => {
    const copy = join(place.folder, 'backup')
    const before = startLoad(ports(), citizens)
    await delay(1_500)
    await before.finish()
    await runCommand(place, ['backup', copy])
    const meanwhile = await during(async () => {
      await runCommand(place, ['restore', copy])
      await restartProducts(products)
    })
    const unanswered = meanwhile.conversations.flatMap(c => c.messages).filter(m => !m.replies)
    expect(unanswered).toEqual([])
    await expectClean(before.conversations)
    const after = await during(async () => {})
    await expectClean(after.conversations)
  })

  it.runIf(kind === 'postgres')('changes its master key, and everything stays readable', async () => {
    const [old = '', fresh] = [place.env.GONGKAI_KEY, createMasterKeyText()]
    const load = await during(async () => {
      place.env.GONGKAI_KEY = `${fresh},${old}`
      await restartProducts(products)
      await runCommand(place, ['key', 'rotate'])
      place.env.GONGKAI_KEY = fresh
      await restartProducts(products)
    })
    await expectClean(load.conversations)
  })

  const only = (wanted: typeof kind) => it.skipIf(kind !== wanted)

  only('sqlite')('reads after a change of its key what began before the restart', async () => {
    const [port = 0] = ports()
    const [first, second] = [randomUUID(), randomUUID()].map(conversation => {
      return { conversation, clientId: 'c0', text: '年假几天' }
    }) as [Message, Message]
    const before = await post(port, first)
    await runCommand(place, ['key', 'rotate'])
    const between = await post(port, second)
    await restartProducts(products)
    expect(await post(port, first)).toEqual(before)
    expect(await post(port, second)).toEqual(between)
  })

  only('postgres')('survives that the database server cuts all connections', async () => {
    const load = await during(async () => {
      const client = new pg.Client(place.database)
      await client.connect()
      for (let i = 0; i < 10; i++) {
        await client.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
        await delay(300)
      }
      await client.end()
      for (const product of products) if (product.crashes > 0) product.start()
    })
    expect(crashes(), samples()).toBe(0)
    await expectClean(load.conversations)
  })
})
