/**
 * The annual report (政府信息公开工作年度报告, 政府信息公开条例 Arts 49, 50): its tables computed from the register and
 * held against each other and the text, the sections drafted with the same figures, the whole frozen when it is
 * published, and set as a page and as a document.
 */
export { type AnnualDesk, createAnnualDesk, type Frozen, formatOf } from './desk.ts'
export { type AnnualPaper, paperOf } from './layout.ts'
export { type RemindReport, remindOfReport } from './reminder.ts'
export { type Report, type ReportFormat, reportFormats } from './report.ts'
export { createAnnualStore } from './store.ts'
export { type SectionName, sections } from './text.ts'
