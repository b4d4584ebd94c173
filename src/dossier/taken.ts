/** A request as a line of a register: taken over as a case that can be worked on, and told as one again. Pure. */
import { addWorkdays, type Calendar } from '#base/workdays'
import { computeDeadline, type Disposition, mostExtension, opinionBy } from '#statute'
import { type Case, type Consulted, courseOf } from './case.ts'

interface TakenEvent {
  type: string
  on: string
  party?: string | null
  kind?: 'third-party' | 'co-author' | null
  days?: number | null
}

/** What a register tells of a request (`disclosure import`), checked when it was taken over. */
interface TakenLine {
  ref: string
  channel: string
  receivedOn: string
  applicant: string
  name?: string | null
  description?: string | null
  events?: TakenEvent[] | null
  repliedOn?: string | null
  disposition?: Disposition | null
  reviews?: { kind: string; result: string; on?: string | null }[] | null
}

/** Where a register does not say how long the applicant had for the supplement. */
const supplementDays = 15

function consultationsOf(events: readonly TakenEvent[], calendar: Calendar): Consulted[] {
  const ended = events.filter(event => event.type === 'consultation-ended')
  return events
    .filter(event => event.type === 'consultation-sent')
    .map(({ on, party, kind }, i): Consulted => {
      const at = ended.findIndex(end => end.on >= on && (end.party ?? null) === (party ?? null))
      const [end] = at < 0 ? [] : ended.splice(at, 1)
      const days = { sentOn: on, deliveredOn: on, dueOn: opinionBy(on, calendar), endedOn: end?.on ?? null }
      return {
        id: i + 1,
        party: party ?? '',
        kind: kind ?? 'third-party',
        ...days,
        opinion: null,
        reasons: null,
      }
    })
}

function extensionsOf(events: readonly TakenEvent[]): Case['extensions'] {
  let left = mostExtension
  return events
    .filter(event => event.type === 'extended')
    .map(({ on, days }) => {
      const granted = Math.min(left, days ?? mostExtension)
      left -= granted
      return { on, days: granted, reason: '', consentBy: '' }
    })
}

function supplementOf(events: readonly TakenEvent[], calendar: Calendar): Case['supplement'] {
  const asked = events.find(event => event.type === 'supplement-asked')
  const supplied = events.find(event => event.type === 'supplement-received')?.on ?? null
  if (!asked && !supplied) return null
  const askedOn = asked?.on ?? supplied ?? ''
  return { askedOn, points: '', by: addWorkdays(askedOn, supplementDays, calendar), suppliedOn: supplied }
}

/** As the register counts it: a reply ends a request, else its withdrawal does. */
function endOf({ repliedOn, disposition, events }: Pick<TakenLine, 'repliedOn' | 'disposition' | 'events'>) {
  if (repliedOn && disposition) return { state: 'replied' as const, on: repliedOn, disposition }
  const withdrawn = events?.find(event => event.type === 'withdrawn')
  return withdrawn && { state: 'withdrawn' as const, on: withdrawn.on, disposition: 'other' as const }
}

/** What a register does not tell. */
const nothingYet = {
  triage: null,
  assignee: null,
  division: null,
  fee: null,
  volume: null,
  draft: null,
  returned: [],
  told: [],
  related: [],
  corrections: [],
  recomputed: [],
  suggestions: [],
} as const satisfies Partial<Case>

/** The case of a line of a register. Its version is 0: nothing was done with it here. */
export function caseOfLine(text: string, calendar: Calendar): Case {
  const { ref, channel, receivedOn, applicant, name, description, ...line }: TakenLine = JSON.parse(text)
  const events = line.events ?? []
  const supplement = supplementOf(events, calendar)
  const end = endOf(line)
  const one: Case = {
    ...{ ref, kind: 'request', version: 0, code: null, assignedBy: null, dueOn: receivedOn, supplement },
    state: end?.state ?? (supplement && supplement.suppliedOn === null ? 'supplement-asked' : 'assigned'),
    receipt: { channel, arrivedOn: receivedOn, receivedOn, how: '按接过来的登记' },
    ...{ applicant, name: name ?? '', idNumber: null, contact: null, address: null, medium: null },
    ...{ description: description ?? '', delivery: 'post', conversation: null, abroad: false },
    ...nothingYet,
    disposition: end?.disposition ?? null,
    closedOn: end?.on ?? null,
    consultations: consultationsOf(events, calendar),
    extensions: extensionsOf(events),
    reviews: (line.reviews ?? []).map(({ kind, result, on }) => ({
      kind,
      result,
      on: on ?? end?.on ?? receivedOn,
    })),
  }
  return { ...one, dueOn: computeDeadline(courseOf(one), calendar).dueOn }
}

const eventsOf = (one: Case) => [
  ...(one.supplement ? [{ type: 'supplement-asked', on: one.supplement.askedOn }] : []),
  ...(one.supplement?.suppliedOn ? [{ type: 'supplement-received', on: one.supplement.suppliedOn }] : []),
  ...one.consultations.flatMap(({ sentOn, endedOn, party, kind }) => [
    { type: 'consultation-sent', on: sentOn, party, kind },
    ...(endedOn === null ? [] : [{ type: 'consultation-ended', on: endedOn, party, kind }]),
  ]),
  ...one.extensions.map(({ on, days }) => ({ type: 'extended', on, days })),
  ...(one.state === 'withdrawn' || one.state === 'abandoned' ? [{ type: one.state, on: one.closedOn }] : []),
]

/** The case as a line of a register (`disclosure import`), which is what the annual report counts. */
export function registerLineOf(one: Case): string {
  const { ref, receipt, applicant, name, description, closedOn, disposition, reviews } = one
  const ending = closedOn === null ? {} : { repliedOn: closedOn, disposition }
  return JSON.stringify({
    ref,
    channel: receipt.channel,
    receivedOn: receipt.receivedOn,
    applicant,
    name,
    description,
    events: eventsOf(one),
    ...ending,
    reviews,
  })
}
