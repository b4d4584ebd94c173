/** The commands of the office on requests for information: every verb of the desk, the list, one request, the calendar. */
export {
  type DeskOptions,
  doVerb,
  importCalendar,
  listRequests,
  registerAssisted,
  registerRequest,
  showRequest,
} from './desk.ts'
export {
  amendRequest,
  attachFile,
  exportRecord,
  listAttachments,
  listRetention,
  saveAttachment,
} from './keeping.ts'
export {
  compareReports,
  freezeReport,
  keepFigures,
  type ReportOptions,
  tellReport,
  verifyReport,
  writeSection,
} from './report.ts'
export { exportRegister } from './sheet.ts'
export { type DeskVerb, deskVerbs } from './verb.ts'
