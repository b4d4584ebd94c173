/** `staff`, `audit` and `messages`: who works here, the trail of what they did, and what is left for them. */
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Config } from '#config'
import { openStore } from '#house'
import { createStaffDesk, createStaffStore, operator, type StaffDesk } from '#staff'
import { actor, carriedBy, put } from './desk.ts'
import { atDesks } from './exchange.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)

async function atDesk(config: Config, work: (desk: StaffDesk) => Promise<void>): Promise<void> {
  const store = await openStore(config)
  try {
    await work(createStaffDesk({ store: createStaffStore(store), clock: systemClock }))
  } finally {
    await store.close()
  }
}

export async function addStaff(
  config: Config,
  { name, role }: { name: string; role: readonly string[] },
): Promise<void> {
  await atDesk(config, async desk => {
    const account = await desk.add({ name, roles: role }, operator)
    say(`已添加 ${account.name}（${account.roles.join('、')}）。`)
  })
}

export async function disableStaff(config: Config, name: string): Promise<void> {
  await atDesk(config, async desk => {
    await desk.disable(name, operator)
    say(`已停用 ${name}，此前的记录仍然保留。`)
  })
}

/** One line an official: name, roles, and whether the account is in use, with tabs between them. */
export async function listStaff(config: Config): Promise<void> {
  await atDesk(config, async desk => {
    const accounts = await desk.list()
    for (const { name, roles, disabledAt } of accounts)
      process.stdout.write(`${name}\t${roles.join(',')}\t${disabledAt === null ? '在用' : '已停用'}\n`)
    if (accounts.length === 0) say('还没有工作人员。请用 staff add --name 姓名 --role reviewer 添加。')
  })
}

/** Goes through the trail; the exit code is 1 when a row was changed or taken out. */
export async function verifyAudit(config: Config): Promise<void> {
  await atDesk(config, async desk => {
    const { rows, broken, row } = await desk.verify()
    if (row === undefined) return say(`审计记录共${rows}行，前后相接，没有改动。`)
    const at = new Date(row.at).toISOString()
    say(
      `审计记录从第${broken}行起对不上：${at} ${row.staff} ${row.act} ${row.subject}。这一行被改过，或它前面有行被删去。请保留数据库原样，从备份核对。`,
    )
    process.exitCode = 1
  })
}

/** One line a message that was left: number, day, subject, contact, text. */
export async function listMessages(config: Config, { all = false }: { all?: boolean }): Promise<void> {
  await atDesks(config, async ({ left }) => {
    const messages = [...(await left.list()), ...(all ? await left.list('answered') : [])]
    for (const { number, createdAt, topic, contact, text } of messages)
      put([number, formatLegalDate(createdAt), topic, contact, text])
    if (messages.length === 0) say('没有待答复的留言。')
  })
}

export async function answerMessage(
  config: Config,
  number: string,
  options: { text?: string; as?: string },
): Promise<void> {
  if (!options.text?.trim()) throw new Refusal('text', '请用 --text 写明答复的内容。')
  const text = options.text.trim()
  const by = actor(options.as)
  await atDesks(config, async ({ left }) => {
    await left.answer(number, text, by)
    say(`留言 ${number} 已答复。${carriedBy(1)}`)
  })
}
