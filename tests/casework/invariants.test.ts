/** Whatever officials do, in whatever order: what must always hold of requests holds, and a refusal changes nothing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { createCalendar } from '#base/workdays'
import type { DisclosureDesk } from '#casework'
import { type Case, courseOf } from '#dossier'
import { computeDeadline, dispositions, parts } from '#statute'
import { databases } from '../storage/databases.ts'
import { dayMs, type Office, officials as o, openOffice, someone } from './office.ts'

const calendar = createCalendar()
const told = Object.fromEntries(Object.keys(parts).map(part => [part, '写明']))
const refs = ['2025-0001', '2025-0002', '2025-0003', '2025-0009', 'XC2025-0001']

const who = fc.record({ ref: fc.constantFrom(...refs), by: fc.constantFrom(...Object.values(o)) })
/** Most acts are by somebody who may, so that the sequences come far. */
const by = (...names: string[]) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.record({ ref: fc.constantFrom(...refs), by: fc.constantFrom(...names) }) },
    { weight: 1, arbitrary: who },
  )
const day = fc.option(
  fc
    .integer({ min: -20, max: 120 })
    .map(n => new Date(Date.UTC(2025, 2, 3) + n * dayMs).toISOString().slice(0, 10)),
  { nil: undefined, freq: 2 },
)
const note = fc.constantFrom('', '说明')

type Step = (office: Office) => Promise<unknown>
type Who = { ref: string; by: string }
const step = <T>(
  actor: fc.Arbitrary<Who>,
  args: fc.Arbitrary<T>,
  act: (desk: DisclosureDesk, who: Who, args: T) => Promise<unknown>,
): fc.Arbitrary<Step> =>
  fc.tuple(actor, args).map(
    ([one, given]) =>
      ({ desk }) =>
        act(desk, one, given),
  )

const officer = by(o.officer, o.second)
const steps: fc.Arbitrary<Step>[] = [
  fc.nat(9).map(
    days =>
      ({ clock }: Office) =>
        clock.advance(days * dayMs),
  ),
  step(officer, fc.constantFrom('post', 'chat'), (desk, { by: name }, delivery) =>
    desk.register({ ...someone, delivery: delivery as 'post' }, name),
  ),
  step(officer, day, (desk, { by: name }, on) =>
    desk.registerAssisted({ from: '省政府', description: '某事', dueOn: on ?? '2026-01-09' }, name),
  ),
  step(officer, note, (desk, one, text) => desk.triage(one, { kind: '政府信息', note: text })),
  step(officer, fc.constantFrom(o.officer, o.division, o.editor), (desk, one, to) =>
    desk.assign(one, { to, division: '' }),
  ),
  step(officer, fc.integer({ min: 0, max: 12 }), (desk, one, days) =>
    desk.askSupplement(one, { points: '哪一年', days }),
  ),
  step(officer, fc.tuple(day, note), (desk, one, [on, reason]) =>
    desk.supplied(one, { text: '2024年', on, reason }),
  ),
  step(
    officer,
    fc.record({
      kind: fc.constantFrom('third-party' as const, 'co-author' as const),
      sentOn: day,
      deliveredOn: day,
    }),
    (desk, one, asked) => desk.consult(one, { party: '某公司', ...asked }),
  ),
  step(
    officer,
    fc.record({
      id: fc.integer({ min: 1, max: 3 }),
      opinion: fc.constantFrom('agrees' as const, 'objects' as const, 'silent' as const),
      on: day,
      reasons: note,
    }),
    (desk, one, answer) => desk.consulted(one, answer),
  ),
  step(by(o.head), fc.integer({ min: 0, max: 12 }), (desk, one, days) =>
    desk.extend(one, { days, reason: '量大' }),
  ),
  step(
    officer,
    fc.record({ basis: fc.constantFrom('items' as const, 'pages' as const), units: fc.nat(60) }),
    (desk, one, fee) => desk.setFee(one, { ...fee, reason: '量大' }),
  ),
  step(officer, day, (desk, one, on) => desk.paid(one, { on })),
  step(
    by(o.officer, o.division),
    fc.record({ disposition: fc.constantFrom(...dispositions), override: note }),
    (desk, one, drafted) => desk.draft(one, { ...drafted, told, body: '反馈' }),
  ),
  step(by(o.officer), fc.constant('granted' as const), (desk, one, disposition) =>
    desk.draft(one, { disposition, told, body: '反馈' }),
  ),
  step(
    by(o.reviewer, o.head),
    fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    (desk, one, approve) => desk.review(one, { approve, note: '再改' }),
  ),
  step(by(o.head, o.reviewer), fc.constant(undefined), (desk, one) => desk.sign(one)),
  step(officer, fc.option(day, { nil: undefined }), (desk, one, on) =>
    desk.send(one, on === undefined ? {} : { dispatch: { on, evidence: 'EMS1' } }),
  ),
  step(officer, fc.tuple(note, day), (desk, one, [text, on]) => desk.withdraw(one, { note: text, on })),
  step(by(o.head, o.reviewer), fc.constant(undefined), (desk, one) => desk.abandon(one)),
  step(officer, day, (desk, one, on) =>
    desk.dispatched(one, { dispatch: { on: on ?? '2025-03-04', evidence: 'EMS2' } }),
  ),
  step(
    officer,
    fc.record({
      kind: fc.constantFrom(
        'reconsideration' as const,
        'litigation_direct' as const,
        'litigation_after_reconsideration' as const,
      ),
      result: fc.constantFrom('upheld' as const, 'pending' as const),
      on: day,
    }),
    (desk, one, review) => desk.recordReview(one, review),
  ),
  step(officer, note, (desk, one, text) =>
    desk.correctOwn(one, { decision: 'pointed', evidence: '凭证', note: text }),
  ),
  step(officer, note, (desk, one, text) =>
    desk.suggestPublication(one, { from: 'office', decision: 'publish', note: text }),
  ),
  step(officer, fc.constantFrom(...refs), (desk, one, into) => desk.merge(one, into)),
  step(officer, fc.constant(['甲事', '乙事']), (desk, one, matters) => desk.split(one, matters)),
  fc.constant(({ desk }: Office) => desk.remind()),
]

/** The straight way to the reply, so that requests come to an end too. */
const straight = fc
  .constantFrom(...refs)
  .map((ref): Step[] => [
    ({ desk }) => desk.draft({ ref, by: o.officer }, { disposition: 'granted', told, body: '反馈' }),
    ({ desk }) => desk.review({ ref, by: o.reviewer }, { approve: true }),
    ({ desk }) => desk.sign({ ref, by: o.head }),
    ({ desk, clock }) =>
      desk.send({ ref, by: o.officer }, { dispatch: { on: formatLegalDate(clock.now()), evidence: 'EMS1' } }),
  ])
const single = fc.oneof(...steps).map(one => [one])
const sequences = fc
  .array(fc.oneof({ weight: 19, arbitrary: single }, { weight: 1, arbitrary: straight }), {
    minLength: 40,
    maxLength: 100,
  })
  .map(parts => parts.flat())

/** What stands in the tables, so that a refusal can be seen to change none of it. */
async function snapshotOf({ store }: Office): Promise<string> {
  const tables = [
    'cases',
    'requests',
    'request_reviews',
    'request_events',
    'request_numbers',
    'audit',
    'cache',
  ] as const
  const counts = await Promise.all(
    tables.map(table => store.query(db => db.selectFrom(table).select(e => e.fn.countAll().as('n')))),
  )
  const cases = await store.query(db => db.selectFrom('cases').select(['ref', 'version']).orderBy('ref'))
  return JSON.stringify([counts, cases], (_, value) => (typeof value === 'bigint' ? Number(value) : value))
}

async function casesOf({ store, vault }: Office): Promise<Case[]> {
  const rows = await store.query(db => db.selectFrom('cases').select(['ref', 'body']))
  return Promise.all(
    rows.map(async ({ ref, body }) =>
      JSON.parse((await vault.find(`request|${ref}`))?.open(body, 'case') ?? ''),
    ),
  )
}

function holdsOf(one: Case): void {
  if (one.kind === 'request')
    expect([one.ref, one.dueOn]).toEqual([one.ref, computeDeadline(courseOf(one), calendar).dueOn])
  const ended = ['replied', 'withdrawn', 'abandoned'].includes(one.state)
  expect(one.closedOn !== null).toBe(ended)
  if (ended && one.kind === 'request') {
    expect(one.disposition).not.toBeNull()
    expect(one.told.some(({ letter }) => letter.remedy?.text)).toBe(true)
  }
  if (one.closedOn) expect(one.closedOn >= one.receipt.receivedOn).toBe(true)
  expect(one.extensions.reduce((sum, { days }) => sum + days, 0)).toBeLessThanOrEqual(20)
  if (one.state === 'signed' || one.state === 'replied') expect(one.draft?.signedBy).not.toBe(one.draft?.by)
  if (one.state === 'replied') expect(one.consultations.every(({ endedOn }) => endedOn !== null)).toBe(true)
}

async function holds(office: Office): Promise<void> {
  const cases = await casesOf(office)
  for (const one of cases) holdsOf(one)
  const counted = await office.store.query(db =>
    db.selectFrom('requests').select(['ref', 'closed_on', 'disposition']),
  )
  const expected = cases
    .filter(({ kind, state }) => kind === 'request' && state !== 'merged')
    .map(({ ref, closedOn, disposition }) => ({ ref, closed_on: closedOn, disposition }))
  const inOrder = <T extends { ref: string }>(rows: readonly T[]) =>
    rows.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
  expect(inOrder(counted)).toEqual(inOrder(expected))
  const { audit, events, broken } = await office.desk.verify()
  expect([audit.broken, broken]).toEqual([undefined, undefined])
  expect(events).toBe(cases.reduce((sum, { version }) => sum + version, 0))
}

describe.each(databases)('requests on $name', ({ name, make }) => {
  it('keep what must hold, whatever is done with them', async () => {
    const done = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(sequences, async sequence => {
        const database = await make()
        const store = await database.open()
        try {
          const office = await openOffice(store)
          for (let i = 0; i < 3; i++) await office.desk.register(someone, o.officer)
          for (const act of sequence) {
            const before = await snapshotOf(office)
            try {
              await act(office)
            } catch (error) {
              if (!(error instanceof Refusal)) throw error
              expect(error.say).toMatch(/。$/)
              expect(await snapshotOf(office)).toBe(before)
            }
          }
          await holds(office)
          for (const { state } of await casesOf(office)) done.set(state, (done.get(state) ?? 0) + 1)
        } finally {
          await store.close()
          await database.remove()
        }
      }),
      { numRuns: name === 'SQLite' ? 40 : 4 },
    )
    // The sequences come to an end in many ways, else nothing was tried.
    if (name === 'SQLite')
      expect([...done.keys()]).toEqual(expect.arrayContaining(['withdrawn', 'replied', 'merged']))
  })
})
