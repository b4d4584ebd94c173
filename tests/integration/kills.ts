/** `npm run kills -- [--kills 40] [--database sqlite|postgres|both]`: kills the product under load; a Markdown table. */
import { parseArgs } from 'node:util'
import type { DatabaseName } from './product.ts'
import { isClean, runTrial, type Trial } from './trial.ts'

const say = (words: string) => void process.stderr.write(`${words}\n`)

function readArguments(): { kills: number; databases: DatabaseName[] } | undefined {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '40' }, database: { type: 'string', default: 'both' } },
  })
  const kills = Number(values.kills)
  if (!Number.isInteger(kills) || kills < 1) return undefined
  if (values.database === 'both') return { kills, databases: ['sqlite', 'postgres'] }
  if (values.database !== 'sqlite' && values.database !== 'postgres') return undefined
  return { kills, databases: [values.database] }
}

const columns = [
  'database',
  'kills',
  'messages',
  'answered',
  'unknown',
  'lost',
  'answered twice',
  'out of order',
]

function rowOf({ database, kills, messages, answered, unknown, lost, twice, outOfOrder }: Trial): string {
  return `| ${[database, kills, messages, answered, unknown, lost, twice, outOfOrder].join(' | ')} |`
}

async function main(): Promise<number> {
  const chosen = readArguments()
  if (!chosen) {
    say('usage: npm run kills -- [--kills 40] [--database sqlite|postgres|both]')
    return 2
  }
  if (chosen.databases.includes('postgres') && !process.env.TEST_DATABASE_URL) {
    say('PostgreSQL needs TEST_DATABASE_URL: eval "$(.ci/services start)", or choose --database sqlite')
    return 2
  }
  process.stdout.write(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|\n`)
  let clean = true
  for (const database of chosen.databases) {
    const trial = await runTrial(database, chosen.kills, say)
    process.stdout.write(`${rowOf(trial)}\n`)
    clean &&= isClean(trial)
    for (const fault of trial.faults) say(fault)
    if (trial.crashes > 0) say(`${trial.crashes} processes ended by themselves\n${trial.samples.join('\n')}`)
    if (Object.keys(trial.errors).length > 0) say(`logged as errors: ${JSON.stringify(trial.errors)}`)
  }
  return clean ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await main()
