/** A process of its own that opens the house and tells one notice: `node teller.ts KEY`; prints what became of it. */
import { silentLog } from '#base/log'
import { line } from '#notice'
import { planChannels } from '../../src/channels.ts'
import { readConfig } from '../../src/config.ts'
import { openHouse } from '../../src/house.ts'

const config = readConfig()
const house = await openHouse(config, silentLog)
for (const plan of planChannels(config).filter(({ missing }) => missing === undefined))
  await house.open(await plan.make(house))
await house.startWork()
const told = await house.notices.tell({
  key: process.argv[2] ?? '',
  subject: line`收到新的申请`,
  lines: [],
  to: ['张三'],
})
process.stdout.write(`${told}\n`)
