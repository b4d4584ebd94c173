/** Officials at work on entries, on a database of their own: 写 may write, 审 may publish. */
import { silentLog } from '#base/log'
import {
  createKnowledgeDesk,
  createKnowledgeStore,
  type KnowledgeDesk,
  type Library,
  type LibraryOptions,
  openLibrary,
} from '#knowledge'
import { createStaffDesk, createStaffStore, operator, type StaffDesk } from '#staff'
import type { Store } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import type { TestDatabase } from '../storage/databases.ts'

export const start = Date.parse('2026-11-23T09:00:00+08:00')

/** A small entry as its file holds it. */
export const textOf = (id: string, answer: string, rest = '') =>
  `---\nid: ${id}\ntitle: ${id}要符合哪些条件？\nquestions:\n  - ${id}怎么办\nsources:\n  - law: 失业保险条例\n    article: 14\n${rest}---\n${answer}\n`

/** What is quoted: each entry's version and answer. */
export const told = (library: Library) =>
  Object.fromEntries(library.entries().map(entry => [entry.id, `${entry.version} ${entry.answer}`]))

export interface Office {
  store: Store
  clock: TestClock
  staff: StaffDesk
  desk: KnowledgeDesk
  open(options?: Partial<LibraryOptions>): Promise<Library>
  publish(content: string, from?: string): Promise<void>
  /** What stands in the trail about entries. */
  trail(): Promise<{ act: string; staff: string; detail: Record<string, unknown> }[]>
  close(): Promise<void>
}

export async function openOffice(database: TestDatabase): Promise<Office> {
  const store = await database.open()
  const clock = createTestClock(start)
  const staff = createStaffDesk({ store: createStaffStore(store), clock })
  const versions = createKnowledgeStore(store)
  const desk = createKnowledgeDesk({ store: versions, staff, clock })
  await staff.add({ name: '写', roles: ['editor'] }, operator)
  await staff.add({ name: '审', roles: ['reviewer'] }, operator)
  return {
    store,
    clock,
    staff,
    desk,
    open: options => openLibrary({ store: versions, clock, log: silentLog, ...options }),
    async publish(content, from) {
      const which = await desk.draft(content, '写')
      await desk.submit(which, '写')
      await desk.approve(which, '审', from === undefined ? {} : { from })
    },
    async trail() {
      const rows = await createStaffStore(store).listAudit(0, 1_000)
      return rows
        .filter(row => row.act.startsWith('entry.'))
        .map(({ act, staff: by, detail }) => ({ act, staff: by, detail: JSON.parse(detail) }))
    },
    async close() {
      await store.close()
      await database.remove()
    },
  }
}
