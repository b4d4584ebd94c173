/**
 * Work that happens later, once, even after a crash: which processes live (`Membership`), so that the work of a
 * dead one is taken over, and coarse recurring jobs that one process runs for all (`Recurring`).
 */
export { createMembership, type Membership } from './membership.ts'
export { createRecurring, type Recurring, type RecurringJob } from './recurring.ts'
export { createJobStore, type JobStore } from './store.ts'
