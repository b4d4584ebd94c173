/** What is kept of a request: its files, the person's own record of it, and when it is deleted. */
import { existsSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Config } from '#config'
import { createDossierStore } from '#dossier'
import { createKeeping, recordOf } from '#keeping'
import { openAnnex } from '#requests'
import { actor, atDesk, type DeskOptions, perhaps, readJson, sayCase, statusOf } from './desk.ts'
import { oneOf, parseOptions } from './option.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)
const write = (line: string) => void process.stdout.write(`${line}\n`)
const amendment = z.object(
  {
    contact: perhaps('contact'),
    address: perhaps('address'),
    medium: perhaps('medium'),
    delivery: oneOf('delivery', ['email', 'post', 'pick-up', 'chat']).optional(),
  },
  '文件要写成 {"contact","address","medium","delivery"}，只写要改的',
)

/** Where and how the applicant is reached, anew. */
export async function amendRequest(
  config: Config,
  ref: string,
  options: DeskOptions & { file?: string },
): Promise<void> {
  const by = actor(options.as)
  const { contact, address, medium, delivery } = parseOptions(amendment, await readJson(options.file))
  const given = { contact, address, medium, ...(delivery && { delivery }) }
  const amended = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  await atDesk(config, async desk => {
    const one = await desk.amend({ ref, by }, amended)
    if (options.json) write(JSON.stringify(statusOf(one)))
    else say(sayCase(one))
  })
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

/** Puts a paper that came to the counter to a request. */
export async function attachFile(
  config: Config,
  ref: string,
  { as, file }: DeskOptions & { file?: string },
): Promise<void> {
  const by = actor(as)
  if (!file || !statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Refusal('absent', `请用 --file 写明文件${file ? `，没有 ${file}` : ''}。请核对路径。`)
  const bytes = await readFile(file)
  await atDesk(config, async (desk, parts) => {
    const { number, name } = await openAnnex({ ...parts, clock: systemClock }, desk).addAt(
      { ref, by },
      { name: file, bytes },
    )
    write(String(number))
    say(`${ref} 的第${number}个文件：${name}。`)
  })
}

export async function listAttachments(config: Config, ref: string, { as, json }: DeskOptions): Promise<void> {
  const by = actor(as)
  await atDesk(config, async (desk, parts) => {
    const files = await openAnnex({ ...parts, clock: systemClock }, desk).list({ ref, by })
    if (json) return write(JSON.stringify(files))
    for (const one of files) write([one.number, one.name, one.size, one.on, one.by].join('\t'))
    if (files.length === 0) say(`${ref} 没有文件。`)
  })
}

/** A file as it was put there; whoever took it out stands in the trail. */
export async function saveAttachment(
  config: Config,
  { ref, number }: { ref: string; number: string },
  { as, out }: DeskOptions & { out?: string },
): Promise<void> {
  const by = actor(as)
  if (!out) throw new Refusal('out', '请用 --out 写明写到哪个文件。')
  const path = resolve(out)
  if (existsSync(path)) throw new Refusal('taken', `${path} 已经有内容，请换一个名字，以免覆盖。`)
  await atDesk(config, async (desk, parts) => {
    const { bytes, name } = await openAnnex({ ...parts, clock: systemClock }, desk).read(
      { ref, by },
      Number(number),
    )
    await writeFile(path, bytes, { mode: 0o600 })
    say(`“${name}”已写到 ${path}。`)
  })
}
