/** One trial of the Official Account: slow answers, requests that are repeated, and the process killed in between. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Shown } from '../emulators/wechat/index.ts'
import { openWeChat, type WeChat } from './account-load.ts'
import { createPlace, type DatabaseName, findFreePort, type Place, Product, stopProducts } from './product.ts'
import { type Facts, gatherFacts, listInFlight } from './telegram-verdict.ts'

const settleMs = 60_000
const patienceMs = 30_000
const between = (low: number, high: number) => Math.round(low + Math.random() * (high - low))
const pick = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T

/** With the right to send by itself, sealed; and without it, plain. */
export const kinds = ['customer service', 'passive only'] as const
export type Kind = (typeof kinds)[number]

export interface AccountTrialOptions {
  kind: Kind
  kills: number
  citizens: number
  /** Questions of each citizen. */
  questions: number
  /** Seconds that an answer takes, each as often as it stands here. */
  delays: readonly number[]
  /** Between two kills, in milliseconds. */
  killEveryMs: readonly [number, number]
  database?: DatabaseName
  tell?(words: string): void
}

export interface AccountTrial {
  kind: Kind
  kills: number
  /** What WeChat could hand over; the others found no process in three tries and were never accepted. */
  accepted: number
  neverAccepted: number
  answered: number
  inFlight: number
  unknown: number
  lost: number
  twice: number
  /** Shown in answer to another question without naming its own. */
  astray: number
  crashes: number
  faults: string[]
}

interface Asked {
  openId: string
  id: string
  number: number
}

interface Stage {
  place: Place
  product: Product
  wechat: WeChat
  asked: Asked[]
}

export async function runAccountTrial(options: AccountTrialOptions): Promise<AccountTrial> {
  const passiveOnly = options.kind === 'passive only'
  const place = await createPlace(options.database ?? 'sqlite')
  const port = await findFreePort()
  const wechat = await openWeChat({ port, passiveOnly, storm: 8 })
  Object.assign(place.env, wechat.emulator.settings)
  const product = new Product(place, port, 'tests/integration/slow-house.ts')
  try {
    product.start()
    await product.ready()
    return await runIn({ place, product, wechat, asked: [] }, options)
  } finally {
    await stopProducts([product])
    await wechat.emulator.close()
    await place.remove()
  }
}

/** One citizen: asks, mostly waits for the answer, and asks again. */
async function live(stage: Stage, openId: string, { questions, delays }: AccountTrialOptions): Promise<void> {
  const { wechat, asked } = stage
  for (let i = 0; i < questions; i++) {
    const number = asked.length + 1
    const one: Asked = { openId, id: String(23_000_000_000 + number), number }
    asked.push(one)
    const brought = wechat.bring(openId, { id: one.id, text: `等${pick(delays)}秒的第${number}问` })
    // Some write on before they are answered.
    if (Math.random() < 0.3) await delay(between(0, 1_000))
    else {
      await brought
      await waitFor(() => isShown(wechat.of(openId), number), patienceMs)
    }
  }
}

const isShown = (screen: readonly Shown[], number: number) =>
  screen.some(({ text }) => text.includes(`第${number}问的答复`))

async function waitFor(holds: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms
  while (!holds() && performance.now() < end) await delay(50)
}

async function runIn(stage: Stage, options: AccountTrialOptions): Promise<AccountTrial> {
  const { place, product, wechat, asked } = stage
  const { kind, kills, citizens, killEveryMs, tell = () => {} } = options
  const inFlight = new Set<number>()
  let over = false
  let killed = 0
  const killing = (async () => {
    while (killed < kills && !over) {
      await delay(between(...killEveryMs))
      await product.kill()
      for (const seq of await listInFlight(place).catch(() => [])) inFlight.add(seq)
      product.start()
      killed++
      if (killed % 10 === 0) tell(`${kind}: ${killed} kills, ${asked.length} questions`)
    }
  })()
  // As long as there are kills to come there are citizens.
  do {
    const from = asked.length
    const lives = Array.from({ length: citizens }, (_, i) => live(stage, `oCitizen_${from + i}`, options))
    await Promise.all(lives)
  } while (killed < kills)
  over = true
  await killing
  await product.ready()
  await settle(stage)
  tell(`${kind}: ${asked.length} questions, now everything is looked at`)
  const verdict = judge(asked, await gatherFacts(place), wechat)
  return { kind, kills: killed, inFlight: inFlight.size, crashes: product.crashes, ...verdict }
}

/** Until nothing is under way; whoever has something waiting writes once more. */
async function settle({ place, wechat }: Stage): Promise<void> {
  const end = performance.now() + settleMs
  let more = 90_000_000_000
  while (performance.now() < end) {
    const { inbound, deliveries } = await gatherFacts(place)
    const parked = new Set(deliveries.filter(one => one.state === 'parked').map(one => one.chat))
    const waiting = deliveries.some(one => one.state === 'queued' || one.state === 'attempting')
    if (parked.size === 0 && !waiting && inbound.every(row => row.state === 'done')) return
    await Promise.all([...parked].map(chat => wechat.bring(chat, { id: String(++more), text: '继续' })))
    await delay(500)
  }
}

function judge(asked: readonly Asked[], facts: Facts, wechat: WeChat) {
  const counts = { accepted: 0, neverAccepted: 0, answered: 0, lost: 0, twice: 0, astray: 0 }
  const faults: string[] = []
  const note = (kind: 'lost' | 'twice' | 'astray', words: string) => {
    counts[kind]++
    if (faults.length < 10) faults.push(`${kind}: ${words}`)
  }
  const rows = new Map(facts.inbound.map(row => [row.nativeId, row]))
  const said = Map.groupBy(facts.deliveries, one => one.inReplyTo)
  for (const { openId, id, number } of asked) {
    const row = rows.get(id)
    const shown = wechat.of(openId).filter(({ text }) => text.includes(`第${number}问的答复`))
    if (!row) {
      counts.neverAccepted++
      if (shown.length > 0) note('twice', `question ${number} was never stored and is answered`)
      continue
    }
    counts.accepted++
    const deliveries = said.get(row.seq) ?? []
    const doubtful = deliveries.some(one => one.state === 'unknown')
    if (shown.length === 1) counts.answered++
    else if (shown.length > 1) note('twice', `question ${number}: ${shown.map(one => one.way.kind)}`)
    else if (!doubtful) note('lost', `question ${number}: ${row.state}, ${deliveries.map(one => one.state)}`)
    for (const { text, way } of shown)
      if (way.kind === 'reply' && way.id !== id && !text.includes(`第${number}问”`))
        note('astray', `question ${number} is answered under ${way.id}: ${text.slice(0, 80)}`)
  }
  const unknown = facts.deliveries.filter(one => one.state === 'unknown').length
  return { ...counts, unknown, faults }
}

export function isAccountClean(trial: AccountTrial): boolean {
  const { lost, twice, astray, crashes, unknown, inFlight } = trial
  return lost === 0 && twice === 0 && astray === 0 && crashes === 0 && unknown <= inFlight
}
