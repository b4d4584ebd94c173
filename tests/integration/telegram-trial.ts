/** One trial of Telegram: the product killed again and again under load, and then everything that it did looked at. */
import { setTimeout as delay } from 'node:timers/promises'
import { createPlace, type DatabaseName, findFreePort, type Place, Product, stopProducts } from './product.ts'
import { openEmulator, startTelegramLoad, stir } from './telegram-load.ts'
import { gatherFacts, judgeTelegram, listInFlight, type TelegramVerdict } from './telegram-verdict.ts'

const citizens = 24
const settleMs = 120_000
const between = (low: number, high: number) => Math.round(low + Math.random() * (high - low))

export const ways = ['polling', 'webhook'] as const
export type Way = (typeof ways)[number]

export interface TelegramTrial extends TelegramVerdict {
  way: Way
  database: DatabaseName
  kills: number
  /** Sends that were under way at the kills, by the ledger. */
  inFlight: number
  /** Processes that ended without being killed. */
  crashes: number
  samples: string[]
}

export interface TrialOptions {
  way: Way
  kills: number
  database?: DatabaseName
  tell?(words: string): void
}

/** Kills the process at a random moment, in one case of four while it still starts, and starts it again. */
async function killOnce(product: Product, place: Place): Promise<number[]> {
  if (Math.random() < 0.75) {
    await product.ready()
    await delay(between(0, 1_500))
  } else await delay(between(0, 900))
  await product.kill()
  // Where the file is not made yet, nothing is under way.
  const inFlight = await listInFlight(place).catch(() => [])
  product.start()
  return inFlight
}

/** Until nothing waits any more on either side, or too long. */
async function settled(place: Place, pending: () => number): Promise<void> {
  const end = performance.now() + settleMs
  while (performance.now() < end) {
    const { inbound, deliveries } = await gatherFacts(place)
    const waiting = deliveries.some(one => one.state === 'queued' || one.state === 'attempting')
    if (pending() === 0 && !waiting && inbound.every(row => row.state === 'done')) return
    await delay(250)
  }
}

export async function runTelegramTrial(options: TrialOptions): Promise<TelegramTrial> {
  const { way, database = 'sqlite' } = options
  const place = await createPlace(database)
  const { emulator, screens } = await openEmulator()
  const port = await findFreePort()
  Object.assign(place.env, {
    TELEGRAM_BOT_TOKEN: emulator.token,
    TELEGRAM_API_ROOT: emulator.apiRoot,
    ...(way === 'webhook' && {
      TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${port}/channels/telegram`,
      TELEGRAM_WEBHOOK_SECRET: 'the-secret_of-the-trial',
    }),
  })
  const product = new Product(place, port)
  try {
    product.start()
    await product.ready()
    stir(emulator)
    return await runIn({ place, product, emulator, screens }, options)
  } finally {
    await stopProducts([product])
    await emulator.close()
    await place.remove()
  }
}

interface Stage extends Awaited<ReturnType<typeof openEmulator>> {
  place: Place
  product: Product
}

async function runIn(stage: Stage, { way, kills, tell = () => {} }: TrialOptions): Promise<TelegramTrial> {
  const { place, product, emulator, screens } = stage
  const load = startTelegramLoad(stage, citizens)
  const inFlight = new Set<number>()
  for (let i = 1; i <= kills; i++) {
    for (const seq of await killOnce(product, place)) inFlight.add(seq)
    if (i % 10 === 0 || i === kills) tell(`${way}: ${i} kills, ${load.chats.length} chats`)
  }
  await product.ready()
  await load.finish()
  emulator.faults.storm(undefined)
  Object.assign(emulator.updates.faults, { duplicate: 0, unheard: 0, reorder: 0 })
  await settled(place, emulator.updates.pending)
  tell(`${way}: the load has ended, now everything is looked at`)
  const verdict = judgeTelegram(load.chats, await gatherFacts(place), screens)
  const { crashes, samples } = product
  return { way, database: place.name, kills, inFlight: inFlight.size, ...verdict, crashes, samples }
}

/** Whether nothing was lost, answered twice or out of order, and only what the kills interrupted is unknown. */
export function isTelegramClean(trial: TelegramTrial): boolean {
  const { lost, twice, outOfOrder, crashes, unknown, inFlight } = trial
  return lost === 0 && twice === 0 && outOfOrder === 0 && crashes === 0 && unknown <= inFlight
}
