/**
 * `npm run kills:account -- [--kills 100] [--questions 1000] [--database sqlite|postgres]`: the Official Account with slow answers, and killed under
 * load; a Markdown table.
 */
import { parseArgs } from 'node:util'
import { runScene, type Scene, scenes } from './account-scenes.ts'
import { type AccountTrial, isAccountClean, kinds } from './account-trial.ts'
import { databaseNames } from './product.ts'

const say = (words: string) => void process.stderr.write(`${words}\n`)
const slowKills = 20

const columns = [
  'Official Account',
  'kills',
  'accepted',
  'answered',
  'in flight at the kills',
  'unknown',
  'lost',
  'answered twice',
  "another's answer",
  'never accepted',
]

function rowOf(scene: Scene, trial: AccountTrial): string {
  const { kind, kills, accepted, answered, inFlight, unknown, lost, twice, astray, neverAccepted } = trial
  const words = scene === 'slow' ? 'answers after 1, 4, 6 and 20 s' : 'killed under load'
  const cells = [kills, accepted, answered, inFlight, unknown, lost, twice, astray, neverAccepted]
  return `| ${[`${kind}, ${words}`, ...cells].join(' | ')} |`
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      questions: { type: 'string', default: '1000' },
      database: { type: 'string', default: 'sqlite' },
    },
  })
  const database = databaseNames.find(name => name === values.database)
  const [kills, questions] = [Number(values.kills), Number(values.questions)]
  if (!database || !Number.isInteger(kills) || kills < 1 || !Number.isInteger(questions) || questions < 1) {
    say('usage: npm run kills:account -- [--kills 100] [--questions 1000] [--database sqlite|postgres]')
    return 2
  }
  process.stdout.write(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|\n`)
  let clean = true
  for (const scene of Object.keys(scenes) as Scene[])
    for (const kind of kinds) {
      const trial = await runScene({
        scene,
        kind,
        database,
        kills: scene === 'slow' ? Math.min(kills, slowKills) : kills,
        questions: scene === 'slow' ? questions : 100,
        tell: say,
      })
      process.stdout.write(`${rowOf(scene, trial)}\n`)
      clean &&= isAccountClean(trial)
      for (const fault of trial.faults) say(fault)
    }
  return clean ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await main()
