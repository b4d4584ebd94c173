/** The columns of the annual report's tables, as data: kinds of applicants (table 3), reviews and their results (table 4). */

export const applicants = [
  'natural_person',
  'org_commercial',
  'org_research',
  'org_public_welfare',
  'org_legal_service',
  'org_other',
] as const
export type ApplicantKind = (typeof applicants)[number]
export const reviewKinds = [
  'reconsideration',
  'litigation_direct',
  'litigation_after_reconsideration',
] as const
export type ReviewKind = (typeof reviewKinds)[number]
export const reviewResults = ['upheld', 'corrected', 'other', 'pending'] as const
export type ReviewResult = (typeof reviewResults)[number]
