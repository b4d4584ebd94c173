/** Passwords: what is one, and how it is kept (argon2id, RFC 9106; parameters as OWASP asks for). */
import { Refusal } from '#base/errors'

// 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet.
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const least = 12
const most = 128

const load = () => import('@node-rs/argon2')

/** A password as it was typed. Throws a Refusal that says what is wrong with a new one. */
export function checkPassword(text: string, name: string): void {
  const letters = Array.from(text.normalize('NFC'))
  if (letters.length < least)
    throw new Refusal('password', `密码至少${least}个字。可以用几个不相干的词连起来，好记也难猜。`)
  if (letters.length > most) throw new Refusal('password', `密码最多${most}个字。`)
  if (new Set(letters).size < 5 || text.toLowerCase().includes(name.toLowerCase()))
    throw new Refusal('password', '这个密码太好猜，请换一个：不要包含姓名，不要反复用几个字。')
}

export async function hashPassword(text: string): Promise<string> {
  return (await load()).hash(text.normalize('NFC'), parameters)
}

let dummy: Promise<string> | undefined

/** Whether it is the password; takes as long where there is none to compare with. */
export async function isPassword(text: string, kept: string | undefined): Promise<boolean> {
  dummy ??= hashPassword('nobody signs in with this')
  const right = await (await load()).verify(kept ?? (await dummy), text.normalize('NFC').slice(0, most * 4))
  return kept !== undefined && right
}
