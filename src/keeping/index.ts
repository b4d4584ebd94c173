/**
 * What is kept of those who asked: files that belong to a request, how long, what is given to them of it, and how it is deleted. With its key everything
 * personal of a request goes, in the rows, the events and the letters; numbers, dates and outcomes stay, so that every
 * annual report comes out the same, and the chain of events can still be proved.
 */
export { type Annex, createAnnex, type GivenFile, largestFile } from './annex.ts'
export { recordOf } from './record.ts'
export { createKeeping, type Due, type Keeping, keptUntil } from './retention.ts'
