/**
 * Notices to officials: what is new, due and late, told by mail and in the group, each once. They go over networks of
 * others, so their type holds register numbers, dates and counts and no other text that comes from outside; whoever
 * reads one opens the office's own pages to see more.
 */
export { count, date, documentOf, type Fact, type Line, line, type Notice, ref } from './notice.ts'
export { createNotices, type NoticeOptions, type Notices, type Prepared } from './notices.ts'
export { createNoticeStore, type NoticeStore } from './store.ts'
