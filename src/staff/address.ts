/** Where officials are told that there is something to do: their e-mail addresses, sealed. */
import { z } from 'zod'
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import type { Vault } from '#storage'
import { operator, type StaffDesk } from './desk.ts'
import { openStaffKey } from './key.ts'
import type { StaffStore } from './store.ts'

const contextOf = (name: string) => `staff address ${name}`
const shape = z.email().max(254)

export interface AddressBook {
  /** The address of an official in use, if there is one. */
  find(name: string): Promise<string | undefined>
  /** Writes an address down, in the place of the one before; undefined takes it away. */
  put(name: string, address: string | undefined, by: string): Promise<void>
}

/** An address as it is written down. Throws a Refusal. */
export function parseAddress(text: string): string {
  const parsed = shape.safeParse(text.trim())
  if (!parsed.success) throw new Refusal('email', '电子邮箱的写法不对，例如 zhangsan@example.gov.cn。')
  return parsed.data
}

export interface AddressBookOptions {
  store: StaffStore
  staff: Pick<StaffDesk, 'list' | 'get' | 'record'>
  vault: Vault
  clock: Clock
}

export function createAddressBook({ store, staff, vault, clock }: AddressBookOptions): AddressBook {
  const keyOf = () => openStaffKey({ store, vault, clock })

  const isInUse = async (name: string) =>
    (await staff.list()).some(account => account.name === name && account.disabledAt === null)

  return {
    async find(name) {
      const sealed = await store.findAddress(name)
      if (!sealed || !(await isInUse(name))) return undefined
      return (await keyOf()).open(sealed, contextOf(name))
    },
    async put(name, address, by) {
      if (by !== operator) await staff.get(by, 'staff')
      if (!(await isInUse(name)))
        throw new Refusal('staff', `没有在用的工作人员“${name}”，请用 staff list 核对。`)
      const written =
        address === undefined
          ? store.deleteAddress(name)
          : store.putAddress(name, (await keyOf()).seal(parseAddress(address), contextOf(name)))
      const act = address === undefined ? 'staff.email.remove' : 'staff.email'
      await staff.record({ by, act, subject: name }, [written])
    },
  }
}
