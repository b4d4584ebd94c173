import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readStream } from './evidence.ts'
import { post } from './load.ts'
import { createPlace, type Place, type Product, startProducts, stopProducts } from './product.ts'

describe.runIf(process.env.TEST_DATABASE_URL)('an event stream beside a second process', () => {
  let place: Place
  let products: Product[]
  beforeEach(async () => {
    place = await createPlace('postgres')
    products = await startProducts(place)
  })
  afterEach(async () => {
    await stopProducts(products)
    await place.remove()
  })

  async function talk(order: readonly [number, number]): Promise<{ told: string[]; said: string[] }> {
    const [here = 0, there = 0] = products.map(product => product.port)
    const conversation = randomUUID()
    const stream = readStream(here, conversation, 3)
    const said: string[] = []
    for (const [i, at] of order.entries()) {
      const body = { conversation, clientId: `c${i}`, text: '年假几天' }
      said.push(...((await post([here, there][at] ?? 0, body)) ?? []))
    }
    return { told: (await stream).map(event => event.id), said }
  }

  it('tells also what the other process has said', async () => {
    const { told, said } = await talk([0, 1])
    expect(said).toHaveLength(3)
    expect(told).toEqual(said)
  })

  it('tells what the other process has said just before this one speaks', async () => {
    const { told, said } = await talk([1, 0])
    expect(said).toHaveLength(3)
    expect(told).toEqual(said)
  })
})
