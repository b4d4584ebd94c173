/**
 * What must not be answered as a question of policy: a message that is dangerous, carries personal data or is meant to
 * mislead; and what lies beyond the remit of whoever answers.
 */
export { findElsewhere } from './elsewhere.ts'
export { beyondRemit } from './remit.ts'
export { findRisk, maskRisky, type Risk, risks, weighRisk } from './risk.ts'
export { createScopeSense } from './scope.ts'
