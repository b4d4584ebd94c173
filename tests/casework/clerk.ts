/** A process of its own that registers requests, signs and sends their replies without end, until it is killed. */
import { openPostgres, openSqlite, parseMasterKey } from '#storage'
import { monday, officials as o, openOffice, someone } from './office.ts'

const [place = '', key = ''] = process.argv.slice(2)
const store = place.startsWith('postgres:') ? await openPostgres(place) : await openSqlite(place)
const { desk } = await openOffice(store, monday, parseMasterKey(key))

for (;;) {
  const { ref } = await desk.register(someone, o.officer)
  process.stdout.write(`registered ${ref}\n`)
  await desk.draft({ ref, by: o.officer }, { disposition: 'granted', told: { access: '随信附上' } })
  await desk.review({ ref, by: o.reviewer }, { approve: true })
  await desk.sign({ ref, by: o.head })
  process.stdout.write(`signed ${ref}\n`)
  await desk.send({ ref, by: o.officer })
  process.stdout.write(`sent ${ref}\n`)
}
