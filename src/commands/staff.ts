/** `staff`, `audit` and `messages`: who works here, the trail of what they did, and what is left for them. */
import { formatLegalDate, systemClock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Config } from '#config'
import { createDossierStore, type EventBreak, verifyTrails } from '#dossier'
import { openMasterKeys, openStore } from '#house'
import {
  type AddressBook,
  createAddressBook,
  createSignInDesk,
  createStaffDesk,
  createStaffStore,
  operator,
  parseAddress,
  type StaffDesk,
} from '#staff'
import { createVault } from '#storage'
import { actor, carriedBy, put } from './desk.ts'
import { atDesks } from './exchange.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)

/** `book` opens the address book, which wants the master key. */
type AtDesk = (desk: StaffDesk, book: () => AddressBook) => Promise<void>

async function atDesk(config: Config, work: AtDesk): Promise<void> {
  const store = await openStore(config)
  try {
    const common = { store: createStaffStore(store), clock: systemClock }
    const staff = createStaffDesk(common)
    const vault = () => createVault(store, openMasterKeys(config))
    await work(staff, () => createAddressBook({ ...common, staff, vault: vault() }))
  } finally {
    await store.close()
  }
}

export async function addStaff(
  config: Config,
  { name, role, email }: { name: string; role: readonly string[]; email?: string },
): Promise<void> {
  const address = email === undefined ? undefined : parseAddress(email)
  await atDesk(config, async (desk, book) => {
    const account = await desk.add({ name, roles: role }, operator)
    if (address !== undefined) await book().put(account.name, address, operator)
    say(`已添加 ${account.name}（${account.roles.join('、')}）。`)
  })
}

/** Writes down where an official is told that there is something to do, or takes it away. */
export async function changeEmail(
  config: Config,
  name: string,
  { address, remove = false }: { address?: string; remove?: boolean },
): Promise<void> {
  if ((address === undefined) !== remove)
    throw new Refusal('email', '请写明新的电子邮箱；要去掉原来的，请加上 --remove。')
  await atDesk(config, async (_, book) => {
    await book().put(name, address, operator)
    say(
      remove
        ? `已去掉 ${name} 的电子邮箱，不再给这个人发提醒邮件。`
        : `${name} 的提醒邮件会发到新的电子邮箱。`,
    )
  })
}

/** A link, good once and for a day, by which an official sets the password for the console. */
export async function inviteStaff(config: Config, name: string): Promise<void> {
  const store = await openStore(config)
  try {
    const common = { store: createStaffStore(store), clock: systemClock }
    const vault = createVault(store, openMasterKeys(config))
    const staff = createStaffDesk(common)
    const desk = createSignInDesk({ ...common, staff, vault, agency: config.agency.name })
    const { token } = await desk.invite(name, operator)
    const address = config.publicUrl ?? `http://${config.host}:${config.port}/`
    process.stdout.write(`${new URL(`/console/#/join/${token}`, address).href}\n`)
    say(`请把这个链接交给 ${name} 本人：24小时内打开，设置密码；只能用一次。`)
  } finally {
    await store.close()
  }
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

function sayEventBreak({ ref, seq, at, staff, verb, why }: EventBreak): string {
  const which = seq === 0 ? '' : `第${seq}行`
  return `${ref} 的办理记录${which}对不上：${new Date(at).toISOString()} ${staff} ${verb}，${why}。请保留数据库原样，从备份核对。`
}

/** Goes through both trails; the exit code is 1 when a row was changed or taken out. */
export async function verifyAudit(config: Config): Promise<void> {
  const store = await openStore(config)
  try {
    const staff = createStaffDesk({ store: createStaffStore(store), clock: systemClock })
    // The master key is asked for only where there is something sealed.
    const vault = createVault(store, () => openMasterKeys(config)())
    const { audit, ...trail } = await verifyTrails(staff, { store: createDossierStore(store), vault })
    const { rows, broken, row } = audit
    if (row === undefined && trail.broken === undefined)
      return say(`审计记录共${rows}行，办理记录共${trail.events}行，前后相接，没有改动。`)
    process.exitCode = 1
    if (trail.broken) say(sayEventBreak(trail.broken))
    if (row === undefined) return
    const at = new Date(row.at).toISOString()
    say(
      `审计记录从第${broken}行起对不上：${at} ${row.staff} ${row.act} ${row.subject}。这一行被改过，或它前面有行被删去。请保留数据库原样，从备份核对。`,
    )
  } finally {
    await store.close()
  }
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
