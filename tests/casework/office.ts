/** An office on a real database: officials of every role, a clock, and what it tells as rows of the same unit. */
import { createDisclosureDesk, type DisclosureDesk, type Intake, type Reminder } from '#casework'
import { createDossierStore, type DossierStore } from '#dossier'
import { createStaffDesk, createStaffStore, operator, type StaffDesk } from '#staff'
import { createVault, type MasterKey, type Store, statement, type Vault, type Write, write } from '#storage'
import { createTestClock, type TestClock } from '../base/test-clock.ts'
import { createTestMaster } from '../delivery/post.ts'

export const dayMs = 86_400_000
/** A Monday, at nine in Shanghai. */
export const monday = Date.UTC(2025, 2, 3, 1)
export const venue = { organ: '某某省人民政府', url: 'https://xzfy.example.gov.cn/' }

export const officials = {
  officer: '经办',
  second: '另一经办',
  division: '处室',
  other: '别的处室',
  reviewer: '审核',
  head: '负责人',
  auditor: '监督',
  editor: '编辑',
} as const

const put = statement((db, p: { key: string; value: string }) =>
  db.insertInto('cache').values({ key: p.key, value: p.value, expires_at: null }),
)

export interface Office {
  store: Store
  dossier: DossierStore
  staff: StaffDesk
  vault: Vault
  master: MasterKey
  clock: TestClock
  desk: DisclosureDesk
  /** What was told, as it stands in the database. */
  told(): Promise<{ ref: string; text: string }[]>
  reminders(): Promise<Reminder[]>
  /** Moves the clock to nine in Shanghai of a legal date. */
  goTo(date: string): Promise<void>
  /** A second desk on a connection of its own, as another process has it. */
  beside(store: Store): DisclosureDesk
}

export const someone: Intake = {
  channel: 'in-person',
  applicant: 'natural_person',
  name: '甲乙丙丁',
  idNumber: '370102199001011237',
  contact: '13800138000',
  address: null,
  description: '2024年失业保险基金收支情况',
  medium: '电子文件',
  delivery: 'chat',
  conversation: 1,
  abroad: false,
}

let serial = 0

/** `master`: of an office that was opened before, with its officials. */
export async function openOffice(store: Store, start = monday, before?: MasterKey): Promise<Office> {
  const clock = createTestClock(start)
  const master = before ?? createTestMaster()
  const staff = createStaffDesk({ store: createStaffStore(store), clock })
  const roles: Record<keyof typeof officials, string[]> = {
    officer: ['disclosure-officer'],
    second: ['disclosure-officer'],
    division: ['division'],
    other: ['division'],
    reviewer: ['reviewer'],
    head: ['head'],
    auditor: ['auditor'],
    editor: ['editor'],
  }
  for (const [key, name] of Object.entries(officials))
    if (!before) await staff.add({ name, roles: roles[key as keyof typeof officials] }, operator)

  const rowOf = (kind: string, value: object): Write =>
    write(put, { key: `${kind}-${process.pid}.${++serial}`, value: JSON.stringify(value) })
  const make = (at: Store) => {
    const vault = createVault(at, () => [master])
    const desk = createDisclosureDesk({
      store: createDossierStore(at),
      staff: createStaffDesk({ store: createStaffStore(at), clock }),
      vault,
      clock,
      agency: '某某省人力资源和社会保障厅',
      venue,
      tell: async ({ ref, delivery }, document) =>
        delivery === 'email' ? undefined : [rowOf('told', { ref, text: JSON.stringify(document) })],
      notify: async reminder => [rowOf('reminder', reminder)],
    })
    return { vault, desk }
  }
  const listed = async (kind: string) => {
    const rows = await store.query(db => db.selectFrom('cache').selectAll().where('key', 'like', `${kind}-%`))
    const numberOf = ({ key }: { key: string }) => Number(key.split('.')[1])
    return rows.toSorted((a, b) => numberOf(a) - numberOf(b)).map(({ value }) => JSON.parse(value))
  }
  const { vault, desk } = make(store)
  return {
    ...{ store, staff, vault, master, clock, desk, dossier: createDossierStore(store) },
    told: () => listed('told'),
    reminders: () => listed('reminder'),
    goTo: async date => clock.advance(Date.parse(`${date}T01:00:00Z`) - clock.now()),
    beside: other => make(other).desk,
  }
}
