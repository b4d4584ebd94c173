/** One trial: the product under load, killed again and again, and then everything that it did looked at. */
import { setTimeout as delay } from 'node:timers/promises'
import { gatherEvidence } from './evidence.ts'
import { startLoad } from './load.ts'
import {
  createPlace,
  type DatabaseName,
  type Place,
  type Product,
  startProducts,
  stopProducts,
} from './product.ts'
import { judge, type Verdict } from './verdict.ts'

const citizens = 24
const settleMs = 90_000
const between = (low: number, high: number) => Math.round(low + Math.random() * (high - low))

export interface Trial extends Verdict {
  database: DatabaseName
  kills: number
  /** Processes that ended without being killed. */
  crashes: number
  /** What was logged as an error, by event. */
  errors: Record<string, number>
  samples: string[]
}

/** Kills one process at a random moment, in one case of four while it still starts, and starts it again. */
async function killOnce(products: readonly Product[]): Promise<void> {
  const product = products[Math.floor(Math.random() * products.length)]
  if (!product) return
  if (Math.random() < 0.75) {
    await product.ready()
    await delay(between(0, 1_500))
  } else await delay(between(0, 900))
  await product.kill()
  product.start()
}

/** Until no message waits any more, or too long. */
async function settled(look: () => Promise<{ inbound: { state: string }[] }>): Promise<void> {
  const end = performance.now() + settleMs
  while (performance.now() < end) {
    const { inbound } = await look()
    if (inbound.every(row => row.state === 'done')) return
    await delay(250)
  }
}

function sumErrors(products: readonly Product[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const product of products)
    for (const [event, count] of product.errors) sum[event] = (sum[event] ?? 0) + count
  return sum
}

type Tell = (words: string) => void

export async function runTrial(database: DatabaseName, kills: number, tell: Tell = () => {}): Promise<Trial> {
  const place = await createPlace(database)
  try {
    const products = await startProducts(place)
    try {
      return await runIn(place, products, kills, tell)
    } catch (error) {
      for (const product of products) tell(`${product.crashes} crashes: ${product.samples.join('\n')}`)
      throw error
    } finally {
      await stopProducts(products)
    }
  } finally {
    await place.remove()
  }
}

async function runIn(place: Place, products: readonly Product[], kills: number, tell: Tell): Promise<Trial> {
  const ports = products.map(product => product.port)
  const load = startLoad(ports, citizens)
  for (let i = 1; i <= kills; i++) {
    await killOnce(products)
    if (i % 10 === 0 || i === kills)
      tell(`${place.name}: ${i} kills, ${load.conversations.length} conversations`)
  }
  await Promise.all(products.map(product => product.ready()))
  await load.finish()
  await settled(() => gatherEvidence(place))
  tell(`${place.name}: the load has ended, now everything is looked at`)
  const verdict = await judge(load.conversations, await gatherEvidence(place), ports)
  const crashes = products.reduce((sum, product) => sum + product.crashes, 0)
  const samples = products.flatMap(product => product.samples)
  return { database: place.name, kills, ...verdict, crashes, errors: sumErrors(products), samples }
}

/** Whether nothing was lost, answered twice or out of order, and nothing ended by itself. */
export function isClean(trial: Trial): boolean {
  return trial.lost === 0 && trial.twice === 0 && trial.outOfOrder === 0 && trial.crashes === 0
}
