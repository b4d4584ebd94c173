/** The data key under which what is secret of officials is sealed. */
import type { Clock } from '#base/clock'
import { Conflict, type DataKey, type Vault } from '#storage'
import type { StaffStore } from './store.ts'

const keyName = 'staff'

export interface StaffKeyParts {
  store: Pick<StaffStore, 'commit'>
  vault: Vault
  clock: Clock
}

/** The key, made when it is first needed. */
export async function openStaffKey({ store, vault, clock }: StaffKeyParts): Promise<DataKey> {
  const { key, writes } = await vault.findOrCreate(keyName, clock.now())
  if (writes.length === 0) return key
  await store.commit(writes).catch(error => {
    // Another process made it first.
    if (!(error instanceof Conflict)) throw error
  })
  vault.forget(keyName)
  return (await vault.find(keyName)) ?? key
}
