/** `desk export` and `desk retention`: what is kept of a request, given to the person; what is deleted, and when. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Config } from '#config'
import { createDossierStore } from '#dossier'
import { createKeeping, recordOf } from '#keeping'
import { atDesk, type DeskOptions } from './desk.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)
const write = (line: string) => void process.stdout.write(`${line}\n`)
const actor = (by: string | undefined): string => {
  if (!by?.trim()) throw new Refusal('who', '请用 --as 写明由谁办理，例如 --as 张三。')
  return by.trim()
}

/** Everything of one request, for the person whose it is (个人信息保护法 Art 45); whoever took it out stands in the trail. */
export async function exportRecord(
  config: Config,
  ref: string,
  { as, out }: DeskOptions & { out?: string },
): Promise<void> {
  const by = actor(as)
  if (!out) throw new Refusal('out', '请用 --out 写明写到哪个文件，例如 --out 申请.json。')
  const path = resolve(out)
  if (existsSync(path)) throw new Refusal('taken', `${path} 已经有内容，请换一个名字，以免覆盖。`)
  await atDesk(config, async desk => {
    const { one, history } = await desk.show({ ref, by }, { reveal: true })
    await writeFile(path, `${JSON.stringify(recordOf(one, history), null, 2)}\n`, { mode: 0o600 })
    say(`已写到 ${path}。里面有个人信息，核对是本人以后再交给他，随后删除这个文件。`)
  })
}

/** What will be deleted by the end of a year. */
export async function listRetention(
  config: Config,
  { as, year, json }: DeskOptions & { year?: string },
): Promise<void> {
  const by = actor(as)
  const now = new Date(systemClock.now()).getUTCFullYear()
  const until = year === undefined ? now : Number(year)
  if (!Number.isInteger(until) || until < 2000 || until > 2200)
    throw new Refusal('year', `年份要写成 ${now} 这样，不能是 ${year}。`)
  await atDesk(config, async (desk, { store, staff }) => {
    const parts = { store: createDossierStore(store), casebook: desk.casebook, staff, clock: systemClock }
    const due = await createKeeping({ ...parts, years: config.requestYears }).listDue(by, until)
    if (json) return write(JSON.stringify(due))
    for (const { ref, endedOn, until: last, held } of due)
      write([ref, endedOn, last, held === null ? '' : `延长到${held}`].join('\t'))
    if (due.length === 0) say(`到${until}年年底没有要删除的。`)
  })
}
