/**
 * The curated knowledge: entries, each with the law and article it rests on. A folder of them is loaded, what is broken
 * in it is named, and every citation is checked against a table of laws before its entry may be quoted.
 */

export { createKnowledgeDesk, type KnowledgeDesk, type Publishing, type Which } from './desk.ts'
export {
  citationsOf,
  type Entry,
  type FieldPath,
  formatEntry,
  isCurrent,
  lineOfField,
  parseEntry,
} from './entry.ts'
export {
  faultsFrom,
  type Knowledge,
  type KnowledgeOptions,
  type KnowledgeProblem,
  loadKnowledge,
} from './folder.ts'
export {
  type Citation,
  faultOfCitation,
  findLaw,
  type Law,
  laws,
  repealedLawsIn,
  type Source,
} from './laws.ts'
export {
  type Edited,
  type Library,
  type LibraryChange,
  type LibraryOptions,
  listEdited,
  openLibrary,
  type PublishedEntry,
} from './library.ts'
export { type Remark, reviewEntries } from './review.ts'
export {
  readSheets,
  type SheetEntry,
  type SheetProblem,
  type SheetReading,
  type Table,
  writeSheet,
} from './sheet.ts'
export { createKnowledgeStore, type KnowledgeStore, type VersionState } from './store.ts'
