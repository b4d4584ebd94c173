/**
 * `node tests/integration/telegram-kills.ts [--kills 100] [--way polling|webhook|both] [--database sqlite|postgres]`: kills the product under
 * the load of Telegram, with rate limits, failures and repetitions besides; a Markdown table.
 */
import { parseArgs } from 'node:util'
import { type DatabaseName, databaseNames } from './product.ts'
import { isTelegramClean, runTelegramTrial, type TelegramTrial, type Way, ways } from './telegram-trial.ts'

const say = (words: string) => void process.stderr.write(`${words}\n`)

function readArguments(): { kills: number; chosen: readonly Way[]; database: DatabaseName } | undefined {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      way: { type: 'string', default: 'both' },
      database: { type: 'string', default: 'sqlite' },
    },
  })
  const database = databaseNames.find(name => name === values.database)
  const kills = Number(values.kills)
  const chosen = ways.filter(way => values.way === 'both' || values.way === way)
  if (!database || !Number.isInteger(kills) || kills < 1 || chosen.length === 0) return undefined
  return { kills, chosen, database }
}

const columns = [
  'channel',
  'kills',
  'messages',
  'answered',
  'in flight at the kills',
  'unknown',
  'lost',
  'answered twice',
  'out of order',
]

function rowOf(trial: TelegramTrial): string {
  const { way, database, kills, messages, answered, inFlight, unknown, lost, twice, outOfOrder } = trial
  const cells = [
    `Telegram, ${way}, ${database}`,
    kills,
    messages,
    answered,
    inFlight,
    unknown,
    lost,
    twice,
    outOfOrder,
  ]
  return `| ${cells.join(' | ')} |`
}

async function main(): Promise<number> {
  const asked = readArguments()
  if (!asked) {
    say(
      'usage: node tests/integration/telegram-kills.ts [--kills 100] [--way polling|webhook|both] [--database sqlite|postgres]',
    )
    return 2
  }
  process.stdout.write(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|\n`)
  let clean = true
  for (const way of asked.chosen) {
    const trial = await runTelegramTrial({ ...asked, way, tell: say })
    process.stdout.write(`${rowOf(trial)}\n`)
    clean &&= isTelegramClean(trial)
    for (const fault of trial.faults) say(fault)
    if (!isTelegramClean(trial)) say(trial.samples.join('\n'))
  }
  return clean ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await main()
