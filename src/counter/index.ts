/** The commands of the office on requests for information: every verb of the desk, the list, one request, the calendar. */
export {
  amendRequest,
  type DeskOptions,
  doVerb,
  importCalendar,
  listRequests,
  registerAssisted,
  registerRequest,
  showRequest,
} from './desk.ts'
export { exportRecord, listRetention } from './keeping.ts'
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
