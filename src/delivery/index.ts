/**
 * The outbox: every message that leaves, leaves through the ledger. It is entered in the transaction of what caused
 * it, carried in order within its chat at the pace that its channel states, and its outcome is settled; what a dead
 * process left is taken over, and an attempt whose outcome cannot be known is listed, not repeated.
 */

export { type DeliveryState, deliveryStates } from './delivery.ts'
export { type Address, type Draft, keyNameOf, placeOf } from './draft.ts'
export { createLedger, type Ledger } from './ledger.ts'
export type { Slot } from './passive.ts'
export { createDeliveryStore, type DeliveryStore } from './store.ts'
