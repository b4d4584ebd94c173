/**
 * Officials: who they are, what their roles let them do, and the trail of everything that they did. An act and its row
 * in the trail are written in one unit; each row is bound to the one before it.
 */
export { type Account, may, type Right, type Role, rights, roles } from './account.ts'
export { type AddressBook, createAddressBook, parseAddress } from './address.ts'
export type { Act, AuditRow } from './audit.ts'
export { applicant, createStaffDesk, operator, type StaffDesk, type Verdict } from './desk.ts'
export { createSignInDesk, type Invitation, type SignInDesk } from './sign-in.ts'
export { createStaffStore, type StaffStore } from './store.ts'
